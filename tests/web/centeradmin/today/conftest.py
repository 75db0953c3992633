"""People of Tuesday 16 February 2021 in Riesa, where it is 10 o'clock."""

from datetime import UTC, date, datetime, timedelta

import pytest

from booking.models import Appointment
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.door import AppointmentFactory, single_slot
from tests.factories.people import RegistrationFactory
from tests.factories.supply import SessionFactory, VaccineFactory

START = datetime(2021, 2, 16, 9, 0, tzinfo=UTC)


@pytest.fixture
def session(center):
    return SessionFactory(center=center, vaccine=VaccineFactory(single=True), date=date(2021, 2, 16))


@pytest.fixture
def expect(session):
    """expect(minutes, last_name=...) is somebody with an appointment so many minutes after ten."""

    def make(minutes: int = 0, *, status: str = "booked", days: int = 0, **person: object) -> Appointment:
        at = START + timedelta(minutes=minutes, days=days)
        mine = (
            session
            if not days
            else SessionFactory(center=session.center, vaccine=session.vaccine, date=at.date(), starts=at.time())
        )
        slot = mine.slots.filter(starts_at=at).first() or single_slot(session=mine, starts_at=at, capacity=9)
        return AppointmentFactory(slot=slot, status=status, registration=RegistrationFactory(**person))

    return make


@pytest.fixture
def rules(session):
    """What lets somebody of 82 in without an appointment."""
    RegulationFactory()
    OpeningFactory()
    session.contingent.channels.append("on_site")
    session.contingent.save()
