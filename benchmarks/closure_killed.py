"""closure_killed: workers are killed again and again while 3,000 people are moved; what is wrong then is counted."""

import random
import signal
import time
from collections import Counter

from django.db import connection
from django.utils import timezone

from benchmarks import closure
from benchmarks.goals import Bar, Figure
from benchmarks.stage import Stage
from benchmarks.supply import Supply
from booking.changes import effect
from booking.management.commands.check_places import CHECKS
from booking.models import Appointment, Case, Change
from booking.services import caring, changes
from booking.services.changes import Order
from notifications.models import Message

BARS = {"wrong": Bar(floor=0, goal=0, at_most=True)}
KILLS = 12
NOT_SEEDED = {"bookings without a message"}  # the people of a measurement are booked by SQL
PATIENCE = 60  # seconds until a worker has done its part


def measure(stage: Stage, known: Supply) -> Figure:
    """Each worker cares for some 230 people and dies; in between the books are compared with the appointments."""
    people, now = stage.size(3000, 360), timezone.now()
    center, wish, manager = closure.full_days(known, people)
    order = Order(wish, "Impfstoff fehlt", effect.preview(center, wish, now=now).fingerprint)
    change = changes.start(center=center, order=order, by=manager, now=now)
    began, killed, wrong = time.monotonic(), [], 0
    for number in range(1, KILLS + 1):
        killed.append(_kill_one(stage, change, after=number * people // (KILLS + 1)))
        wrong += _disagreeing() + _told_wrongly(change)
    process = closure.worker(stage)
    closure.begin(process, change)
    process.communicate()
    caring.work(change, now=timezone.now(), limit=1)
    change.refresh_from_db()
    outcomes = Counter(change.cases.values_list("outcome", flat=True))
    lost = people - outcomes[Case.Outcome.MOVED]
    without_place = Appointment.objects.filter(displaced_at__isnull=False).count()
    wrong += _disagreeing() + _told_wrongly(change) + lost + without_place + (change.state != Change.State.DONE)
    detail = {
        "people": people,
        "outcomes": dict(outcomes),
        "messages": _messages(change).total(),
        "killed_after": killed,
        "seconds": round(time.monotonic() - began, 1),
    }
    return Figure("closure_killed", {"wrong": wrong}, BARS, detail)


def _kill_one(stage: Stage, change: Change, *, after: int) -> int:
    """A worker goes on until so many are done in all, and is killed inside one of the next; how many were done then."""
    process = closure.worker(stage)
    closure.begin(process, change)
    until = time.monotonic() + PATIENCE
    while _done(change) < after:
        if time.monotonic() > until or process.poll() is not None:
            raise RuntimeError("a worker does not work")
        time.sleep(0.02)
    time.sleep(random.uniform(0, 0.02))  # any moment will do
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return _done(change)


def _done(change: Change) -> int:
    return change.cases.exclude(outcome=Case.Outcome.WAITING).count()


def _messages(change: Change) -> Counter[int]:
    """Person -> her messages of this change."""
    rows = Message.objects.filter(dedupe_key__startswith=f"change:{change.pk}:").values_list("reference", flat=True)
    return Counter(reference["registration"] for reference in rows)


def _told_wrongly(change: Change) -> int:
    """People who are done and have not exactly one message, or wait and have one."""
    done = set(change.cases.exclude(outcome=Case.Outcome.WAITING).values_list("registration", flat=True))
    told = _messages(change)
    return sum(told[person] != 1 for person in done) + len(told.keys() - done)


def _disagreeing() -> int:
    """Rows that `manage.py check_places` would name."""
    found = 0
    with connection.cursor() as cursor:
        for check in CHECKS:
            if check.name not in NOT_SEEDED:
                cursor.execute(check.query)
                found += len(cursor.fetchall())
    return found
