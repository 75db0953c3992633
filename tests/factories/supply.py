"""Districts, centers, vaccines, contingents, sessions and slots."""

from datetime import UTC, date, datetime, time, timedelta

import factory
from factory.django import DjangoModelFactory

from centers.models import (
    Center,
    Channel,
    Contingent,
    Delivery,
    District,
    ReserveRule,
    Session,
    Slot,
    Vaccine,
    VaccineAgeRule,
    VaccineIntervalRule,
    Waste,
)

LONG_AGO = date(2020, 12, 27)


class DistrictFactory(DjangoModelFactory):
    class Meta:
        model = District
        django_get_or_create = ("ags",)

    ags = "14612"
    name = "Dresden"
    kind = "kfS"
    population = 556780
    latitude = 51.05
    longitude = 13.74


class CenterFactory(DjangoModelFactory):
    class Meta:
        model = Center

    code = factory.Sequence(lambda n: f"T{n:02}")
    slug = factory.Sequence(lambda n: f"zentrum-{n}")
    name = factory.Sequence(lambda n: f"Zentrum {n}")
    district = factory.SubFactory(DistrictFactory)
    place = "Messe"
    street = "Messering 6"
    postcode = "01067"
    town = "Dresden"
    step_free = True
    latitude = 51.07
    longitude = 13.72
    first_day = LONG_AGO


class VaccineFactory(DjangoModelFactory):
    """Comirnaty with its rules of February and March 2021; `single=True` is a vaccine of one dose."""

    class Meta:
        model = Vaccine
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    class Params:
        single = factory.Trait(code="janssen", name="Janssen", technology="vector", doses=1, doses_per_vial=5)

    code = "comirnaty"
    name = "Comirnaty"
    maker = "BioNTech/Pfizer"
    technology = "mrna"
    doses = 2
    doses_per_vial = 6
    licensed_on = date(2020, 12, 21)

    @factory.post_generation
    def rules(self, create: bool, extracted: object, **_: object) -> None:
        VaccineAgeRule.objects.get_or_create(
            vaccine=self, valid_from=self.licensed_on, basis="licence", defaults={"min_age": 16}
        )
        if self.doses > 1:
            for valid_from, shortest in ((LONG_AGO, 21), (date(2021, 3, 8), 42)):
                VaccineIntervalRule.objects.get_or_create(
                    vaccine=self, valid_from=valid_from, defaults={"min_days": shortest, "max_days": 42}
                )


class ContingentFactory(DjangoModelFactory):
    """Everybody's places on the web; `phone=True` keeps them for callers."""

    class Meta:
        model = Contingent
        django_get_or_create = ("code",)

    class Params:
        phone = factory.Trait(code="telefon", name="Telefon", channels=[Channel.PHONE])

    code = "online"
    name = "Online"
    channels = factory.LazyFunction(lambda: [Channel.WEB])


class SessionFactory(DjangoModelFactory):
    class Meta:
        model = Session

    center = factory.SubFactory(CenterFactory)
    vaccine = factory.SubFactory(VaccineFactory)
    contingent = factory.SubFactory(ContingentFactory)
    date = date(2021, 2, 18)
    starts = time(8)
    ends = time(18)
    slot_minutes = 10
    lines = 2
    state = Session.State.PUBLISHED


class SlotFactory(DjangoModelFactory):
    """A place on Thursday 18 February 2021 at 10:20 in Berlin; `full=True` has none left."""

    class Meta:
        model = Slot

    class Params:
        full = factory.Trait(booked=factory.SelfAttribute("capacity"))

    starts_at = datetime(2021, 2, 18, 9, 20, tzinfo=UTC)
    capacity = 2
    session = factory.SubFactory(
        SessionFactory,
        date=factory.LazyAttribute(lambda session: session.factory_parent.starts_at.date()),
        starts=factory.LazyAttribute(lambda session: session.factory_parent.starts_at.time()),
        ends=time(23, 59),
    )
    center = factory.SelfAttribute("session.center")
    vaccine = factory.SelfAttribute("session.vaccine")
    contingent = factory.SelfAttribute("session.contingent")


def series_slots(center: Center | None = None, *, capacity: int = 2, days: int = 21, **session: object) -> list[Slot]:
    """Two open slots of one center, `days` apart at the same time of day: what one person needs."""
    first = SlotFactory(capacity=capacity, **{f"session__{key}": value for key, value in session.items()},
                        **({"session__center": center} if center else {}))  # fmt: skip
    second = SlotFactory(
        capacity=capacity,
        starts_at=first.starts_at + timedelta(days=days),
        session__center=first.center,
        session__vaccine=first.vaccine,
        session__contingent=first.contingent,
    )
    return [first, second]


class DeliveryFactory(DjangoModelFactory):
    """600 doses of Comirnaty that came on Monday 15 February 2021; `expected=True` and `confirmed=True` may still."""

    class Meta:
        model = Delivery

    class Params:
        expected = factory.Trait(state=Delivery.State.EXPECTED)
        confirmed = factory.Trait(state=Delivery.State.CONFIRMED)

    center = factory.SubFactory(CenterFactory)
    vaccine = factory.SubFactory(VaccineFactory)
    doses = 600
    due_on = date(2021, 2, 15)
    first_due_on = factory.SelfAttribute("due_on")
    state = Delivery.State.RECEIVED
    entered_at = datetime(2021, 2, 1, 9, tzinfo=UTC)


class WasteFactory(DjangoModelFactory):
    class Meta:
        model = Waste

    center = factory.SubFactory(CenterFactory)
    vaccine = factory.SubFactory(VaccineFactory)
    on = date(2021, 2, 16)
    doses = 6
    reason = "Flasche zerbrochen"
    entered_at = datetime(2021, 2, 16, 8, tzinfo=UTC)


class ReserveRuleFactory(DjangoModelFactory):
    """From the first day on, half of every delivery is kept for second doses."""

    class Meta:
        model = ReserveRule

    vaccine = factory.SubFactory(VaccineFactory)
    valid_from = LONG_AGO
    percent = 50
