"""People in every state, and the agent who has one of them open, for the tests of a person's page."""

import re
from datetime import timedelta

from django.test import Client
from django.urls import reverse

from accounts.models import User
from booking.models import Registration
from booking.services import calls
from centers.models import Slot
from notifications.models import Message
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.door import AppointmentFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import CenterFactory, ContingentFactory, SlotFactory

DAYS = timedelta(days=1)


def text(answer) -> str:
    """What is read on the page."""
    page = re.sub(r"(?s)<head>.*?</head>|<[^>]+>", " ", answer.content.decode())
    return " ".join(page.replace("&nbsp;", " ").replace("\u00a0", " ").replace("\u202f", " ").split())


def url(person: Registration, name: str = "", **parts: object) -> str:
    full = f"callcenter:find_person_{name}" if name else "callcenter:find_person"
    return reverse(full, kwargs={"person": person.public_id, **parts})


def open_(user: User, *people: Registration) -> None:
    """These people are open in her call."""
    for person in people:
        calls.open_person(user, person, NOW)


def rules() -> None:
    """Group 1 may book."""
    RegulationFactory()
    OpeningFactory()


def phone_places(days=(8, 9, 29, 30, 31), *, capacity: int = 2, **center: object) -> dict[int, Slot]:
    """A listed center with a place for callers on each of these days from now, all of one vaccine in two doses."""
    place = CenterFactory(**{"slug": "riesa", "name": "Riesa", "place": "SACHSENarena", **center})
    share = ContingentFactory(phone=True)
    return {
        day: SlotFactory(
            starts_at=NOW + day * DAYS, capacity=capacity, session__center=place, session__contingent=share
        )
        for day in days
    }


def booked(places: dict[int, Slot], first: int = 8, second: int = 29, **person: object) -> Registration:
    """Somebody with both doses on these days."""
    someone = RegistrationFactory(**person)
    AppointmentFactory(registration=someone, slot=places[first])
    AppointmentFactory(registration=someone, slot=places[second], dose_number=2)
    return someone


def post(client: Client, person: Registration, name: str, **data: object):
    return client.post(url(person, name), data)


def told(person, template, *, key, state="queued", **more):
    """A message to her in the outbox."""
    values = {"recipient": person.email or person.case_number, "lane": "gmx.de", "language": "de", "available_at": NOW}
    sent_at = NOW if state == "sent" else None
    return Message.objects.create(
        template=template, dedupe_key=key, state=state, created_at=NOW - timedelta(hours=2), sent_at=sent_at,
        reference={"registration": person.pk}, **{**values, **more},
    )  # fmt: skip
