"""The first administrator, and the one who is alone and has lost the telephone."""

import re
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import AuditEvent, User
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    said = StringIO()
    call_command(*words, stdout=said)
    return said.getvalue()


def test_the_first_administrator_sets_a_password_by_the_printed_link():
    said = run("create_administrator", "Erste@example.org", "Erika", "Erste")
    user = User.objects.get(username="erste@example.org")
    assert user.roles == ["administrator"]
    path = re.search(r"http://testserver(/personal/passwort/neu/\S+)", said)[1]
    client = Client()
    form = client.get(path, follow=True)
    assert form.redirect_chain
    words = {"password1": "Kirschkuchen mit Streuseln", "password2": "Kirschkuchen mit Streuseln"}
    assert client.post(form.request["PATH_INFO"], words).status_code == 302
    user.refresh_from_db()
    assert user.check_password("Kirschkuchen mit Streuseln")
    assert AuditEvent.objects.filter(action="account.invited", actor=None).count() == 1


@pytest.mark.parametrize("email", ["", "kein-at", "a@b@c", "x y@example.org"])
def test_no_address_no_administrator(email):
    with pytest.raises(CommandError, match="name@example"):
        run("create_administrator", email, "A", "B")
    assert not User.objects.exists()


def test_twice_the_same_address_names_the_way_out():
    run("create_administrator", "a@example.org", "A", "B")
    with pytest.raises(CommandError, match="reset_second_factor"):
        run("create_administrator", "A@example.org", "A", "B")


def test_a_lost_factor_is_taken_away_at_the_console():
    user = UserFactory(username="allein")
    Authenticator.objects.create(user=user, type="totp", data={})
    assert "sets up a new one" in run("reset_second_factor", "Allein")
    assert not Authenticator.objects.exists()
    assert AuditEvent.objects.get().action == "account.factor_reset"
    with pytest.raises(CommandError, match="no account"):
        run("reset_second_factor", "niemand")
