"""Appointments that stand without a place: displacing and adopting them, and moving somebody who is told otherwise."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"
MOVE = "move_appointments(bigint, bigint[], bigint[], bigint, timestamptz, text)"


class Migration(migrations.Migration):
    dependencies = [("booking", "0011_paper_packs")]
    operations = [
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                fields=["slot"], condition=models.Q(displaced_at__isnull=False), name="appointment_displaced"
            ),
        ),
        migrations.RunSQL(f"DROP FUNCTION IF EXISTS {MOVE}", migrations.RunSQL.noop),
        *(
            migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)
            for name in ("move_appointments", "displace_appointments", "adopt_displaced")
        ),
    ]
