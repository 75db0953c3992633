"""Every form of the citizen's pages with what people, machines and attackers type: a message, never a 500."""

import re

import pytest

from booking.models import Registration
from booking.services import links
from tests.factories.people import RegistrationFactory, visit_link
from tests.web.public.filling import CONTACT, PERSON, fill, page_of, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("campaign")]

HOSTILE = {
    "nothing": "",
    "spaces": "   ",
    "nul": "Rich\x00ter",
    "too long": "x" * 5000,
    "emoji": "Inge 😀",
    "right to left": "Inge\u202erethciR",
    "surrogate": "Inge\ud800",
    "sql": "'; DROP TABLE booking_registration; --",
    "markup": "<script>alert(1)</script>",
    "template": "{{ settings.SECRET_KEY }}{% debug %}",
    "new line": "Inge\nBcc: everybody@example.org",
    "arabic digits": "١٤",
    "huge number": "9" * 400,
    "negative": "-1",
    "half": "½",
    "byte order mark": "\ufeffInge",
}
FORMS = {
    "/pruefen/": {"birth_date_day": "14", "birth_date_month": "3", "birth_date_year": "1968", "step": "criteria",
                  "occupation": "P1_HOMECARE", "criteria": "P1_HOMECARE"},
    "/anmelden/": PERSON,
    "/anmelden/anspruch/": {"occupation": "P1_HOMECARE", "none": ""},
    "/anmelden/kontakt/": {"email": "i@example.org", "phone": "0351 123456", "needs": "wheelchair", "language": "de"},
    "/anmelden/angaben/": {"shown": "x"},
    "/anmelden/bestaetigung/": {"deed": "resend"},
    "/anmelden/bestaetigung/adresse/": {"email": "i@example.org"},
    "/link/": {"birth_date_day": "14", "birth_date_month": "3", "birth_date_year": "1938", "deed": ""},
    "/link/eingeben/": {"link": "x"},
    "/link/code/": {"code": "7H4K 2MXP 9RDW Z"},
    "/link/anfordern/": {"case_number": "K7P4XM92", "birth_date_day": "14", "birth_date_month": "3",
                         "birth_date_year": "1938"},
    "/link/erneuern/": {"x": ""},
    "/abmelden/": {"x": ""},
}  # fmt: skip


@pytest.fixture
def visitor(client, settings):
    """In the middle of a registration, with a link at hand; limits are proved elsewhere."""
    settings.RATE_LIMITS = dict.fromkeys(
        ["link_token", "link_code", "link_address", "new_link_case", "new_link_address", "resend", "change_email"],
        "9999/hour",
    )
    client.get(f"/link/{links.token(visit_link(RegistrationFactory()))}/")
    return client


@pytest.mark.parametrize("path", FORMS)
def test_hostile_text_in_every_field_gets_an_answer(visitor, path):
    prepare(visitor, path)
    for name, value in HOSTILE.items():
        for field in FORMS[path]:
            typed = value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")

            response = visitor.post(path, {**FORMS[path], field: typed})

            assert response.status_code in {200, 302, 409, 410}, (name, field)
            assert "<script>alert(1)</script>" not in response.content.decode(), (name, field)


def prepare(visitor, path):
    """Go to where this form is shown."""
    if path.startswith("/anmelden/") and path != "/anmelden/":
        fill(visitor)
    if "bestaetigung" in path:
        send(visitor)


@pytest.mark.parametrize("path", FORMS)
def test_wrong_encoding_gets_an_answer(visitor, path):
    prepare(visitor, path)
    body = "&".join(f"{field}=Inge%FF%FE%C3%28" for field in FORMS[path])

    response = visitor.post(path, body, content_type="application/x-www-form-urlencoded")

    assert response.status_code in {200, 302, 409, 410}


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "nonsense"])
def test_another_charset_gets_an_answer(visitor, path, charset):
    body = b"birth_date_day=M\xfcller&last_name=M\xfcller&email=m\xfcller@example.org&link=M\xfcller"

    response = visitor.generic("POST", path, body, f"application/x-www-form-urlencoded; charset={charset}")

    assert response.status_code in {200, 302, 400, 409, 410}


@pytest.mark.parametrize("cookie", ["draft", "link", "visit", "django_language", "csrftoken"])
@pytest.mark.parametrize("value", ["", "x" * 4000, "\xff\xfe", "a:b:c", "null"])
def test_hostile_cookie_gets_an_answer(client, cookie, value):
    client.cookies[cookie] = value

    for path in (*FORMS, "/mein-termin/"):
        assert client.get(path).status_code in {200, 302, 403, 405, 410}


@pytest.mark.parametrize("token", ["x", "%00", "%ff", "..%2f..%2fetc", "a" * 3000, "%0d%0aSet-Cookie:x=1", "{{7*7}}"])
def test_hostile_link_gets_an_answer(client, token):
    response = client.get(f"/link/{token}/")

    assert response.status_code in {302, 404}
    shown = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    assert "49" not in shown.split("</h1>")[-1].split("<section")[0]


def test_two_values_for_one_field_are_not_a_crash(visitor):
    assert visitor.post("/anmelden/", {**PERSON, "last_name": ["Richter", "Meier"]}).status_code == 302


def test_criterion_that_no_form_asks_for_is_refused(visitor):
    visitor.post("/anmelden/", PERSON)

    response = visitor.post("/anmelden/anspruch/", {"occupation": "P1_AGE80"})

    assert response.status_code == 200
    assert "Diese Auswahl gibt es nicht mehr" in page_of(response)


def test_too_long_text_says_how_long_it_may_be(visitor):
    page = page_of(visitor.post("/anmelden/", {**PERSON, "last_name": "x" * 81}))

    assert "Hier passen höchstens 80 Zeichen" in page or "80" in page
    assert not Registration.objects.filter(last_name__startswith="x").exists()


def test_contact_with_a_header_injection_is_refused(visitor):
    fill(visitor)

    response = visitor.post("/anmelden/kontakt/", {**CONTACT, "email": "a@example.org\r\nBcc: b@example.org"})

    assert response.status_code == 200
