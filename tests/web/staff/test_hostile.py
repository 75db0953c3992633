"""Input from those who mean harm: never an error page, never a way in."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from tests.web.staff.conftest import log_in

pytestmark = pytest.mark.django_db

STRANGE = [
    "", "\x00", "a\x00b", "í \x80", "' OR 1=1 --", "{{ 7*7 }}", "ß" * 5000, "\u202emandy", "../../etc/passwd",
    "<script>alert(1)</script>",
]  # fmt: skip
TO_THE_TRAIL = [
    "von=%00", "zentrum=%00", "objekt=%00", "was=%00", "wer=%00", "vor=%00", "von=9999-12-31", "bis=9999-12-31",
    "von=0001-01-01", "von=2099-12-31&bis=2099-12-31",
]  # fmt: skip


@pytest.mark.parametrize("typed", STRANGE)
def test_strange_names_and_passwords_log_nobody_in(client, person, typed):
    assert log_in(client, typed, "x").status_code == 200
    assert log_in(client, "mandy", typed).status_code == 200
    assert not Session.objects.exists()


@pytest.mark.parametrize("typed", STRANGE)
def test_a_strange_address_sends_no_link(client, person, typed):
    assert client.post(reverse("account_reset_password"), {"email": typed}).status_code in (200, 302)


@pytest.mark.parametrize("uidb36", ["1", "zzzzzzzzzzzzz", "zzzzzzzzzzzzzz", "-1", "%00", "ß", "."])
@pytest.mark.parametrize("key", ["x-y", "set-password", "%00", "c" * 500])
def test_a_made_up_link_opens_nothing(client, person, uidb36, key):
    answer = client.get(f"/personal/passwort/neu/{uidb36}/{key}/")
    assert answer.status_code == 200
    assert "Dieser Link gilt nicht mehr" in answer.content.decode()


@pytest.mark.parametrize("cookie", ["x", "a" * 32, "\x00", "é" * 40, "' OR 1=1"])
def test_a_made_up_session_is_no_login(client, person, cookie, settings):
    client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert client.get(reverse("staff:accounts"))["Location"].startswith(reverse("account_login"))
    assert client.get("/").status_code in (200, 503)


@pytest.mark.parametrize("number", ["0", "9" * 30])
def test_passkeys_are_not_counted_through(client, person, number):
    log_in(client)
    assert client.get(f"/personal/zweiter-faktor/passkeys/{number}/entfernen/").status_code == 404


@pytest.mark.parametrize("query", TO_THE_TRAIL)
def test_a_strange_question_to_the_trail_is_answered(client, person, query):
    person.roles = ["auditor"]
    person.save()
    log_in(client)
    assert client.get(f"/personal/protokoll/?{query}").status_code == 200
