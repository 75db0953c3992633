"""The call center in figures, for its lead. Nobody who called is in them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, F, Min, Sum

from booking import clock
from booking.models import Call
from booking.services import call_backs
from centers.models import Channel, Session, Slot

AHEAD = timedelta(days=14)
# From the first page of a person to the end. One reading for every sum of the table, its edges included.
HANDLED = """
SELECT staff.id, concat_ws(' ', nullif(staff.first_name, ''), coalesce(nullif(staff.last_name, ''), staff.username)),
       extract(hour FROM call.opened_at AT TIME ZONE %s)::int, count(*)::int,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM call.done_at - call.opened_at))
  FROM booking_call AS call JOIN accounts_user AS staff ON staff.id = call.agent_id
 WHERE call.opened_at >= %s AND call.opened_at < %s AND call.done_at IS NOT NULL
 GROUP BY GROUPING SETS ((1, 2, 3), (1, 2), (3), ())
"""


class Sums(NamedTuple):
    """Calls, and the median of their length in seconds (None without a call)."""

    calls: int = 0
    median: float | None = None


@dataclass(frozen=True)
class Handled:
    """Calls of a day by agent and hour. `cells` has (agent, hour), `agents` and `hours` are the edges of the table."""

    agents: list[tuple[int, str, Sums]]
    hours: list[tuple[int, Sums]]
    cells: dict[tuple[int, int], int]
    total: Sums


@dataclass(frozen=True)
class Waiting:
    """Call-backs: how many may be called now, since when the oldest one waits, how many rest after a vain try."""

    number: int
    since: datetime | None
    resting: int


@dataclass(frozen=True)
class Left:
    """Places that callers may have at one center in the next days; `first` is the earliest free one."""

    center: str
    places: int
    free: int
    first: datetime | None


def handled(*, now: datetime) -> Handled:
    """The calls that began today and are over. One query."""
    today = clock.local_day(now)
    first, last = clock.start_of(today), clock.end_of(today)
    agents, hours, cells, total = [], [], {}, Sums()
    with connection.cursor() as cursor:
        cursor.execute(HANDLED, [str(clock.ZONE), first, last])
        for agent, name, hour, calls, median in cursor.fetchall():
            if agent is not None and hour is not None:
                cells[agent, hour] = calls
            elif agent is not None:
                agents.append((agent, name, Sums(calls, median)))
            elif hour is not None:
                hours.append((hour, Sums(calls, median)))
            else:
                total = Sums(calls, median)
    return Handled(sorted(agents, key=lambda one: (one[1], one[0])), sorted(hours), cells, total)


def running() -> int:
    """Calls that are going on."""
    return Call.objects.filter(done_at__isnull=True).count()


def waiting(*, now: datetime) -> Waiting:
    """Two queries."""
    found = call_backs.waiting(now).order_by().aggregate(number=Count("pk"), since=Min("created_at"))
    return Waiting(found["number"], found["since"], call_backs.resting(now).count())


def left(*, now: datetime) -> list[Left]:
    """Every center that has places for callers in the next fourteen days, by name. Two queries."""
    places = Slot.objects.filter(
        contingent__channels__contains=[Channel.PHONE],
        session__state=Session.State.PUBLISHED,
        suspended=False,
        starts_at__gt=now,
        starts_at__lte=now + AHEAD,
    ).order_by()
    names = ("center", "center__name")
    sums = places.values(*names).annotate(all=Sum("capacity"), free=Sum(F("capacity") - F("booked")))
    free = places.filter(is_open=True).values("center").annotate(first=Min("starts_at"))
    first = dict(free.values_list("center", "first"))
    rows = sums.order_by("center__name", "center").values_list("center", "center__name", "all", "free")
    return [Left(name, number, free, first.get(pk)) for pk, name, number, free in rows]
