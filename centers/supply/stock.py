"""Reading the stock of a center: deliveries, waste and places of its vaccines, as the entries of `ledger`."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.module_loading import import_string

from centers import vaccines
from centers.facts import vaccines as vaccine_rules
from centers.models import Center, Delivery, ReserveRule, Session, Slot, Vaccine, Waste
from centers.supply import ledger
from centers.supply.ledger import Day, Entry, Gap, Holding, Kind


@dataclass(slots=True)
class Stock:
    """One vaccine at one center, as seen on the day `on`. `deliveries` are all of them, cancelled ones too, by day."""

    vaccine: Vaccine
    on: date
    deliveries: list[Delivery] = field(default_factory=list)
    waste: list[Waste] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """False while nobody has entered a delivery: then the ledger knows nothing."""
        return any(one.state != Delivery.State.CANCELLED for one in self.deliveries)

    def days(self, *, since: date | None = None, until: date | None = None) -> list[Day]:
        return ledger.days(self.entries, since=since, until=until)

    def gaps(self) -> list[Gap]:
        """From today on: the days that published sessions are not covered."""
        return ledger.gaps(self.days(since=self.on))

    def unconfirmed(self) -> list[Delivery]:
        """What would help and does not count: expected deliveries, and confirmed ones that have not come."""
        return [one for one in self.deliveries if one.state == Delivery.State.EXPECTED or self.overdue(one)]

    def overdue(self, delivery: Delivery) -> bool:
        """True when its day is over and nobody has entered that it came."""
        return is_open(delivery) and delivery.due_on < self.on

    def late(self, delivery: Delivery) -> bool:
        """True when it comes, or should have come, later than it was promised at first."""
        return self.overdue(delivery) or (is_open(delivery) and delivery.due_on > delivery.first_due_on)


def is_open(delivery: Delivery) -> bool:
    """True while it may still come."""
    return delivery.state in (Delivery.State.EXPECTED, Delivery.State.CONFIRMED)


def of_center(center: Center, *, on: date) -> list[Stock]:
    """Every vaccine that the center has had, has or shall have, by name. Ten queries, however many there are."""
    stocks = _stocks(center, Vaccine.objects.order_by("name", "code"), on)
    return [stock for stock in stocks if stock.entries or stock.deliveries]


def of(center: Center, vaccine: Vaccine, *, on: date) -> Stock:
    """One vaccine at the center, known or not. Nine queries."""
    return _stocks(center, [vaccine], on)[0]


def lock(center: Center) -> None:
    """Whoever writes supply, publishes on the strength of it, or closes, takes this lock first: one after the other.

    The first and last day of `center` are those that hold from now on: she who waited may have read older ones.
    """
    held = Center.objects.select_for_update(of=("self",), no_key=True).get(pk=center.pk)
    center.first_day, center.last_day = held.first_day, held.last_day


class Holdings:
    """How much of a delivery is held back, by the rules of its day. Five queries."""

    def __init__(self) -> None:
        self.rules = vaccine_rules()
        self.reserve: dict[str, list[ReserveRule]] = defaultdict(list)
        for rule in ReserveRule.objects.order_by("valid_from", "pk"):
            self.reserve[rule.vaccine_id].append(rule)

    def on(self, vaccine: str, day: date) -> Holding:
        """The newest rule that began by then; nothing is held back for a vaccine of one dose."""
        past = [rule for rule in self.reserve[vaccine] if rule.valid_from <= day]
        rules = self.rules.get(vaccine)
        interval = vaccines.interval(rules, day) if rules else None
        return Holding(past[-1].percent, interval.min_days) if past and interval else Holding()


def _stocks(center: Center, wanted: Iterable[Vaccine], on: date) -> list[Stock]:
    stocks = {vaccine.pk: Stock(vaccine, on) for vaccine in wanted}
    holdings = Holdings()
    here = {"center": center, "vaccine__in": list(stocks)}
    for delivery in Delivery.objects.filter(**here).order_by("due_on", "pk"):
        stock = stocks[delivery.vaccine_id]
        stock.deliveries.append(delivery)
        holding = holdings.on(delivery.vaccine_id, delivery.due_on)
        stock.entries += ledger.delivered(
            delivery.doses, due_on=delivery.due_on, state=delivery.state, holding=holding, on=on
        )
    for waste in Waste.objects.filter(**here).select_related("entered_by").order_by("on", "pk"):
        stocks[waste.vaccine_id].waste.append(waste)
        stocks[waste.vaccine_id].entries.append(Entry(waste.on, Kind.WASTED, waste.doses))
    for vaccine, day, booked, free in _places(center, list(stocks), on):
        stocks[vaccine].entries.append(Entry(day, Kind.BOOKED, booked))
        stocks[vaccine].entries.append(Entry(day, Kind.PLANNED, free))
    for vaccine, day, number in import_string(settings.DOSES_BESIDE_PLACES)(center, list(stocks), on):
        stocks[vaccine].entries.append(Entry(day, Kind.BOOKED, number))
    return list(stocks.values())


def _places(center: Center, wanted: list[str], on: date) -> list[tuple[str, date, int, int]]:
    """(vaccine, day, booked, free) of each day with sessions; free places count in published sessions from `on` on."""
    bookable = Q(session__state=Session.State.PUBLISHED, session__date__gte=on, suspended=False)
    return list(
        Slot.objects.filter(session__center=center, session__vaccine__in=wanted)
        .values("session__vaccine_id", "session__date")
        .annotate(used=Sum("booked"), free=Coalesce(Sum(F("capacity") - F("booked"), filter=bookable), 0))
        .order_by("session__vaccine_id", "session__date")
        .values_list("session__vaccine_id", "session__date", "used", "free")
    )
