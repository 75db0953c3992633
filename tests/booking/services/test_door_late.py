"""Who comes after she counted as missing, doses after midnight, and what is undone when the day is over."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import AuditEvent
from booking.models import Appointment
from booking.services import door
from centers.models import Slot
from notifications.models import Message
from tests.booking.door.books import books_agree
from tests.booking.door.deeds import AT, injection, refused, status
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.door import AppointmentFactory, arrived, booked_series, single_slot
from tests.factories.staff import UserFactory
from tests.factories.supply import ContingentFactory, SlotFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory()


@pytest.fixture
def rules():
    RegulationFactory()
    OpeningFactory()


def test_a_late_arrival_takes_her_place_again(by):
    one = AppointmentFactory()
    door.close_day(center_id=one.slot.center_id, day=date(2021, 2, 18), now=AT)

    door.arrive(appointment=one, evidence={"ID"}, by=by, now=AT + timedelta(hours=1))

    one.slot.refresh_from_db()
    assert (status(one), one.slot.booked) == ("arrived", 1)
    books_agree()


def test_a_late_arrival_whose_place_is_taken_stands_without_one(by):
    one = AppointmentFactory(slot=single_slot(capacity=1))
    door.close_day(center_id=one.slot.center_id, day=date(2021, 2, 18), now=AT)
    AppointmentFactory(slot=one.slot)

    door.arrive(appointment=one, evidence={"ID"}, by=by, now=AT + timedelta(hours=1))

    assert Appointment.objects.get(pk=one.pk).displaced_at is not None
    books_agree()


def test_a_late_arrival_gets_her_second_dose_back(by, rules):
    first, second = booked_series()
    second.slot.contingent.channels.append("on_site")
    second.slot.contingent.save()
    door.close_day(center_id=first.slot.center_id, day=date(2021, 2, 18), now=AT)
    assert status(second) == "cancelled"

    door.arrive(appointment=first, evidence={"ID"}, by=by, now=AT + timedelta(hours=1))

    assert Appointment.objects.live().get(dose_number=2).slot == second.slot
    books_agree()


def missed_series():
    """A series whose first dose was missed, and the moment when she comes after all; no place is open on site."""
    first, second = booked_series()
    door.close_day(center_id=first.slot.center_id, day=date(2021, 2, 18), now=AT)
    return first, second, AT + timedelta(hours=1)


def other_second(first, *, days):
    """A place for dose 2 that the door may give."""
    share = ContingentFactory(code="vor-ort", name="Vor Ort", channels=["on_site"])
    return SlotFactory(
        session__center=first.slot.center,
        session__contingent=share,
        starts_at=first.slot.starts_at + timedelta(days=days),
    )


def test_dose_2_stands_again_where_it_was_without_a_word(by):
    first, second, now = missed_series()

    door.arrive(appointment=first, evidence={"ID"}, by=by, now=now)

    again = Appointment.objects.live().get(dose_number=2)
    assert (again.pk, again.slot, again.sequence) == (second.pk, second.slot, 2)
    assert not Message.objects.exists()
    assert AuditEvent.objects.get(action="series.second_booked").details["slots"] == [second.slot_id]
    books_agree()


@pytest.mark.parametrize("gone", ["taken", "suspended", "too_late", "over"])
def test_dose_2_whose_place_is_gone_is_put_elsewhere_and_she_is_told(by, gone):
    first, second, now = missed_series()
    if gone == "taken":
        Slot.objects.filter(pk=second.slot_id).update(booked=0, capacity=0)
    elif gone == "suspended":
        Slot.objects.filter(pk=second.slot_id).update(suspended=True)
    else:
        days = 90 if gone == "too_late" else -1
        Slot.objects.filter(pk=second.slot_id).update(starts_at=first.slot.starts_at + timedelta(days=days))
    free = other_second(first, days=22)

    door.arrive(appointment=first, evidence={"ID"}, by=by, now=now)

    made = Appointment.objects.live().get(dose_number=2)
    assert (made.slot, status(second)) == (free, "cancelled")
    assert Message.objects.get().dedupe_key == f"moved:{made.pk}.0"
    books_agree()


def test_dose_2_without_any_place_is_left_to_the_page(by):
    first, second, now = missed_series()
    Slot.objects.filter(pk=second.slot_id).update(suspended=True)

    door.arrive(appointment=first, evidence={"ID"}, by=by, now=now)

    assert status(first) == "arrived"
    assert not Appointment.objects.live().filter(dose_number=2).exists()


def test_dose_2_of_another_series_that_the_center_cancelled_is_not_taken(by):
    """She was told that this one is cancelled."""
    first, second, now = missed_series()
    later = AppointmentFactory(
        registration=first.registration, slot=other_second(first, days=22), dose_number=2, status="cancelled",
        cancelled_at=AT + timedelta(minutes=30), cancelled_reason="by_center",
    )  # fmt: skip

    door.arrive(appointment=first, evidence={"ID"}, by=by, now=now)

    assert (status(later), status(second)) == ("cancelled", "booked")


def test_who_has_another_dose_2_keeps_that_one(by):
    first, second, now = missed_series()
    other = AppointmentFactory(registration=first.registration, slot=other_second(first, days=22), dose_number=2)

    door.arrive(appointment=first, evidence={"ID"}, by=by, now=now)

    assert (status(other), status(second)) == ("booked", "cancelled")
    books_agree()


def test_a_suspended_time_gives_no_place_to_who_comes_late(by):
    one = AppointmentFactory()
    door.close_day(center_id=one.slot.center_id, day=date(2021, 2, 18), now=AT)
    Slot.objects.filter(pk=one.slot_id).update(suspended=True)

    door.arrive(appointment=one, evidence={"ID"}, by=by, now=AT + timedelta(hours=1))

    assert Appointment.objects.get(pk=one.pk).displaced_at is not None
    books_agree()


@pytest.mark.parametrize(("minutes", "fits"), [(5, True), (359, True), (361, False)])
def test_a_dose_after_midnight_belongs_to_who_came_before_it(by, minutes, fits):
    midnight = datetime(2021, 2, 18, 23, tzinfo=UTC)
    one = AppointmentFactory()
    arrived(one, at=midnight - timedelta(minutes=5))
    dose = injection(given_at=midnight + timedelta(minutes=minutes))
    arguments = {"appointment": one, "injection": dose, "by": by, "now": midnight + timedelta(hours=9)}

    if fits:
        assert door.vaccinate(**arguments).given_at == dose.given_at
    else:
        refused("given_at", door.vaccinate, **arguments)


def test_who_was_missing_is_sent_home_afterwards_and_nothing_is_given_back_twice(by):
    first, second = booked_series()
    door.close_day(center_id=first.slot.center_id, day=date(2021, 2, 18), now=AT)

    door.defer(appointment=first, reason="medical", for_good=False, by=by, now=AT + timedelta(days=1))

    assert (status(first), status(second)) == ("deferred", "cancelled")
    books_agree()


def test_who_was_missing_and_has_booked_anew_keeps_that_when_sent_home_is_entered(by):
    first, _second = booked_series()
    door.close_day(center_id=first.slot.center_id, day=date(2021, 2, 18), now=AT)
    new = [
        AppointmentFactory(registration=first.registration, slot=other_second(first, days=days), dose_number=number)
        for number, days in ((2, 31), (1, 10))
    ]

    door.defer(appointment=first, reason="medical", for_good=False, by=by, now=AT + timedelta(days=1))

    assert [status(one) for one in (first, *new)] == ["deferred", "booked", "booked"]
    books_agree()


def test_undo_after_the_day_was_closed_counts_her_as_missing_at_once(by):
    first, second = booked_series()
    arrived(first, at=AT)

    one = door.undo(appointment=first, seen_as="arrived", by=by, now=AT + timedelta(hours=12))

    assert (one.status, status(first), status(second)) == ("no_show", "no_show", "cancelled")
    assert AuditEvent.objects.get(action="appointment.entry_undone").details["after"] == "no_show"
    books_agree()


def test_undo_of_a_late_arrival_restores_what_was_before(by):
    one = AppointmentFactory(slot=single_slot(capacity=1))
    door.close_day(center_id=one.slot.center_id, day=date(2021, 2, 18), now=AT)
    AppointmentFactory(slot=one.slot)
    late = AT + timedelta(hours=12)
    door.arrive(appointment=one, evidence={"ID"}, by=by, now=late, at=AT)  # her place has gone

    door.undo(appointment=one, seen_as="arrived", by=by, now=late)

    assert status(one) == "no_show"
    books_agree()
