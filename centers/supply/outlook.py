"""What the ledger means: how long the stock reaches, how much may still be given away, which sessions it fails."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import groupby

from django.db.models import Max, Min, Sum
from django.db.models.functions import Coalesce

from centers.models import Center, Session
from centers.supply import stock
from centers.supply.ledger import Day, Gap, Kind
from centers.supply.stock import Stock


@dataclass(frozen=True, slots=True)
class Outlook:
    """One vaccine from its day on. `days` reach to the last thing that is known.

    `there` lies in the refrigerator this morning: received, not lost, and not used up by the places of the days before.
    `spare` may still be given away, now or on any later day. `enough_until` is the last day before doses are missing,
    None while none are. `last_places` is the last day with places that somebody has or can book.
    """

    stock: Stock
    days: tuple[Day, ...]
    gaps: tuple[Gap, ...]
    there: int
    spare: int
    enough_until: date | None
    last_places: date | None

    @property
    def held(self) -> int:
        """Doses held back for second doses tonight."""
        return self.days[0].reserved if self.days else 0

    @property
    def missing(self) -> int:
        return max((gap.missing for gap in self.gaps), default=0)


@dataclass(frozen=True, slots=True)
class Uncovered:
    """An opening on a day on which doses are missing; `places` with those `booked`."""

    vaccine: str
    on: date
    starts: time
    ends: time
    places: int
    booked: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An opening that waits to be published; `covered` when it could be, beside the covered ones before it."""

    vaccine: str
    on: date
    starts: time
    ends: time
    places: int
    covered: bool


def of(found: Stock) -> Outlook:
    """Pure."""
    days = tuple(found.days(since=found.on))
    gaps = tuple(found.gaps())
    with_places = [day.on for day in days if day.places]
    return Outlook(
        stock=found,
        days=days,
        gaps=gaps,
        there=_there(found),
        spare=min((day.left for day in days), default=0),
        enough_until=gaps[0].first - timedelta(days=1) if gaps else None,
        last_places=max(with_places, default=None),
    )


def of_center(center: Center, *, on: date) -> list[Outlook]:
    """Every vaccine of the center, by name."""
    return [of(found) for found in stock.of_center(center, on=on)]


def uncovered(center: Center, outlooks: Iterable[Outlook]) -> list[Uncovered]:
    """The published openings on days on which doses are missing, by vaccine and time. One query, or none."""
    gaps = {outlook.stock.vaccine.pk: outlook.gaps for outlook in outlooks if outlook.gaps}
    if not gaps:
        return []
    everything = [gap for row in gaps.values() for gap in row]
    rows = (
        Session.objects.filter(
            center=center,
            vaccine__in=list(gaps),
            state=Session.State.PUBLISHED,
            date__range=(min(gap.first for gap in everything), max(gap.last for gap in everything)),
            slots__suspended=False,
        )
        .values("vaccine_id", "date", "block")
        .annotate(first=Min("starts"), last=Max("ends"), all=Sum("slots__capacity"), used=Sum("slots__booked"))
        .order_by("vaccine_id", "date", "first", "block")
    )
    return [
        Uncovered(row["vaccine_id"], row["date"], row["first"], row["last"], row["all"], row["used"])
        for row in rows
        if any(gap.first <= row["date"] <= gap.last for gap in gaps[row["vaccine_id"]])
    ]


def drafts(center: Center, outlooks: Iterable[Outlook]) -> list[Draft]:
    """The drafts to come, by vaccine and time: what a delivery that is confirmed now would let somebody publish.
    One query.
    """
    known = {outlook.stock.vaccine.pk: outlook.stock for outlook in outlooks}
    rows = (
        Session.objects.filter(center=center, vaccine__in=list(known), state=Session.State.DRAFT)
        .values("vaccine_id", "date", "block")
        .annotate(first=Min("starts"), last=Max("ends"), all=Coalesce(Sum("slots__capacity"), 0))
        .order_by("vaccine_id", "date", "first", "block")
    )
    found: list[Draft] = []
    for vaccine, listed in groupby(rows, key=lambda row: str(row["vaccine_id"])):
        of_vaccine = [row for row in listed if row["date"] >= known[vaccine].on]
        slack, promised = _slack(known[vaccine], [row["date"] for row in of_vaccine]), 0
        for row in of_vaccine:
            covered = promised + row["all"] <= slack[row["date"]]
            promised += row["all"] if covered else 0
            found.append(Draft(vaccine, row["date"], row["first"], row["last"], row["all"], covered))
    return found


def _slack(found: Stock, asked: list[date]) -> dict[date, int]:
    """For each day that is asked about: what may still be given away on it without emptying a later day."""
    if not asked:
        return {}
    days = found.days(since=found.on, until=max([*asked, *(entry.on for entry in found.entries)]))
    slack, lowest = dict.fromkeys(asked, 0), None
    for day in reversed(days):
        lowest = day.left if lowest is None else min(lowest, day.left)
        if day.on in slack:
            slack[day.on] = lowest
    return slack


def _there(found: Stock) -> int:
    came = sum(entry.doses for entry in found.entries if entry.kind == Kind.RECEIVED and entry.on <= found.on)
    lost = sum(entry.doses for entry in found.entries if entry.kind == Kind.WASTED and entry.on <= found.on)
    used = sum(entry.doses for entry in found.entries if entry.kind == Kind.BOOKED and entry.on < found.on)
    return came - lost - used
