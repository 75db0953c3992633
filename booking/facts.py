"""The dated facts that every decision stands on, as one snapshot in this process.

Regulations, openings, vaccine rules and contingents are a few hundred rows that change a few times a month and are
asked for in every request. They are read again at most `MAX_AGE` seconds later, so a change counts everywhere within
that time (ADR 4); the claim itself is always made against the database.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from centers import facts as supply
from centers.models import Contingent
from centers.vaccines import VaccineRules
from priority import facts as demand
from priority.openings import OpeningRule
from priority.rules import RegulationRules

MAX_AGE = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class ContingentRule:
    """Who a share of places is for; see centers.models.Contingent."""

    pk: int
    code: str
    channels: frozenset[str]
    min_birth_year: int | None
    max_birth_year: int | None
    max_level: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    falls_back_to: int | None
    falls_back_before: timedelta | None

    def is_open(self, now: datetime) -> bool:
        """True when the contingent can be booked at `now`, in whatever way."""
        return (self.opens_at is None or self.opens_at <= now) and (self.closes_at is None or now < self.closes_at)

    def takes(self, channel: str, now: datetime) -> bool:
        """True when the contingent can be booked this way at `now`."""
        return self.is_open(now) and channel in self.channels

    def fits(self, birth_date: date, level: int) -> bool:
        """True when the contingent is for a person of this birth year and group."""
        return (
            (self.min_birth_year is None or self.min_birth_year <= birth_date.year)
            and (self.max_birth_year is None or birth_date.year <= self.max_birth_year)
            and (self.max_level is None or level <= self.max_level)
        )


@dataclass(frozen=True)
class Facts:
    """Everything `entitlement` needs besides the person, the place and the moment."""

    regulations: tuple[RegulationRules, ...]
    openings: tuple[OpeningRule, ...]
    vaccines: dict[str, VaccineRules]
    contingents: dict[int, ContingentRule]

    @cached_property
    def turning_days(self) -> frozenset[date]:
        """Every day from which on some dated fact counts or no longer counts; between two of them nothing changes."""
        return frozenset(_regulation_turns(self.regulations)) | frozenset(_vaccine_turns(self.vaccines.values()))


def _regulation_turns(regulations: Iterable[RegulationRules]) -> Iterator[date]:
    for regulation in regulations:
        dated = [(one.valid_from, one.valid_until) for one in regulation.criteria]
        for valid_from, valid_until in [(regulation.valid_from, regulation.valid_until), *dated]:
            if valid_from is not None:
                yield valid_from
            if valid_until is not None:
                yield valid_until + timedelta(days=1)


def _vaccine_turns(vaccines: Iterable[VaccineRules]) -> Iterator[date]:
    for vaccine in vaccines:
        yield from (rule.valid_from for rule in vaccine.age_rules)
        yield from (rule.valid_from for rule in vaccine.interval_rules)
        for pause in vaccine.pauses:
            yield pause.starts_on
            if pause.ends_on is not None:
                yield pause.ends_on + timedelta(days=1)


_lock = threading.Lock()
_snapshot: tuple[float, Facts] | None = None


def load() -> Facts:
    """The facts as of now, at most `MAX_AGE` seconds old."""
    global _snapshot
    held = _snapshot
    if held is not None and time.monotonic() - held[0] < MAX_AGE:
        return held[1]
    with _lock:
        if _snapshot is None or time.monotonic() - _snapshot[0] >= MAX_AGE:
            _snapshot = (time.monotonic(), read())
        return _snapshot[1]


def forget() -> None:
    """Drop the snapshot: after loading facts in this process, and between tests."""
    global _snapshot
    _snapshot = None


def read() -> Facts:
    """The facts straight from the database."""
    return Facts(
        regulations=demand.regulations(),
        openings=demand.openings(),
        vaccines=supply.vaccines(),
        contingents={row.pk: _contingent(row) for row in Contingent.objects.order_by("pk")},
    )


def _contingent(row: Contingent) -> ContingentRule:
    return ContingentRule(
        pk=row.pk,
        code=row.code,
        channels=frozenset(row.channels),
        min_birth_year=row.min_birth_year,
        max_birth_year=row.max_birth_year,
        max_level=row.max_level,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        falls_back_to=row.falls_back_to_id,
        falls_back_before=row.falls_back_before,
    )
