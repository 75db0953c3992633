"""Where django-allauth asks how this house wants it: whose address, which mails, which words."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import User
from notifications import outbox
from web import limits

WRONG = _("The name or the password is not right. Please check both; capital letters count.")
LOCKED = _(
    "These were too many wrong tries in a row. Please wait 5 minutes; after more wrong tries it takes an hour, then a "
    "day. Who sets a new password by “Password forgotten?” need not wait."
)
WRONG_CODE = _("This code is not right, or it was used already. Please enter the one that the app shows now.")
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class AccountAdapter(DefaultAccountAdapter):
    """Our network address, our outbox, our words; an unknown name and a wrong password get the same answer."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": WRONG,
        "email_password_mismatch": WRONG,
        "too_many_login_attempts": LOCKED,
        "rate_limited": LOCKED,
        "incorrect_password": _("The password is not right."),
        "enter_current_password": _("The present password is not right."),
        "incorrect_code": WRONG_CODE,
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """The visitor's address behind our proxies. Who cannot be told apart is not counted together."""
        found = limits.address(request)
        return secrets.token_hex(8) if found == limits.UNKNOWN else found

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """The account that is meant, else what was typed. allauth adds the Host header, which anybody sets."""
        meant = _meant(credentials)
        return f"login:{meant or _typed(credentials).casefold()}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            if not limits.left("login_failed", limits.address(request)):
                raise self.validation_error("too_many_login_attempts")
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            audit.record("account.locked_out", subject=_meant(credentials), by=None, now=timezone.now())
            raise

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """A deactivated account is no account: its right password is answered like a wrong one."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None and not user.is_active:
            self.authentication_failed(request, **credentials)
            return None
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        now = timezone.now()
        failed(request, now=now)
        audit.record("account.login_failed", subject=_meant(credentials), by=None, now=now)

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        return redirect("account_login")

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str = "", **_options: Any) -> bool:
        """The password once more before a factor changes; not for the first one, right after logging in."""
        user = context.request.user
        return bool(Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists())

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link is made when the mail is written (notifications/messages.py)."""
        return ""

    def send_password_reset_mail(self, user: AbstractBaseUser, email: str, context: dict[str, Any]) -> None:
        """Into the outbox. Who has not followed the invitation yet has no password to forget."""
        if not isinstance(user, User) or not user.has_usable_password():
            return
        now = timezone.now()
        outbox.queue(
            template="staff_password", recipient=user.email, language=get_language() or "de",
            reference={"user": str(user.public_id)}, dedupe_key=f"staff-password:{user.public_id}:{now.isoformat()}",
            now=now,
        )  # fmt: skip
        audit.record("account.reset_asked", subject=user.public_id, by=None, now=now)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth's own mails would bypass the outbox: none is sent."""

    def send_notification_mail(self, template_prefix: str, user: AbstractBaseUser, *args: Any, **kwargs: Any) -> None:
        """Tell the owner that a password or a factor was changed."""
        if not isinstance(user, User) or not user.email:
            return
        now = timezone.now()
        outbox.queue(
            template="staff_changed", recipient=user.email, language=get_language() or "de",
            reference={"user": str(user.public_id), "what": template_prefix.rpartition("/")[2]},
            dedupe_key=f"staff-changed:{user.public_id}:{now.isoformat()}", now=now,
        )  # fmt: skip


class FactorAdapter(DefaultMFAAdapter):
    """The last factor stays where one is required: it is replaced, not removed."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": WRONG_CODE,
        "cannot_generate_recovery_codes": _(
            "Recovery codes belong to a second factor. Please set up an app or a passkey first."
        ),
        "cannot_delete_authenticator": _("A second factor is required. Please set up another one first."),
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        others = Authenticator.objects.filter(user=authenticator.user_id, type__in=FACTORS).exclude(pk=authenticator.pk)
        return not settings.STAFF_SECOND_FACTOR or others.exists()


def unlock(request: HttpRequest, user: User) -> None:
    """Forget the wrong tries at this account: its owner has proved who she is by e-mail."""
    key = AccountAdapter(request)._get_login_attempts_cache_key(request, username=user.username)
    ratelimit.clear(request, app="allauth.account", action="login_failed", key=key)


def failed(request: HttpRequest, *, now: datetime) -> None:
    """A wrong password or code from this address. Kept apart from allauth's counters: a success there clears them."""
    limits.hit("login_failed", limits.address(request), now=now)


def _typed(credentials: dict[str, Any]) -> str:
    return credentials.get("email") or credentials.get("username") or ""


def _meant(credentials: dict[str, Any]) -> UUID | None:
    """Whose account was meant, as its id; never what was typed. Compared as the login does, in every spelling."""
    typed = _typed(credentials)
    found = User.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed)).order_by("pk").first()
    return found.public_id if found else None
