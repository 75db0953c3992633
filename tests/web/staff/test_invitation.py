"""From the invitation to the first login, and from the forgotten password to a new one."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.models import AuditEvent, User
from accounts.roles import Role
from notifications import outbox, rendering
from notifications.models import Message
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory
from tests.web.staff.conftest import HASHED, PASSWORD, log_in
from web.access import TABLE, may

pytestmark = pytest.mark.django_db

INVITE, RESET, LOGIN = (reverse(name) for name in ("staff:accounts_invite", "account_reset_password", "account_login"))
NEW = "Streuselkuchen mit Kirschen"
SOMEBODY = {"first_name": "Nina", "last_name": "Neumann", "email": "nina@example.org", "roles": ["center_staff"],
            "centers": ["riesa"]}  # fmt: skip


@pytest.fixture
def admin(client, person) -> Client:
    CenterFactory(slug="riesa", name="Riesa")
    log_in(client)
    return client


def letter(message: Message) -> rendering.Letter:
    """The mail as it would leave now."""
    envelope = outbox.Envelope(message.template, message.recipient, message.reference, message.language, "")
    context = outbox.compose(envelope, now=timezone.now())
    assert context is not None
    return rendering.letter(message.template, language=message.language, context=context)


def path_in(message: Message) -> str:
    return re.search(r"http://testserver(/personal/passwort/neu/\S+)", letter(message).text)[1]


def set_password(path: str, first: str = NEW, second: str = NEW):
    """Follow the link with a browser of one's own, and send the form."""
    browser = Client()
    form = browser.get(path, follow=True)
    if not form.redirect_chain:
        return form
    return browser.post(form.request["PATH_INFO"], {"password1": first, "password2": second})


def test_inviting_makes_the_account_its_center_and_one_mail(admin):
    answer = admin.post(INVITE, SOMEBODY, follow=True)
    user = User.objects.get(username="nina@example.org")
    assert [place.center.slug for place in user.workplaces.all()] == ["riesa"]
    assert "Die Einladung ist unterwegs an nina@example.org" in answer.content.decode()
    message = Message.objects.get()
    assert (message.recipient, message.reference) == ("nina@example.org", {"user": str(user.public_id)})
    assert list(AuditEvent.objects.filter(subject=user.public_id).order_by("pk").values_list("action", flat=True)) == [
        "account.invited", "account.center_joined",
    ]  # fmt: skip


def test_the_mail_says_what_to_do_in_both_languages(admin):
    admin.post(INVITE, SOMEBODY)
    admin.post(INVITE, {**SOMEBODY, "email": "jane@example.org"}, headers={"accept-language": "en"})
    german, english = (letter(message) for message in Message.objects.order_by("pk"))
    assert german.subject == "Ihr Konto für Impftermin"
    assert "Guten Tag Nina Neumann," in german.text
    assert "gilt 7 Tage und nur einmal" in german.text
    assert "http://testserver/personal/. Niemand" in " ".join(german.text.split())
    assert english.subject == "Your account for Impftermin"
    assert "valid for 7 days" in english.text


def test_the_invited_sets_a_password_once_and_logs_in(admin):
    admin.post(INVITE, SOMEBODY)
    path = path_in(Message.objects.get())
    assert set_password(path)["Location"] == reverse("account_reset_password_from_key_done")
    assert "Dieser Link gilt nicht mehr" in set_password(path).content.decode()
    browser = Client()
    assert log_in(browser, "nina@example.org", NEW).status_code == 302
    assert browser.get(reverse("staff:home"))["Location"] == reverse("centeradmin:home")


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [("kurz", "kurz", "mindestens 12 Zeichen"), ("passwordpassword", "", "noch einmal"), (NEW, "x", "nicht dasselbe"),
     ("nina@example.org", "nina@example.org", "ähnlich"), ("", "", "Bitte geben Sie ein neues Passwort ein")],
)  # fmt: skip
def test_a_bad_password_is_refused_with_the_cure(admin, first, second, says):
    admin.post(INVITE, SOMEBODY)
    answer = set_password(path_in(Message.objects.get()), first, second)
    assert answer.status_code == 200
    assert says in answer.content.decode()


def test_an_invitation_sent_again_voids_the_link_before(admin):
    admin.post(INVITE, SOMEBODY)
    old = path_in(Message.objects.get())
    user = User.objects.get(username="nina@example.org")
    admin.post(reverse("staff:accounts_invite_again", kwargs={"public_id": user.public_id}))
    new = path_in(Message.objects.order_by("pk").last())
    assert "Dieser Link gilt nicht mehr" in set_password(old).content.decode()
    assert set_password(new).status_code == 302


def test_a_mail_that_waits_too_long_is_not_sent_when_it_is_no_longer_true(admin, person):
    admin.post(INVITE, SOMEBODY)
    message = Message.objects.get()
    user = User.objects.get(username="nina@example.org")
    services.deactivate(user=user, by=person, now=timezone.now())
    envelope = outbox.Envelope(message.template, message.recipient, message.reference, "de", "")
    assert outbox.compose(envelope, now=timezone.now()) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [({"email": "mandy@example.org"}, "gibt es schon ein Konto"), ({"email": "nina(at)example.org"}, "Meinten Sie"),
     ({"roles": []}, "mindestens eine Rolle"), ({"roles": ["chef"]}, "chef"), ({"centers": []}, "in denen diese"),
     ({"roles": ["planner"]}, "gehört eine Rolle im Impfzentrum"), ({"centers": ["mars"]}, "mars"),
     ({"first_name": ""}, "Bitte"), ({"last_name": "<script>"}, "kann hier nicht im Namen stehen"),
     ({"email": "x\x00@example.org"}, "Zeichen")],
)  # fmt: skip
def test_a_bad_invitation_says_what_is_wrong_and_keeps_what_was_typed(admin, change, says):
    answer = admin.post(INVITE, {**SOMEBODY, **change})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert says in page
    assert "Neumann" in page or "last_name" in change
    assert not Message.objects.exists()


def test_nobody_registers_oneself(client):
    for path in ("/personal/registrieren/", "/personal/signup/", "/accounts/signup/", "/personal/email/"):
        assert client.get(path).status_code == 404
    assert not any("signup" in name or "social" in name for name in TABLE)


# --- Forgotten password --------------------------------------------------------------------------


def test_reset_answers_everybody_the_same_and_writes_only_to_who_has_a_password(client, person):
    UserFactory(email="invited@example.org", password="!")
    UserFactory(email="closed@example.org", password=HASHED, is_active=False)
    answers = [
        client.post(RESET, {"email": email})
        for email in ("mandy@example.org", "nobody@example.org", "invited@example.org", "closed@example.org")
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, reverse("account_reset_password_done"))
    }
    assert [message.recipient for message in Message.objects.all()] == ["mandy@example.org"]
    assert "Wenn es ein Konto mit dieser Adresse gibt" in client.get(answers[0]["Location"]).content.decode()


def test_reset_answers_too_many_requests_the_same_for_known_and_unknown(client, person):
    for email in ("mandy@example.org", "nobody@example.org"):
        answers = [client.post(RESET, {"email": email}).status_code for _time in range(4)]
        assert answers == [302, 302, 302, 429]


def test_nothing_of_the_link_stands_in_the_outbox_or_in_the_answer(client, person):
    answer = client.post(RESET, {"email": "mandy@example.org"}, follow=True)
    token = path_in(Message.objects.get()).rstrip("/").rpartition("/")[2]
    assert token not in str(list(Message.objects.values())) + answer.content.decode()


def test_a_new_password_ends_other_logins_and_the_lock(client, person):
    elsewhere = Client()
    log_in(elsewhere)
    for _try in range(6):
        log_in(client, "mandy", "x")
    client.post(RESET, {"email": "mandy@example.org"})
    assert set_password(path_in(Message.objects.get())).status_code == 302
    assert elsewhere.get(reverse("staff:accounts"))["Location"].startswith(LOGIN)
    assert log_in(client, "mandy", NEW).status_code == 302
    assert list(Message.objects.order_by("pk").values_list("template", flat=True)) == [
        "staff_password",
        "staff_changed",
    ]
    assert "Ein neues Passwort wurde gesetzt." in letter(Message.objects.order_by("pk").last()).text


def test_the_key_leaves_the_address_before_the_page_is_shown(client, person):
    client.post(RESET, {"email": "mandy@example.org"})
    path = path_in(Message.objects.get())
    first = client.get(path)
    key = path.rstrip("/").rpartition("/")[2]
    assert first.status_code == 302
    assert key not in first["Location"]
    assert key not in client.get(first["Location"]).content.decode()


def test_changing_the_password_keeps_this_login_and_ends_the_others(client, person):
    elsewhere = Client()
    for browser in (client, elsewhere):
        log_in(browser)
    change = reverse("account_change_password")
    wrong = client.post(change, {"oldpassword": "x", "password1": NEW, "password2": NEW})
    assert "Das bisherige Passwort stimmt nicht" in wrong.content.decode()
    client.post(change, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert client.get(change).status_code == 200
    assert elsewhere.get(change)["Location"].startswith(LOGIN)
    assert AuditEvent.objects.filter(action="account.password_changed", actor=person).count() == 1


def test_every_role_has_a_first_page():
    for role in Role:
        browser = Client()
        browser.force_login(UserFactory(roles=[role], at=[CenterFactory()]))
        first = browser.get(reverse("staff:home"))
        assert first.status_code in (200, 302)
        if first.status_code == 302:
            assert browser.get(first["Location"], follow=True).status_code == 200
        assert may(UserFactory(roles=[role]), TABLE["staff:home"])
