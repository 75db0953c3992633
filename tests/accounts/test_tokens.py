"""The link that sets a password: once, in time, for an open account."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import make_password

from accounts import services
from accounts.tokens import INVITED_FOR, RESET_WITHIN, LinkTokens, link
from tests.factories import NOW
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db

ONE_SECOND = timedelta(seconds=1)
TOKENS = LinkTokens()


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.mark.parametrize(("password", "lives"), [("!", INVITED_FOR), (make_password("Kirschkuchen"), RESET_WITHIN)])
def test_an_invitation_lives_seven_days_and_a_reset_two_hours(clock, password, lives):
    user = UserFactory(password=password)
    token = TOKENS.make_token(user)
    clock.shift(lives - ONE_SECOND)
    assert TOKENS.check_token(user, token)
    clock.shift(2 * ONE_SECOND)
    assert not TOKENS.check_token(user, token)


def test_a_link_works_once_because_the_password_is_part_of_it(clock):
    user = UserFactory(password="!")
    token = TOKENS.make_token(user)
    user.set_password("Kirschkuchen mit Streuseln")
    user.save()
    assert not TOKENS.check_token(user, token)


def test_a_new_invitation_voids_the_link_before_it(clock):
    user = UserFactory(password="!")
    token = TOKENS.make_token(user)
    again = services.invite_again(user=user, by=None, now=NOW)
    assert not TOKENS.check_token(again, token)
    assert TOKENS.check_token(again, TOKENS.make_token(again))


def test_a_closed_account_has_no_valid_link(clock):
    user = UserFactory(password="!")
    token = TOKENS.make_token(user)
    user.is_active = False
    assert not TOKENS.check_token(user, token)


@pytest.mark.parametrize("token", ["", None, "x", "x-y", "-", "cx1abc-", "ß-ß", "1" * 300])
def test_nonsense_is_no_link(clock, token):
    assert not TOKENS.check_token(UserFactory(password="!"), token)


def test_the_link_of_one_is_not_the_link_of_another(clock):
    one, other = UserFactory(password="!"), UserFactory(password="!")
    assert not TOKENS.check_token(other, TOKENS.make_token(one))


def test_links_lead_to_the_staffs_host(settings, clock):
    settings.STAFF_URL = "https://intern.example.org"
    assert link(UserFactory()).startswith("https://intern.example.org/personal/passwort/neu/")
