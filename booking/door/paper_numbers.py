"""What a day asks of a center before anybody comes: its sessions in numbers, and how many vials they take."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

from django.db.models import Q, Sum

from centers.models import Session, Slot, Vaccine


@dataclass(frozen=True, slots=True)
class SessionNumbers:
    """One opening with all its contingents; `places` are those that can still be given or are taken."""

    starts: time
    ends: time
    vaccine: str
    lines: int
    places: int
    booked: int
    suspended: bool


@dataclass(frozen=True, slots=True)
class Vials:
    """The doses of one vaccine, and the vials they come from; `left` are the doses over in the last one."""

    vaccine: str
    first: int
    second: int
    vials: int
    left: int

    @property
    def doses(self) -> int:
        return self.first + self.second


def sessions(center_id: int, day: date) -> list[SessionNumbers]:
    """The openings of the day that are published or suspended, by time."""
    shown = Q(session__state=Session.State.PUBLISHED) | Q(session__state=Session.State.SUSPENDED)
    rows = (
        Slot.objects.filter(shown, session__center=center_id, session__date=day)
        .values("session__block", "session__starts", "session__ends", "session__lines", "vaccine__name")
        .annotate(places=Sum("capacity"), taken=Sum("booked"), open=Sum("capacity", filter=Q(suspended=False)))
        .order_by("session__starts", "vaccine__name", "session__block")
    )
    return [
        SessionNumbers(
            starts=row["session__starts"],
            ends=row["session__ends"],
            vaccine=row["vaccine__name"],
            lines=row["session__lines"],
            places=row["places"],
            booked=row["taken"],
            suspended=not row["open"],
        )
        for row in rows
    ]


def vials(doses: Iterable[tuple[str, int]]) -> list[Vials]:
    """What is needed for these doses, given as (name of the vaccine, number of the dose)."""
    counted = Counter((name, min(number, 2)) for name, number in doses)
    sizes = dict(Vaccine.objects.values_list("name", "doses_per_vial"))
    return [_vials(name, counted[name, 1], counted[name, 2], sizes[name]) for name in sorted({n for n, _ in counted})]


def _vials(vaccine: str, first: int, second: int, size: int) -> Vials:
    vials = -(-(first + second) // size)
    return Vials(vaccine=vaccine, first=first, second=second, vials=vials, left=vials * size - first - second)
