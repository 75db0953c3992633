"""Somebody with an account, and the steps of logging in."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.hashers import make_password
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from tests.factories.staff import UserFactory

PASSWORD = "Kirschkuchen mit Streuseln"
HASHED = make_password(PASSWORD)  # once: Argon2 takes its time


@pytest.fixture
def person(db: None) -> User:
    """Mandy, an administrator with the password PASSWORD."""
    return UserFactory(username="mandy", email="mandy@example.org", password=HASHED, roles=[Role.ADMINISTRATOR])


@pytest.fixture
def with_app(person: User) -> User:
    """As `person`, with an authenticator app."""
    totp.TOTP.activate(person, totp_secret())
    return person


def totp_secret() -> str:
    return "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_of(secret: str, *, at: float | None = None) -> str:
    """What an app shows."""
    period = int(time.time() if at is None else at) // 30
    return totp.format_hotp_value(totp.hotp_value(secret, period))


def log_in(client: Client, name: str = "mandy", password: str = PASSWORD, **more: str) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": name, "password": password, **more})


def answer_to(user: User) -> str:
    """The code that logs `user` in now."""
    return code_of(Authenticator.objects.get(user=user, type="totp").data["secret"])
