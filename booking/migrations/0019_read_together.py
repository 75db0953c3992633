"""A booking reads the visit and the start time together: one round trip less."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("booking", "0018_code_of_a_letter")]
    operations = [
        migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)
        for name in ("standing_visit", "slot_target", "visit_and_target")
    ]
