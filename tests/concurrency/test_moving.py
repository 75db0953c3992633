"""Check 7: moving while others move, book and cancel. No place is lost, none is given twice, nobody waits forever."""

import threading
from datetime import time
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction

from accounts.refusals import Refused
from booking.models import Appointment
from booking.services import appointments
from centers.models import Channel, Slot
from notifications.models import Message
from tests.concurrency import run_at_once, tally
from tests.concurrency.books import balanced

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def terms(world) -> dict[str, object]:
    return {"channel": Channel.WEB, "by": None, "now": world.now}


def slots_of(person) -> list[int]:
    return list(person.appointments.live().order_by("dose_number").values_list("slot_id", flat=True))


def test_moving_dose_2_keeps_dose_1(world, terms):
    first, second = world.pair(capacity=1)
    later = world.slot(44, capacity=1, at=time(11), vaccine=world.two_doses)
    [person] = world.people(1)
    booked = appointments.book(registration=person, slot_id=first.pk, **terms)
    assert slots_of(person) == [first.pk, second.pk]

    moved = appointments.move(registration=person, dose_number=2, slot_id=later.pk, **terms)

    assert slots_of(person) == [first.pk, later.pk]
    assert [one.pk for one in moved.appointments] == [one.pk for one in booked.appointments]
    assert [one.sequence for one in moved.appointments] == [0, 1]
    balanced()


def test_moving_dose_2_out_of_the_interval_is_refused_with_the_days(world, terms):
    first, second = world.pair(capacity=1)
    too_late = world.slot(50, capacity=1, vaccine=world.two_doses)
    [person] = world.people(1)
    appointments.book(registration=person, slot_id=first.pk, **terms)

    with pytest.raises(Refused) as refusal:
        appointments.move(registration=person, dose_number=2, slot_id=too_late.pk, **terms)

    assert refusal.value.code == "outside_window"
    assert "11. März 2021" in str(refusal.value)  # 21 and 42 days after 18 February
    assert "1. April 2021" in str(refusal.value)
    assert slots_of(person) == [first.pk, second.pk]
    balanced()


def test_a_move_that_fails_leaves_the_old_places(world, terms):
    first, second = world.pair(capacity=2)
    full = world.slot(44, capacity=1, at=time(11), vaccine=world.two_doses)
    mover, other = world.people(2)
    appointments.book(registration=mover, slot_id=first.pk, **terms)
    appointments.book(registration=other, slot_id=first.pk, **terms)
    appointments.move(registration=other, dose_number=2, slot_id=full.pk, **terms)

    with pytest.raises(Refused) as refusal:
        appointments.move(registration=mover, dose_number=2, slot_id=full.pk, **terms)

    assert refusal.value.code == "slot_taken"
    assert slots_of(mover) == [first.pk, second.pk]
    assert not Message.objects.filter(template="moved", recipient=mover.email).exists()
    balanced()


def test_forty_people_move_to_ten_places(world, terms):
    first, _second = world.pair(capacity=40)
    wanted = world.slot(44, capacity=10, at=time(11), vaccine=world.two_doses)
    people = world.people(40)
    for person in people:
        appointments.book(registration=person, slot_id=first.pk, **terms)

    move = partial(appointments.move, dose_number=2, slot_id=wanted.pk, **terms)
    answers = run_at_once([partial(move, registration=person) for person in people])

    assert tally(answers) == {"done": 10, "slot_taken": 30}
    wanted.refresh_from_db()
    assert wanted.booked == 10
    assert {len(slots_of(person)) for person in people} == {2}
    balanced()


def test_moving_both_and_booking_at_once_fill_the_new_places_exactly(world, terms):
    old, _old_second = world.pair(2, capacity=30)
    new, new_second = world.pair(50, capacity=20)  # so late that no old second place fits
    movers, newcomers = world.people(30), world.people(30)
    for person in movers:
        appointments.book(registration=person, slot_id=old.pk, **terms)

    answers = run_at_once(
        [partial(appointments.move_both, registration=one, slot_id=new.pk, **terms) for one in movers]
        + [partial(appointments.book, registration=one, slot_id=new.pk, **terms) for one in newcomers]
    )

    new.refresh_from_db()
    new_second.refresh_from_db()
    assert tally(answers)["done"] == 20
    assert set(tally(answers)) <= {"done", "slot_taken", "no_second_dose"}
    assert (new.booked, new_second.booked) == (20, 20)
    assert {len(slots_of(person)) for person in movers} == {2}
    balanced()


def test_two_people_swap_slots_200_times_without_a_deadlock(world, terms, deadlocks):
    slots = [world.slot(2, capacity=2), world.slot(3, capacity=2)]
    people = world.people(2)
    for person, slot in zip(people, slots, strict=True):
        appointments.book(registration=person, slot_id=slot.pk, **terms)
    rounds = threading.Barrier(2)

    def cross(person, start):
        for turn in range(200):
            rounds.wait(timeout=20)
            target = slots[(start + turn + 1) % 2]
            appointments.move(registration=person, dose_number=1, slot_id=target.pk, **terms)

    answers = run_at_once([partial(cross, person, start) for start, person in enumerate(people)])

    assert tally(answers) == {"done": 2}
    assert deadlocks() == 0
    assert list(Appointment.objects.values_list("sequence", flat=True)) == [200, 200]
    balanced()


def test_ten_clicks_on_one_move_raise_the_sequence_once(world, terms):
    old, new = world.slot(2, capacity=1), world.slot(3, capacity=1)
    [person] = world.people(1)
    appointments.book(registration=person, slot_id=old.pk, **terms)

    move = partial(appointments.move, registration=person, dose_number=1, slot_id=new.pk, **terms)
    answers = run_at_once([move] * 10)

    assert tally(answers) == {"done": 10}
    assert Appointment.objects.get().sequence == 1
    assert Message.objects.filter(template="moved").count() == 1
    balanced()


def test_moving_and_cancelling_at_once_end_in_one_of_both(world, terms):
    old, new = world.slot(2, capacity=20), world.slot(3, capacity=20)
    people = world.people(20)
    for person in people:
        appointments.book(registration=person, slot_id=old.pk, **terms)

    cancel = partial(appointments.cancel, reason=Appointment.Cancellation.OWN_WISH, by=None, now=world.now)
    move = partial(appointments.move, dose_number=1, slot_id=new.pk, **terms)
    answers = run_at_once([partial(deed, registration=person) for person in people for deed in (move, cancel)])

    assert set(tally(answers)) <= {"done", "not_booked"}
    assert set(Appointment.objects.values_list("status", flat=True)) == {"cancelled"}
    assert set(Slot.objects.values_list("booked", flat=True)) == {0}


# --- Control: without the order of locks two movers stop each other ----------------------------------------------


def take_then_give(person_pk, old, new):
    """New place first, old place after, in whatever order they lie."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL deadlock_timeout = '20ms'")
        cursor.execute("UPDATE centers_slot SET booked = booked + 1 WHERE id = %s", [new.pk])
        cursor.execute("UPDATE centers_slot SET booked = booked - 1 WHERE id = %s", [old.pk])
        cursor.execute("UPDATE booking_appointment SET slot_id = %s WHERE registration_id = %s", [new.pk, person_pk])


def test_control_without_the_order_of_locks_two_people_deadlock(world, terms):
    slots = [world.slot(2, capacity=2), world.slot(3, capacity=2)]
    people = world.people(2)
    for person, slot in zip(people, slots, strict=True):
        appointments.book(registration=person, slot_id=slot.pk, **terms)
    rounds = threading.Barrier(2)
    died = []

    def cross(person, start):
        where = start
        for _turn in range(50):
            rounds.wait(timeout=20)
            try:
                take_then_give(person.pk, slots[where], slots[1 - where])
                where = 1 - where
            except OperationalError as error:
                died.append(str(error))

    run_at_once([partial(cross, person, start) for start, person in enumerate(people)])

    assert any("deadlock detected" in text for text in died)
