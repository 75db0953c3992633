"""A small world: two centers, a vaccine in two doses, one in a single dose, places for the web and for the phone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection

from benchmarks import seed
from booking import clock
from booking.models import Registration
from centers.models import Center, Contingent, Slot, Vaccine
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.supply import CenterFactory, ContingentFactory, SessionFactory, VaccineFactory

BORN = date(1940, 5, 1)  # in the first group, whatever the clock says


@dataclass
class World:
    """What stands in the database. Days are counted from the day of `now`."""

    now: datetime
    web: Contingent
    phone: Contingent
    center: Center
    other: Center
    two_doses: Vaccine
    one_dose: Vaccine
    people_made: int = 0

    def day(self, number: int) -> date:
        """The day `number` days after today."""
        return clock.local_day(self.now) + timedelta(days=number)

    def slot(self, day: int, *, capacity: int, at: time = time(10), suspended: bool = False, **session: object) -> Slot:
        """One start time in a published session of its own, for a vaccine of one dose unless `session` names one."""
        values = {"center": self.center, "vaccine": self.one_dose, "contingent": self.web, **session}
        starts = datetime.combine(self.day(day), at, tzinfo=clock.ZONE)
        made = SessionFactory(date=starts.date(), starts=at, ends=time(23), lines=capacity, **values)
        return Slot.objects.create(
            session=made,
            center=made.center,
            vaccine=made.vaccine,
            contingent=made.contingent,
            starts_at=starts,
            capacity=capacity,
            suspended=suspended,
        )

    def pair(self, day: int = 2, *, capacity: int, second: int | None = None) -> tuple[Slot, Slot]:
        """A slot for dose 1, and one for dose 2 six weeks later with `second` places (as many, if not given)."""
        places = capacity if second is None else second
        return (
            self.slot(day, capacity=capacity, vaccine=self.two_doses),
            self.slot(day + 42, capacity=places, vaccine=self.two_doses),
        )

    def people(self, count: int, *, born: date = BORN) -> list[Registration]:
        """Invited people."""
        made = seed.people(count, birth_date=born, now=self.now, first=self.people_made + 1)
        self.people_made += count
        known = Registration.objects.in_bulk([one.registration_id for one in made])
        return [known[one.registration_id] for one in made]


def build(now: datetime) -> World:
    """The facts and the two centers; no session yet."""
    RegulationFactory()
    OpeningFactory()
    shares = (ContingentFactory(), ContingentFactory(phone=True))
    vaccines = (VaccineFactory(), VaccineFactory(single=True))
    return World(now, *shares, CenterFactory(), CenterFactory(), *vaccines)


@pytest.fixture
def world() -> World:
    return build(NOW)


@pytest.fixture
def deadlocks() -> Callable[[], int]:
    """deadlocks() counts those of this database since the test began."""

    def count() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            return cursor.fetchone()[0]

    before = count()
    return lambda: count() - before
