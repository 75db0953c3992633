"""How much of its places each contingent used, for planners: opened, fallen to others, booked, unused.

In every line and every sum `opened + fallen == places == booked + unused`; `fallen` adds up to 0 over the contingents
of a center and week. Places count as everywhere (booking/overview.py): of suspended and closed sessions only what
somebody has.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from django.db.models import Case, Count, Sum, When
from django.db.models.functions import Coalesce

from booking.models import Appointment
from booking.overview import STANDS
from centers.models import Center, Session

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Use:
    """`fallen` came from other contingents, below 0 went to them; both are in `places`."""

    places: int = 0
    booked: int = 0
    fallen: int = 0

    def __add__(self, other: "Use") -> "Use":
        return Use(self.places + other.places, self.booked + other.booked, self.fallen + other.fallen)

    @property
    def opened(self) -> int:
        return self.places - self.fallen

    @property
    def unused(self) -> int:
        return self.places - self.booked

    @property
    def percent(self) -> int | None:
        """How much of the places is booked, rounded down."""
        return self.booked * 100 // self.places if self.places else None


@dataclass(frozen=True, slots=True)
class Line:
    """One contingent of one center in one week, which begins on `monday`."""

    center: str
    monday: date
    contingent: str
    use: Use


def of(first: date, last: date, *, center: Center | None = None) -> list[Line]:
    """Center by center, week by week, contingent by contingent; at one center or at all. One query."""
    sessions = Session.objects.filter(date__range=(first, last)).exclude(state=Session.State.DRAFT)
    if center is not None:
        sessions = sessions.filter(center=center)
    rows = sessions.order_by("pk").annotate(
        standing=Coalesce(Sum(Case(When(STANDS, then="slots__capacity"), default="slots__booked")), 0),
        taken=Coalesce(Sum("slots__booked"), 0),
    )
    columns = ("center__name", "date", "contingent__name", "state", "fallen", "standing", "taken")
    sums: dict[tuple[str, date, str], Use] = defaultdict(Use)
    for name, day, contingent, state, fallen, standing, taken in rows.values_list(*columns):
        moved = fallen if state == Session.State.PUBLISHED else 0
        sums[name, day - timedelta(days=day.weekday()), contingent] += Use(standing, taken, moved)
    return [Line(*key, use) for key, use in sorted(sums.items()) if use != Use()]


def by(lines: Iterable[Line], key: Callable[[Line], K]) -> dict[K, Use]:
    """The sums of the lines that have this in common, in their order."""
    found: dict[K, Use] = defaultdict(Use)
    for line in lines:
        found[key(line)] += line.use
    return dict(found)


def total(lines: Iterable[Line]) -> Use:
    return sum((line.use for line in lines), Use())


def channels(first: date, last: date, *, center: Center | None = None) -> Counter[tuple[str, str]]:
    """(contingent, channel) -> appointments with a place, by the way in which they were booked. One query."""
    live = Appointment.objects.live().filter(slot__session__date__range=(first, last), displaced_at__isnull=True)
    if center is not None:
        live = live.filter(slot__session__center=center)
    columns = ("slot__session__contingent__name", "channel")
    counted = live.order_by().values(*columns).annotate(number=Count("pk")).values_list(*columns, "number")
    return Counter({(contingent, channel): number for contingent, channel, number in counted})
