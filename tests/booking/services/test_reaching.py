"""She is reached another way from now on: what never arrived follows her. And nobody writes to who has died."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.refusals import Refused
from booking import telling
from booking.services import appointments, caring, correcting, invitations, registrations
from centers.models import Channel
from notifications import delivery
from notifications.models import Message
from tests.booking.services.registering import contact, messages
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import SlotFactory, series_slots

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]
MOBILE, OTHER = "+4915123456789", "+4916012345678"


def change(person, *, by=None, **changes):
    """What stays is said again, as forms do."""
    person.refresh_from_db()
    values = {"email": person.email, "phone": str(person.phone), **changes}
    registrations.update_contact(registration=person, contact=contact(**values), by=by, now=NOW)
    person.refresh_from_db()
    return person


def booked(**values):
    first, _second = series_slots()
    person = RegistrationFactory(invited=True, **values)
    appointments.book(registration=person, slot_id=first.pk, channel=Channel.WEB, by=None, now=NOW)
    return person


def left(state="sent"):
    """All that was written so far has come to this."""
    Message.objects.update(state=state, sent_at=NOW if state == "sent" else None)


def since(number):
    return messages()[number:]


# --- which way ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("had", "changes", "medium"),
    [
        ({"email": "", "phone": MOBILE}, {"medium": "sms"}, "sms"),
        ({"phone": MOBILE}, {"medium": "letter"}, "letter"),
        ({"phone": MOBILE, "medium": "sms"}, {}, "sms"),
        ({"phone": MOBILE, "medium": "sms"}, {"phone": OTHER}, "sms"),
        ({"phone": MOBILE, "medium": "sms"}, {"phone": "0351 4567890"}, "email"),
        ({"email": "", "phone": MOBILE, "medium": "sms"}, {"phone": "0351 4567890"}, "letter"),
        ({"phone": MOBILE}, {"email": ""}, "letter"),
        ({"email": "", "phone": MOBILE}, {"email": "neu@example.org"}, "email"),
        ({"phone": MOBILE, "medium": "letter"}, {"email": "neu@example.org"}, "letter"),
    ],
)
def test_the_medium_is_what_was_chosen_else_what_still_reaches_her(had, changes, medium):
    assert change(RegistrationFactory(**had), **changes).medium == medium


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"medium": "sms", "phone": "0351 4567890"}, "no_mobile"),
        ({"medium": "sms", "phone": ""}, "no_mobile"),
        ({"medium": "email", "email": "", "phone": MOBILE}, "no_email"),
        ({"medium": "pigeon"}, "invalid_choice"),
        ({"email": "no address"}, "invalid_email"),
    ],
)
def test_what_does_not_reach_her_is_refused_and_changes_nothing(changes, code):
    person = RegistrationFactory(phone=MOBILE)

    with pytest.raises(Refused) as refusal:
        change(person, language="en", **changes)

    assert refusal.value.code == code
    person.refresh_from_db()
    assert (person.medium, person.language, person.contact_changes) == ("email", "de", 0)


def test_sms_is_refused_where_there_is_no_gateway(settings):
    settings.SMS = {}

    with pytest.raises(Refused) as refusal:
        change(RegistrationFactory(phone=MOBILE), medium="sms")

    assert refusal.value.code == "no_sms"


def test_staff_may_leave_it_at_letters_and_print_them_large():
    person = change(RegistrationFactory(), by=UserFactory(), email="", phone="", medium="letter", large_print=True)

    assert (person.medium, person.large_print, person.email) == ("letter", True, "")
    assert change(person, by=UserFactory()).large_print is True


def test_staff_may_correct_as_often_as_it_takes():
    person = RegistrationFactory()
    for number in range(registrations.CONTACT_CHANGES + 2):
        change(person, by=UserFactory(), email=f"n{number}@example.org")

    assert person.contact_changes == registrations.CONTACT_CHANGES + 2


# --- what follows her --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("had", "changes", "told"),
    [
        ({"email": "alt@gmx.de"}, {"medium": "sms", "phone": MOBILE}, ("contact_changed", "alt@gmx.de")),
        ({"phone": MOBILE, "medium": "sms"}, {"phone": OTHER}, ("contact_changed", MOBILE)),
        ({"phone": MOBILE, "medium": "sms"}, {"medium": "letter"}, ("contact_changed", MOBILE)),
    ],
)
def test_the_old_place_is_told(had, changes, told):
    person = RegistrationFactory(**had)

    change(person, **changes)

    assert messages() == [told]
    [message] = Message.objects.all()
    compose = delivery.compose_sms if message.medium == "sms" else delivery.compose
    assert compose(message, now=NOW) is not None


def test_a_letter_has_no_old_place_to_tell():
    change(RegistrationFactory(email="", phone=MOBILE), medium="sms")

    assert messages() == []


def test_what_is_not_used_for_messages_may_change_in_silence():
    person = change(RegistrationFactory(phone=MOBILE), phone=OTHER)

    assert (messages(), person.contact_changes) == ([], 0)


@pytest.mark.parametrize("medium", ["sms", "letter"])
def test_an_open_invitation_is_sent_again(medium):
    person = RegistrationFactory(invited=True, phone=MOBILE)

    change(person, medium=medium)

    assert messages()[-1] == ("invited", telling.way(person).recipient)


@pytest.mark.parametrize("state", ["bounced", "queued", "deferred"])
@pytest.mark.parametrize("changes", [{"email": "neu@gmx.de"}, {"medium": "sms", "phone": MOBILE}, {"medium": "letter"}])
def test_a_booking_that_never_reached_her_is_told_again_once(state, changes):
    person = booked()
    left(state)

    change(person, **changes)
    old = Message.objects.get(dedupe_key__regex="^booked:[0-9]+$")
    assert delivery.compose(old, now=NOW) is None  # it would follow her by itself, under the same key

    told = Message.objects.get(template="booked", recipient=telling.way(person).recipient)
    assert told.medium == person.medium
    assert (told.dedupe_key, told.state) == (f"{old.dedupe_key}@1", "queued")


def test_a_booking_that_has_reached_her_is_not_told_again():
    person = booked(email="alt@gmx.de")
    left()

    change(person, email="neu@gmx.de")

    assert since(1) == [("contact_changed", "alt@gmx.de")]


def test_a_move_that_bounced_is_told_again_though_the_booking_arrived():
    person = booked()
    left()
    mine = person.appointments.get(dose_number=2).slot
    later = SlotFactory(session=mine.session, starts_at=mine.starts_at + timedelta(days=1))
    appointments.move(registration=person, dose_number=2, slot_id=later.pk, channel=Channel.WEB, by=None, now=NOW)
    Message.objects.filter(template="moved").update(state="bounced")

    change(person, medium="letter")

    assert messages()[-1] == ("moved", person.case_number)
    assert not [one for one in since(2) if one[0] == "booked"]


def test_a_booking_of_which_nothing_was_ever_written_is_told():
    person = booked()
    Message.objects.all().delete()

    change(person, medium="letter")

    assert messages()[-1] == ("booked", person.case_number)


def test_the_word_of_a_center_that_bounced_is_told_again_with_its_reason(house):
    person = house.booked(house.slot(9))
    house.slot(10)
    house.run()
    left("bounced")

    change(person, medium="sms", phone=MOBILE)

    told = Message.objects.get(template="moved_by_center", medium="sms")
    assert "change" in told.reference
    assert delivery.compose_sms(told, now=NOW) is not None


def test_who_is_reached_elsewhere_again_and_again_is_told_each_time_until_it_arrives():
    person = booked()
    for changes in ({"email": "a@gmx.de"}, {"medium": "sms", "phone": MOBILE}, {"phone": OTHER}):
        left("bounced")
        change(person, **changes)
    left()
    change(person, email="b@gmx.de", medium="email")

    told = Message.objects.filter(template="booked").order_by("pk").values_list("recipient", flat=True)
    assert list(told)[1:] == ["a@gmx.de", MOBILE, OTHER]


def test_nothing_goes_to_two_places_however_often_she_changes():
    """The letter that waits is not printed when she comes back to letters: a newer one says the same."""
    person = booked(email="")
    for changes in ({"email": "a@gmx.de"}, {"email": "", "phone": "0351 4567890"}):
        change(person, **changes)

    waits = Message.objects.filter(template="booked", state="queued")
    assert [(one.medium, one.recipient) for one in waits] == [("letter", person.case_number)]


def test_an_invitation_that_waits_is_not_sent_to_the_old_place():
    person = RegistrationFactory(email="")
    series_slots()
    invitations.issue(registration=person, by=None, now=NOW)

    change(person, email="a@gmx.de")
    change(person, email="", phone=MOBILE)

    waits = Message.objects.filter(template="invited", state="queued")
    assert [one.recipient for one in waits] == [person.case_number]


def test_a_letter_that_waits_is_written_in_the_language_that_she_has_meanwhile():
    person, other = booked(email=""), booked(email="")
    left("sent")
    for one in (person, other):
        telling.tell("cancelled", one, key=f"cancelled:{one.pk}", now=NOW)

    change(person, by=UserFactory(), language="en")

    said = Message.objects.filter(recipient=person.case_number).order_by("pk")
    assert list(said.values_list("template", "language")) == [("booked", "de"), ("cancelled", "en")]
    assert set(Message.objects.filter(recipient=other.case_number).values_list("language", flat=True)) == {"de"}


# --- the postal address ------------------------------------------------------------------------


def moved_house(person):
    who = replace(correcting.person_of(person), street="Markt 1")
    said = contact(email=person.email, phone=str(person.phone))
    correcting.correct(registration=person, person=who, contact=said, by=UserFactory(), now=NOW)


@pytest.mark.parametrize(("state", "letters"), [("bounced", 2), ("queued", 1), ("sent", 1)])
def test_a_letter_that_came_back_goes_to_the_corrected_address(state, letters):
    person = booked(email="")
    left(state)

    moved_house(person)

    alive = Message.objects.filter(template="booked").exclude(state="discarded")
    assert alive.count() == letters
    assert {one.recipient for one in alive} == {person.case_number}


def test_an_invitation_by_letter_goes_to_the_corrected_address_too():
    person = RegistrationFactory(email="")
    series_slots()
    invitations.issue(registration=person, by=None, now=NOW)
    left()

    moved_house(person)

    assert list(Message.objects.values_list("template", "state")) == [("invited", "sent"), ("invited", "queued")]


def test_a_corrected_address_means_nothing_to_who_reads_mails():
    person = booked()
    left("bounced")

    moved_house(person)

    assert len(messages()) == 1


# --- invitations by letter ---------------------------------------------------------------------


def test_an_invitation_does_not_run_out_while_its_letter_waits_for_the_printer():
    series_slots(capacity=3)
    person = RegistrationFactory(email="")
    invitations.issue(registration=person, by=None, now=NOW)

    for day in range(0, 40, 2):
        assert invitations.expire_due(now=NOW + timedelta(days=day)) == 0

    Message.objects.update(state="sent", sent_at=NOW + timedelta(days=38))
    assert invitations.expire_due(now=NOW + timedelta(days=38 + 11)) == 0
    assert invitations.expire_due(now=NOW + timedelta(days=38 + 13)) == 1
    assert messages()[-1] == ("invitation_expired", person.case_number)


# --- the end -----------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["died", "merged"])
def test_nobody_writes_to_who_has_died_or_goes_on_as_another(reason):
    person = booked()

    registrations.withdraw(registration=person, reason=reason, by=UserFactory(), now=NOW)

    assert [template for template, _to in messages()] == ["booked"]
    assert delivery.compose(Message.objects.get(), now=NOW) is None
    assert set(person.appointments.values_list("status", flat=True)) == {"cancelled"}
    assert [one.slot.booked for one in person.appointments.select_related("slot")] == [0, 0]


def test_what_waits_is_not_sent_when_she_died_after_she_had_left():
    person = RegistrationFactory()
    registrations.withdraw(registration=person, reason="own_wish", by=None, now=NOW)
    message = Message.objects.get(template="withdrawn")
    assert delivery.compose(message, now=NOW) is not None

    registrations.withdraw(registration=person, reason="died", by=UserFactory(), now=NOW)

    person.refresh_from_db()
    assert person.withdrawn_reason == "died"
    assert delivery.compose(message, now=NOW) is None


def test_a_change_of_the_center_writes_to_nobody_who_has_died(house):
    person = house.booked(house.slot(9))
    house.slot(10)
    change_ = house.start()
    registrations.withdraw(registration=person, reason="died", by=UserFactory(), now=NOW)
    caring.work(change_, now=NOW, limit=10)

    assert change_.cases.get().outcome == "gone"
    assert [template for template, _to in messages()] == ["booked"]
