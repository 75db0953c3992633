"""What she is told of her messages: every one that a service writes to her is found again."""

from datetime import UTC, datetime, timedelta

import pytest

from booking import clock, facts
from booking.changes.effect import CHOICES
from booking.changes.wish import Wish
from booking.models import AccessLink
from booking.services import appointments, invitations, links, registrations, reminders
from centers.models import Channel
from notifications import delivery, outbox
from notifications.models import Message
from tests.booking.services.registering import register
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.house import House
from tests.factories.staff import UserFactory
from tests.factories.supply import DeliveryFactory, SlotFactory, series_slots
from tests.web.public.my.conftest import DAY, book
from web.public.my import sent

DAY_BEFORE = datetime(2021, 2, 17, 9, 0, tzinfo=UTC)  # ten o'clock in Berlin; dose 1 is on the 18th
NOT_TOLD = {"contact_changed", "withdrawn", "staff_invitation", "staff_password", "staff_changed"}


def reached(template):
    Message.objects.filter(template=template).update(state="sent", sent_at=NOW)


@pytest.fixture
def registered(db):
    """Somebody who registered, was reminded, confirmed, registered again, and waits."""
    RegulationFactory()
    person = register()
    reached("confirm_registration")
    registrations.remind_unconfirmed(now=NOW + DAY)
    registrations.confirm(registration=person, by=None, now=NOW)
    register(case_number="22222222", email="other@example.org")
    links.send_new(link=AccessLink.objects.filter(purpose="visit").latest("pk"), now=NOW)
    return person


@pytest.fixture
def invited(registered):
    """The same, with an invitation that was reminded of and ran out, and another one."""
    OpeningFactory()
    series_slots()
    facts.forget()
    first = invitations.issue(registration=registered, by=None, now=NOW)
    reached("invited")
    invitations.remind_due(now=first.valid_until - DAY)
    invitations.expire_due(now=first.valid_until)
    invitations.renew(registration=registered, now=NOW)
    return registered


def closed(slot, decision):
    """The center closes the day of this place, and decides the same about everybody."""
    day = clock.local_day(slot.starts_at)
    house = House(slot.center, UserFactory(at=[slot.center]), slot.vaccine, slot.vaccine, slot.contingent)
    house.run(Wish("close", first=day, last=day), dict.fromkeys(CHOICES, decision))
    return house, day


def changed_three_times(person, slot):
    """A center keeps her without a place, gives her one again, and moves her; the new one cancels."""
    house, day = closed(slot, "keep")
    DeliveryFactory(center=slot.center, vaccine=slot.vaccine)
    house.run(Wish("reinstate", first=day, last=day))
    closed(slot, "move")
    closed(appointments.series_of(person)[0].slot, "cancel")


def test_every_message_written_to_her_is_found(invited, monkeypatch):
    monkeypatch.setattr(sent, "AT_MOST", 99)
    slots = series_slots()
    book(invited, slots[0].pk)
    appointments.cancel(registration=invited, reason="own_wish", by=None, now=NOW)
    book(invited, slots[0].pk)
    reminders.remind_appointments(now=DAY_BEFORE)
    later = SlotFactory(starts_at=slots[1].starts_at + timedelta(minutes=30), session=slots[1].session)
    appointments.move(registration=invited, dose_number=2, slot_id=later.pk, channel=Channel.WEB, by=None, now=NOW)
    changed_three_times(invited, slots[0])

    told = sent.steps(invited, now=NOW)

    written = set(Message.objects.values_list("template", flat=True))
    assert written == set(outbox.templates()) - NOT_TOLD
    assert len(told) == Message.objects.count()


@pytest.mark.parametrize("template", ["registered", "booked"])
def test_a_message_that_followed_her_to_another_address_is_found(invited, template):
    book(invited, series_slots()[0].pk)
    registrations.change_email(registration=invited, email="new@example.org", by=None, now=NOW)
    old = Message.objects.get(template=template, recipient=invited.email)
    delivery.compose(old, now=NOW)
    Message.objects.exclude(template=template, recipient="new@example.org").delete()

    (told,) = sent.steps(invited, now=NOW)

    assert "new@example.org" in told.text
