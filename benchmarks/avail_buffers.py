"""avail_buffers: the pages PostgreSQL looks at to say what is free; how bookings and centers change that.

The real reads of booking/availability.py run under EXPLAIN (ANALYZE, BUFFERS); pages found in memory and read count
alike. Next free: pages per center, for a single dose and for a series, whose second place is looked for as well. The
pages of the centers' own rows are left out by measuring the same query with nothing to look for.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from benchmarks import seed, supply
from benchmarks.goals import Bar, Figure
from benchmarks.stage import Stage
from benchmarks.supply import ONE_DOSE, TWO_DOSES, Grid, Supply
from booking import availability, clock
from booking.entitlement import Decision, Scope, Window
from centers.models import Center
from centers.vaccines import Interval

BARS = {
    "next_free": Bar(floor=6, goal=4, at_most=True),
    "next_free_series": Bar(floor=None, goal=8, at_most=True),
    "booked_95": Bar(floor=1.5, goal=1.1, at_most=True),
    "booked_95_series": Bar(floor=1.5, goal=1.1, at_most=True),
    "calendar": Bar(floor=250, goal=190, at_most=True),
    "day_list": Bar(floor=200, goal=125, at_most=True),
    "growth": Bar(floor=1.5, goal=1.1, at_most=True),
}
DAYS, STARTS = 60, 120  # two vaccines: 240 start times a day
SERIES = Interval(21, 42)
OPEN_DAYS = (30, 58, 59)  # 57 of 60 days full: 95 % of all places


@dataclass(frozen=True)
class Looks:
    """Pages per look."""

    next_free: float
    next_free_series: float
    calendar: int
    day_list: int


def measure(stage: Stage, known: Supply) -> Figure:
    """A tenth of the centers, then all; empty, then 95 % booked; each time after what autovacuum does."""
    total = stage.size(400, 40)
    days = seed.days(known.today + timedelta(days=1), DAYS)
    _publish(known, 0, total // 10, days)
    tenth = _look(known, days[0], total // 10)
    slots = _publish(known, total // 10, total, days) + total // 10 * DAYS * STARTS * 2
    empty = _look(known, days[0], total)
    _fill([day for number, day in enumerate(days) if number not in OPEN_DAYS])
    booked = _look(known, days[OPEN_DAYS[0]], total)
    values = {
        "next_free": empty.next_free,
        "next_free_series": empty.next_free_series,
        "booked_95": booked.next_free / empty.next_free,
        "booked_95_series": booked.next_free_series / empty.next_free_series,
        "calendar": max(empty.calendar, booked.calendar),
        "day_list": max(empty.day_list, booked.day_list),
        "growth": empty.next_free / tenth.next_free,
    }
    return Figure(
        "avail_buffers",
        values,
        BARS,
        {"start_times": slots, "centers": total, "tenth": vars(tenth), "empty": vars(empty), "booked_95": vars(booked)},
    )


def _publish(known: Supply, first: int, last: int, days: Sequence[date]) -> int:
    made = supply.centers(known, first, last)
    number = sum(
        supply.sessions(known, made, Grid(days, starts=STARTS, minutes=5, lines=4, vaccine=vaccine))
        for vaccine in (TWO_DOSES, ONE_DOSE)
    )
    supply.settle()
    return number


def _fill(days: Sequence[date]) -> None:
    """Every place of these days is taken."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE centers_slot SET booked = capacity WHERE (starts_at AT TIME ZONE 'Europe/Berlin')::date = ANY (%s)",
            [list(days)],
        )
    supply.settle()


# --- Looking -----------------------------------------------------------------------------------------------------


def _look(known: Supply, day: date, centers: int) -> Looks:
    """Pages of every read, `day` being a day with free places."""
    center = Center.objects.filter(listed=True).order_by("pk")[centers // 2]
    single, series, nothing = _scope(known, None), _scope(known, SERIES), Scope((), (), Decision())
    bare = _pages(lambda: availability.earliest_by_center(nothing))
    return Looks(
        next_free=(_pages(lambda: availability.earliest_by_center(single)) - bare) / centers,
        next_free_series=(_pages(lambda: availability.earliest_by_center(series)) - bare) / centers,
        calendar=_pages(lambda: availability.days(series, center.pk)),
        day_list=_pages(lambda: availability.times(series, center.pk, day)),
    )


def _scope(known: Supply, interval: Interval | None) -> Scope:
    """What a person may have: one vaccine, from tomorrow on."""
    vaccine = TWO_DOSES if interval else ONE_DOSE
    start = clock.start_of(known.today + timedelta(days=1))
    end = start + timedelta(days=2 * DAYS)
    window = Window(vaccine, known.web, start, end, interval)
    return Scope((window,), (Window(vaccine, known.web, start, end, None),), Decision())


def _pages(read: Callable[[], object]) -> int:
    """The pages that a read of ours looks at, all its queries together; caches of plans and names are warm."""
    with _explained() as found:
        read()
        found.clear()
        read()
    return sum(found)


@contextmanager
def _explained() -> Iterator[list[int]]:
    """Every query is also run under EXPLAIN; the list grows by its pages."""
    found: list[int] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        with connection.connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", params)
            plan = cursor.fetchone()[0][0]["Plan"]
        found.append(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield found
