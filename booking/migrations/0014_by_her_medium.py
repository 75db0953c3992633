"""Booking and moving write to everybody by her medium; who was booked without a message so far gets a letter."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
TELL = """
INSERT INTO notifications_message (public_id, medium, lane, recipient, language, template, reference,
                                   dedupe_key, state, attempts, available_at, created_at, last_reply)
SELECT gen_random_uuid(), 'letter', 'letter:' || coalesce(person.district_id, ''), person.case_number, person.language,
       'booked', jsonb_build_object('registration', person.id), 'booked:' || first.id, 'queued', 0, now(), now(), ''
  FROM booking_appointment first
  JOIN booking_registration person ON person.id = first.registration_id AND person.medium = 'letter'
  JOIN centers_slot place ON place.id = first.slot_id AND place.starts_at > now()
 WHERE first.dose_number = 1 AND first.status = 'booked'
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0013_calls"),
        ("notifications", "0003_sms_letters_and_print_batches"),
    ]
    operations = [
        *(
            migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)
            for name in ("claim_series", "move_appointments")
        ),
        migrations.RunSQL(TELL, migrations.RunSQL.noop),
    ]
