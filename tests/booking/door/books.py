"""The books as `manage.py check_places` reads them, for appointments that no message announced."""

from django.db import connection

from booking.management.commands.check_places import CHECKS


def books_agree() -> None:
    """No counter differs, no slot is overbooked, no dose is held twice, no series is half."""
    for check in CHECKS:
        if check.name == "bookings without a message":
            continue
        with connection.cursor() as cursor:
            cursor.execute(check.query)
            assert [check.sentence.format(*row) for row in cursor.fetchall()] == []
