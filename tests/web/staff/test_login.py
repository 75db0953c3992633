"""Logging in: one answer for everything that is wrong, growing waits, an end after half an hour."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from centers.models import Workplace
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory
from tests.web.staff.conftest import HASHED, PASSWORD, answer_to, log_in
from web.access import BY_ITSELF, SEEN_EVERY_SECONDS, TABLE

pytestmark = pytest.mark.django_db

LOGIN, HOME, ACCOUNTS = (reverse(name) for name in ("account_login", "staff:home", "staff:accounts"))


def problem(answer) -> str:
    """What the page says is wrong, without the form around it."""
    assert answer.status_code == 200
    return str(answer.context["form"].non_field_errors())


@pytest.mark.parametrize("name", ["mandy", "MANDY", "mandy@example.org", "Mandy@Example.org"])
def test_user_name_and_email_address_log_in(client, person, name):
    answer = log_in(client, name)
    assert (answer.status_code, answer["Location"]) == (302, HOME)
    assert client.get(HOME)["Location"] == ACCOUNTS
    assert client.get(ACCOUNTS).status_code == 200


def test_unknown_name_wrong_password_and_closed_account_get_the_same_answer(client, person):
    UserFactory(username="gone", email="gone@example.org", password=HASHED, is_active=False)
    answers = {problem(log_in(client, *typed)) for typed in (
        ("nobody", "x"), ("nobody@example.org", "x"), ("mandy", "x"), ("mandy@example.org", "x"), ("gone",),
    )}  # fmt: skip
    assert len(answers) == 1
    assert "Der Name oder das Passwort stimmt nicht" in answers.pop()
    assert settings.SESSION_COOKIE_NAME not in client.cookies


def test_failed_logins_are_kept_without_what_was_typed(client, person):
    log_in(client, "mandy", "geheim1")
    log_in(client, "tippfehler", "geheim2")
    log_in(client)
    events = [(event.action, event.subject, event.actor) for event in AuditEvent.objects.order_by("pk")]
    assert events == [
        ("account.login_failed", person.public_id, None),
        ("account.login_failed", None, None),
        ("account.logged_in", person.public_id, person),
    ]
    kept = str(list(AuditEvent.objects.values()))
    assert not any(word in kept for word in ("geheim", "tippfehler", "mandy"))


def test_wrong_tries_lock_out_for_minutes_then_for_longer(client, person):
    with time_machine.travel("2021-02-16 09:00Z", tick=False) as clock:
        for _try in range(5):
            assert "stimmt nicht" in problem(log_in(client, "mandy", "x"))
        locked = problem(log_in(client))  # now even the right one
        assert "zu viele" in locked
        assert "Passwort vergessen" in locked
        clock.shift(timedelta(minutes=5, seconds=1))
        for _try in range(5):
            assert "stimmt nicht" in problem(log_in(client, "mandy", "x"))
        clock.shift(timedelta(minutes=6))
        assert "zu viele" in problem(log_in(client))  # ten in an hour: minutes are not enough any more
        clock.shift(timedelta(hours=1))
        assert log_in(client).status_code == 302
    assert AuditEvent.objects.filter(action="account.locked_out", subject=person.public_id).count() == 2


@pytest.mark.parametrize(
    "names", [["mandy"], ["mandy", "mandy@example.org", "MANDY"]], ids=["one name", "every name of the account"]
)
def test_another_host_in_the_request_or_another_name_of_the_account_gives_no_more_tries(client, person, names):
    for number in range(5):
        typed = {"login": names[number % len(names)], "password": "x"}
        assert "stimmt nicht" in problem(client.post(LOGIN, typed, headers={"host": f"testserver:{number + 1}"}))
    answer = client.post(LOGIN, {"login": names[-1], "password": PASSWORD}, headers={"host": "testserver:9"})
    assert "zu viele" in problem(answer)


def test_a_right_login_does_not_wipe_the_wrong_tries_of_its_address(client, with_app, settings):
    """An attacker with an account of her own would go on for ever."""
    settings.RATE_LIMITS = {"login_failed": "4/10 minutes"}
    codes = RecoveryCodes.activate(with_app).generate_codes()
    for number in range(2):
        for name in "ab":
            assert "stimmt nicht" in problem(log_in(client, f"{name}{number}", "x"))
        if number == 0:
            log_in(client)
            assert client.post(reverse("mfa_authenticate"), {"code": codes[0]})["Location"] == HOME
            client.post(reverse("account_logout"))
    assert "zu viele" in problem(log_in(client, "c", "x"))
    assert "zu viele" in problem(log_in(client))


def test_wrong_codes_count_for_the_address_too(client, with_app, settings):
    settings.RATE_LIMITS = {"login_failed": "2/10 minutes"}
    log_in(client)
    for _code in range(2):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "zu viele" in client.post(reverse("mfa_authenticate"), {"code": answer_to(with_app)}).content.decode()


def test_a_locked_name_locks_nobody_else(client, person):
    UserFactory(username="other", email="other@example.org", password=HASHED)
    for _try in range(6):
        log_in(client, "mandy", "x")
    assert log_in(client, "other").status_code == 302


def test_right_logins_are_not_counted_as_tries(client, person):
    for _login in range(8):
        assert log_in(client).status_code == 302
        client.post(reverse("account_logout"))


def test_an_address_that_tries_hundreds_of_names_is_told_to_wait(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "3/m/ip"}
    answers = [log_in(client, f"name{number}", "x").status_code for number in range(4)]
    assert answers == [200, 200, 200, 429]


@pytest.mark.parametrize(
    ("wish", "place"),
    [("/personal/konten/?a=1", "/personal/konten/?a=1"), ("https://evil.example/", HOME), ("//evil.example/", HOME)],
)
def test_only_pages_of_this_house_are_opened_after_the_login(client, person, wish, place):
    assert client.get(f"{LOGIN}?next={wish}").status_code == 200
    assert log_in(client, next=wish)["Location"] == place


def test_a_page_that_needs_a_login_is_opened_after_it(client, person):
    asked = client.get(ACCOUNTS)
    assert asked["Location"] == f"{LOGIN}?next={ACCOUNTS}"
    page = client.get(asked["Location"]).content.decode()
    assert f'name="next" value="{ACCOUNTS}"' in page


def test_logging_out_is_a_post_and_ends_the_session(client, person):
    log_in(client)
    assert "Abmelden?" in client.get(reverse("account_logout")).content.decode()
    assert client.get(ACCOUNTS).status_code == 200
    assert client.post(reverse("account_logout"))["Location"] == LOGIN
    assert client.get(ACCOUNTS).status_code == 302
    assert not Session.objects.exists()


def test_a_login_ends_after_half_an_hour_without_a_click(client, person):
    with time_machine.travel("2021-02-16 09:00Z", tick=False) as clock:
        log_in(client)
        for _click in range(5):
            clock.shift(timedelta(minutes=28))
            assert client.get(ACCOUNTS).status_code == 200
        clock.shift(timedelta(minutes=30, seconds=1))
        assert client.get(ACCOUNTS)["Location"].startswith(LOGIN)


@pytest.fixture
def long_day(client, person):
    """Somebody who clicks every quarter of an hour, for eleven hours and three quarters."""
    with time_machine.travel("2021-02-16 06:00Z", tick=False) as clock:
        log_in(client)
        for _click in range(47):
            clock.shift(timedelta(minutes=15))
            assert client.get(ACCOUNTS).status_code == 200
        yield clock


def test_a_login_ends_twelve_hours_after_it_began_however_busy_she_is(client, long_day):
    long_day.shift(timedelta(minutes=14, seconds=59))
    assert client.get(ACCOUNTS).status_code == 200
    long_day.shift(timedelta(seconds=1))
    assert client.get(f"{ACCOUNTS}?a=1")["Location"] == f"{LOGIN}?next=/personal/konten/%3Fa%3D1"
    assert not Session.objects.exists()
    assert AuditEvent.objects.filter(action="account.logged_out").count() == 1
    assert log_in(client, next=f"{ACCOUNTS}?a=1")["Location"] == f"{ACCOUNTS}?a=1"
    assert client.get(ACCOUNTS).status_code == 200


def test_what_was_typed_until_then_is_still_taken_for_a_quarter_of_an_hour(client, long_day):
    long_day.shift(timedelta(minutes=29))
    assert client.post(ACCOUNTS, {"name": "mandy"}).status_code == 200
    long_day.shift(timedelta(minutes=1))
    for referer, back in (
        (f"http://testserver{ACCOUNTS}?seite=2", "/personal/konten/%3Fseite%3D2"), ("https://evil.example/", HOME),
        ("", HOME),
    ):  # fmt: skip
        answer = client.post(reverse("staff:accounts_invite"), {"name": "x"}, headers={"referer": referer})
        assert answer["Location"] == f"{LOGIN}?next={back}"


def test_a_list_that_asks_by_itself_leads_to_the_login_as_a_whole_page(client, long_day):
    """Else the login form would stand inside the list, and the names of the day beside it all night."""
    long_day.shift(timedelta(minutes=16))
    asks = {"hx-request": "true", "hx-current-url": "http://testserver/zentrum/?ab=tag"}
    for _time in ("it ends now", "it has ended"):
        answer = client.get(reverse("centeradmin:today_list"), headers=asks)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer["HX-Redirect"] == f"{LOGIN}?next=/zentrum/%3Fab%3Dtag"


def test_a_page_that_asks_by_itself_keeps_no_login_alive(client, person):
    """The day list looks for news as long as it is open, on a desk that everybody has left."""
    User.objects.update(roles=["center_staff"])
    Workplace.objects.create(user=person, center=CenterFactory())
    with time_machine.travel("2021-02-16 09:00Z", tick=False) as clock:
        log_in(client)
        for _time in range(3):
            assert client.get(reverse("centeradmin:today_list")).status_code == 200
            clock.shift(timedelta(minutes=11))
        assert client.get(reverse("centeradmin:today_list"))["Location"].startswith(LOGIN)
    assert set(TABLE) >= BY_ITSELF


def test_the_session_is_written_once_a_minute_and_not_at_every_click(client, person, django_assert_num_queries):
    with time_machine.travel("2021-02-16 09:00Z", tick=False) as clock:
        log_in(client)
        client.get(ACCOUNTS)
        written = Session.objects.get().expire_date
        clock.shift(timedelta(seconds=SEEN_EVERY_SECONDS - 1))
        client.get(ACCOUNTS)
        assert Session.objects.get().expire_date == written
        clock.shift(timedelta(seconds=1))
        client.get(ACCOUNTS)
        assert Session.objects.get().expire_date == timezone.now() + timedelta(minutes=30)


def test_the_cookie_ends_with_the_browser_and_is_no_scripts_business(client, person):
    cookie = log_in(client).cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["expires"], cookie["max-age"], cookie["httponly"], cookie["samesite"]) == ("", "", True, "Lax")


@pytest.mark.parametrize("path", ["/", "/impfangebote/", LOGIN, "/healthz", "/personal/zweiter-faktor/"])
def test_a_cookie_of_a_session_that_has_ended_troubles_no_page(client, person, path):
    log_in(client)
    Session.objects.all().delete()
    assert client.get(path).status_code in (200, 302, 503)


def test_who_is_logged_in_needs_no_login_page(client, person):
    log_in(client)
    assert client.get(LOGIN)["Location"] == HOME


def test_the_pages_speak_english_too(client):
    page = client.get(LOGIN, headers={"accept-language": "en"}).content.decode()
    assert "<h1>Log in</h1>" in page
    assert "Abmelden" not in page
