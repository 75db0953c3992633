"""Do the books agree? For operators after a crash or a restored backup, and for every race that is measured."""

from dataclasses import dataclass

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

SHOWN = 20  # rows of one kind; more of them help nobody


@dataclass(frozen=True)
class Check:
    """A sentence for each row that the query finds, `{0}`, `{1}`, ... being its columns. No row may be found."""

    name: str
    sentence: str
    query: str


CHECKS = (
    Check(
        "counters",
        "slot {0}: {1} places are counted as taken, {2} appointments and holds stand",
        """
        SELECT s.id, s.booked, coalesce(live.number, 0)
          FROM centers_slot s
          LEFT JOIN (SELECT slot_id, count(*) AS number
                       FROM (SELECT slot_id FROM booking_appointment
                              WHERE status IN ('booked', 'arrived', 'vaccinated') AND displaced_at IS NULL
                             UNION ALL SELECT first_id FROM booking_hold
                             UNION ALL SELECT second_id FROM booking_hold) AS taken
                      GROUP BY slot_id) AS live
            ON live.slot_id = s.id
         WHERE s.booked <> coalesce(live.number, 0)
         ORDER BY s.id
        """,
    ),
    Check(
        "overbooked slots",
        "slot {0}: {1} appointments on {2} places",
        "SELECT id, booked, capacity FROM centers_slot WHERE booked > capacity ORDER BY id",
    ),
    Check(
        "doses held twice",
        "registration {0}: dose {1} stands {2} times",
        """
        SELECT registration_id, dose_number, count(*) FROM booking_appointment
         WHERE status IN ('booked', 'arrived', 'vaccinated')
         GROUP BY registration_id, dose_number HAVING count(*) > 1
         ORDER BY registration_id, dose_number
        """,
    ),
    Check(
        "half series",
        "registration {0}: dose 1 (appointment {1}) has no dose 2 after it at the same center",
        """
        SELECT first.registration_id, first.id
          FROM booking_appointment first
          JOIN centers_slot place ON place.id = first.slot_id
          JOIN centers_vaccine product ON product.code = place.vaccine_id
         WHERE first.dose_number = 1 AND first.status = 'booked' AND product.doses > 1
           AND NOT EXISTS (
               SELECT FROM booking_appointment second
                 JOIN centers_slot later ON later.id = second.slot_id
                WHERE second.registration_id = first.registration_id AND second.dose_number = 2
                  AND second.status = 'booked' AND later.starts_at > place.starts_at
                  AND later.center_id = place.center_id AND later.vaccine_id = place.vaccine_id)
         ORDER BY first.registration_id
        """,
    ),
    Check(
        "bookings without a message",
        "registration {0}: no message tells of appointment {1}",
        """
        SELECT person.id, first.id
          FROM booking_appointment first
          JOIN booking_registration person ON person.id = first.registration_id
         WHERE first.dose_number = 1 AND first.status = 'booked'
           AND NOT EXISTS (SELECT FROM notifications_message WHERE dedupe_key = 'booked:' || first.id)
         ORDER BY person.id
        """,
    ),
)


class Command(BaseCommand):
    help = "Compare the counters of places with the appointments, look for half series and for bookings untold."

    def handle(self, **options: object) -> None:
        found = sum(self._look(check) for check in CHECKS)
        if found:
            raise CommandError(f"{found} differences.")
        self.stdout.write(self.style.SUCCESS("The books agree."))

    def _look(self, check: Check) -> int:
        """Print what the check finds; returns how much."""
        with connection.cursor() as cursor:
            cursor.execute(check.query)
            rows = cursor.fetchall()
        for row in rows[:SHOWN]:
            self.stdout.write(f"{check.name}: {check.sentence.format(*row)}")
        if len(rows) > SHOWN:
            self.stdout.write(f"{check.name}: and {len(rows) - SHOWN} more")
        return len(rows)
