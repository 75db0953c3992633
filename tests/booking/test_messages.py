"""What every message says, from the state at the moment of sending. Rendered by the real templates."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.mail import EmailMultiAlternatives

from booking.models import Appointment
from booking.services import appointments, links, registrations
from centers.models import Channel
from notifications import delivery, outbox
from notifications.models import Message
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.supply import SlotFactory, VaccineFactory, series_slots

pytestmark = pytest.mark.django_db

IN_TIME = datetime(2021, 2, 17, 9, 0, tzinfo=UTC)  # the day before dose 1
REMINDED = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _open_group():
    RegulationFactory()
    OpeningFactory()


def person(**values):
    return RegistrationFactory(
        **{"first_name": "Ingeborg", "last_name": "Richter", "email": "i.richter@gmx.de", **values}
    )


def message(template, registration, **reference) -> Message:
    recipient = reference.pop("to", registration.email)
    language = reference.pop("language", "de")
    outbox.queue(
        template=template,
        recipient=recipient,
        language=language,
        reference={"registration": registration.pk, **reference},
        dedupe_key=f"test:{template}",
        now=NOW,
    )
    return Message.objects.get(dedupe_key=f"test:{template}")


def sent(template, registration, now=NOW, **reference) -> EmailMultiAlternatives | None:
    return delivery.compose(message(template, registration, **reference), now=now)


def confirm_link(registration):
    return links.issue(registration=registration, purpose="confirm", now=NOW)


def visit_link(registration):
    return links.issue(registration=registration, purpose="visit", now=NOW)


def booked_person(**values):
    registration = person(invited=True, **values)
    first, _second = series_slots()
    appointments.book(registration=registration, slot_id=first.pk, channel=Channel.WEB, by=None, now=NOW)
    return registration


def first_dose(registration) -> Appointment:
    return registration.appointments.get(dose_number=1)


# Every template with a state in which it is sent.


def case_confirm_registration():
    registration = person(unconfirmed=True)
    return registration, {"link": confirm_link(registration).pk}


def case_already_registered():
    registration = person()
    return registration, {"link": visit_link(registration).pk}


def case_registered():
    registration = person()
    return registration, {"link": visit_link(registration).pk}


def case_invited():
    registration = person()
    invitation = InvitationFactory(registration=registration, valid_until=datetime(2021, 2, 22, 23, 0, tzinfo=UTC))
    return registration, {"link": visit_link(registration).pk, "invitation": invitation.pk}


def case_booked():
    registration = booked_person()
    return registration, {"link": visit_link(registration).pk}


def case_cancelled():
    registration = booked_person()
    appointments.cancel(registration=registration, reason="own_wish", by=None, now=NOW)
    return registration, {"link": visit_link(registration).pk}


def case_withdrawn():
    registration = booked_person()
    registrations.withdraw(registration=registration, reason="own_wish", by=None, now=NOW)
    return registration, {"appointments": [1, 2]}


def case_appointment_reminder():
    registration = booked_person()
    return registration, {"appointment": first_dose(registration).pk, "now": IN_TIME}


def case_contact_changed():
    return person(), {"to": "old@web.de"}


CASES = {
    "confirm_registration": (case_confirm_registration, "Anmeldung bestätigen"),
    "confirm_reminder": (case_confirm_registration, "ein Schritt fehlt noch"),
    "already_registered": (case_already_registered, "schon angemeldet"),
    "registered": (case_registered, "Sie stehen jetzt in der Reihe"),
    "invited": (case_invited, "Ihre Einladung gilt bis Montag, 22. Februar 2021."),
    "invitation_reminder": (case_invited, "bis Montag, 22. Februar 2021"),
    "invitation_expired": (case_registered, "Ihr Platz in der Reihe bleibt"),
    "new_link": (case_registered, "hier ist der neue Link"),
    "booked": (case_booked, "Donnerstag, 18. Februar 2021, 10:20 Uhr"),
    "moved": (case_booked, "Es gelten nur noch diese Zeiten"),
    "cancelled": (case_cancelled, "Sie haben jetzt keinen Termin mehr"),
    "withdrawn": (case_withdrawn, "Anmeldung beendet"),
    "appointment_reminder": (case_appointment_reminder, "Donnerstag, 18. Februar 2021, 10:20 Uhr"),
    "contact_changed": (case_contact_changed, "an eine andere E-Mail-Adresse"),
}


def joined(text: str) -> str:
    return " ".join(text.split())


def words(email: EmailMultiAlternatives) -> str:
    """The plain text without its line breaks."""
    return joined(email.body)


def test_every_registered_template_has_a_case():
    assert outbox.templates() == sorted(CASES)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("template", CASES)
def test_message(template, language, settings):
    case, german = CASES[template]
    registration, reference = case()

    email = sent(template, registration, language=language, **reference)

    assert email is not None
    text, html = words(email), email.alternatives[0].content
    greeting = {"de": "Guten Tag Ingeborg Richter,", "en": "Hello Ingeborg Richter,"}
    assert greeting[language] in text
    assert (german in text) == (language == "de")
    assert f'lang="{language}"' in html
    assert settings.HOTLINE in text
    assert settings.HOTLINE in html
    case_number = f"{registration.case_number[:3]} {registration.case_number[3:6]} {registration.case_number[6:]}"
    assert case_number in text
    assert f"{settings.SITE_URL}/" in text
    assert "Richter" not in email.subject
    assert email.subject in html
    assert email.attachments == []
    assert all(len(line) <= 72 or "://" in line for line in email.body.splitlines())


@pytest.mark.parametrize(
    "template", [name for name in CASES if name not in {"withdrawn", "contact_changed", "appointment_reminder"}]
)
def test_message_carries_its_own_link(template):
    case, _german = CASES[template]
    registration, reference = case()

    email = sent(template, registration, **reference)

    address = links.url(registration.links.get(pk=reference["link"]))
    assert address in email.body.splitlines()
    assert f'href="{address}"' in email.alternatives[0].content


def test_reminder_without_a_link_gets_one_that_opens():
    registration, reference = case_appointment_reminder()

    email = sent("appointment_reminder", registration, **reference)

    link = registration.links.order_by("pk").last()
    assert links.url(link) in email.body
    assert links.state(link, IN_TIME) == "open"


@pytest.mark.parametrize("template", ["booked", "moved"])
def test_message_of_the_rush_gets_its_link_when_it_is_composed_and_keeps_it(template):
    registration = booked_person()
    assert not registration.links.exists()
    row = message(template, registration)

    first, again = delivery.compose(row, now=NOW), delivery.compose(row, now=IN_TIME)

    address = links.url(registration.links.get())
    assert address in first.body
    assert address in again.body


def test_message_replaces_a_dead_link():
    registration, reference = case_booked()
    dead = registration.links.get()
    links.send_new(link=dead, now=NOW + timedelta(minutes=1))

    email = sent("booked", registration, now=NOW + timedelta(minutes=2), **reference)

    assert links.url(dead) not in email.body
    assert links.url(registration.links.exclude(pk=dead.pk).get()) in email.body


# Overtaken by the state.


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


def test_booked_tells_the_times_as_they_stand_when_it_leaves():
    registration, reference = case_booked()
    first = first_dose(registration).slot
    later = SlotFactory(starts_at=first.starts_at + timedelta(minutes=30), session=first.session)
    appointments.move(registration=registration, dose_number=1, slot_id=later.pk, channel=Channel.WEB, by=None, now=NOW)

    text = words(sent("booked", registration, **reference))

    assert "18. Februar 2021, 10:50 Uhr" in text
    assert "10:20 Uhr" in text  # dose 2, three weeks later
    assert "18. Februar 2021, 10:20 Uhr" not in text


@pytest.mark.parametrize("template", ["booked", "registered", "cancelled"])
def test_message_follows_the_person_to_her_present_address(template):
    case, _german = CASES[template]
    registration, reference = case()
    address_changed(registration)

    assert sent(template, registration, to="i.richter@gmx.de", **reference) is None

    (follower,) = Message.objects.filter(template=template, recipient="new@web.de")
    assert delivery.compose(follower, now=NOW) is not None


def test_booked_says_everything_that_is_needed_at_the_door():
    registration, reference = case_booked()

    text = words(sent("booked", registration, **reference))

    code = f"{registration.door_code[:3]} {registration.door_code[3:]}"
    for expected in (
        "1. Impfung",
        "2. Impfung",
        "Donnerstag, 11. März 2021, 10:20 Uhr",
        "Messering 6, 01067 Dresden",
        "Stufenfrei",
        code,
        "Ihre Gesundheitskarte",
        "Geplanter Impfstoff: Comirnaty",
        "mRNA-Impfstoffe",
    ):
        assert expected in text


def test_booked_of_a_single_dose_speaks_of_one_appointment():
    registration = person(invited=True)
    slot = SlotFactory(session__vaccine=VaccineFactory(single=True))
    appointments.book(registration=registration, slot_id=slot.pk, channel=Channel.WEB, by=None, now=NOW)

    email = sent("booked", registration)

    assert email.subject == "Ihr Termin ist gebucht"
    assert "1. Impfung" not in email.body
    assert "beide" not in email.body


@pytest.mark.parametrize(
    ("now", "is_sent"),
    [
        (IN_TIME, True),
        (datetime(2021, 2, 18, 9, 19, tzinfo=UTC), True),
        (datetime(2021, 2, 16, 22, 59, tzinfo=UTC), False),
        (datetime(2021, 2, 18, 9, 20, tzinfo=UTC), False),
    ],
)
def test_reminder_is_sent_from_the_day_before_until_the_appointment(now, is_sent):
    registration, reference = case_appointment_reminder()

    assert (sent("appointment_reminder", registration, **reference | {"now": now}) is not None) == is_sent


@pytest.mark.parametrize(
    ("birth_date", "told"),
    [(date(1938, 3, 14), "gehören Sie zu: Gruppe 1 (höchste Priorität)."), (date(1980, 3, 14), "")],
)
def test_registered_names_the_group_of_who_has_one(birth_date, told):
    registration = person(birth_date=birth_date)

    text = words(sent("registered", registration, link=visit_link(registration).pk))

    assert told in text
    assert ("Gruppe" in text) == bool(told)


@pytest.mark.parametrize(
    ("first_name", "last_name"),
    [
        ("Jürgen", "Müller-Lüdenscheidt"),
        ("Sinéad", "O'Brien"),
        ("Thị", "Nguyễn"),
        ("", "Sukarno"),
        ("<b>Eva</b>", "& Söhne {{ 7 }}"),
        ("\u202eEva", "Richter"),
        ("Zoë 🙂", "Šołta"),
    ],
)
def test_names_arrive_as_they_were_typed(first_name, last_name):
    registration = person(first_name=first_name, last_name=last_name)

    email = sent("contact_changed", registration, to="old@web.de")

    full = joined(f"{first_name} {last_name}")
    assert f"Guten Tag {full}," in words(email)
    html = email.alternatives[0].content
    assert "<b>Eva" not in html
    assert email.message().as_bytes()


def test_a_line_break_in_a_name_reaches_no_header():
    registration = person(first_name="Eva\r\nBcc: all@web.de")

    email = sent("contact_changed", registration, to="old@web.de")

    head = email.message().as_bytes().split(b"\n\n")[0]
    assert b"Bcc" not in head
    assert email.recipients() == ["old@web.de"]
