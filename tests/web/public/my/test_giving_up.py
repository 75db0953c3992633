"""Cancelling the appointments, or everything; the contact; leaving."""

import pytest

from booking.models import Appointment, Invitation
from tests.factories.people import RegistrationFactory
from tests.web.public.my.conftest import browser
from tests.web.public.my.test_booking import text

CANCEL = "/mein-termin/absagen/"
CONTACT = "/mein-termin/kontakt/"


def test_nothing_is_chosen_beforehand(visitor, booked):
    page = text(visitor.get(CANCEL))

    assert page.count('type="radio"') == 3
    assert " checked" not in page
    assert "Beide gehören zusammen" in page


def test_cancelling_without_a_choice_asks_again(visitor, booked):
    response = visitor.post(CANCEL, {})

    assert "Bitte wählen Sie, was Sie tun möchten." in text(response)
    assert Appointment.objects.filter(status="booked").count() == 2


def test_cancelling_the_appointments_keeps_registration_and_invitation(visitor, booked, person):
    response = visitor.post(CANCEL, {"was": "nur"})
    page = text(visitor.get(response.url))
    person.refresh_from_db()

    assert person.withdrawn_at is None
    assert Invitation.objects.filter(registration=person, accepted_at__isnull=True, closed_at__isnull=True).exists()
    assert "Ihre früheren Termine sind abgesagt." in page
    assert "Sie sind an der Reihe" in page


@pytest.mark.parametrize(("what", "reason"), [("ganz", "own_wish"), ("geimpft", "vaccinated_elsewhere")])
def test_ending_the_registration_cancels_the_appointments_too(visitor, booked, person, what, reason):
    response = visitor.post(CANCEL, {"was": what})
    page = text(visitor.get(response.url))
    person.refresh_from_db()

    assert person.withdrawn_reason == reason
    assert not person.appointments.filter(status="booked").exists()
    assert "Ihre Anmeldung ist beendet" in page


def test_cancelling_twice_is_harmless(visitor, booked, person):
    visitor.post(CANCEL, {"was": "nur"})
    response = visitor.post(CANCEL, {"was": "nur"})

    assert response.status_code in {200, 302}
    assert person.appointments.filter(status="cancelled").count() == 2


def test_without_appointments_only_the_registration_can_be_ended(pirna):
    page = text(browser(RegistrationFactory()).get(CANCEL))

    assert "Meine Anmeldung beenden" in page
    assert page.count('type="radio"') == 2


def test_after_the_first_dose_the_page_offers_no_cancelling_of_the_series(visitor, booked, person):
    person.appointments.filter(dose_number=1).update(status="vaccinated")

    page = text(visitor.get(CANCEL))

    assert 'value="nur"' not in page


def test_after_the_end_there_is_nothing_to_cancel(visitor, booked):
    visitor.post(CANCEL, {"was": "ganz"})

    assert visitor.get(CANCEL).url == "/mein-termin/"
    assert visitor.get(CONTACT).url == "/mein-termin/"


def contact(**changes):
    return {"email": "neu@example.org", "phone": "", "language": "de", "needs": ["companion"], **changes}


def test_the_contact_is_shown_and_changed(visitor, person):
    shown = text(visitor.get(CONTACT))
    response = visitor.post(CONTACT, contact(phone="0351 1234567", language="en"))
    person.refresh_from_db()

    assert f'value="{person.email}"' not in shown
    assert response.url == "/mein-termin/"
    assert (person.email, str(person.phone), person.language) == ("neu@example.org", "+493511234567", "en")
    assert (person.needs_companion, person.needs_wheelchair) == (True, False)


def test_the_contact_needs_one_way_to_reach_her(visitor, person):
    response = visitor.post(CONTACT, contact(email=""))

    assert "Bitte lassen Sie uns eine E-Mail-Adresse oder eine Telefonnummer da." in text(response)


@pytest.mark.parametrize(
    "sent",
    [
        {"email": "kein klammeraffe"}, {"email": "a\x00b@example.org"}, {"email": "x" * 300 + "@example.org"},
        {"phone": "12"}, {"phone": "☎" * 50}, {"language": "fr"}, {"needs": ["jet"]},
    ],
)  # fmt: skip
def test_a_contact_that_cannot_be_keeps_what_was_typed_and_changes_nothing(visitor, person, sent):
    before = person.email
    response = visitor.post(CONTACT, contact(**sent))
    person.refresh_from_db()

    assert response.status_code == 200
    assert "<title>Fehler:" in text(response)
    assert person.email == before


def test_too_many_changes_are_refused_at_the_field(visitor, person):
    for number in range(5):
        visitor.post(CONTACT, contact(email=f"n{number}@example.org"))
    page = text(visitor.post(CONTACT, contact(email="noch@example.org")))

    assert "id_email_error" in page


def test_leaving_ends_the_visit(visitor, booked):
    visitor.post("/abmelden/")

    assert visitor.get("/mein-termin/").status_code == 403
