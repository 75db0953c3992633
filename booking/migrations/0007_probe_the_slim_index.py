"""The searches for open places name what the index of open slots is sorted by (centers 0003)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("booking", "0006_one_index_per_person"), ("centers", "0003_slim_index_of_open_slots")]
    operations = [
        migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)
        for name in ("earliest_series", "nearest_open_slot")
    ]
