"""What a center has opened and what of it is taken, day by day: the sums behind week, month and day.

A place stands while its session is published and its slot is not suspended. Of suspended and closed sessions only the
places that somebody holds are counted, so `places == booked + free` everywhere. "Kept" appointments stand without a
place (Appointment.displaced_at); they count as one place and one booking each, so totals add up with them too.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from typing import Any

from django.db.models import Case, Count, F, Max, Min, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from booking import clock
from booking.models import Appointment
from centers.models import Center, Contingent, Session, Slot

STATE = Session.State
STANDS = Q(state=STATE.PUBLISHED, slots__suspended=False)


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of one line. `suspended` are places that nobody holds and nobody can book; no total counts them."""

    places: int = 0
    booked: int = 0
    kept: int = 0
    suspended: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.places + other.places,
            self.booked + other.booked,
            self.kept + other.kept,
            self.suspended + other.suspended,
        )

    @property
    def free(self) -> int:
        return self.places - self.booked

    @property
    def all_places(self) -> int:
        """With one for each who is kept."""
        return self.places + self.kept

    @property
    def expected(self) -> int:
        """People: with a place, and kept without one."""
        return self.booked + self.kept

    @property
    def percent(self) -> int | None:
        """How much of the places is taken, rounded down: 100 means full. None where there are none."""
        return self.booked * 100 // self.places if self.places else None

    @property
    def all_percent(self) -> int | None:
        """The same of everybody, those who are kept too."""
        return self.expected * 100 // self.all_places if self.all_places else None

    @property
    def full(self) -> bool:
        return self.places > 0 and self.free == 0


NOTHING = Tally()
# In the order of Draft, then what decides whether it is one.
COLUMNS = ("block", "date", "starts", "ends", "vaccine__name", "publish_at", "state", "contingent__name")


def total(tallies: Iterable[Tally]) -> Tally:
    return reduce(Tally.__add__, tallies, NOTHING)


@dataclass(frozen=True, slots=True)
class Line:
    """The places of one vaccine in one contingent."""

    contingent: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Group:
    """The places of one vaccine, by contingent."""

    vaccine: str
    lines: tuple[Line, ...]

    @property
    def tally(self) -> Tally:
        return total(line.tally for line in self.lines)


@dataclass(frozen=True, slots=True)
class Draft:
    """An opening that waits: nobody can book it, no total counts it."""

    block: object
    day: date
    starts: time
    ends: time
    vaccine: str
    publish_at: datetime | None


@dataclass(frozen=True, slots=True)
class DaySums:
    """One day. `opened` says whether there is any session that is not a draft and not closed for nobody."""

    day: date
    groups: tuple[Group, ...] = ()
    drafts: tuple[Draft, ...] = ()
    sessions: int = 0
    tally: Tally = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tally", total(group.tally for group in self.groups))

    @property
    def opened(self) -> bool:
        return bool(self.groups)


def groups_of(days: Iterable[DaySums]) -> tuple[Group, ...]:
    """The same lines, summed over the days."""
    sums: dict[tuple[str, str], Tally] = defaultdict(Tally)
    for day in days:
        for group in day.groups:
            for line in group.lines:
                sums[group.vaccine, line.contingent] += line.tally
    return _grouped(sums)


def of_days(center: Center, first: date, last: date) -> list[DaySums]:
    """Every day of the span, both ends included, empty ones too. Two queries."""
    sums: dict[date, dict[tuple[str, str], Tally]] = defaultdict(lambda: defaultdict(Tally))
    drafts: dict[date, dict[object, Draft]] = defaultdict(dict)
    blocks: dict[date, set[object]] = defaultdict(set)
    for *opening, state, contingent, whole, standing, taken in _session_sums(center, first, last):
        draft = Draft(*opening)
        if state == STATE.DRAFT:
            drafts[draft.day].setdefault(draft.block, draft)
        elif state != STATE.CLOSED or taken:
            tally = counted(state, whole=whole, standing=standing, taken=taken)
            sums[draft.day][draft.vaccine, contingent] += tally
            blocks[draft.day].add(draft.block)
    for day, vaccine, contingent, block, number in _kept_sums(center, first, last):
        sums[day][vaccine, contingent] += Tally(kept=number)
        blocks[day].add(block)
    return [
        DaySums(day, _grouped(sums[day]), tuple(drafts[day].values()), len(blocks[day])) for day in span(first, last)
    ]


def span(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def counted(state: str, *, whole: int, standing: int, taken: int) -> Tally:
    """Of `whole` places that there ever were `standing` are open or held, and `taken` held."""
    suspended = whole - standing if state != STATE.CLOSED else 0
    return Tally(places=standing, booked=taken, suspended=suspended)


def kept_at(center: Center, first: date, last: date) -> QuerySet[Appointment]:
    """The appointments of these days that stand without a place."""
    return Appointment.objects.live().filter(
        displaced_at__isnull=False, slot__session__center=center, slot__session__date__range=(first, last)
    )


def _session_sums(center: Center, first: date, last: date) -> list[tuple[Any, ...]]:
    """Session by session, in order of time: the columns of COLUMNS, then whole, standing, taken."""
    sessions = Session.objects.filter(center=center, date__range=(first, last)).order_by("date", "starts", "pk")
    return list(
        sessions.annotate(
            whole=Coalesce(Sum("slots__capacity"), 0),
            standing=Coalesce(Sum(Case(When(STANDS, then="slots__capacity"), default="slots__booked")), 0),
            taken=Coalesce(Sum("slots__booked"), 0),
        ).values_list(*COLUMNS, "whole", "standing", "taken")
    )


def _kept_sums(center: Center, first: date, last: date) -> list[tuple[Any, ...]]:
    """Day, vaccine, contingent, block, number."""
    columns = [f"slot__session__{name}" for name in ("date", "vaccine__name", "contingent__name", "block")]
    kept = kept_at(center, first, last).order_by().values(*columns).annotate(number=Count("pk"))
    return list(kept.values_list(*columns, "number"))


def _grouped(sums: dict[tuple[str, str], Tally]) -> tuple[Group, ...]:
    lines: dict[str, list[Line]] = defaultdict(list)
    for (vaccine, contingent), tally in sorted(sums.items()):
        lines[vaccine].append(Line(contingent, tally))
    return tuple(Group(vaccine, tuple(listed)) for vaccine, listed in lines.items())


# --- What needs somebody's hand -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FallBack:
    """Free places of a contingent that go to another one today, between two moments."""

    day: date
    contingent: str
    to: str
    from_at: datetime
    until_at: datetime
    places: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Openings that are still drafts, from today on."""

    openings: int
    first_day: date
    opens_at: datetime | None
    """When the next one opens by itself."""


def falling_back(center: Center, *, now: datetime) -> list[FallBack]:
    """What falls to another contingent between now and the end of the day. Two queries, one where nothing can fall."""
    falling = Contingent.objects.filter(falls_back_before__isnull=False).values_list("pk", "falls_back_before")
    rules = {pk: before for pk, before in falling if before is not None}
    if not rules:
        return []
    now, midnight = now.astimezone(UTC), clock.end_of(clock.local_day(now)).astimezone(UTC)  # sums in hours that pass
    soon = Q(pk__in=[])
    for pk, before in rules.items():
        low, high = now + before, midnight + before
        days = (clock.local_day(low), clock.local_day(high))
        soon |= Q(contingent=pk, session__date__range=days, starts_at__gte=low, starts_at__lt=high)
    names = ("session__date", "contingent__name", "contingent__falls_back_to__name", "contingent_id")
    rows = (
        Slot.objects.filter(soon, session__center=center, session__state=STATE.PUBLISHED, is_open=True)
        .order_by(*names)
        .values(*names)
        .annotate(first=Min("starts_at"), last=Max("starts_at"), places=Sum(F("capacity") - F("booked")))
    )
    return [
        FallBack(day, name, to, first - rules[pk], last - rules[pk], places)
        for day, name, to, pk, first, last, places in rows.values_list(*names, "first", "last", "places")
    ]


def waiting(center: Center, *, on: date) -> Waiting | None:
    """The drafts of days that are still to come. One query."""
    found = Session.objects.filter(center=center, state=STATE.DRAFT, date__gte=on).aggregate(
        openings=Count("block", distinct=True), first_day=Min("date"), opens_at=Min("publish_at")
    )
    return Waiting(**found) if found["openings"] else None
