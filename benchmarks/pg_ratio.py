"""pg_ratio: how many bookings a second the service makes in eight processes, compared with pgbench of the same SQL.

The rest of the way to 1 is Python: judging the rules, building the statements, reading the answers.
"""

import random
import time
from collections.abc import Sequence
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

from django.db import connection
from django.utils import timezone

from benchmarks import pgbench, seed, supply, visitors
from benchmarks.goals import Bar, Figure, interleaved, ratio, rounded
from benchmarks.pgbench import DAYS, STARTS, Script, Slots
from benchmarks.seed import Invited
from benchmarks.stage import Stage
from benchmarks.supply import Grid, Supply
from booking.models import Registration
from booking.services import appointments
from centers.models import Channel

BARS = {"ratio": Bar(floor=0.5, goal=0.75)}
CLIENTS = 8
CENTERS = 20
DAYS_OF_GRID = 64


def measure(stage: Stage, known: Supply) -> Figure:
    """Both doses at random places; both sides read the start time, then claim."""
    first_day = seed.days(known.today, 2)[1]
    grid = Grid(seed.days(first_day, DAYS_OF_GRID), starts=STARTS, minutes=10, lines=10)
    supply.sessions(known, supply.centers(known, 0, CENTERS), grid)
    each = stage.size(400, 60)
    people = visitors.crowd(known, 2 * 4 * CLIENTS * each)
    supply.settle()
    slots = Slots(supply.first_slot(), first_day, CENTERS, DAYS_OF_GRID, _target())
    script = pgbench.anywhere(known, slots)
    places = [
        slots.first_id + (center * DAYS_OF_GRID + day) * STARTS + start
        for center in range(CENTERS)
        for day in range(DAYS)
        for start in range(STARTS)
    ]
    crews = [people[begin : begin + CLIENTS * each] for begin in range(0, len(people), CLIENTS * each)]
    service = partial(_service, crews[:4], places)
    bare = partial(_bare, stage, script, crews[4:], each)
    service(3)  # warm: both sides, and the pages of the tables
    bare(3)
    found = interleaved({"service": service, "pgbench": bare})
    return Figure("pg_ratio", {"ratio": ratio(found, "service", "pgbench")}, BARS, {"per_second": rounded(found, 0)})


def _target() -> str:
    return "SELECT * FROM slot_target(:slot, 'Europe/Berlin');"


def _bare(stage: Stage, script: str, crews: Sequence[Sequence[Invited]], each: int, number: int) -> float:
    """Bookings per second by pgbench; all of them must have been placed."""
    before = supply.live_series()
    rate = Script(script, CLIENTS, each, crews[number][0]).run(stage).rate
    _all_placed(before, CLIENTS * each)
    return rate


def _service(crews: Sequence[Sequence[Invited]], places: Sequence[int], number: int) -> float:
    """Bookings per second by as many processes."""
    before = supply.live_series()
    connection.close()
    fork = get_context("fork")
    start = fork.Barrier(CLIENTS + 1)
    shares = [crews[number][place::CLIENTS] for place in range(CLIENTS)]
    workers = [fork.Process(target=_work, args=(share, places, start)) for share in shares]
    for worker in workers:
        worker.start()
    start.wait(60)
    began = time.perf_counter()
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - began
    _all_placed(before, len(crews[number]))
    return len(crews[number]) / seconds


def _work(share: Sequence[Invited], places: Sequence[int], start: Barrier) -> None:
    """One process: its people, one after the other."""
    rows = Registration.objects.in_bulk([one.registration_id for one in share])
    chosen = random.Random(share[0].registration_id).choices(places, k=len(share))
    start.wait(60)
    for person, slot_id in zip(rows.values(), chosen, strict=True):
        appointments.book(registration=person, slot_id=slot_id, channel=Channel.WEB, by=None, now=timezone.now())
    connection.close()


def _all_placed(before: int, expected: int) -> None:
    placed = supply.live_series() - before
    if placed != expected:
        raise RuntimeError(f"{placed} of {expected} bookings were placed")
