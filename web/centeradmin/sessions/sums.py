"""What the answers so far come to: the panel "That makes" beside every page of the wizard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from accounts.refusals import Refused
from centers.models import Center, Vaccine
from centers.sessions import drafts, grid
from centers.sessions.grid import ZONE, Hours
from centers.supply import cover
from centers.supply.cover import Cover
from centers.supply.ledger import Vials


@dataclass(frozen=True)
class Part:
    """So many days with so many places."""

    days: int
    places: int
    first: date
    last: date


@dataclass(frozen=True)
class Sums:
    """Figures as far as they are known; `problem` says why they are not. `times` is 0 before the hours are known."""

    days: tuple[date, ...]
    hours: Hours | None
    times: int
    lines: int
    vaccine: Vaccine | None
    vials: Vials | None
    cover: Cover | None
    problem: str = ""

    @property
    def per_day(self) -> int:
        return self.times * self.lines

    @property
    def total(self) -> int:
        return self.per_day * len(self.days)

    @property
    def missing(self) -> str:
        """What supply lacks, in words; "" when it covers everything."""
        return cover.words(self.cover) if self.cover else ""

    @property
    def missing_later(self) -> bool:
        """True when these days themselves are covered, but sessions that are published for later would lack it."""
        return bool(self.missing) and self.cover is not None and not any(week.is_short for week in self.cover.weeks)

    @property
    def covered(self) -> Part | None:
        """The part that supply covers when it does not cover all; None when it covers all, or nothing."""
        if self.cover is None or self.cover.covered or self.cover.covered_until is None:
            return None
        return self._part([day for day in self.days if day <= self.cover.covered_until])

    @property
    def uncovered(self) -> Part | None:
        if self.cover is None or self.cover.covered:
            return None
        until = self.cover.covered_until or date.min
        return self._part([day for day in self.days if day > until])

    def _part(self, days: Sequence[date]) -> Part:
        return Part(len(days), len(days) * self.per_day, days[0], days[-1])


def of(center: Center, data: Mapping[str, Any], *, now: datetime) -> Sums:
    """Read supply and count; never raises for answers that do not fit."""
    days, hours = drafts.days_of(data), drafts.hours_of(data)
    lines = data["times"]["lines"] if hours else 0
    vaccine = Vaccine.objects.filter(pk=data.get("vaccine", "")).first()
    known = Sums(days, hours, 0, lines, vaccine, None, None)
    if hours is None:
        return known
    try:
        grid.check_lines(lines)
        times = len(grid.start_times(hours))
    except Refused as refusal:
        return replace(known, problem=str(refusal))
    known = replace(known, times=times)
    if vaccine is None or not days:
        return known
    wanted = dict.fromkeys(days, known.per_day)
    vials = cover.ledger.vials(known.per_day, vaccine.doses_per_vial)
    return replace(known, vials=vials, cover=cover.check(center, vaccine, wanted, on=now.astimezone(ZONE).date()))
