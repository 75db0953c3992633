"""Less to ask in every request of a visitor, and both doses by one statement."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("booking", "0008_keep_the_plans")]
    operations = [
        migrations.RunSQL("DROP FUNCTION standing_visit(bigint)", migrations.RunSQL.noop),
        *(
            migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)
            for name in ("standing_visit", "claim_series")
        ),
    ]
