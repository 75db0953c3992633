"""The claims as SQL functions (booking/sql/), and the trigger that refuses half a series."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
FUNCTIONS = ["earliest_series", "nearest_open_slot", "claim_series", "move_appointments", "series_complete"]
TRIGGERS = """
CREATE CONSTRAINT TRIGGER appointment_series_complete_on_insert AFTER INSERT ON booking_appointment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.dose_number = 1 AND NEW.status = 'booked')
    EXECUTE FUNCTION appointment_series_complete();
CREATE CONSTRAINT TRIGGER appointment_series_complete_on_update
    AFTER UPDATE OF status, slot_id, dose_number ON booking_appointment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION appointment_series_complete();
"""
DROP = """
DROP TRIGGER appointment_series_complete_on_insert ON booking_appointment;
DROP TRIGGER appointment_series_complete_on_update ON booking_appointment;
DROP FUNCTION appointment_series_complete, move_appointments, claim_series, nearest_open_slot, earliest_series;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0001_initial"),
        ("accounts", "0002_append_only_audit"),
        ("notifications", "0001_initial"),
    ]
    operations = [
        *(
            migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)
            for name in FUNCTIONS
        ),
        migrations.RunSQL(TRIGGERS, DROP),
    ]
