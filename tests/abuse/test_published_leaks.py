"""Leaks of 2020 to 2022 that the citizen's pages could repeat, each named after its case (domain.md §8)."""

import logging
import re

import pytest
from django.urls import URLPattern, get_resolver

from booking import codes
from booking.models import Draft, Registration
from booking.services import links
from notifications.models import Message
from tests.factories.people import RegistrationFactory, visit_link
from tests.web.public.filling import CONTACT, PERSON, fill, page_of, send
from web.public.urls import urlpatterns

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("campaign")]

BORN = {"birth_date_day": "14", "birth_date_month": "3", "birth_date_year": "1938"}
PERSONAL = ("Richter", "Ingeborg", "Schandauer", "01796", "1938", "richter@gmx.de", "14.3.1938")


def test_row_1_counting_up_finds_nothing_no_address_holds_a_number():
    numbers = [str(pattern.pattern) for pattern in urlpatterns if "<int:" in str(pattern.pattern)]

    # The dose (1 or 2) of the visitor's own series is the only number in any address.
    assert all("<int:dose>" in pattern and pattern.startswith("mein-termin/") for pattern in numbers)


def test_row_4_registration_of_a_known_and_an_unknown_person_look_the_same(client):
    RegistrationFactory(first_name="Ingeborg", last_name="Richter", email="someone@example.org")
    answers = []
    for person in (PERSON, {**PERSON, "first_name": "Otto"}):
        browser = type(client)()
        fill(browser, person=person)
        response = send(browser)
        page = browser.get(response.url)
        number = Draft.objects.latest("pk").case_number
        answers.append((response.status_code, response.url, page.status_code, anonymous(page_of(page), number)))

    assert answers[0] == answers[1]
    assert "someone@example.org" not in answers[0][3]


def anonymous(page: str, number: str) -> str:
    spaced = codes.spoken(number).replace(" ", "\u00a0")
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page).replace(spaced, "NUMBER")
    return re.sub(r"\?stand=\w+", "", page)


def test_row_4_the_secret_of_a_link_is_in_no_answer(client):
    fill(client)
    pages = [page_of(send(client)), page_of(client.get("/anmelden/bestaetigung/"))]
    token = links.token(Registration.objects.get().links.get())

    assert not any(token in page for page in pages)


@pytest.mark.parametrize("state", ["nobody", "waiting", "invited", "withdrawn"])
def test_row_5_name_birth_date_and_postcode_show_nothing_about_anybody(client, state):
    if state != "nobody":
        RegistrationFactory(
            first_name="Ingeborg",
            last_name="Richter",
            invited=state == "invited",
            **({"withdrawn": True} if state == "withdrawn" else {}),
        )
    fill(client)
    page = page_of(client.get(send(client).url))

    assert "Ihre E-Mail ist unterwegs" in page
    assert not any(word in page for word in ("eingeladen", "schon", "bereits", "doppelt"))


def test_row_12_tries_from_one_address_end_with_a_time(client, settings):
    settings.RATE_LIMITS = {"link_address": "3/15 minutes"}
    answers = []
    for number in range(4):
        client.get(f"/link/{str(number) * 43}/")
        answers.append(client.post("/link/", BORN).status_code)

    assert answers == [200, 200, 200, 429]


def test_row_12_registrations_from_one_address_are_limited_and_nothing_typed_is_lost(client, settings):
    settings.RATE_LIMITS = {"register_send": "1/hour"}
    fill(client)
    send(client)
    fill(client, person={**PERSON, "first_name": "Otto"})

    response = send(client)

    assert response.status_code == 429
    assert "Otto Richter" in page_of(response)
    assert Registration.objects.count() == 1


def test_row_12_registrations_for_one_contact_are_limited(client, settings):
    settings.RATE_LIMITS = {"register_contact": "1/day"}
    fill(client)
    send(client)
    fill(client, person={**PERSON, "first_name": "Otto"}, contact={**CONTACT, "email": "I.Richter@GMX.de"})

    assert send(client).status_code == 429


def test_row_12_drafts_of_one_address_are_limited_and_what_was_typed_stays(client, settings):
    settings.RATE_LIMITS = {"register_start": "1/hour"}
    type(client)().post("/anmelden/", PERSON)

    response = client.post("/anmelden/", PERSON)

    assert response.status_code == 429
    assert 'value="Schandauer Straße 14"' in page_of(response)
    assert Draft.objects.count() == 1


def test_row_13_a_shared_link_opens_nothing_without_the_birth_date_and_only_once(client):
    person = RegistrationFactory()
    token = links.token(visit_link(person))
    stranger, owner, late = (type(client)() for _browser in range(3))
    for browser in (stranger, owner, late):
        browser.get(f"/link/{token}/")

    stranger.post("/link/", {**BORN, "birth_date_year": "1940"})
    owner.post("/link/", BORN)
    late.post("/link/", BORN)

    assert ["visit" in browser.cookies for browser in (stranger, owner, late)] == [False, True, False]


def test_row_16_nothing_lapses_while_the_mail_is_delayed(client):
    fill(client)
    send(client)
    Message.objects.update(state="deferred", attempts=5)

    assert "es verfällt nichts" in page_of(client.get("/anmelden/bestaetigung/"))


def test_no_page_of_a_person_is_kept_by_a_browser_or_a_proxy(client):
    fill(client)
    paths = ["/anmelden/", "/anmelden/anspruch/", "/anmelden/kontakt/", "/anmelden/angaben/"]
    answers = [client.get(path) for path in paths]
    send(client)
    answers += [client.get("/anmelden/bestaetigung/"), client.get("/anmelden/bestaetigung/adresse/")]
    answers += [
        client.post("/pruefen/", BORN),
        client.get("/link/"),
        client.get("/mein-termin/"),
        client.get("/abmelden/"),
    ]

    assert [answer["Cache-Control"] for answer in answers] == ["private, no-store"] * len(answers)


def test_no_address_and_no_log_line_holds_personal_data(client, caplog):
    caplog.set_level(logging.DEBUG)
    visited = []
    real = client.request

    def remembered(**request):
        visited.append(request["PATH_INFO"] + "?" + request.get("QUERY_STRING", ""))
        return real(**request)

    client.request = remembered
    fill(client)
    client.get(send(client).url)
    client.post("/pruefen/", BORN)
    token = links.token(visit_link(Registration.objects.get()))
    client.get(f"/link/{token}/")
    client.post("/link/", {**BORN, "birth_date_day": "15"})
    client.post("/link/anfordern/", {**BORN, "case_number": Registration.objects.get().case_number})

    lines = [*visited, *(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))]
    assert [line for line in lines if any(word in line for word in PERSONAL)] == []
    assert sum(token in line for line in lines) == 1  # the link itself, once: the next page is /link/


def test_language_switch_leads_nowhere_else(client):
    response = client.get("//evil.example/link/?sprache=en")

    assert not response.get("Location", "").startswith("//")


def test_every_citizen_address_is_public_on_purpose():
    views = [
        pattern.callback for pattern in get_resolver("web.public.urls").url_patterns if isinstance(pattern, URLPattern)
    ]

    assert [view.__name__ for view in views if getattr(view, "login_required", True)] == []
