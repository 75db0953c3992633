"""A person comes with a link: confirm, or begin a visit."""

from datetime import date, timedelta

import pytest
import time_machine

from booking import codes
from booking.models import AccessLink, Draft, Invitation, Registration
from booking.services import links
from centers.models import Slot
from notifications.models import Message
from tests.factories import NOW
from tests.factories.people import RegistrationFactory, visit_link
from tests.web.public.filling import page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("campaign")]

BORN = {"birth_date_day": "14", "birth_date_month": "3", "birth_date_year": "1938"}
WRONG = {**BORN, "birth_date_day": "15"}
UNKNOWN = "A" * 43


def confirm_link(person: Registration) -> AccessLink:
    return links.issue(registration=person, purpose="confirm", now=NOW)


def come(client, link: AccessLink):
    """Press the link in the mail."""
    return client.get(f"/link/{links.token(link)}/")


@pytest.fixture
def person():
    return RegistrationFactory()


@pytest.fixture
def newcomer():
    return RegistrationFactory(unconfirmed=True)


def rows() -> list[object]:
    return [
        list(model.objects.order_by("pk").values()) for model in (AccessLink, Registration, Message, Invitation, Draft)
    ]


def test_opening_a_link_changes_nothing_and_takes_it_out_of_the_address(client, newcomer, django_assert_num_queries):
    link = confirm_link(newcomer)
    before = rows()

    with django_assert_num_queries(0):
        response = come(client, link)

    assert (response.status_code, response.url) == (302, "/link/")
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert client.cookies["link"]["httponly"]
    assert client.cookies["link"]["max-age"] == 900
    client.get("/link/")
    client.head("/link/")
    assert rows() == before


def test_link_that_was_cut_off_says_so(client):
    response = client.get("/link/abc/")

    assert response.status_code == 404
    assert "kein vollständiger Link" in page_of(response)


def test_post_to_the_address_of_a_link_is_refused(client):
    assert client.post(f"/link/{UNKNOWN}/").status_code == 405


def test_confirm_page_has_a_button_and_no_name(client, newcomer):
    come(client, confirm_link(newcomer))

    page = page_of(client.get("/link/"))

    assert "Bitte bestätigen Sie Ihre Anmeldung" in page
    assert newcomer.last_name not in page
    assert newcomer.email not in page


def test_button_confirms_and_leads_on_to_the_invitation(client, newcomer):
    come(client, confirm_link(newcomer))

    client.post("/link/", {"deed": "confirm"})

    newcomer.refresh_from_db()
    assert newcomer.confirmed_at == NOW
    assert "Bestätigt, und Sie sind an der Reihe" in page_of(client.get("/link/"))
    assert client.post("/link/", BORN).url == "/mein-termin/"


def test_confirming_twice_is_harmless(client, newcomer):
    link = confirm_link(newcomer)
    for _time in range(2):
        come(client, link)
        client.post("/link/", {"deed": "confirm"})

    assert Invitation.objects.count() == 1
    assert Message.objects.count() == 1


def test_confirm_link_leads_on_once_however_often_it_is_sent(client, newcomer):
    link = confirm_link(newcomer)
    for _time in range(3):
        come(client, link)
        client.post("/link/", {"deed": "confirm"})
        client.post("/link/", WRONG)

    assert [one.failed_tries for one in AccessLink.objects.filter(valid_until=NOW + timedelta(minutes=15))] == [3]


def test_confirm_link_of_an_old_mail_leads_nowhere_and_names_no_group(client, newcomer):
    link = confirm_link(newcomer)
    come(client, link)
    client.post("/link/", {"deed": "confirm"})
    known = AccessLink.objects.count()

    with time_machine.travel(NOW + timedelta(minutes=16), tick=False):
        stranger = type(client)()
        come(stranger, link)
        stranger.post("/link/", {"deed": "confirm"})
        page = page_of(stranger.get("/link/"))

    assert AccessLink.objects.count() == known
    assert "Ihre Anmeldung ist bestätigt" in page
    assert "Gruppe 1" not in page


def test_confirming_while_the_group_waits_names_the_group_and_no_date(client):
    waiting = RegistrationFactory(unconfirmed=True, birth_date=date(1955, 3, 14))
    come(client, confirm_link(waiting))

    client.post("/link/", {"deed": "confirm"})

    page = page_of(client.get("/link/"))
    assert "Sie sind angemeldet. Gruppe 3: erhöhte Priorität" in page
    assert "Wir nennen deshalb kein Datum" in page


def test_confirm_link_used_earlier_shows_no_group(client, person):
    come(client, confirm_link(person))

    page = page_of(client.get("/link/"))

    assert "Ihre Anmeldung ist bestätigt" in page
    assert "Gruppe 1" not in page


def test_visit_link_and_birth_date_open_the_visit(client, person):
    come(client, visit_link(person))
    assert "Wann sind Sie geboren?" in page_of(client.get("/link/"))

    response = client.post("/link/", BORN)

    assert response.url == "/mein-termin/"
    assert client.cookies["visit"]["httponly"]
    assert client.cookies["link"].value == ""
    assert client.get("/mein-termin/").status_code == 200


def test_wrong_date_and_wrong_link_get_the_same_answer(client, person):
    come(client, visit_link(person))
    known = client.post("/link/", WRONG)
    client.get(f"/link/{UNKNOWN}/")
    unknown = client.post("/link/", WRONG)

    assert (known.status_code, unknown.status_code) == (200, 200)
    assert without_token(known) == without_token(unknown)
    assert "visit" not in client.cookies


def without_token(response):
    before, _, after = response.content.decode().partition('name="csrfmiddlewaretoken" value="')
    return before + after.partition('"')[2]


def test_sixth_date_is_refused_with_a_time_for_known_and_unknown_links_alike(client, person):
    answers = []
    for token in (links.token(visit_link(person)), UNKNOWN):
        client.get(f"/link/{token}/")
        answers.append([client.post("/link/", WRONG).status_code for _try in range(6)])

    assert answers == [[200] * 5 + [429]] * 2


def test_refused_date_stays_typed_and_names_the_time(client):
    client.get(f"/link/{UNKNOWN}/")
    for _try in range(5):
        client.post("/link/", WRONG)

    response = client.post("/link/", WRONG)

    assert 0 < int(response["Retry-After"]) <= 901
    assert "Bitte versuchen Sie es um 10:15\u00a0Uhr wieder" in page_of(response)
    assert 'value="1938"' in page_of(response)


def test_locked_link_says_so_and_offers_a_new_one(client, person):
    link = visit_link(person)
    AccessLink.objects.filter(pk=link.pk).update(failed_tries=links.MAX_TRIES)
    come(client, link)

    page = page_of(client.get("/link/"))

    assert "Neuen Link senden lassen" in page
    assert person.email not in page
    assert person.last_name not in page


@pytest.mark.parametrize(
    "change", [{"used_at": NOW}, {"valid_until": NOW - timedelta(minutes=1), "created_at": NOW - timedelta(days=8)}]
)
def test_used_or_expired_link_offers_a_new_one_and_opens_nothing(client, person, change):
    link = visit_link(person)
    AccessLink.objects.filter(pk=link.pk).update(**change)
    come(client, link)

    assert "Neuen Link senden lassen" in page_of(client.get("/link/"))
    client.post("/link/", BORN)
    assert "visit" not in client.cookies


def test_link_is_exchanged_once(client, person):
    link = visit_link(person)
    come(client, link)
    client.post("/link/", BORN)
    other = type(client)()
    other.get(f"/link/{links.token(link)}/")

    other.post("/link/", BORN)

    assert "visit" not in other.cookies


def test_new_link_goes_to_the_stored_contact(client, person):
    link = visit_link(person)
    AccessLink.objects.filter(pk=link.pk).update(used_at=NOW)
    come(client, link)

    response = client.post("/link/erneuern/")

    assert response.url == "/link/gesendet/"
    assert Message.objects.get().recipient == person.email
    assert person.email not in page_of(client.get("/link/gesendet/"))


def test_new_link_is_limited(client, person):
    come(client, visit_link(person))

    answers = [client.post("/link/erneuern/").status_code for _time in range(4)]

    assert answers == [302, 302, 302, 429]


def test_case_number_and_birth_date_send_a_new_link(client, person):
    number = person.case_number.lower()
    response = client.post("/link/anfordern/", {**BORN, "case_number": f"{number[:3]} {number[3:6]}-{number[6:]}"})

    assert response.url == "/link/gesendet/"
    assert Message.objects.get().recipient == person.email


@pytest.mark.parametrize("write", [str, codes.checked, codes.spoken])
def test_a_case_number_is_accepted_with_and_without_its_check_character(client, person, write):
    client.post("/link/anfordern/", {**BORN, "case_number": write(person.case_number)})

    assert Message.objects.get().template == "new_link"


def test_a_case_number_whose_check_character_does_not_fit_is_said_to_be_wrong(client, person):
    last = codes.checked(person.case_number)[-1]
    wrong = person.case_number + ("2" if last != "2" else "3")

    response = client.post("/link/anfordern/", {**BORN, "case_number": wrong})

    assert "Diese Vorgangsnummer kann nicht stimmen" in page_of(response)
    assert not Message.objects.exists()


@pytest.mark.parametrize("known", [True, False])
def test_case_number_known_or_not_gets_the_same_answer_and_the_same_limit(client, person, known):
    data = {**BORN, "case_number": person.case_number if known else "22222222"}

    answers = [
        (response.status_code, response.get("Location"))
        for response in (client.post("/link/anfordern/", data) for _ in range(4))
    ]

    assert answers == [(302, "/link/gesendet/")] * 3 + [(429, None)]


def test_a_stranger_with_the_case_number_uses_up_nobodys_new_links(client, person):
    for _try in range(4):
        client.post("/link/anfordern/", {**BORN, "birth_date_year": "1950", "case_number": person.case_number})

    response = client.post("/link/anfordern/", {**BORN, "case_number": person.case_number})

    assert response.url == "/link/gesendet/"
    assert Message.objects.get().recipient == person.email


def test_link_may_be_pasted(client, person):
    token = links.token(visit_link(person))

    response = client.post("/link/eingeben/", {"link": f"  http://testserver/link/{token[:20]}\u00ad{token[20:]}/ "})

    assert response.url == "/link/"
    assert client.post("/link/", BORN).url == "/mein-termin/"


@pytest.mark.parametrize(
    "text", ["https://[::1/link/", "https://[/", "https://a\uff0fb/x", "//", "https://testserver/?"]
)
def test_pasted_text_that_is_no_address_is_explained(client, text):
    assert "kein vollständiger Link" in page_of(client.post("/link/eingeben/", {"link": text}))


def test_page_without_a_link_explains_the_ways(client):
    page = page_of(client.get("/link/"))

    assert "Ich habe einen Link" in page
    assert 'href="/link/anfordern/"' in page
    assert "keine Cookies" in page


def test_link_in_the_browser_is_forgotten_after_a_quarter_of_an_hour(client, newcomer):
    come(client, confirm_link(newcomer))

    with time_machine.travel(NOW + timedelta(minutes=16), tick=False):
        assert "Ich habe einen Link" in page_of(client.get("/link/"))


def test_withdrawn_person_cannot_confirm(client):
    gone = RegistrationFactory(unconfirmed=True, withdrawn=True)
    come(client, confirm_link(gone))

    client.post("/link/", {"deed": "confirm"})

    gone.refresh_from_db()
    assert gone.confirmed_at is None


def test_confirming_without_free_places_puts_into_the_line(client, newcomer):
    Slot.objects.update(capacity=1, booked=1)
    come(client, confirm_link(newcomer))

    client.post("/link/", {"deed": "confirm"})

    assert "Sie stehen in der Reihe" in page_of(client.get("/link/"))
    assert not Invitation.objects.exists()


def test_pages_of_a_link_cost_few_queries(client, newcomer, person, django_assert_max_num_queries):
    for link in (confirm_link(newcomer), visit_link(person)):
        come(client, link)
        with django_assert_max_num_queries(1):
            client.get("/link/")
