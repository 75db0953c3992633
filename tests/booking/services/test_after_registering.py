"""After registering: confirming, reminding, changing the contact, leaving."""

from datetime import timedelta

import pytest

from accounts.refusals import Refused
from booking.models import AccessLink, Appointment, Invitation, Registration
from booking.services import appointments, links, registrations
from centers.models import Channel
from notifications.models import Message
from tests.booking.services.registering import contact, messages, register, sent
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.door import arrived, booked_series
from tests.factories.people import RegistrationFactory
from tests.factories.supply import series_slots

pytestmark = pytest.mark.django_db

# --- confirm -----------------------------------------------------------------------------------


def test_confirm_puts_the_person_into_the_line_and_tells_her():
    RegulationFactory()
    person = register()

    registrations.confirm(registration=person, by=None, now=NOW + timedelta(minutes=5))

    person.refresh_from_db()
    assert person.confirmed_at == NOW + timedelta(minutes=5)
    assert list(Registration.objects.waiting()) == [person]
    assert [template for template, _to in messages()] == ["confirm_registration", "registered"]
    assert links.state(person.links.get(purpose="confirm"), NOW) == "used"


def test_confirm_twice_is_harmless():
    person = register()
    registrations.confirm(registration=person, by=None, now=NOW)

    registrations.confirm(registration=person, by=None, now=NOW + timedelta(days=1))

    person.refresh_from_db()
    assert person.confirmed_at == NOW
    assert len(messages()) == 2


def test_confirm_invites_at_once_when_the_group_is_open_and_a_place_is_free():
    OpeningFactory()
    RegulationFactory()
    series_slots()
    person = register()

    registrations.confirm(registration=person, by=None, now=NOW)

    assert Invitation.objects.get().registration == person
    assert [template for template, _to in messages()] == ["confirm_registration", "invited"]


def test_confirm_lets_nobody_pass_the_line():
    OpeningFactory()
    RegulationFactory()
    series_slots(capacity=1)
    earlier = RegistrationFactory()
    person = register()

    registrations.confirm(registration=person, by=None, now=NOW)

    assert earlier.rank < person.rank
    assert not Invitation.objects.exists()


def test_confirm_refuses_a_withdrawn_registration():
    person = RegistrationFactory(withdrawn=True, unconfirmed=True)

    with pytest.raises(Refused) as refusal:
        registrations.confirm(registration=person, by=None, now=NOW)

    assert refusal.value.code == "withdrawn"


def test_resend_confirmation_sends_the_same_link_three_times_a_day():
    person = register()
    for _time in range(3):
        registrations.resend_confirmation(registration=person, by=None, now=NOW)

    with pytest.raises(Refused) as refusal:
        registrations.resend_confirmation(registration=person, by=None, now=NOW)

    assert refusal.value.code == "too_many_messages"
    assert len(messages()) == 4
    assert AccessLink.objects.count() == 1


def test_resend_confirmation_starts_anew_the_next_day():
    person = register()
    for _time in range(3):
        registrations.resend_confirmation(registration=person, by=None, now=NOW)

    registrations.resend_confirmation(registration=person, by=None, now=NOW + timedelta(days=1))

    assert len(messages()) == 5


# --- reminder ----------------------------------------------------------------------------------


def test_remind_unconfirmed_a_day_after_the_mail_was_sent():
    person = register()
    sent(at=NOW + timedelta(hours=6))

    before = registrations.remind_unconfirmed(now=NOW + timedelta(hours=29))
    after = registrations.remind_unconfirmed(now=NOW + timedelta(hours=30))

    assert (before, after) == (0, 1)
    assert messages()[-1] == ("confirm_reminder", person.email)


def test_remind_unconfirmed_only_once_and_deletes_nobody():
    register()
    sent(at=NOW)
    for day in range(1, 40):
        registrations.remind_unconfirmed(now=NOW + timedelta(days=day))

    assert len(messages()) == 2
    assert Registration.objects.count() == 1


@pytest.mark.parametrize("state", ["queued", "deferred", "bounced", "discarded"])
def test_remind_unconfirmed_leaves_alone_whom_no_mail_has_reached(state):
    register()
    Message.objects.update(state=state)

    assert registrations.remind_unconfirmed(now=NOW + timedelta(days=3)) == 0


def test_remind_unconfirmed_leaves_alone_who_has_confirmed():
    person = register()
    sent(at=NOW)
    registrations.confirm(registration=person, by=None, now=NOW)

    assert registrations.remind_unconfirmed(now=NOW + timedelta(days=3)) == 0


# --- contact -----------------------------------------------------------------------------------


def test_change_email_before_confirming_kills_the_link_at_the_wrong_address():
    person = register()
    wrong = links.token(AccessLink.objects.get())

    registrations.change_email(registration=person, email="richtig@example.org", by=None, now=NOW)

    assert links.find(wrong) is None
    assert messages()[-1] == ("confirm_registration", "richtig@example.org")
    assert Message.objects.last().reference["link"] == AccessLink.objects.get().pk


def test_change_email_after_confirming_tells_the_old_address():
    person = RegistrationFactory(email="alt@example.org")

    registrations.change_email(registration=person, email="neu@example.org", by=None, now=NOW)

    person.refresh_from_db()
    assert person.email == "neu@example.org"
    assert messages() == [("contact_changed", "alt@example.org")]


def test_change_email_sends_an_open_invitation_again():
    person = RegistrationFactory(invited=True)

    registrations.change_email(registration=person, email="neu@example.org", by=None, now=NOW)

    assert messages()[-1] == ("invited", "neu@example.org")


def test_change_email_to_the_same_one_does_nothing():
    person = register()

    registrations.change_email(registration=person, email=person.email, by=None, now=NOW)

    person.refresh_from_db()
    assert (person.contact_changes, len(messages())) == (0, 1)


def test_change_email_has_a_limit():
    person = register()
    for number in range(5):
        registrations.change_email(registration=person, email=f"n{number}@example.org", by=None, now=NOW)

    with pytest.raises(Refused) as refusal:
        registrations.change_email(registration=person, email="n5@example.org", by=None, now=NOW)

    assert refusal.value.code == "too_many_changes"


def test_update_contact_changes_everything_in_one_commit():
    person = RegistrationFactory()
    wished = contact(phone="0351 4567890", language="en", needs=frozenset({"sign_language"}))

    registrations.update_contact(registration=person, contact=wished, by=None, now=NOW)

    person.refresh_from_db()
    assert (person.email, str(person.phone), person.language) == ("neu@example.org", "+493514567890", "en")
    assert (person.needs_sign_language, person.needs_wheelchair) == (True, False)


def test_update_contact_refuses_to_lose_a_person():
    person = RegistrationFactory()

    with pytest.raises(Refused) as refusal:
        registrations.update_contact(registration=person, contact=contact(email=""), by=None, now=NOW)

    assert refusal.value.code == "no_contact"


# --- withdraw ----------------------------------------------------------------------------------


def booked_person():
    OpeningFactory()
    RegulationFactory()
    first, second = series_slots()
    person = RegistrationFactory(invited=True)
    appointments.book(registration=person, slot_id=first.pk, channel=Channel.WEB, by=None, now=NOW)
    return person, first, second


@pytest.mark.parametrize("reason", ["own_wish", "vaccinated_elsewhere", "died", "merged"])
def test_nothing_ends_while_she_is_at_the_center(reason):
    first, second = booked_series()
    arrived(first, at=NOW)

    with pytest.raises(Refused) as refused:
        registrations.withdraw(registration=first.registration, reason=reason, by=None, now=NOW)

    assert refused.value.code == "arrived"
    second.refresh_from_db()
    assert (second.status, second.registration.withdrawn_at) == ("booked", None)


def test_withdraw_gives_back_both_places_and_ends_everything():
    person, first, second = booked_person()

    registrations.withdraw(registration=person, reason="vaccinated_elsewhere", by=None, now=NOW)

    for slot in (first, second):
        slot.refresh_from_db()
    person.refresh_from_db()
    assert (first.booked, second.booked) == (0, 0)
    assert person.withdrawn_reason == "vaccinated_elsewhere"
    assert set(Appointment.objects.values_list("cancelled_reason", flat=True)) == {"vaccinated_elsewhere"}
    assert messages()[-1] == ("withdrawn", person.email)


def test_withdraw_twice_is_harmless():
    person = RegistrationFactory(invited=True)
    registrations.withdraw(registration=person, reason="own_wish", by=None, now=NOW)

    registrations.withdraw(registration=person, reason="own_wish", by=None, now=NOW)

    assert [template for template, _to in messages()] == ["withdrawn"]
    assert Invitation.objects.get().closed_reason == "withdrawn"


def test_withdraw_refuses_an_unknown_reason():
    with pytest.raises(Refused):
        registrations.withdraw(registration=RegistrationFactory(), reason="because", by=None, now=NOW)
