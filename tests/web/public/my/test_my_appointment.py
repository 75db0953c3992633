"""/mein-termin/ in every stage, the success page, and what belongs to the appointments."""

import re
from datetime import timedelta

import pytest

from booking.models import Appointment
from booking.services import reminders
from notifications.models import Message
from tests.factories import NOW
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.web.public.my.conftest import book, browser
from tests.web.public.my.test_booking import queries, text

MY = "/mein-termin/"


def page(client):
    return text(client.get(MY))


def test_a_person_in_the_line_reads_her_group_and_no_date(pirna):
    shown = page(browser(RegistrationFactory()))

    assert "Sie stehen in der Reihe" in shown
    assert "Gruppe 1" in shown
    assert "Den Tag kennt noch niemand" in shown


def test_an_invited_person_is_led_to_the_centers(visitor):
    shown = page(visitor)

    assert "Sie können Ihre Termine jetzt buchen" in shown
    assert 'href="/mein-termin/zentren/"' in shown
    assert "Ihre Einladung gilt bis Montag, 22. Februar 2021" in shown


def test_an_invited_person_without_a_free_place_keeps_her_invitation(visitor, pirna):
    for slot in pirna.slots:
        slot.booked = slot.capacity
        slot.save(update_fields=["booked"])

    shown = page(visitor)

    assert "Zurzeit ist kein Platz für Sie frei" in shown
    assert "Ihre Einladung gilt weiter bis" in shown


def test_an_expired_invitation_is_renewed_with_one_button(pirna):
    person = RegistrationFactory()
    InvitationFactory(registration=person, expired=True)
    client = browser(person)

    shown = page(client)
    response = client.post("/mein-termin/erneuern/")

    assert "Ihre Einladung ist abgelaufen" in shown
    assert response.url == MY
    assert "Sie sind an der Reihe" in page(client)


def test_an_expired_invitation_without_places_puts_her_back_into_the_line(pirna):
    for slot in pirna.slots:
        slot.booked = slot.capacity
        slot.save(update_fields=["booked"])
    person = RegistrationFactory()
    InvitationFactory(registration=person, expired=True)
    client = browser(person)
    client.post("/mein-termin/erneuern/")

    assert "Sie stehen in der Reihe" in page(client)


def test_an_unconfirmed_person_is_asked_to_confirm(pirna):
    assert "noch nicht bestätigt" in page(browser(RegistrationFactory(unconfirmed=True)))


def test_a_person_with_appointments_sees_both_and_her_door_code(visitor, booked, person):
    shown = page(visitor)

    assert "Ihre Termine, Ingeborg Richter" in shown
    assert "18. Februar 2021" in shown
    assert "11. März 2021" in shown
    assert f"{person.door_code[:3]} {person.door_code[3:]}" in shown
    assert "In 2 Tagen" in shown


def test_the_qr_code_is_part_of_the_page_and_has_a_label(visitor, booked):
    shown = page(visitor)

    assert re.search(r'<svg role="img" aria-label="QR-Code für den Einlass[^"]+" viewBox="0 0 21 21"', shown)


def test_needs_are_said_back(pirna):
    person = RegistrationFactory(invited=True, needs_wheelchair=True, needs_sign_language=True)
    book(person, pirna.first.pk)
    shown = page(browser(person))

    assert "einen Rollstuhl benutzen" in shown
    assert "Gebärdensprache gebeten" in shown
    assert "Begleitperson" not in shown


def test_the_map_is_a_link_that_tells_the_other_host_nothing(visitor, booked):
    shown = page(visitor)

    assert re.search(r'href="https://www\.openstreetmap\.org/[^"]+" rel="noreferrer noopener external"', shown)
    assert 'src="https://' not in shown


def test_messages_are_listed_with_their_state(visitor, booked, person):
    Message.objects.filter(template="booked").update(state="sent", sent_at=NOW)

    shown = page(visitor)

    assert f"E-Mail an {person.email}, angenommen heute um 10:00 Uhr." in shown


def test_the_reminder_of_an_appointment_is_listed(visitor, booked, person):
    Appointment.objects.update(booked_at=NOW - timedelta(days=1))
    reminders.remind_appointments(now=NOW + timedelta(days=1))

    assert "Erinnerung an Ihren Termin" in page(visitor)


@pytest.mark.parametrize(
    ("state", "words"), [("queued", "ist unterwegs"), ("deferred", "vom Anbieter verzögert"), ("bounced", "abgelehnt")]
)
def test_messages_that_have_not_arrived_say_so(visitor, booked, state, words):
    Message.objects.filter(template="booked").update(state=state)

    assert words in page(visitor)


def test_messages_of_another_person_with_the_same_mailbox_stay_hers(visitor, booked, person, pirna):
    other = RegistrationFactory(invited=True, email=person.email, first_name="Horst")
    book(other, pirna.slots[1].pk)

    assert page(visitor).count(f"E-Mail an {person.email}") == 1


def test_a_given_first_dose_is_said_and_only_the_second_can_be_moved(visitor, booked, person):
    person.appointments.filter(dose_number=1).update(status="vaccinated")

    shown = page(visitor)

    assert "Diese Impfung haben Sie bekommen." in shown
    assert 'href="/mein-termin/verschieben/2/"' in shown
    assert 'href="/mein-termin/verschieben/1/"' not in shown
    assert 'href="/mein-termin/verschieben/"' not in shown


def test_both_doses_given_is_the_end(visitor, booked, person):
    person.appointments.update(status="vaccinated")

    assert "Ihre Impfung ist vollständig" in page(visitor)


def test_a_missed_dose_leads_to_the_telephone(visitor, booked, person):
    person.appointments.filter(dose_number=1).update(status="vaccinated")
    person.appointments.filter(dose_number=2).update(status="no_show")

    assert "Ein Termin fehlt" in page(visitor)


def test_the_page_costs_the_same_queries_with_many_messages(visitor, booked, person):
    few = queries(visitor, MY)
    Message.objects.bulk_create(
        Message(
            lane="example.org", recipient=person.email, language="de", template="new_link", state="queued",
            dedupe_key=f"new_link:{person.pk}:2021-02-16:{n}", created_at=NOW - timedelta(minutes=n), available_at=NOW,
        )
        for n in range(1, 4)
    )  # fmt: skip

    assert queries(visitor, MY) == few


def test_pages_exist_in_english(visitor, booked):
    visitor.cookies["django_language"] = "en"
    shown = page(visitor)

    assert "Your appointments, Ingeborg Richter" in shown
    assert "Thursday" in shown
    assert "10:20 am" in shown
    assert Appointment.objects.count() == 2
