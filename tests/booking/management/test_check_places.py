"""`manage.py check_places` finds what no constraint could refuse, and says nothing about books that agree."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from booking.models import Appointment
from booking.services import appointments
from centers.models import Channel, Slot
from notifications.models import Message
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import series_slots

pytestmark = pytest.mark.django_db


@pytest.fixture
def series() -> tuple[Appointment, ...]:
    """A booked series of two doses."""
    RegulationFactory()
    OpeningFactory()
    first, _second = series_slots(capacity=3)
    person = RegistrationFactory(invited=True)
    booked = appointments.book(registration=person, slot_id=first.pk, channel=Channel.WEB, by=None, now=NOW)
    return booked.appointments


def check() -> str:
    """What the command prints; the last line is its end, good or bad."""
    output = StringIO()
    try:
        call_command("check_places", stdout=output)
    except CommandError as error:
        output.write(f"error: {error}")
    return output.getvalue().strip()


def without_constraints(statement: str, *values: object) -> None:
    """Damage the books as a restored backup or a hand on the database would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")  # what was due is judged now
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_books_that_agree(series):
    assert check() == "The books agree."


def test_a_counter_that_counts_too_few(series):
    Slot.objects.filter(pk=series[0].slot_id).update(booked=0)

    assert check() == (
        f"counters: slot {series[0].slot_id}: 0 places are counted as taken, 1 appointments and holds stand\n"
        "error: 1 differences."
    )


def test_a_counter_without_any_appointment(series):
    Slot.objects.filter(pk=series[1].slot_id).update(booked=3)

    assert "3 places are counted as taken, 1 appointments and holds stand" in check()


def test_half_a_series(series):
    without_constraints("DELETE FROM booking_appointment WHERE id = %s", series[1].pk)
    Slot.objects.filter(pk=series[1].slot_id).update(booked=0)

    assert check() == (
        f"half series: registration {series[0].registration_id}: dose 1 (appointment {series[0].pk}) "
        "has no dose 2 after it at the same center\nerror: 1 differences."
    )


def test_a_booking_without_a_message(series):
    Message.objects.all().delete()

    assert f"no message tells of appointment {series[0].pk}" in check()


def test_a_booking_without_a_letter(series):
    series[0].registration.email, series[0].registration.medium = "", "letter"
    series[0].registration.save(update_fields=["email", "medium"])
    Message.objects.all().delete()

    assert f"no message tells of appointment {series[0].pk}" in check()


def test_many_differences_are_cut(series):
    slot = series[0].slot
    extra = [Slot(session=slot.session, center=slot.center, vaccine=slot.vaccine, contingent=slot.contingent,
                  starts_at=slot.starts_at.replace(minute=minute), capacity=1, booked=1)
             for minute in range(30, 55)]  # fmt: skip
    Slot.objects.bulk_create(extra)

    assert "counters: and 5 more" in check()
    assert check().endswith("error: 25 differences.")
