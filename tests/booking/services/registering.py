"""A person's details, acts and looks that the tests of registrations share."""

from dataclasses import replace
from datetime import date

from booking.services import registrations
from booking.services.registrations import Contact, Details
from centers.models import Channel
from notifications.models import Message
from tests.factories import NOW

DETAILS = Details(
    first_name="Ingeborg",
    last_name="Richter",
    birth_date=date(1938, 3, 14),
    street="Schandauer Straße 14",
    postcode="01796",
    town="Pirna",
    email="ingeborg@example.org",
    phone="0351 4567890",
    needs=frozenset({"wheelchair"}),
    criteria=frozenset({"P1_HOMECARE"}),
)


def register(*, case_number="K7P4XM92", channel=Channel.WEB, by=None, now=NOW, **changes):
    details = replace(DETAILS, **changes)
    return registrations.register(details=details, case_number=case_number, channel=channel, by=by, now=now)


def contact(**changes):
    return Contact(**{"email": "neu@example.org", "phone": "", "language": "de", "needs": frozenset(), **changes})


def messages():
    return [(one.template, one.recipient) for one in Message.objects.order_by("pk")]


def sent(message_filter="", *, at):
    Message.objects.filter(template__startswith=message_filter).update(state="sent", sent_at=at)
