"""What the state at the moment of sending does to a message: it is not sent, or follows the person."""

from datetime import timedelta

import pytest

from booking.services import appointments, registrations
from centers.models import Channel
from notifications import delivery
from notifications.models import Message
from tests.booking.mails import CASES, case_booked, person, sent
from tests.factories import NOW
from tests.factories.people import InvitationFactory
from tests.factories.supply import series_slots

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]


def confirmed_meanwhile(registration):
    registrations.confirm(registration=registration, by=None, now=NOW)


def withdrawn_meanwhile(registration):
    registrations.withdraw(registration=registration, reason="own_wish", by=None, now=NOW)


def cancelled_meanwhile(registration):
    appointments.cancel(registration=registration, reason="own_wish", by=None, now=NOW)


def booked_meanwhile(registration):
    first, _second = series_slots()
    InvitationFactory(registration=registration)
    appointments.book(registration=registration, slot_id=first.pk, channel=Channel.WEB, by=None, now=NOW)


def booked_again(registration):
    first, _second = series_slots()
    appointments.book(registration=registration, slot_id=first.pk, channel=Channel.WEB, by=None, now=NOW)


def address_changed(registration):
    registrations.change_email(registration=registration, email="new@web.de", by=None, now=NOW)


def address_changed_back(registration):
    type(registration).objects.filter(pk=registration.pk).update(email="old@web.de")


def invitation_expired(registration):
    registration.invitations.update(closed_at=NOW, closed_reason="expired")


@pytest.mark.parametrize(
    ("template", "overtake"),
    [
        ("confirm_registration", confirmed_meanwhile),
        ("confirm_registration", withdrawn_meanwhile),
        ("confirm_registration", address_changed),
        ("confirm_reminder", confirmed_meanwhile),
        ("already_registered", withdrawn_meanwhile),
        ("already_registered", address_changed),
        ("registered", booked_meanwhile),
        ("registered", withdrawn_meanwhile),
        ("invited", booked_again),
        ("invited", invitation_expired),
        ("invited", withdrawn_meanwhile),
        ("invitation_reminder", booked_again),
        ("invitation_expired", booked_meanwhile),
        ("new_link", withdrawn_meanwhile),
        ("new_link", address_changed),
        ("booked", cancelled_meanwhile),
        ("booked", withdrawn_meanwhile),
        ("moved", cancelled_meanwhile),
        ("cancelled", booked_again),
        ("cancelled", withdrawn_meanwhile),
        ("appointment_reminder", cancelled_meanwhile),
        ("contact_changed", address_changed_back),
        ("contact_changed", withdrawn_meanwhile),
    ],
)
def test_message_that_the_state_has_overtaken_is_not_sent(template, overtake):
    case, _german = CASES[template]
    registration, reference = case()

    overtake(registration)

    assert sent(template, registration, to=reference.pop("to", "i.richter@gmx.de"), **reference) is None


def test_withdrawn_is_not_sent_to_who_is_still_registered():
    assert sent("withdrawn", person(), appointments=[]) is None


def test_booked_after_the_last_appointment_is_not_sent():
    registration, reference = case_booked()

    assert sent("booked", registration, now=NOW + timedelta(days=90), **reference) is None


@pytest.mark.parametrize("template", ["booked", "registered", "cancelled"])
def test_message_follows_the_person_to_her_present_address(template):
    case, _german = CASES[template]
    registration, reference = case()
    address_changed(registration)

    assert sent(template, registration, to="i.richter@gmx.de", **reference) is None

    follower = Message.objects.get(dedupe_key=f"test:{template}@1", recipient="new@web.de")
    assert delivery.compose(follower, now=NOW) is not None
