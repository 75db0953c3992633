"""The registration: pages, draft, "check your answers", sent once."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from booking.models import Draft, Registration
from booking.services import drafts
from notifications.models import Message
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.web.public.filling import CONTACT, PERSON, fill, page_of, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("campaign")]


def test_registration_goes_from_page_to_page_and_stores_the_person(client):
    fill(client)
    response = send(client)

    assert response.url == "/anmelden/bestaetigung/"
    person = Registration.objects.get()
    assert (person.full_name, person.birth_date.isoformat(), person.postcode) == (
        "Ingeborg Richter",
        "1938-03-14",
        "01796",
    )
    assert (person.criteria, person.email, person.language) == ([], "i.richter@gmx.de", "de")
    assert (person.needs_wheelchair, person.needs_companion, person.needs_sign_language) == (True, False, False)
    assert [message.template for message in Message.objects.all()] == ["confirm_registration"]


def test_first_page_alone_stores_nothing(client):
    client.get("/anmelden/")

    assert not Draft.objects.exists()


def test_draft_is_named_by_a_signed_cookie_that_scripts_cannot_read(client):
    client.post("/anmelden/", PERSON)

    cookie = client.cookies["draft"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/anmelden/"
    client.cookies["draft"] = cookie.value[:-2]
    assert client.get("/anmelden/angaben/").status_code == 410


def test_check_hands_over_birth_date_and_answers(client):
    carried = {"from_check": "1", "birth_date_day": "2", "birth_date_month": "5", "birth_date_year": "1968",
               "criteria": ["P1_HOMECARE"]}  # fmt: skip

    response = client.post("/anmelden/", carried)

    assert response.url == "/anmelden/"
    assert 'value="1968"' in page_of(client.get("/anmelden/"))
    assert Draft.objects.get().data["criteria"] == ["P1_HOMECARE"]
    person = {**PERSON, "birth_date_day": "2", "birth_date_month": "5", "birth_date_year": "1968"}
    assert client.post("/anmelden/", person).url == "/anmelden/kontakt/"


def test_check_for_another_person_begins_another_draft(client):
    fill(client)
    client.post("/anmelden/", {"from_check": "1", "birth_date_day": "1", "birth_date_month": "1",
                               "birth_date_year": "1935"})  # fmt: skip

    assert "last_name" not in Draft.objects.latest("pk").data


def test_a_change_leads_back_to_check_your_answers(client):
    fill(client)

    assert client.post("/anmelden/", {**PERSON, "first_name": "Inge"}).url == "/anmelden/angaben/"
    assert "Inge Richter" in page_of(client.get("/anmelden/angaben/"))


def test_check_your_answers_shows_everything_that_is_sent(client):
    fill(client)

    page = page_of(client.get("/anmelden/angaben/"))

    for shown in ("Ingeborg Richter", "14.\u00a0März 1938", "Schandauer Straße 14", "01796 Pirna", "i.richter@gmx.de",
                  "Deutsch", "Ich komme mit Rollstuhl oder Rollator", "Gruppe 1: höchste Priorität"):  # fmt: skip
        assert shown in page


def test_check_your_answers_leads_to_the_page_that_is_missing(client):
    client.post("/anmelden/", PERSON)

    assert client.get("/anmelden/angaben/").url == "/anmelden/anspruch/"


def test_double_submit_registers_once(client):
    fill(client)
    send(client)
    response = send(client)

    assert response.url == "/anmelden/bestaetigung/"
    assert Registration.objects.count() == 1
    assert Message.objects.count() == 1


def test_back_button_after_sending_leads_to_the_status(client):
    fill(client)
    send(client)

    for path in ("/anmelden/anspruch/", "/anmelden/kontakt/", "/anmelden/angaben/"):
        assert client.get(path).url == "/anmelden/bestaetigung/"


def test_second_window_sends_only_what_it_shows(client):
    fill(client)
    shown = drafts.fingerprint(Draft.objects.get())
    client.post("/anmelden/", {**PERSON, "first_name": "Otto"})

    response = client.post("/anmelden/angaben/", {"shown": shown})

    assert response.status_code == 409
    assert "in einem anderen Fenster geändert" in page_of(response)
    assert not Registration.objects.exists()


def test_after_sending_another_person_can_be_registered(client):
    fill(client)
    send(client)

    assert "Sie haben gerade eine Anmeldung abgeschickt" in page_of(client.get("/anmelden/"))
    fill(client, person={**PERSON, "first_name": "Otto"})
    send(client)
    assert Registration.objects.count() == 2


def test_expired_draft_says_so_and_starts_again(client):
    client.post("/anmelden/", PERSON)
    with time_machine.travel(NOW + timedelta(hours=3), tick=False):
        response = client.get("/anmelden/kontakt/")

    assert response.status_code == 410
    assert "Bitte beginnen Sie noch einmal" in page_of(response)


def test_one_word_name_is_enough(client):
    fill(client, person={**PERSON, "first_name": "", "last_name": "Sukarno"})
    send(client)

    assert Registration.objects.get().full_name == "Sukarno"


@pytest.mark.parametrize(
    "name", ["O'Brien", "Nguyễn Thị", "Šołta-Hrjehor", "de la Cruz", "ʻAkahi", "Müller-Lüdenscheidt"]
)
def test_names_of_the_world_are_kept_as_typed(client, name):
    fill(client, person={**PERSON, "last_name": name})
    send(client)

    assert Registration.objects.get().last_name == name


def test_neither_email_nor_phone_names_the_hotline_and_keeps_what_was_typed(client):
    client.post("/anmelden/", PERSON)
    client.post("/anmelden/anspruch/", {"none": "on"})

    page = page_of(client.post("/anmelden/kontakt/", {"needs": ["companion"], "language": "de"}))

    assert "0800 0899 089" in page
    assert "Ohne E-Mail-Adresse und Telefonnummer" in page
    assert 'value="companion" checked' in page
    assert "language" not in Draft.objects.get().data


def test_phone_alone_is_stored_without_a_message(client):
    fill(client, contact={"phone": "0351 123456", "language": "de"})
    send(client)

    assert str(Registration.objects.get().phone) == "+49351123456"
    assert not Message.objects.exists()


def test_postcode_elsewhere_in_germany_is_explained_not_refused(client):
    fill(client, person={**PERSON, "postcode": "10115", "town": "Berlin"})

    assert "Ihre Postleitzahl liegt nicht in Sachsen" in page_of(client.get("/anmelden/angaben/"))
    send(client)
    assert Registration.objects.count() == 1


@pytest.mark.parametrize(
    ("date", "message"),
    [
        (("17", "2", "2021"), "Das Geburtsdatum liegt in der Zukunft"),
        (("14", "3", "1850"), "Meinten Sie 1950?"),
        (("30", "2", "1950"), "hatte nur 28 Tage"),
        (("14", "3", "2038"), "Meinten Sie 1938?"),
        (("", "", ""), "Bitte geben Sie das Geburtsdatum"),
        (("14", "3", "2012"), "In diesem Alter ist noch kein Impfstoff zugelassen"),
    ],
)
def test_impossible_birth_date_is_explained_beside_the_field(client, date, message):
    typed = dict(zip(("birth_date_day", "birth_date_month", "birth_date_year"), date, strict=True))

    page = page_of(client.post("/anmelden/", {**PERSON, **typed}))

    assert message in page
    assert 'value="Ingeborg"' in page
    assert "Bitte prüfen Sie eine Angabe" in page


def test_duplicate_person_sees_the_same_screen_and_gets_no_second_row(client):
    RegistrationFactory(first_name="Ingeborg", last_name="Richter")
    fill(client)
    send(client)

    page = page_of(client.get("/anmelden/bestaetigung/"))

    assert "i.richter@gmx.de" in page
    assert Registration.objects.count() == 1
    assert Draft.objects.get().registration is None


def test_two_members_of_a_family_share_one_address(client):
    fill(client)
    send(client)
    fill(client, person={**PERSON, "first_name": "Otto"})
    send(client)

    assert list(Registration.objects.values_list("email", flat=True)) == ["i.richter@gmx.de"] * 2


def test_sent_draft_forgets_the_person(client):
    fill(client)
    send(client)

    assert Draft.objects.get().data == {"email": "i.richter@gmx.de"}


def test_pages_cost_few_queries(client, django_assert_max_num_queries):
    fill(client)
    for path, most in {
        "/anmelden/": 1,
        "/anmelden/anspruch/": 1,
        "/anmelden/kontakt/": 1,
        "/anmelden/angaben/": 4,
    }.items():
        with django_assert_max_num_queries(most):
            client.get(path)


def test_pages_speak_english(client):
    client.cookies["django_language"] = "en"
    fill(client)

    pages = [page_of(client.get(path)) for path in ("/anmelden/", "/anmelden/anspruch/", "/anmelden/kontakt/",
                                                    "/anmelden/angaben/")]  # fmt: skip

    assert all('<html lang="en">' in page for page in pages)
    assert "Who will be vaccinated?" in pages[0]
    assert "Is everything right?" in pages[3]


def test_sending_needs_the_form_token(client):
    fill(client)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies

    assert strict.post("/anmelden/angaben/", CONTACT).status_code == 403


def test_steps_are_counted_and_one_less_after_the_check(client):
    assert "Anmelden · Schritt 1 von 4" in page_of(client.get("/anmelden/"))
    client.post(
        "/anmelden/", {"from_check": "1", "birth_date_day": "14", "birth_date_month": "3", "birth_date_year": "1938"}
    )

    assert "Anmelden · Schritt 1 von 3" in page_of(client.get("/anmelden/"))
