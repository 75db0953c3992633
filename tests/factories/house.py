"""One center with three days of places, and people who have booked the first of them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from accounts.models import User
from booking import clock
from booking.changes import effect
from booking.changes.wish import Wish
from booking.models import Change, Registration
from booking.services import appointments, caring, changes
from booking.services.changes import Order
from centers.models import Center, Contingent, Slot, Vaccine
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory, ContingentFactory, DeliveryFactory, SessionFactory, VaccineFactory

TODAY = date(2021, 2, 16)
DOSES = 500  # of each vaccine
CLOSED_DAY = 9  # days from today: 25 February


@dataclass
class House:
    """Days are counted from today."""

    center: Center
    manager: User
    single: Vaccine
    double: Vaccine
    web: Contingent

    def slot(self, day: int, *, capacity: int = 2, at: time = time(10), **session: object) -> Slot:
        """One start time in a session of its own, for a single dose unless `session` names a vaccine."""
        values = {"center": self.center, "vaccine": self.single, "contingent": self.web, **session}
        starts = datetime.combine(TODAY + timedelta(days=day), at, tzinfo=clock.ZONE)
        made = SessionFactory(
            date=starts.date(), starts=at, ends=(datetime.combine(TODAY, at) + timedelta(minutes=10)).time(),
            lines=capacity, **values,
        )  # fmt: skip
        return Slot.objects.create(
            session=made, center=made.center, vaccine=made.vaccine, contingent=made.contingent,
            starts_at=starts, capacity=capacity,
        )  # fmt: skip

    def booked(self, slot: Slot, **person: object) -> Registration:
        """Somebody who has booked there."""
        made = RegistrationFactory(invited=True, **person)
        appointments.book(registration=made, slot_id=slot.pk, channel="web", by=None, now=NOW)
        return made

    def wish(self, kind: str = "close", day: int = CLOSED_DAY, until: int | None = None, **values: object) -> Wish:
        last = TODAY + timedelta(days=day if until is None else until)
        return Wish(kind, first=TODAY + timedelta(days=day), last=last, **values)

    def preview(self, wish: Wish | None = None, *, at: datetime = NOW) -> effect.Effect:
        return effect.preview(self.center, wish or self.wish(), now=at)

    def start(
        self, wish: Wish | None = None, decisions: dict[str, str] | None = None, *, at: datetime = NOW, beyond: str = ""
    ) -> Change:
        """`beyond` is a planner's reason for places without vaccine."""
        wish = wish or self.wish()
        order = Order(wish, "Impfstoff fehlt", self.preview(wish, at=at).fingerprint, decisions or {}, beyond)
        return changes.start(center=self.center, order=order, by=self.manager, now=at)

    def run(
        self, wish: Wish | None = None, decisions: dict[str, str] | None = None, *, at: datetime = NOW, beyond: str = ""
    ) -> Change:
        """Start, care for everybody, and read the change again."""
        change = self.start(wish, decisions, at=at, beyond=beyond)
        caring.work(change, now=at, limit=100)
        change.refresh_from_db()
        return change


def build(center: Center | None = None) -> House:
    """The facts, one center with vaccine and its manager; no session yet."""
    RegulationFactory()
    OpeningFactory()
    center = center or CenterFactory(name="Riesa")
    single, double = VaccineFactory(single=True), VaccineFactory()
    for vaccine in (single, double):
        DeliveryFactory(center=center, vaccine=vaccine, doses=DOSES)
    return House(center, UserFactory(at=[center]), single, double, ContingentFactory())
