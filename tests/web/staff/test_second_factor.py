"""The second factor: required where it is required, by real codes, never lost without another way in."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from notifications.models import Message
from tests.factories.staff import UserFactory
from tests.web.staff.conftest import HASHED, PASSWORD, answer_to, code_of, log_in
from tests.web.staff.test_invitation import letter
from web.access import SECOND_FACTOR, SETUP, STAFF, TABLE

pytestmark = pytest.mark.django_db(transaction=True)  # allauth tells of a new factor on commit

CODE, INDEX, ACCOUNTS, APP, CODES, HOME, LOGIN = (
    reverse(name)
    for name in ("mfa_authenticate", "mfa_index", "staff:accounts", "mfa_activate_totp", "mfa_view_recovery_codes",
                 "staff:home", "account_login")
)  # fmt: skip

NONSENSE = ("", "{}", "[1]", "7", '{"id": "x"}', '{"id":"eA","rawId":"eA","type":"public-key","response":{}}')


@pytest.fixture
def required(settings):
    settings.STAFF_SECOND_FACTOR = True


def set_up(client) -> str:
    """Set an app up as the page says; returns its key."""
    secret = re.search(r'class="key">([A-Z2-7]+)<', client.get(APP).content.decode())[1]
    answer = client.post(APP, {"code": code_of(secret)})
    assert (answer.status_code, answer["Location"]) == (302, CODES)
    return secret


@pytest.mark.usefixtures("required")
def test_without_a_factor_every_page_leads_to_setting_one_up(client, person):
    log_in(client)
    closed = ["staff:home", "staff:accounts", "account_change_password", "mfa_generate_recovery_codes"]
    assert {client.get(reverse(name))["Location"] for name in closed} == {INDEX}
    assert {name for name, who in TABLE.items() if who == SETUP} == {
        "account_reauthenticate", "mfa_index", "mfa_activate_totp", "mfa_add_webauthn",
    }  # fmt: skip
    assert "Bitte richten Sie jetzt einen zweiten Faktor ein" in client.get(INDEX).content.decode()
    assert TABLE["mfa_view_recovery_codes"] == STAFF


@pytest.mark.usefixtures("required")
def test_setting_up_an_app_opens_the_house_and_shows_recovery_codes(client, person):
    log_in(client)
    set_up(client)
    page = client.get(CODES).content.decode()
    assert len(re.findall(r"<li>\d{8}</li>", page)) == 10
    assert client.get(ACCOUNTS).status_code == 200
    kept = list(AuditEvent.objects.filter(action="account.factor_added").values_list("details__type", flat=True))
    assert sorted(kept) == ["recovery_codes", "totp"]
    assert Message.objects.get().reference == {"user": str(person.public_id), "what": "totp_activated"}


@pytest.mark.usefixtures("required")
def test_a_wrong_code_sets_nothing_up_and_keeps_the_key(client, person):
    log_in(client)
    secret = re.search(r'class="key">([A-Z2-7]+)<', client.get(APP).content.decode())[1]
    answer = client.post(APP, {"code": "000000"})
    assert "Dieser Code stimmt nicht" in answer.content.decode()
    assert secret in answer.content.decode()
    assert not Authenticator.objects.exists()
    assert client.post(APP, {"code": code_of(secret)}).status_code == 302


def test_password_then_code_logs_in(client, with_app):
    answer = log_in(client, next=ACCOUNTS)
    assert answer["Location"].startswith(CODE)
    assert client.get(ACCOUNTS).status_code == 302  # the password alone opens nothing
    done = client.post(answer["Location"], {"code": answer_to(with_app)})
    assert (done.status_code, done["Location"]) == (302, ACCOUNTS)
    assert client.get(ACCOUNTS).status_code == 200


@pytest.mark.usefixtures("required")
def test_a_login_with_both_needs_nothing_more(client, with_app):
    log_in(client)
    client.post(CODE, {"code": answer_to(with_app)})
    assert client.session[SECOND_FACTOR] == with_app.pk
    assert client.get(ACCOUNTS).status_code == 200


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("page", [ACCOUNTS, INDEX, APP, reverse("mfa_add_webauthn")])
def test_a_login_from_before_the_factor_has_ended_with_it(client, person, page):
    """Who stole the password and waits must not be let in when the owner sets up the factor elsewhere."""
    log_in(client)
    other = type(client)()
    log_in(other)
    set_up(other)
    assert other.get(ACCOUNTS).status_code == 200
    assert client.get(page)["Location"].startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_the_same_code_opens_the_door_once(client, with_app):
    code = answer_to(with_app)
    log_in(client)
    assert client.post(CODE, {"code": code}).status_code == 302
    again = type(client)()
    log_in(again)
    assert "Dieser Code stimmt nicht" in again.post(CODE, {"code": code}).content.decode()


def test_a_code_of_five_minutes_ago_is_no_code(client, with_app):
    log_in(client)
    old = code_of(Authenticator.objects.get(type="totp").data["secret"], at=timezone.now().timestamp() - 300)
    assert client.post(CODE, {"code": old}).status_code == 200
    assert AuditEvent.objects.filter(action="account.factor_failed", subject=with_app.public_id).count() == 1


def test_codes_cannot_be_tried_through(client, with_app):
    log_in(client)
    for _try in range(5):
        assert "stimmt nicht" in client.post(CODE, {"code": "000000"}).content.decode()
    assert "zu viele falsche Versuche" in client.post(CODE, {"code": answer_to(with_app)}).content.decode()
    assert AuditEvent.objects.filter(action="account.locked_out", subject=with_app.public_id).count() == 1


def test_a_recovery_code_opens_once(client, person):
    log_in(client)
    set_up(client)
    code = re.search(r"<li>(\d{8})</li>", client.get(CODES).content.decode())[1]
    for answer in (302, 200):
        other = type(client)()
        log_in(other)
        assert other.post(CODE, {"code": code}).status_code == answer


def test_a_used_recovery_code_is_on_record_and_its_owner_is_told(client, person):
    log_in(client)
    set_up(client)
    code = re.search(r"<li>(\d{8})</li>", client.get(CODES).content.decode())[1]
    page = client.get(INDEX).content.decode()
    assert "Noch 10 sind übrig." in page
    assert "Zuletzt benutzt" not in page
    other = type(client)()
    log_in(other)
    other.post(CODE, {"code": code})
    event = AuditEvent.objects.get(action="account.recovery_code_used")
    assert (event.actor, event.subject, event.details) == (person, person.public_id, {"left": 9})
    told = Message.objects.order_by("pk").last()
    assert (told.template, told.reference["what"]) == ("staff_changed", "recovery_code_used")
    assert "Ersatzcode benutzt" in letter(told).text
    page = other.get(INDEX).content.decode()
    assert "Noch 9 sind übrig. Zuletzt benutzt am" in page
    assert code not in str(list(AuditEvent.objects.values())) + str(list(Message.objects.values()))


@pytest.mark.usefixtures("required")
def test_the_last_factor_stays_where_one_is_required(client, person):
    log_in(client)
    set_up(client)
    remove = reverse("mfa_deactivate_totp")
    assert "Ein zweiter Faktor ist vorgeschrieben" in client.get(remove).content.decode()
    client.post(remove)
    assert Authenticator.objects.filter(type="totp").exists()


def test_without_the_demand_the_app_can_be_removed(client, person):
    log_in(client)
    set_up(client)
    assert client.post(reverse("mfa_deactivate_totp"))["Location"] == INDEX
    assert not Authenticator.objects.exists()
    assert SECOND_FACTOR not in client.session


def test_changing_the_factor_needs_the_password_again_after_a_while(client, person):
    with time_machine.travel("2021-02-16 09:00Z", tick=False) as clock:
        log_in(client)
        set_up(client)
        clock.shift(timedelta(minutes=10))
        asked = client.get(CODES)
        assert asked["Location"].startswith(reverse("account_reauthenticate"))
        assert "stimmt nicht" in client.post(asked["Location"], {"password": "x"}).content.decode()
        assert client.post(asked["Location"], {"password": PASSWORD})["Location"] == CODES
        assert client.get(CODES).status_code == 200


def test_a_passkey_is_offered_and_nonsense_is_refused(client, person):
    log_in(client)
    page = client.get(reverse("mfa_add_webauthn")).content.decode()
    assert 'data-passkey="create" hidden' in page
    assert '"creation_options"' in page
    for nonsense in NONSENSE:
        answer = client.post(reverse("mfa_add_webauthn"), {"name": "Schlüssel", "credential": nonsense})
        assert answer.status_code == 200
    assert not Authenticator.objects.exists()


def test_nonsense_in_place_of_a_passkey_logs_nobody_in(client, with_app):
    log_in(client)
    assert 'data-passkey="get" hidden' in client.get(CODE).content.decode()
    for nonsense in NONSENSE:
        assert client.post(CODE, {"credential": nonsense}).status_code == 200
    assert client.get(HOME).status_code == 302


def test_nobody_removes_the_passkey_of_somebody_else(client, person):
    other = UserFactory(password=HASHED)
    key = Authenticator.objects.create(user=other, type="webauthn", data={"name": "Schlüssel", "credential": {}})
    log_in(client)
    assert client.post(reverse("mfa_remove_webauthn", kwargs={"pk": key.pk})).status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_cancelling_the_second_step_forgets_the_first(client, with_app):
    log_in(client)
    assert client.get(CODE).status_code == 200
    assert client.post(reverse("account_logout"))["Location"] == LOGIN
    assert client.get(CODE)["Location"] == LOGIN
    assert client.get(HOME).status_code == 302
