"""The pages everybody may open: text, start page, centers, errors, and the frame around them."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from centers.models import Center, Channel
from tests.factories import NOW
from tests.factories.demand import OpeningFactory
from tests.factories.supply import ContingentFactory, SessionFactory, SlotFactory
from web import errors
from web.templatetags.impftermin import local_date, plain_date

PAGES = ["start", "centers", "how", "rules", "privacy", "imprint", "accessibility", "easy_language"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def reference(db):
    call_command("load_reference", verbosity=0)


@pytest.fixture
def open_places(reference):
    """Group 1 may book; in Pirna and Löbau there is a place with a second dose three weeks later."""
    OpeningFactory(level=1, name_de="Gruppe 1", name_en="Group 1")
    contingent = ContingentFactory(channels=[Channel.WEB])
    for name, days in (("Pirna", 2), ("Löbau", 1)):
        center = Center.objects.get(name=name)
        for start in (days, days + 21):
            at = NOW + timedelta(days=start)
            SlotFactory(starts_at=at, session=session(center, contingent, at), capacity=2)


def session(center, contingent, at):
    return SessionFactory(center=center, contingent=contingent, vaccine_id="comirnaty", vaccine=None, date=at.date())


def german(name: str, client: Client | None = None) -> str:
    response = (client or Client(HTTP_ACCEPT_LANGUAGE="de")).get(reverse(f"public:{name}"))
    assert response.status_code == 200
    return response.content.decode()


class Page(HTMLParser):
    """Tags with their attributes, and the ids in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def values(self, attribute: str) -> list[str]:
        return [attrs[attribute] or "" for _tag, attrs in self.tags if attribute in attrs]


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page_opens_in_its_language_without_cookie_or_inline_code(reference, client, language):
    for name in PAGES:
        response = client.get(reverse(f"public:{name}"), headers={"accept-language": language})
        text = response.content.decode()
        page = Page(text)
        ids = page.values("id")

        assert response.status_code == 200
        assert f'<html lang="{"de" if name == "easy_language" else language}">' in text
        assert text.count('href="tel:08000899089"') >= 2
        assert not response.cookies
        assert len(ids) == len(set(ids))
        assert not page.values("style")
        assert not [attrs for tag, attrs in page.tags if tag == "style" or (tag == "script" and not attrs.get("src"))]
        assert not [name for _tag, attrs in page.tags for name in attrs if name.startswith("on")]
        assert all(address.startswith(("/", "#", "?", "tel:", "mailto:")) for address in page.values("href"))


def test_every_link_of_the_frame_leads_somewhere(reference, client):
    page = Page(german("imprint"))
    paths = {address.split("#")[0] for address in page.values("href") if address.startswith("/")}
    pages = {path for path in paths if not path.startswith("/static/")}

    assert {path: client.get(path).status_code for path in pages} == dict.fromkeys(pages, 200)


def test_anchors_of_the_frame_exist(reference):
    assert 'id="melden"' in german("accessibility")
    assert 'id="inhalt"' in german("start")


def test_start_names_the_open_group_and_the_earliest_centers(open_places):
    text = german("start")

    assert "Zurzeit buchbar: Gruppe 1" in text
    assert "2 von 13 Impfzentren haben freie Plätze." in text
    assert text.index(">Löbau</a>") < text.index(">Pirna</a>")
    assert "Mittwoch, 17.\u00a0Februar" in text
    assert "Stand: Dienstag, 16.\u00a0Februar 2021, 10:00\u00a0Uhr" in text


def test_start_says_so_when_no_group_may_book(reference):
    text = german("start")

    assert "Zurzeit kann keine Gruppe buchen" in text
    assert "Zurzeit sind keine Plätze frei." in text


def test_start_ignores_an_opening_that_nobody_approved(reference):
    OpeningFactory(level=1, approved_by=None)

    assert "Zurzeit kann keine Gruppe buchen" in german("start")


LIMITS = [
    {"birth_year_from": 1951, "birth_year_to": 1960},
    {"vaccine_code": "astrazeneca"},
    {"criterion": "P4_ALL"},
    {"channel": "web"},
    {"district_ags": "14612"},
]


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: next(iter(limit)))
def test_start_names_a_limited_opening_and_promises_nothing_to_everyone(reference, limit):
    OpeningFactory(level=None, name_de="Sonderaktion", name_en="Special", **limit)

    text = german("start")

    assert "Zurzeit buchbar: Sonderaktion" in text
    assert "Zurzeit können alle buchen" not in text


def test_start_names_a_limited_opening_beside_the_groups(open_places):
    OpeningFactory(level=None, name_de="Jahrgänge 1951 bis 1960", name_en="Born 1951", birth_year_from=1951)

    text = german("start")

    assert "Zurzeit buchbar: Gruppe 1" in text
    assert "Außerdem: Jahrgänge 1951 bis 1960." in text
    assert "Freie Plätze für Gruppe 1" in text


def test_centers_lists_all_with_address_and_first_day(open_places):
    text = german("centers")

    assert text.count('class="row row--plain"') == 13
    assert text.count("zurzeit keine freien Plätze") == 11
    assert "Messering 6<br>01067 Dresden" in text
    assert 'id="pirna"' in text


def test_start_reads_only_and_asks_once_for_many_visitors(open_places, client):
    client.get("/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for _visitor in range(20):
            client.get("/")

    assert [query["sql"] for query in queries] == []


def test_rules_tells_groups_with_paragraph_and_the_whole_log(reference):
    text = german("rules")

    assert "Sie sind 80 Jahre oder älter" in text
    assert "§ 2 Absatz 1 Nummer 1</span>" in text
    assert "Nachweis: Personalausweis" in text
    assert text.count('class="row row--text"') == 5
    assert text.count("heute in Kraft") == 1
    assert "Zwei Impfungen im Abstand von 21 bis 42 Tagen." in text
    assert "von 18 bis 64 Jahren" in text
    assert "Vorführung mit verschobenen Daten" not in text


def test_rules_name_no_single_illness_as_a_question(reference):
    assert "Trisomie 21</" not in german("rules")


def test_rules_say_by_how_much_the_demonstration_is_shifted(db):
    with time_machine.travel(NOW + timedelta(days=2104), tick=False):
        call_command("load_reference", shift_days=2104, verbosity=0)
        text = german("rules")

    assert "um 2104\u00a0Tage verschoben" in text.replace("&nbsp;", "\u00a0")
    assert "steht für den 16.\u00a0Februar 2021" in text
    assert "In Wirklichkeit ab 8.\u00a0Februar 2021" in text


def test_rules_without_groups_say_so(reference):
    with time_machine.travel(NOW + timedelta(days=200), tick=False):
        assert "Es gibt zurzeit keine Gruppen." in german("rules")


def test_operator_of_every_text_comes_from_the_settings(reference, settings):
    settings.OPERATOR = {
        **settings.OPERATOR, "name": "Amt Ä", "controller": "Land B", "dpo": "Frau C", "authority": "Behörde D",
        "legal_basis": "Gesetz E", "enforcement": "Stelle F", "represented_by": "Herr G",
    }  # fmt: skip

    assert "Amt Ä" in german("imprint")
    assert "Herr G" in german("imprint")
    assert [word for word in ("Land B", "Frau C", "Behörde D", "Gesetz E") if word not in german("privacy")] == []
    assert "Stelle F" in german("accessibility")


def test_headers_keep_the_visit_private(reference, client):
    headers = client.get("/").headers
    policy = headers["Content-Security-Policy"]

    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, no-store"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_title_begins_with_error_when_a_form_has_errors(reference, client):
    response = client.post(reverse("public:check"), {"birth_date_day": "32"}, headers={"accept-language": "de"})

    assert re.search(r"<title>\s*Fehler: ", response.content.decode())


@pytest.mark.parametrize(("path", "status"), [("/gibt-es-nicht/", 404), ("/regeln", 301)])
def test_unknown_address_says_so_and_shows_the_way(client, path, status):
    response = client.get(path, headers={"accept-language": "de"})

    assert response.status_code == status
    if status == 404:
        assert "Diese Seite gibt es nicht" in response.content.decode()


def test_form_without_its_token_is_told_what_to_do(reference):
    strict = Client(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="de")
    response = strict.post(reverse("public:check"), {"birth_date_day": "1"})

    assert response.status_code == 403
    assert "Bitte senden Sie das Formular noch einmal" in response.content.decode()


@pytest.mark.parametrize(
    ("view", "status", "words"),
    [
        (errors.bad_request, 400, "Das konnten wir nicht lesen"),
        (errors.permission_denied, 403, "Diese Seite ist für Sie nicht offen"),
        (errors.page_not_found, 404, "Diese Seite gibt es nicht"),
    ],
)
def test_error_pages_say_what_is_true(view, status, words):
    response = view(RequestFactory().get("/"), PermissionDenied())

    assert response.status_code == status
    assert words in response.content.decode()


def test_our_own_fault_is_answered_even_when_no_template_can_be_drawn(monkeypatch):
    assert "Der Fehler liegt bei uns" in errors.server_error(RequestFactory().get("/")).content.decode()

    monkeypatch.setattr(errors, "render", lambda *_args, **_options: 1 / 0)
    assert errors.server_error(RequestFactory().get("/")).status_code == 500


def test_language_link_sets_the_cookie_and_returns_to_the_same_page(reference, client):
    response = client.get("/regeln/?sprache=en&x=1")

    assert response.status_code == 302
    assert response["Location"] == "/regeln/?x=1"
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert '<html lang="en">' in client.get("/regeln/").content.decode()


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "///evil.example/"])
def test_language_link_leads_to_no_other_host(client, path):
    response = client.generic("GET", path, QUERY_STRING="sprache=en")

    assert not response.get("Location", "/").startswith(("//", "/\\"))


def test_unknown_language_is_left_alone(reference, client):
    assert client.get("/?sprache=xx").status_code == 200


def test_dates_are_written_as_on_the_pages():
    assert local_date(NOW).endswith("2021")
    assert plain_date(None) == ""
