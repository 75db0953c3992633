"""A visitor who may book: facts, a center with two doses' worth of places, her invitation and her visit."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django.test import Client

from booking.models import Registration
from booking.services import appointments, links
from centers.models import Channel, PostcodeArea
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import CenterFactory, DistrictFactory, SlotFactory
from web.public import visit

FIRST = datetime.fromisoformat("2021-02-18T09:20:00+00:00")  # Thursday, 10:20 in Berlin
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def pirna(db: None) -> SimpleNamespace:
    """Group 1 may book; Pirna has places on four Thursdays and two Fridays, at 10:20 and 14:30."""
    RegulationFactory()
    OpeningFactory()
    district = DistrictFactory(
        ags="14628", name="Sächsische Schweiz-Osterzgebirge", kind="LK", latitude=50.91, longitude=13.9
    )
    PostcodeArea.objects.create(prefix="017", district=district)
    center = CenterFactory(
        name="Pirna", slug="pirna", place="Pirna-Jessen", town="Pirna", postcode="01796", district=district,
        latitude=50.96, longitude=13.94,
    )  # fmt: skip
    first = SlotFactory(starts_at=FIRST, session__center=center)
    later = [timedelta(hours=4, minutes=10), DAY, 3 * WEEK, 3 * WEEK + DAY, 4 * WEEK, 5 * WEEK]
    slots = [first, *(SlotFactory(starts_at=FIRST + away, session__center=center) for away in later)]
    return SimpleNamespace(center=center, slots=slots, first=first)


@pytest.fixture
def person(pirna: SimpleNamespace) -> Registration:
    return RegistrationFactory(invited=True, first_name="Ingeborg", last_name="Richter")


@pytest.fixture
def visitor(person: Registration) -> Client:
    """Her browser, after the exchange of a link."""
    return browser(person)


def browser(person: Registration, *, now: datetime = NOW, **options: bool) -> Client:
    """A browser in which `person` has exchanged a link."""
    link = links.issue(registration=person, purpose="visit", now=now)
    link = links.exchange(token=links.token(link), birth_date=person.birth_date, now=now)
    client = Client(**options)
    client.cookies[visit.COOKIE] = visit.ticket(link.pk, began_at=now, now=now)
    return client


def book(person: Registration, slot_id: int) -> appointments.Series:
    """The appointments of somebody who has booked already."""
    return appointments.book(registration=person, slot_id=slot_id, channel=Channel.WEB, by=None, now=NOW)


@pytest.fixture
def booked(person: Registration, pirna: SimpleNamespace) -> appointments.Series:
    return book(person, pirna.first.pk)


@pytest.fixture
def shots() -> Path | None:
    """Where the browser tests leave pictures of the pages: SHOTS=folder; without it they take none."""
    named = os.environ.get("SHOTS")
    if not named:
        return None
    Path(named).mkdir(parents=True, exist_ok=True)
    return Path(named)
