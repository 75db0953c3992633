"""Checks 1 and 2: everybody wants the same places, and one person clicks many times."""

from datetime import time
from functools import partial
from time import sleep

import pytest
from django.db import connection

from booking import claims
from booking.claims import Claim
from booking.models import Appointment
from booking.services import appointments
from centers.models import Channel, Slot
from notifications.models import Message
from tests.concurrency import run_at_once, tally
from tests.concurrency.books import balanced

pytestmark = pytest.mark.django_db(transaction=True)


def bookings(world, people, slot):
    """The service called for each person, for run_at_once."""
    book = partial(appointments.book, channel=Channel.WEB, by=None, now=world.now)
    return [partial(book, registration=person, slot_id=slot.pk) for person in people]


def test_200_people_on_50_places_fill_them_exactly(world):
    first, second = world.pair(capacity=50)
    later, _its_second = world.pair(3, capacity=200)

    answers = run_at_once(bookings(world, world.people(200), first))

    assert tally(answers) == {"done": 50, "slot_taken": 150}
    for refusal in answers:
        if isinstance(refusal, appointments.Refused):
            assert [one.slot_id for one in refusal.alternatives] == [later.pk]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.booked, second.booked) == (50, 50)
    assert Message.objects.filter(template="booked").count() == 50
    balanced()


def test_too_few_second_places_stop_first_doses_too(world):
    first, _second = world.pair(capacity=50, second=30)

    answers = run_at_once(bookings(world, world.people(100), first))

    assert tally(answers) == {"done": 30, "no_second_dose": 70}
    assert set(Slot.objects.values_list("booked", flat=True)) == {30}
    balanced()


def test_second_places_beside_the_wished_one_are_used_until_all_are_gone(world):
    first, _second = world.pair(capacity=60, second=20)
    for minute in (10, 20):
        world.slot(44, capacity=20, at=time(10, minute), vaccine=world.two_doses)

    answers = run_at_once(bookings(world, world.people(80), first))

    assert tally(answers) == {"done": 60, "slot_taken": 20}
    assert set(Slot.objects.exclude(pk=first.pk).values_list("booked", flat=True)) == {20}
    balanced()


def test_ten_clicks_of_one_person_are_one_series(world):
    first, _second = world.pair(capacity=50)
    [person] = world.people(1)

    answers = run_at_once(bookings(world, [person] * 10, first))

    assert tally(answers) == {"done": 10}
    assert sorted(answer.fresh for answer in answers) == [False] * 9 + [True]
    assert len({tuple(one.pk for one in answer.appointments) for answer in answers}) == 1
    assert Appointment.objects.count() == 2
    assert Message.objects.count() == 1
    balanced()


def test_one_person_in_two_tabs_books_one_of_two_slots(world):
    one, _second = world.pair(2, capacity=50)
    other, _other_second = world.pair(3, capacity=50)

    for person in world.people(20):
        answers = run_at_once(bookings(world, [person], one) + bookings(world, [person], other))
        assert tally(answers) == {"done": 1, "already_booked": 1}

    balanced()


def test_a_session_suspended_in_the_rush_takes_nobody_afterwards(world):
    slot = world.slot(2, capacity=200)
    seen = []

    def suspend():
        Slot.objects.filter(pk=slot.pk).update(suspended=True)
        seen.append(Slot.objects.values_list("booked", flat=True).get(pk=slot.pk))

    deeds = bookings(world, world.people(120), slot)
    answers = run_at_once([*deeds[:20], suspend, *deeds[20:]], at_once=16)

    assert set(tally(answers)) <= {"done", "slot_taken"}
    assert tally(answers[:20] + answers[21:])["done"] == seen[0] == Appointment.objects.count()
    balanced()


@pytest.mark.parametrize("shrunk_to", [60, 5])
def test_a_slot_shrunk_in_the_rush_is_never_overbooked(world, shrunk_to):
    slot = world.slot(2, capacity=100)

    def shrink():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE centers_slot SET capacity = greatest(booked, %s) WHERE id = %s", [shrunk_to, slot.pk]
            )

    deeds = bookings(world, world.people(200), slot)
    answers = run_at_once([*deeds[:10], shrink, *deeds[10:]])

    slot.refresh_from_db()
    assert set(tally(answers)) == {"done", "slot_taken"}
    assert slot.booked == slot.capacity == Appointment.objects.count() < 100
    balanced()


# --- Controls: the races are real -------------------------------------------------------------------------------


def look_then_write(registration, slot_id, *, channel, now, **_rest) -> Claim:
    """The claim of the systems before us: read, decide, write. The pause stands for a slower machine."""
    slot = Slot.objects.get(pk=slot_id)
    if slot.booked >= slot.capacity:
        return Claim("slot_taken", None, None)
    if registration.appointments.live().exists():
        return Claim("already_booked", None, None)
    sleep(0.02)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE centers_slot SET booked = %s WHERE id = %s", [slot.booked + 1, slot_id])
    row = Appointment.objects.create(
        registration=registration, slot=slot, dose_number=1, channel=channel, booked_at=now
    )
    return Claim("booked", row.pk, None)


def test_control_without_the_claim_50_places_are_given_to_more_people(world, monkeypatch):
    monkeypatch.setattr(claims, "claim_series", look_then_write)
    slot = world.slot(2, capacity=50)

    answers = run_at_once(bookings(world, world.people(200), slot))

    assert tally(answers)["done"] > 50
    assert Appointment.objects.count() > 50


def test_control_without_the_lock_on_the_person_two_tabs_end_in_an_error(world, monkeypatch):
    monkeypatch.setattr(claims, "claim_series", look_then_write)
    slot = world.slot(2, capacity=50)
    [person] = world.people(1)

    answers = run_at_once(bookings(world, [person] * 10, slot))

    assert any("appointment_one_live_per_dose" in repr(answer) for answer in answers)
