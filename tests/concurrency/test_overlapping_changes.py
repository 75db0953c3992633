"""Two changes of the same people at once, and rows that others hold: each person is told once, and the run goes on."""

from functools import partial
from threading import Event

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from booking.changes.wish import Wish
from booking.models import Appointment, Case, Change, Registration
from booking.services import appointments, caring, changes
from centers.models import Channel
from tests.concurrency import run_at_once, tally
from tests.concurrency.test_changes import booked, care, day, decided, told
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 60


@pytest.fixture
def manager():
    return UserFactory()


def closing(world, number: int) -> Wish:
    return Wish("close", first=world.day(number), last=world.day(number))


@pytest.fixture
def series(world):
    """People with dose 1 on day 2 and dose 2 on day 44, and room for all of them a day later."""
    first = world.slot(2, capacity=PEOPLE, vaccine=world.two_doses)
    world.slot(44, capacity=PEOPLE, vaccine=world.two_doses)
    people = booked(world, [first], PEOPLE)
    for number in (3, 45):
        world.slot(number, capacity=PEOPLE, vaccine=world.two_doses)
    return people


def run_beside(person: Registration, deed, *, times: int) -> list[int]:
    """Its answers, while somebody else holds this person's row all the time; nobody waits long for a lock."""
    held, done = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            Registration.objects.select_for_update().get(pk=person.pk)
            held.set()
            done.wait(30)

    def go_on() -> list[int]:
        held.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20ms'")
        try:
            return [deed() for _time in range(times)]
        finally:
            done.set()

    return run_at_once([hold, go_on])[1]


def test_a_change_that_begins_while_an_earlier_one_is_at_work_tells_nobody_twice(world, manager, series, deadlocks):
    earlier = decided(world.center, closing(world, 2), by=manager, now=world.now)
    changes.stop(change=earlier, by=manager, now=world.now)
    start = partial(decided, world.center, closing(world, 44), by=manager, now=world.now)

    def go_on() -> None:
        changes.resume(change=earlier, by=manager, now=world.now)
        care(earlier, world.now)

    answers = run_at_once([go_on, start, partial(care, earlier, world.now), start])

    later = [answer for answer in answers if isinstance(answer, Change)]
    assert set(tally(answers)) <= {"done", "nothing"}
    assert len(later) == 1
    caring.carry_on(now=world.now)
    assert set(Change.objects.values_list("state", flat=True)) == {"done"}
    taken_over = set(earlier.cases.filter(outcome=Case.Outcome.GONE).values_list("registration", flat=True))
    assert not taken_over & set(told(earlier))
    assert told(later[0]) == dict.fromkeys(later[0].cases.values_list("registration", flat=True), 1)
    assert set(told(earlier)) | set(told(later[0])) == {person.pk for person in series}
    assert not Appointment.objects.filter(displaced_at__isnull=False).exists()
    assert not Appointment.objects.live().filter(slot__suspended=True).exists()
    call_command("check_places", verbosity=0)
    assert deadlocks() == 0


def test_the_later_change_takes_over_everybody_whom_a_stopped_one_left_waiting(world, manager, series):
    earlier = decided(world.center, closing(world, 2), by=manager, now=world.now)
    caring.work(earlier, now=world.now, limit=PEOPLE // 3)
    changes.stop(change=earlier, by=manager, now=world.now)
    waiting = set(earlier.cases.filter(outcome=Case.Outcome.WAITING).values_list("registration", flat=True))

    later = decided(world.center, closing(world, 44), by=manager, now=world.now)
    resume = partial(changes.resume, change=earlier, by=manager, now=world.now)
    run_at_once([partial(care, later, world.now), resume, partial(care, earlier, world.now)])
    caring.carry_on(now=world.now)

    assert len(waiting) == PEOPLE * 2 // 3
    assert not waiting & set(told(earlier))
    assert {person: told(later)[person] for person in waiting} == dict.fromkeys(waiting, 1)


def test_a_person_whose_row_is_held_by_others_ends_no_run(world, manager):
    shut = day(world, 5, sessions=1, capacity=5)
    day(world, 6, sessions=1, capacity=5)
    stuck, *others = booked(world, shut, 5)
    change = decided(world.center, closing(world, 5), by=manager, now=world.now)

    turns = run_beside(stuck, partial(caring.carry_on, now=world.now), times=caring.FAILURES)

    change.refresh_from_db()
    assert turns == [len(others), *[0] * (caring.FAILURES - 1)]
    assert change.state == Change.State.STOPPED
    assert set(told(change)) == {person.pk for person in others}

    changes.resume(change=change, by=manager, now=world.now)
    assert caring.carry_on(now=world.now) == 1
    assert told(change) == dict.fromkeys((person.pk for person in [stuck, *others]), 1)


def test_who_moves_herself_while_a_change_takes_her_over_is_told_by_nobody_twice(world, manager, series):
    earlier = decided(world.center, closing(world, 2), by=manager, now=world.now)
    changes.stop(change=earlier, by=manager, now=world.now)
    [target] = day(world, 4, sessions=1, capacity=PEOPLE, vaccine=world.two_doses)
    move = partial(appointments.move_both, slot_id=target.pk, channel=Channel.WEB, by=None, now=world.now)
    start = partial(decided, world.center, closing(world, 44), by=manager, now=world.now)

    answers = run_at_once([start, *(partial(move, registration=one) for one in series)])

    assert set(tally(answers)) <= {"done", "no_second_dose", "nothing"}
    caring.carry_on(now=world.now)
    for change in Change.objects.exclude(pk=earlier.pk):
        assert told(change) == dict.fromkeys(
            change.cases.exclude(outcome=Case.Outcome.GONE).values_list("registration", flat=True), 1
        )
    assert not told(earlier)
    call_command("check_places", verbosity=0)
