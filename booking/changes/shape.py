"""Another shape for one opening: fewer or more lines, other hours. Existing bookings keep their start times.

The sessions of a block are the shares of one opening: they have hours, minutes and lines in common, and at each start
time their capacities add up to the lines. Taking lines away takes free places first, so that as few people as possible
lose theirs; what is added is shared out in proportion to what each share has.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.utils.translation import gettext as _

from accounts.refusals import Refused
from booking.changes.wish import Wish
from booking.models import Appointment
from centers.models import Session
from centers.sessions import grid
from centers.sessions.grid import Hours

Row = tuple[int, int, datetime, int, int]  # slot, session, start, capacity, booked
Key = tuple[int, datetime]  # session, start


@dataclass(frozen=True, slots=True)
class Shape:
    """Hours and lines as they will be; `on_grid` is the start from which start times are counted."""

    starts: time
    ends: time
    lines: int
    break_starts: time | None
    break_ends: time | None
    minutes: int
    on_grid: time


def of(sessions: Sequence[Session], wish: Wish) -> Shape:
    """The new shape; Refused when it makes no sense, or does not fit the bookings that stand.

    `alternatives` of the refusal `off_grid` are the two nearest times that fit.
    """
    old = sessions[0]
    starts, ends, lines = wish.starts or old.starts, wish.ends or old.ends, wish.lines or old.lines
    if not 1 <= lines <= grid.MOST_LINES:
        raise Refused("lines", _("Please give a number of lines from 1 to %(most)d.") % {"most": grid.MOST_LINES})
    if ends <= starts:
        raise Refused("ends", _("The session would end before it starts. Please swap or correct the times."))
    kept = Appointment.objects.filter(slot__session__in=[one.pk for one in sessions]).exists()
    inside = (
        old.break_starts is not None and old.break_ends is not None
        and starts < old.break_starts and old.break_ends < ends
    )  # fmt: skip
    shape = Shape(
        starts, ends, lines, old.break_starts if inside else None, old.break_ends if inside else None,
        old.slot_minutes, old.starts if kept else starts,
    )  # fmt: skip
    if starts != old.starts:
        _check("starts", starts, _fitting(old, shape))
    if ends != old.ends:
        _check("ends", ends, _fitting(old, shape))
    return shape


def capacities(sessions: Sequence[Session], rows: Sequence[Row], wish: Wish, *, now: datetime) -> dict[Key, int]:
    """What each start time to come holds afterwards, new ones included; what is not named holds nothing any more."""
    if not sessions:
        return {}
    shape = of(sessions, wish)
    standing: dict[datetime, dict[int, tuple[int, int]]] = defaultdict(dict)
    for _slot, session, start, capacity, booked in rows:
        standing[start][session] = (capacity, booked)
    wanted = _wanted(sessions[0], shape, set(standing), now=now)
    weights = _weights(sessions, rows)
    found: dict[Key, int] = {}
    fresh = [start for start in wanted if not any(capacity for capacity, _b in standing[start].values())]
    shares = grid.by_weight(len(fresh) * shape.lines, weights)
    for start, row in zip(fresh, grid.distribute(len(fresh), shape.lines, shares), strict=True):
        found.update({(session.pk, start): number for session, number in zip(sessions, row, strict=True)})
    for start in set(wanted) - set(fresh):
        found.update({(pk, start): number for pk, number in _resized(standing[start], shape.lines).items()})
    return found


def _wanted(old: Session, shape: Shape, standing: set[datetime], *, now: datetime) -> list[datetime]:
    """Start times that stand and lie inside the new hours; new ones only where it was not open before, or when nothing
    is booked and the start times are counted anew.
    """
    begins, ends = (datetime.combine(old.date, at, tzinfo=grid.ZONE) for at in (old.starts, old.ends))
    anew = shape.on_grid != old.starts
    found = [start for start in _instants(old, shape) if start > now]
    if anew:
        return found
    low, high = (datetime.combine(old.date, at, tzinfo=grid.ZONE) for at in (shape.starts, shape.ends))
    added = {start for start in found if not begins <= start < ends}
    return sorted(added | {start for start in standing if low <= start < high})


def _weights(sessions: Sequence[Session], rows: Sequence[Row]) -> list[int]:
    total: dict[int, int] = defaultdict(int)
    for _slot, session, _start, capacity, _booked in rows:
        total[session] += capacity
    found = [session.places or total[session.pk] for session in sessions]
    return found if any(found) else [1] * len(sessions)


def _resized(shares: Mapping[int, tuple[int, int]], lines: int) -> dict[int, int]:
    """The capacities of one start time with so many lines in all."""
    sizes = {pk: capacity for pk, (capacity, _booked) in shares.items()}
    extra = lines - sum(sizes.values())
    if extra > 0:
        added = grid.by_weight(extra, list(sizes.values()))
        return {pk: size + more for (pk, size), more in zip(sizes.items(), added, strict=True)}
    for _number in range(-extra):
        # The share with most free places gives one; when nothing is free, the one with most places.
        pk = max(sizes, key=lambda one: (sizes[one] - shares[one][1], sizes[one], -one))
        sizes[pk] -= 1
    return sizes


def _instants(session: Session, shape: Shape) -> list[datetime]:
    """Start times of the day, as moments: counted from `on_grid` before the break, and from its end after it."""
    return [
        moment
        for minute in _fitting(session, shape)
        if _minute(shape.starts) <= minute and minute + shape.minutes <= _minute(shape.ends)
        for moment in grid.instants(Hours(_time(minute), _time(minute + shape.minutes), shape.minutes), session.date)
    ]


def _fitting(session: Session, shape: Shape) -> list[int]:
    """Every minute of the day at which a place may begin, the break left out."""
    step, last = shape.minutes, 24 * 60 - shape.minutes - 1
    if session.break_starts is None or session.break_ends is None:
        return list(range(_minute(shape.on_grid) % step, last + 1, step))
    pause, again = _minute(session.break_starts), _minute(session.break_ends)
    before = range(_minute(shape.on_grid) % step, pause - step + 1, step)
    return [*before, *range(again, last + 1, step)]


def _check(name: str, asked: time, fitting: Sequence[int]) -> None:
    """A start must be one of the minutes, an end the end of one."""
    minute = _minute(asked)
    step = fitting[1] - fitting[0]
    edges = sorted({*fitting, *(one + step for one in fitting if one + step < 24 * 60)}) if name == "ends" else fitting
    if minute in edges:
        return
    below = max((one for one in edges if one < minute), default=None)
    above = min((one for one in edges if one > minute), default=None)
    near = [_time(one) for one in (below, above) if one is not None]
    words = _("%(time)s does not fit the start times of the bookings that stand. These would: %(near)s.")
    told = _(" or ").join(f"{one:%H:%M}" for one in near)
    raise Refused(f"off_grid_{name}", words % {"time": f"{asked:%H:%M}", "near": told}, alternatives=near)


def _minute(value: time) -> int:
    return value.hour * 60 + value.minute


def _time(minute: int) -> time:
    return time(*divmod(minute, 60))
