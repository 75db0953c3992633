"""What every message says. Rendered by the real templates."""

from datetime import UTC, date, datetime, timedelta

import pytest

from booking.services import appointments, links
from centers.models import Channel
from notifications import delivery, outbox
from tests.booking.mails import (
    CASES,
    IN_TIME,
    booked_person,
    case_appointment_reminder,
    case_booked,
    first_dose,
    joined,
    message,
    person,
    sent,
    visit_link,
    words,
)
from tests.factories import NOW
from tests.factories.supply import SlotFactory, VaccineFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]


def test_every_registered_template_has_a_case():
    to_citizens = [name for name in outbox.templates() if not name.startswith("staff_")]  # those: tests/web/staff/
    assert to_citizens == sorted(CASES)


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


def test_booked_tells_the_times_as_they_stand_when_it_leaves():
    registration, reference = case_booked()
    first = first_dose(registration).slot
    later = SlotFactory(starts_at=first.starts_at + timedelta(minutes=30), session=first.session)
    appointments.move(registration=registration, dose_number=1, slot_id=later.pk, channel=Channel.WEB, by=None, now=NOW)

    text = words(sent("booked", registration, **reference))

    assert "18. Februar 2021, 10:50 Uhr" in text
    assert "10:20 Uhr" in text  # dose 2, three weeks later
    assert "18. Februar 2021, 10:20 Uhr" not in text


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
