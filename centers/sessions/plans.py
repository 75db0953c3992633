"""What somebody wants to open: a plan of days, hours, lines and shares, and the sessions that there are as plans."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from uuid import UUID

from centers.models import Center, Contingent, Session, Vaccine
from centers.sessions import grid
from centers.sessions.grid import Capacity, Hours


@dataclass(frozen=True)
class Share:
    """So many of each day's places are for this contingent."""

    contingent: Contingent
    places: int


@dataclass(frozen=True)
class Plan:
    """One opening, the same on every one of `days`. Each day becomes one block: a session for every share."""

    center: Center
    vaccine: Vaccine
    days: tuple[date, ...]
    hours: Hours
    lines: int
    first_line: int
    shares: tuple[Share, ...]

    @property
    def last_line(self) -> int:
        return self.first_line + self.lines - 1

    @cached_property
    def capacity(self) -> Capacity:
        """What it comes to; Refused when the hours make no grid."""
        times = len(grid.start_times(self.hours))
        return Capacity(times, self.lines, len(self.days), self.vaccine.doses_per_vial)

    @property
    def wanted(self) -> dict[date, int]:
        """New places per day: what supply has to cover."""
        return dict.fromkeys(self.days, self.capacity.per_day)

    @cached_property
    def grid(self) -> list[tuple[int, ...]]:
        """For each start time the places of each share; Refused when the shares do not add up."""
        return grid.distribute(self.capacity.times, self.lines, [share.places for share in self.shares])

    def slots(self, day: date) -> Iterator[tuple[Share, datetime, int]]:
        """(share, start, places) of one day; a share without a place at a start time is left out."""
        for start, row in zip(grid.instants(self.hours, day), self.grid, strict=True):
            yield from ((share, start, places) for share, places in zip(self.shares, row, strict=True) if places)

    def words(self) -> dict[str, object]:
        """For the audit trail."""
        rest = self.hours
        return {
            "vaccine": self.vaccine.pk,
            "days": [day.isoformat() for day in self.days],
            "hours": f"{rest.starts:%H:%M}-{rest.ends:%H:%M}",
            "break": f"{rest.break_starts:%H:%M}-{rest.break_ends:%H:%M}" if rest.break_starts else "",
            "minutes": rest.minutes,
            "lines": [self.first_line, self.last_line],
            "shares": {share.contingent.code: share.places for share in self.shares if share.places},
        }


def hours_of(session: Session) -> Hours:
    return Hours(session.starts, session.ends, session.slot_minutes, session.break_starts, session.break_ends)


def places_of(session: Session) -> int:
    """Its share of the day's places; all of them when it shares with nobody."""
    if session.places is not None:
        return session.places
    return len(grid.start_times(hours_of(session))) * session.lines


def plan_of(rows: list[Session]) -> Plan:
    """The rows of one block, as the plan that would make them; they come with center, vaccine and contingent.

    Its shares are those of the opening: what fell to another one for want of bookings is where it was meant to be.
    """
    first = rows[0]
    hours = hours_of(first)
    total = len(grid.start_times(hours)) * first.lines
    # Capacity that was changed later leaves shares which no longer add up: their proportion stays.
    places = grid.by_weight(total, [max(places_of(row) - row.fallen, 0) for row in rows])
    shares = tuple(Share(row.contingent, share) for row, share in zip(rows, places, strict=True))
    return Plan(first.center, first.vaccine, (first.date,), hours, first.lines, first.first_line, shares)


def blocks(sessions: Iterable[Session]) -> dict[UUID, list[Session]]:
    """The sessions by block, in the order of date and time."""
    rows = sorted(sessions, key=lambda one: (one.date, one.starts, one.first_line, str(one.block), one.pk))
    return {block: list(same) for block, same in groupby(rows, key=lambda one: one.block)}


def places_per_day(sessions: Iterable[Session]) -> Mapping[date, int]:
    """Places of each day, for the question whether supply covers them."""
    found: dict[date, int] = {}
    for session in sessions:
        found[session.date] = found.get(session.date, 0) + places_of(session)
    return found
