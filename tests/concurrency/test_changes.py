"""A center changes its sessions while people book, two managers at once, a worker that is killed: nobody is lost.

What must hold after each of them: no start time above its capacity, counters equal to appointments, whole series, and
everybody concerned told exactly once.
"""

import os
import signal
import subprocess
import sys
import time as clocks
from collections import Counter
from datetime import time, timedelta
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from booking.changes import effect
from booking.changes.wish import Wish
from booking.models import Appointment, Case, Change, Registration
from booking.services import appointments, caring, changes
from booking.services.changes import Order, Outdated
from centers.models import Channel, Session, Slot
from notifications.models import Message
from tests.concurrency import run_at_once, tally
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
TRIES = 60
# A worker that cares for the people of one change and says after each how many it has done.
WORKER = """
import sys, django
django.setup()
from datetime import datetime
from django.db import connections
from booking.models import Change
from booking.services import caring, changes
name, change, now = sys.argv[1:]
connections["default"].settings_dict["NAME"] = name
while caring.work(Change.objects.get(pk=change), now=datetime.fromisoformat(now), limit=1):
    print("one", flush=True)
"""


@pytest.fixture
def manager():
    return UserFactory()


def told(change: Change) -> Counter[str]:
    """How many messages of this change each person has; their keys let there be one at most."""
    keys = Message.objects.filter(dedupe_key__startswith=f"change:{change.pk}:").values_list("reference", flat=True)
    return Counter(reference["registration"] for reference in keys)


def nobody_is_lost(*done: Change) -> None:
    """The books agree, every case is closed, and who was moved, kept or cancelled was told once by that change."""
    call_command("check_places", verbosity=0)
    assert not Slot.objects.filter(suspended=True, booked__gt=0).exclude(session__state="suspended").exists()
    for change in done:
        change.refresh_from_db()
        assert change.state == Change.State.DONE
        assert not change.cases.filter(outcome=Case.Outcome.WAITING).exists()
        concerned = change.cases.exclude(outcome=Case.Outcome.GONE).values_list("registration", flat=True)
        assert told(change) == dict.fromkeys(concerned, 1)


def decided(center, wish: Wish, *, by, now, decisions=None) -> Change:
    """What a patient manager does: look, press, and look again when something has changed meanwhile."""
    seen = effect.preview(center, wish, now=now)
    for _try in range(TRIES):
        try:
            order = Order(wish, "Impfstoff fehlt", seen.fingerprint, decisions or {})
            return changes.start(center=center, order=order, by=by, now=now)
        except Outdated as outdated:
            seen = outdated.fresh
    raise AssertionError("something changed all the time")


def booked(world, slots: list[Slot], count: int) -> list[Registration]:
    """So many people, spread over these start times."""
    people = world.people(count)
    for number, person in enumerate(people):
        slot = slots[number % len(slots)]
        appointments.book(registration=person, slot_id=slot.pk, channel=Channel.WEB, by=None, now=world.now)
    return people


def care(change: Change, now) -> None:
    while caring.work(change, now=now, limit=50):
        pass


def day(world, number: int, *, sessions: int, capacity: int, **session) -> list[Slot]:
    """Sessions of one start time each, a quarter of an hour apart."""
    return [
        world.slot(number, capacity=capacity, at=time(8 + place // 4, place % 4 * 15), **session)
        for place in range(sessions)
    ]


# --- While 200 people book ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["close", "reshape", "suspend"])
def test_a_manager_changes_the_sessions_while_200_people_book(world, manager, deadlocks, kind):
    shut = day(world, 5, sessions=6, capacity=10)
    day(world, 6, sessions=10, capacity=20)
    early, people = booked(world, shut, 20), world.people(200)
    days = {"first": world.day(5), "last": world.day(5)}
    wishes = [Wish(kind, **days)]
    if kind == "reshape":
        wishes = [Wish(kind, block=slot.session.block, lines=4) for slot in shut]
    book = partial(appointments.book, channel=Channel.WEB, by=None, now=world.now)
    deeds = [partial(book, registration=one, slot_id=shut[n % 6].pk) for n, one in enumerate(people)]
    for wish in wishes:
        deeds.insert(40, partial(decided, world.center, wish, by=manager, now=world.now))

    answers = run_at_once(deeds)

    found = [answer for answer in answers if isinstance(answer, Change)]
    assert len(found) == len(wishes)
    assert set(tally(answers)) <= {"done", "slot_taken"}
    for change in found:
        care(change, world.now)
    nobody_is_lost(*found)
    assert deadlocks() == 0
    got = {answer.registration.pk for answer in answers if isinstance(answer, appointments.Series)}
    standing = set(Appointment.objects.live().values_list("registration", flat=True))
    assert standing == got | {person.pk for person in early}
    assert not Appointment.objects.filter(displaced_at__isnull=False).exists()


def test_people_move_and_cancel_while_they_are_moved(world, manager):
    shut = day(world, 5, sessions=4, capacity=15)
    away = day(world, 6, sessions=4, capacity=40)
    people = booked(world, shut, 60)
    change = decided(world.center, Wish("close", first=world.day(5), last=world.day(5)), by=manager, now=world.now)
    move = partial(appointments.move, dose_number=1, channel=Channel.WEB, by=None, now=world.now)
    cancel = partial(appointments.cancel, reason=Appointment.Cancellation.OWN_WISH, by=None, now=world.now)

    answers = run_at_once(
        [partial(care, change, world.now)] * 3
        + [partial(move, registration=one, slot_id=away[number % 4].pk) for number, one in enumerate(people[:20])]
        + [partial(cancel, registration=one) for one in people[20:40]]
    )

    assert tally(answers) == {"done": 43}
    caring.carry_on(now=world.now)
    nobody_is_lost(change)
    assert set(change.cases.values_list("outcome", flat=True)) <= {"moved", "gone"}
    assert Appointment.objects.live().count() == 40


def test_two_workers_on_scarce_places_move_each_person_once_and_keep_the_rest(world, manager):
    shut = day(world, 5, sessions=4, capacity=15)
    day(world, 6, sessions=4, capacity=10)
    booked(world, shut, 60)
    change = decided(world.center, Wish("close", first=world.day(5), last=world.day(5)), by=manager, now=world.now)
    newcomers = world.people(10)
    others = list(Slot.objects.filter(session__date=world.day(6)))
    book = partial(appointments.book, channel=Channel.WEB, by=None, now=world.now)

    answers = run_at_once(
        [partial(care, change, world.now)] * 2
        + [partial(book, registration=one, slot_id=others[number % 4].pk) for number, one in enumerate(newcomers)]
    )

    got = sum(isinstance(answer, appointments.Series) for answer in answers)
    caring.carry_on(now=world.now)
    nobody_is_lost(change)
    assert Counter(change.cases.values_list("outcome", flat=True)) == {"moved": 40 - got, "kept": 20 + got}


# --- Two managers at once ----------------------------------------------------------------------------------------


def test_of_two_managers_at_once_one_closes_and_the_other_sees_it(world, manager, deadlocks):
    slots = day(world, 5, sessions=8, capacity=5)
    day(world, 6, sessions=8, capacity=5)
    booked(world, slots, 30)
    wish = Wish("close", first=world.day(5), last=world.day(5))
    order = Order(wish, "Impfstoff fehlt", effect.preview(world.center, wish, now=world.now).fingerprint)
    start = partial(changes.start, center=world.center, order=order, now=world.now)

    answers = run_at_once([partial(start, by=manager), partial(start, by=UserFactory())])

    assert sorted(tally(answers)) in (["done", "outdated"], ["done", "nothing"])
    [change] = Change.objects.all()
    care(change, world.now)
    nobody_is_lost(change)
    assert change.cases.count() == 30
    assert deadlocks() == 0


@pytest.mark.parametrize("other", ["suspend", "reshape"])
def test_two_different_changes_of_the_same_sessions_come_one_after_the_other(world, manager, other):
    slots = day(world, 5, sessions=3, capacity=6)
    day(world, 6, sessions=4, capacity=10)
    booked(world, slots, 18)
    days = {"first": world.day(5), "last": world.day(5)}
    second = Wish("suspend", **days) if other == "suspend" else Wish("reshape", block=slots[0].session.block, lines=2)
    wishes = [Wish("close", **days), second]
    orders = [Order(one, "x", effect.preview(world.center, one, now=world.now).fingerprint) for one in wishes]
    start = partial(changes.start, center=world.center, by=manager, now=world.now)

    answers = run_at_once([partial(start, order=order) for order in orders])

    assert tally(answers)["done"] == 1
    [change] = Change.objects.all()
    care(change, world.now)
    nobody_is_lost(change)
    versions = set(Session.objects.filter(pk__in=change.sessions).values_list("version", flat=True))
    assert versions == {2}


# --- Killed ------------------------------------------------------------------------------------------------------


def kill_a_worker(change: Change, *, after: int, now) -> None:
    """A process cares for so many people and dies somewhere inside the next one."""
    name = str(connection.settings_dict["NAME"])
    words = [sys.executable, "-c", WORKER, name, str(change.pk), now.isoformat()]
    worker = subprocess.Popen(words, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE)
    for _line in range(after):
        assert worker.stdout.readline() == b"one\n"
    clocks.sleep(0.003)
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    worker.stdout.close()


def test_kill_9_in_the_middle_of_a_closure_and_somebody_else_goes_on(world, manager):
    shut = day(world, 5, sessions=10, capacity=30)
    for number in range(10):
        day(world, 6 + number, sessions=4, capacity=6)
    people = booked(world, shut, 300)
    Registration.objects.filter(pk__in=[one.pk for one in people[:5]]).update(email="", medium="letter")
    wish = Wish("close", first=world.day(5), last=world.day(5))
    change = decided(world.center, wish, by=manager, now=world.now)

    for after in (1, 40, 90):
        kill_a_worker(change, after=after, now=world.now)
        done = change.cases.exclude(outcome=Case.Outcome.WAITING).count()
        assert 0 < done < 300
        call_command("check_places", verbosity=0)

    care(change, world.now)
    change.refresh_from_db()
    assert change.state == Change.State.DONE
    assert told(change) == {person.pk: 1 for person in people}
    assert Counter(change.cases.values_list("outcome", flat=True)) == {"moved": 240, "kept": 60}
    assert set(change.cases.filter(registration__in=people[:5]).values_list("call", flat=True)) == {"open"}
    assert Appointment.objects.live().count() == 300
    call_command("check_places", verbosity=0)


def test_the_clock_carries_on_what_a_dead_worker_left(world, manager):
    shut = day(world, 5, sessions=1, capacity=5)
    day(world, 6, sessions=1, capacity=5)
    booked(world, shut, 5)
    change = decided(world.center, Wish("close", first=world.day(5), last=world.day(5)), by=manager, now=world.now)
    caring.work(change, now=world.now, limit=2)

    assert caring.carry_on(now=world.now + timedelta(minutes=1)) == 3
    nobody_is_lost(change)


def test_where_the_rows_cannot_be_had_the_manager_is_told_and_nothing_is_done(world, manager):
    [slot] = day(world, 5, sessions=1, capacity=5)
    wish = Wish("close", first=world.day(5), last=world.day(5))
    order = Order(wish, "x", effect.preview(world.center, wish, now=world.now).fingerprint)
    held, done = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            Slot.objects.select_for_update().get(pk=slot.pk)
            held.set()
            done.wait(20)

    def start() -> Change:
        held.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        try:
            return changes.start(center=world.center, order=order, by=manager, now=world.now)
        finally:
            done.set()

    assert tally(run_at_once([hold, start])) == {"done": 1, "busy": 1}
    slot.refresh_from_db()
    assert not slot.suspended
    assert not Change.objects.exists()
