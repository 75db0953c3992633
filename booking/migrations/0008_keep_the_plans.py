"""The queries of the rush as functions whose plans are kept: planning them cost more than running them.

A kept plan may have been made when a table was empty, where reading it whole looks cheapest: the functions never do that.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
NEW = ["slot_target", "standing_visit"]
SAME_BUT_PLANNED_ONCE = ["earliest_series", "nearest_open_slot", "claim_series", "move_appointments", "series_complete"]


class Migration(migrations.Migration):
    dependencies = [("booking", "0007_probe_the_slim_index")]
    operations = [
        *(
            migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8"), f"DROP FUNCTION IF EXISTS {name}")
            for name in NEW
        ),
        *(
            migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)
            for name in SAME_BUT_PLANNED_ONCE
        ),
    ]
