"""Appointments in every state of the door."""

from datetime import datetime, timedelta

import factory
from django.db.models import F
from factory.django import DjangoModelFactory

from booking.models import Appointment, Arrival, Vaccination
from centers.models import Center, Channel, Slot
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import SlotFactory, VaccineFactory, series_slots


class AppointmentFactory(DjangoModelFactory):
    """A booked dose that holds its place; of Janssen, because a first dose of two may not stand alone."""

    class Meta:
        model = Appointment
        skip_postgeneration_save = True

    class Params:
        cancelled = factory.Trait(status="cancelled", cancelled_at=NOW, cancelled_reason="own_wish")

    registration = factory.SubFactory(RegistrationFactory)
    slot = factory.LazyFunction(lambda: single_slot())  # noqa: PLW0108  (it stands below)
    dose_number = 1
    channel = Channel.WEB
    booked_at = NOW - timedelta(days=1)

    @factory.post_generation
    def _counted(self, create: bool, extracted: object, **_: object) -> None:
        if self.status in {"booked", "arrived", "vaccinated"} and self.displaced_at is None:
            Slot.objects.filter(pk=self.slot_id).update(booked=F("booked") + 1)


def single_slot(**slot: object) -> Slot:
    """A place on Thursday 18 February 2021 at 10:20 that needs no second one."""
    if "session" not in slot:
        slot["session__vaccine"] = VaccineFactory(single=True)
    return SlotFactory(**slot)


def booked_series(center: Center | None = None, *, days: int = 21, **person: object) -> tuple[Appointment, Appointment]:
    """Both doses of one person, on Thursday 18 February 2021 and so many days later."""
    first, second = series_slots(center, days=days)
    registration = RegistrationFactory(**person)
    return (
        AppointmentFactory(registration=registration, slot=first),
        AppointmentFactory(registration=registration, slot=second, dose_number=2),
    )


def arrived(appointment: Appointment, *, at: datetime) -> Arrival:
    """She was let in at that moment."""
    Appointment.objects.filter(pk=appointment.pk).update(status="arrived")
    return Arrival.objects.create(appointment=appointment, at=at, by=UserFactory(), evidence_seen=["ID"])


def given(appointment: Appointment, *, at: datetime, batch_number: str = "EJ6789") -> Vaccination:
    """The dose was given at that moment."""
    arrived(appointment, at=at - timedelta(minutes=10))
    Appointment.objects.filter(pk=appointment.pk).update(status="vaccinated")
    return Vaccination.objects.create(
        appointment=appointment,
        given_at=at,
        vaccine_id=appointment.slot.vaccine_id,
        batch_number=batch_number,
        responsible="Dr. F. Seidel",
        entered_at=at,
        entered_by=UserFactory(),
    )
