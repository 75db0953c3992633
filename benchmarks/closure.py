"""closure: how long it takes to close a center's days and move 3,000 people, each in a transaction with her message."""

import os
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from accounts.models import User
from benchmarks import seed, supply
from benchmarks.goals import Bar, Figure
from benchmarks.stage import Stage
from benchmarks.supply import Grid, Supply
from booking import clock
from booking.changes import effect
from booking.changes.wish import Wish
from booking.models import Case, Change
from booking.services import caring, changes
from booking.services.changes import Order
from centers.models import Center, Slot

BARS = {"seconds": Bar(floor=60, goal=20, at_most=True)}
CENTERS = 13
CLOSED = (5, 7)  # days from today
WORKERS = 2
WORK = """
import sys, django
django.setup()
from django.utils import timezone
from booking.models import Change
from booking.services import caring, changes
Change.objects.first()
print("ready", flush=True)
change = Change.objects.get(pk=sys.stdin.readline())
caring.work(change, now=timezone.now(), limit=10**6)
"""
# Both doses of so many people at the first center: dose 1 on the days that are closed, dose 2 three weeks later.
BOOK = """
WITH place AS (
    SELECT s.id, row_number() OVER (ORDER BY s.starts_at, s.id, unit) - 1 AS number
      FROM centers_slot s CROSS JOIN LATERAL generate_series(1, s.capacity) AS unit
     WHERE s.center_id = %(center)s AND s.starts_at >= %(from)s AND s.starts_at < %(until)s
), person AS (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM booking_registration
), made AS (
    INSERT INTO booking_appointment (public_id, registration_id, slot_id, dose_number, status, sequence, channel,
                                     booked_at, cancelled_reason)
    SELECT gen_random_uuid(), person.id, place.id, %(dose)s, 'booked', 0, 'web', %(now)s, ''
      FROM place JOIN person USING (number)
    RETURNING slot_id
)
UPDATE centers_slot s SET booked = taken.number
  FROM (SELECT slot_id, count(*) AS number FROM made GROUP BY slot_id) AS taken WHERE s.id = taken.slot_id
"""


def measure(stage: Stage, known: Supply) -> Figure:
    """Preview, commit and the run by two processes, as two workers would; everybody must be moved or told why not."""
    people, now = stage.size(3000, 360), timezone.now()
    center, wish, manager = full_days(known, people)

    workers = [worker(stage) for _number in range(WORKERS)]
    began = time.monotonic()
    seen = effect.preview(center, wish, now=now)
    previewed = time.monotonic()
    order = Order(wish, "Impfstoff fehlt", seen.fingerprint)
    change = changes.start(center=center, order=order, by=manager, now=now)
    started = time.monotonic()
    _run(workers, change)
    done = time.monotonic()

    outcomes = Counter(change.cases.values_list("outcome", flat=True))
    if outcomes[Case.Outcome.MOVED] != people:
        raise RuntimeError(f"of {people} people only {outcomes} were moved")
    tries = [details["tries"] for details in change.cases.values_list("details", flat=True)]
    detail = {
        "people": people,
        "outcomes": dict(outcomes),
        "preview_seconds": round(previewed - began, 2),
        "commit_seconds": round(started - previewed, 2),
        "run_seconds": round(done - started, 2),
        "people_per_second": round(people / (done - started)),
        "searches_per_person": round(sum(tries) / people, 2),
        "ratio_to_trivial_commits": round(people / (done - started) / (WORKERS * _commits()), 3),
    }
    return Figure("closure", {"seconds": done - previewed}, BARS, detail)


def full_days(known: Supply, people: int) -> tuple[Center, Wish, User]:
    """A center with so many people on three days, the wish to close these, and a manager.

    The days have as many places as people; around them and at the other centers places are open.
    """
    made = supply.centers(known, 0, CENTERS)
    lines = -(-people // (3 * 40))
    supply.sessions(known, made[:1], Grid(seed.days(known.today, 64), starts=40, minutes=15, lines=lines))
    supply.sessions(known, made[1:], Grid(seed.days(known.today, 64), starts=40, minutes=15, lines=5))
    _book(known, made[0], people)
    supply.settle()
    first, last = (known.today + timedelta(days=days) for days in CLOSED)
    return made[0], Wish("close", first=first, last=last), User.objects.order_by("pk")[0]


def _book(known: Supply, center: Center, people: int) -> None:
    now = timezone.now()
    seed.people(people, birth_date=supply.BORN, now=now, district=known.district)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for dose, (first, last) in enumerate([CLOSED, (CLOSED[0] + 42, CLOSED[1] + 42)], start=1):
            cursor.execute(
                BOOK,
                {
                    "center": center.pk, "dose": dose, "now": now,
                    "from": clock.start_of(known.today + timedelta(days=first)),
                    "until": clock.end_of(known.today + timedelta(days=last)),
                },
            )  # fmt: skip
        cursor.execute("UPDATE booking_invitation SET accepted_at = %s", [now])
        cursor.execute("SET session_replication_role = DEFAULT")
    if Slot.objects.filter(booked__gt=0).count() != 240:
        raise RuntimeError("the people do not fill the days that are closed")


def worker(stage: Stage) -> subprocess.Popen[bytes]:
    """As in an installation it is there before anything is to be done; `begin` gives it a change to work for."""
    environment = {**os.environ, **stage.environment()}
    words, pipe = [sys.executable, "-c", WORK], subprocess.PIPE
    found = subprocess.Popen(words, stdin=pipe, stdout=pipe, env=environment)
    if found.stdout is None or found.stdout.readline() != b"ready\n":
        raise RuntimeError("a worker did not start")
    return found


def begin(process: subprocess.Popen[bytes], change: Change) -> None:
    if process.stdin is not None:
        process.stdin.write(f"{change.pk}\n".encode())
        process.stdin.flush()


def _commits(count: int = 300) -> float:
    """Commits a second that change one row and nothing else, by one connection."""
    began = time.monotonic()
    for _number in range(count):
        Center.objects.filter(code="B0000").update(operator="")
    return count / (time.monotonic() - began)


def _run(workers: list[subprocess.Popen[bytes]], change: Change) -> None:
    for process in workers:
        begin(process, change)
    for process in workers:
        process.communicate()
        if process.returncode:
            raise RuntimeError("a worker has failed")
    caring.work(change, now=timezone.now(), limit=1)
    change.refresh_from_db()
    if change.state != Change.State.DONE:
        raise RuntimeError(f"the change is {change.state}")
