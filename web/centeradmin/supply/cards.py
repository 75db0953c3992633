"""What the pages of supply show: a card per vaccine, and a line per delivery."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from centers.models import Center, Delivery
from centers.supply import outlook, stock
from centers.supply.ledger import Day, Gap, Vials, vials
from centers.supply.outlook import Draft, Outlook, Uncovered
from web.access import TABLE, may

CHANGES = "centeradmin:changes"


@dataclass(frozen=True)
class Line:
    """A day of the table. `vials` are those that its places need, None on a day without places or of the past."""

    day: Day
    today: bool
    vials: Vials | None

    @property
    def is_short(self) -> bool:
        return self.day.left < 0


@dataclass(frozen=True)
class Card:
    """A vaccine, with the openings it fails, and the drafts that wait. `change_url` leads to the wizard that moves
    people; "" without one.
    """

    outlook: Outlook
    uncovered: tuple[Uncovered, ...]
    change_url: str
    drafts: tuple[Draft, ...] = ()

    @property
    def ready(self) -> list[Draft]:
        """Drafts that supply covers now."""
        return [draft for draft in self.drafts if draft.covered]

    @property
    def ready_places(self) -> int:
        return sum(draft.places for draft in self.ready)

    @property
    def not_ready(self) -> int:
        return len(self.drafts) - len(self.ready)

    @property
    def first_gap(self) -> Gap:
        return self.outlook.gaps[0]

    @property
    def last_short(self) -> date:
        return self.outlook.gaps[-1].last

    @property
    def places(self) -> int:
        return sum(one.places for one in self.uncovered)

    @property
    def booked(self) -> int:
        return sum(one.booked for one in self.uncovered)

    @property
    def culprits(self) -> list[Delivery]:
        """Deliveries that would help and do not count, or come later than promised: up to the last short day."""
        found = self.outlook.stock
        waiting = [one for one in found.deliveries if one in found.unconfirmed() or found.late(one)]
        return [one for one in waiting if one.first_due_on <= self.last_short]

    @property
    def week(self) -> list[Line]:
        """Today and the six days after it."""
        return lines(self.outlook.stock, since=self.outlook.stock.on, days=7)


@dataclass(frozen=True)
class Row:
    """A delivery in the list, with what is the matter with it."""

    delivery: Delivery
    vaccine: str
    late: bool
    overdue: bool
    open: bool


def cards(request: HttpRequest, center: Center, outlooks: Iterable[Outlook]) -> list[Card]:
    """One per vaccine. A query for the drafts, and one when doses are missing."""
    found = list(outlooks)
    short, waiting = outlook.uncovered(center, found), outlook.drafts(center, found)
    return [
        Card(
            outlook=one,
            uncovered=tuple(row for row in short if row.vaccine == one.stock.vaccine.pk),
            change_url=change_url(request, one),
            drafts=tuple(row for row in waiting if row.vaccine == one.stock.vaccine.pk),
        )
        for one in found
    ]


def change_url(request: HttpRequest, found: Outlook) -> str:
    """The page that moves, keeps or cancels, with the days filled in; "" when nothing is short or she may not."""
    if not found.gaps or CHANGES not in TABLE or not may(request.user, TABLE[CHANGES]):
        return ""
    range_ = {"von": found.gaps[0].first, "bis": found.gaps[-1].last, "impfstoff": found.stock.vaccine.pk}
    return f"{reverse(CHANGES)}?{urlencode(range_)}"


def rows(outlooks: Iterable[Outlook]) -> list[Row]:
    """All deliveries of the center, by day."""
    found = [
        Row(
            delivery=one,
            vaccine=view.stock.vaccine.name,
            late=view.stock.late(one),
            overdue=view.stock.overdue(one),
            open=stock.is_open(one),
        )
        for view in outlooks
        for one in view.stock.deliveries
    ]
    return sorted(found, key=lambda row: (row.delivery.due_on, row.delivery.pk))


def lines(found: stock.Stock, *, since: date, days: int) -> list[Line]:
    """`days` days from `since` on."""
    until = since + timedelta(days=days - 1)
    return [
        Line(
            day=day,
            today=day.on == found.on,
            vials=vials(day.places, found.vaccine.doses_per_vial) if day.places and day.on >= found.on else None,
        )
        for day in found.days(since=since, until=until)
    ]
