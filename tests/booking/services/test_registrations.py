"""Registering, confirming, changing the contact, leaving."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from booking import codes
from booking.models import AccessLink, Appointment, Invitation, Registration
from booking.refusals import Refused
from booking.services import appointments, links, registrations
from booking.services.registrations import Contact, Details
from centers.models import Channel, PostcodeArea
from notifications.models import Message
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory, UserFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import DistrictFactory, series_slots

pytestmark = pytest.mark.django_db

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


# --- register ----------------------------------------------------------------------------------


def test_register_keeps_what_the_person_said():
    DistrictFactory(ags="14628", name="Sächsische Schweiz-Osterzgebirge", kind="LK")
    DistrictFactory()
    PostcodeArea.objects.create(prefix="01", district_id="14612")
    PostcodeArea.objects.create(prefix="017", district_id="14628")

    person = register()

    stored = Registration.objects.get()
    assert stored == person
    assert (stored.case_number, stored.full_name, stored.district_id) == ("K7P4XM92", "Ingeborg Richter", "14628")
    assert (str(stored.phone), stored.criteria, stored.language) == ("+493514567890", ["P1_HOMECARE"], "de")
    assert (stored.needs_wheelchair, stored.needs_companion) == (True, False)
    assert stored.confirmed_at is None
    assert (person.rank, person.public_id, person.district_id) == (stored.rank, stored.public_id, "14628")


def test_register_writes_link_message_and_audit_with_the_person():
    person = register()

    link = AccessLink.objects.get()
    message = Message.objects.get()
    assert (link.registration, link.purpose, link.valid_until) == (person, "confirm", None)
    assert links.find(links.token(link)) == link
    assert (message.template, message.recipient) == ("confirm_registration", "ingeborg@example.org")
    assert message.reference == {"registration": person.pk, "link": link.pk}
    assert message.dedupe_key == f"confirm:{person.pk}:{link.pk}"
    assert message.lane == "example.org"
    event = AuditEvent.objects.get()
    assert (event.action, event.subject, event.details) == (
        "registration.created",
        person.public_id,
        {"channel": "web"},
    )


def test_register_is_one_statement():
    register(case_number="22222222", last_name="Erste")  # fills the snapshot of the facts

    with CaptureQueriesContext(
        connection,
    ) as queries:
        register()

    own = [query for query in queries.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(own) == 1


def test_register_by_phone_only_keeps_the_person_and_writes_no_message():
    person = register(email="")

    assert (person.confirmed_at, messages(), AccessLink.objects.count()) == (None, [], 0)


def test_register_by_an_agent_needs_no_confirmation():
    person = register(channel=Channel.PHONE, by=UserFactory(), email="", phone="")

    assert person.confirmed_at == NOW
    assert AuditEvent.objects.get(action="registration.created").actor_id is not None


def test_register_gives_ranks_in_order():
    first, second = register(), register(case_number="22222222", last_name="Zweite")

    assert first.rank < second.rank


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"last_name": ""}, "invalid_person"),
        ({"last_name": "x" * 81}, "invalid_person"),
        ({"town": "Pir\x00na"}, "invalid_person"),
        ({"street": ""}, "invalid_person"),
        ({"birth_date": date(2021, 2, 17)}, "invalid_birth_date"),
        ({"birth_date": date(1850, 1, 1)}, "invalid_birth_date"),
        ({"postcode": "1796"}, "invalid_postcode"),
        ({"postcode": "٠١٧٩٦"}, "invalid_postcode"),
        ({"email": "", "phone": ""}, "no_contact"),
        ({"email": "nobody"}, "invalid_email"),
        ({"email": "a@example.org\nBcc: b@example.org"}, "invalid_email"),
        ({"phone": "12"}, "invalid_phone"),
        ({"language": "xx"}, "invalid_choice"),
        ({"needs": frozenset({"dragon"})}, "invalid_choice"),
    ],
)
def test_register_refuses_nonsense_and_stores_nothing(changes, code):
    with pytest.raises(Refused) as refusal:
        register(**changes)

    assert (refusal.value.code, Registration.objects.count()) == (code, 0)


def test_register_refuses_unknown_answers():
    RegulationFactory()

    with pytest.raises(Refused) as refusal:
        register(criteria=frozenset({"P1_INVENTED"}))

    assert refusal.value.code == "invalid_choice"


def test_register_takes_names_of_one_word_and_any_script():
    person = register(first_name="", last_name="Nguyễn 🌸 שלום")

    person.refresh_from_db()
    assert person.full_name == "Nguyễn 🌸 שלום"


def test_register_same_person_tells_the_stored_contact_and_nobody_else():
    known = RegistrationFactory(last_name="Müller", first_name="Jürgen", email="alt@example.org")

    again = register(
        case_number="22222222", first_name="Juergen", last_name="Mueller", street="Schandauer Str. 14",
        email="fremd@example.org",
    )  # fmt: skip

    assert again is None
    assert list(Registration.objects.all()) == [known]
    assert messages() == [("already_registered", "alt@example.org")]
    assert Message.objects.get().reference["link"] == AccessLink.objects.get(purpose="visit").pk


def test_register_same_person_is_told_once_a_day():
    register()
    for day in (0, 0, 1):
        register(case_number=codes.case_number(), now=NOW + timedelta(days=day))

    assert [template for template, _to in messages()] == ["confirm_registration", *["already_registered"] * 2]


def test_register_same_person_unconfirmed_gets_her_confirmation_link_again():
    register()

    register(case_number="22222222")

    link = AccessLink.objects.get()
    assert [one.reference["link"] for one in Message.objects.all()] == [link.pk, link.pk]


def test_register_again_after_a_refused_mail_counts_at_the_old_rank():
    mistyped = register(email="typo@example.org")
    Message.objects.update(state="bounced")

    again = register(case_number="22222222", email="right@example.org", criteria=frozenset())

    stored = Registration.objects.get()
    assert again == stored
    assert (stored.pk, stored.rank, stored.email) == (mistyped.pk, mistyped.rank, "right@example.org")
    assert (stored.case_number, stored.criteria) == ("22222222", [])
    assert messages()[-1] == ("confirm_registration", "right@example.org")


def test_register_again_after_a_refused_mail_cannot_take_a_confirmed_registration():
    person = register()
    Message.objects.update(state="bounced")
    Registration.objects.update(confirmed_at=NOW)

    assert register(case_number="22222222", email="fremd@example.org") is None
    assert messages()[-1] == ("already_registered", person.email)


def test_register_same_form_again_answers_with_the_same_registration():
    first = register()

    assert register() == first
    assert len(messages()) == 1


def test_register_after_withdrawal_is_a_new_registration():
    RegistrationFactory(withdrawn=True, first_name=DETAILS.first_name, last_name=DETAILS.last_name)

    assert register() is not None


def test_register_gives_a_new_number_when_somebody_else_has_it():
    RegistrationFactory(case_number="K7P4XM92")

    assert register().case_number != "K7P4XM92"


def test_register_lets_a_couple_share_their_address():
    assert register() is not None
    assert register(case_number="22222222", first_name="Karl") is not None


def test_register_keeps_twins_apart():
    assert register(first_name="Hanna") is not None
    assert register(case_number="22222222", first_name="Anna") is not None


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
