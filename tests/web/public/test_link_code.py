"""A person comes with a letter: she types its code, and goes on as if she had pressed the link."""

import pytest

from booking import codes
from booking.models import AccessLink
from booking.services import links
from tests.factories import NOW
from tests.factories.people import RegistrationFactory, visit_link
from tests.web.public.filling import page_of
from tests.web.public.test_link import BORN, WRONG, rows, without_token

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("campaign")]


@pytest.fixture
def by_post():
    return RegistrationFactory(email="", medium="letter")


def code_of(person) -> str:
    """As it is printed."""
    return links.code(visit_link(person))


def type_in(client, code: str):
    return client.post("/link/code/", {"code": code})


@pytest.mark.parametrize(
    "hand", [str, str.lower, lambda code: code.replace(" ", ""), lambda code: f"  {code.replace(' ', '-')} "]
)
def test_code_and_birth_date_open_the_visit_however_it_is_typed(client, by_post, hand):
    response = type_in(client, hand(code_of(by_post)))

    assert (response.status_code, response.url) == (302, "/link/")
    assert response["Referrer-Policy"] == "no-referrer"
    assert client.cookies["link"]["httponly"]
    assert "Wann sind Sie geboren?" in page_of(client.get("/link/"))
    assert client.post("/link/", BORN).url == "/mein-termin/"
    assert client.get("/mein-termin/").status_code == 200


def test_typing_a_code_changes_and_looks_up_nothing(client, by_post, django_assert_num_queries):
    code = code_of(by_post)
    before = rows()

    with django_assert_num_queries(0):
        type_in(client, code)
    client.get("/link/")
    client.head("/link/")

    assert rows() == before


def test_wrong_date_and_code_of_nobody_get_the_same_answer(client, by_post):
    answers = []
    for code in (code_of(by_post), codes.spoken("222222222222")):
        typed = type_in(client, code)
        page, said = client.get("/link/"), client.post("/link/", WRONG)
        answers.append([typed.status_code, typed.url, without_token(page), said.status_code, without_token(said)])

    assert answers[0] == answers[1]
    assert "passen nicht zusammen" in answers[0][-1]
    assert "visit" not in client.cookies


def test_sixth_date_is_refused_for_known_and_unknown_codes_alike(client, by_post):
    answers = []
    for code in (code_of(by_post), codes.spoken("222222222222")):
        type_in(client, code)
        answers.append([client.post("/link/", WRONG).status_code for _try in range(6)])

    assert answers == [[200] * 5 + [429]] * 2


def test_codes_are_limited_per_address(client, settings):
    settings.RATE_LIMITS = {"link_code": "2/15 minutes"}

    answers = [type_in(client, codes.spoken("222222222222")) for _try in range(3)]

    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "Bitte versuchen Sie es um 10:15\u00a0Uhr wieder" in page_of(answers[-1])
    assert 'value="2222 2222 2222' in page_of(answers[-1])


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("", "Bitte geben Sie den Code aus dem Brief ein"),
        ("7H4K 2MXP 9RDW", "eingegeben sind 12"),
        ("7H4K 2MXP 9RDW 2", "Eines der Zeichen stimmt nicht"),
        ("7H4K 2MXP 9RWD Z", "Eines der Zeichen stimmt nicht"),
        ("7H4K 2MXP 9RDO Z", "„O“ kommt in unseren Codes nicht vor"),
        ("7H4K 2MXP 9RDÜ Z", "„Ü“ kommt in unseren Codes nicht vor"),
    ],
)
def test_a_code_that_cannot_be_right_says_what_to_look_at(client, text, cure):
    response = type_in(client, text)

    page = page_of(response)
    assert response.status_code == 200
    assert cure in page
    assert f'value="{text}"' in page or not text
    assert "link" not in client.cookies


def test_used_code_offers_a_way_on_and_opens_nothing(client, by_post):
    """By telephone: no link goes to her by letter, and none is promised."""
    code = code_of(by_post)
    AccessLink.objects.update(used_at=NOW)
    type_in(client, code)

    page = page_of(client.get("/link/"))
    assert "Dieser Link wurde schon benutzt" in page
    assert "Mit Ihrer Vorgangsnummer finden wir Ihre Anmeldung." in page
    assert "Wir schicken Ihnen einen neuen" not in page
    client.post("/link/", BORN)
    assert "visit" not in client.cookies


@pytest.mark.parametrize("path", ["/", "/so-funktioniert-es/", "/link/"])
def test_the_way_to_the_code_is_on_every_page(client, path):
    assert 'href="/link/code/"' in page_of(client.get(path))


def test_page_of_the_letter_asks_for_the_code_first(client):
    page = page_of(client.get("/link/"))

    assert page.index('name="code"') < page.index('name="link"')
    assert "stehen neben dem QR-Code" in page
