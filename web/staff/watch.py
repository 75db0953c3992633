"""What django-allauth tells by its signals, kept in the audit trail; and the mark of a login with a second factor."""

import time
from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals as factor
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts import audit
from accounts.models import User
from web.access import BEGAN, SECOND_FACTOR
from web.staff.adapters import FACTORS, AccountAdapter, failed, unlock


def _record(action: str, user: User | None, **details: object) -> None:
    if user is not None:
        audit.record(action, subject=user.public_id, by=user, now=timezone.now(), details=details)


@receiver(user_logged_in)
def _logged_in(request: HttpRequest, user: User, **_: Any) -> None:
    request.session[BEGAN] = time.time()
    _record("account.logged_in", user)


@receiver(user_logged_out)
def _logged_out(user: User | None, **_: Any) -> None:
    _record("account.logged_out", user)


@receiver(account.password_changed)
def _password_changed(user: User, **_: Any) -> None:
    _record("account.password_changed", user)


@receiver(account.password_reset)
def _password_set(request: HttpRequest, user: User, **_: Any) -> None:
    unlock(request, user)
    _record("account.password_set", user)


@receiver(factor.authenticator_used)
def _factor_used(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """The way round a lost factor is what a thief takes: its owner is told."""
    request.session[SECOND_FACTOR] = user.pk
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        authenticator.refresh_from_db()  # the code was crossed out on another copy of the row
        left = len(authenticator.wrap().get_unused_codes())
        with transaction.atomic():
            _record("account.recovery_code_used", user, left=left)
            AccountAdapter(request).send_notification_mail("mfa/email/recovery_code_used", user)


@receiver(factor.authentication_failed)
def _factor_failed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    failed(request, now=timezone.now())
    _record("account.factor_failed", user, type=authenticator.type)


@receiver(factor.authenticator_added)
def _factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Setting a factor up has just shown it: this login counts as confirmed, and sees its recovery codes at once."""
    _record("account.factor_added", user, type=authenticator.type)
    if authenticator.type in FACTORS:
        request.session[SECOND_FACTOR] = user.pk
        record_authentication(request, user, "mfa", type=authenticator.type, reauthenticated=True)


@receiver(factor.authenticator_removed)
def _factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    _record("account.factor_removed", user, type=authenticator.type)
    if not Authenticator.objects.filter(user=user, type__in=FACTORS).exists():
        request.session.pop(SECOND_FACTOR, None)


@receiver(factor.authenticator_reset)
def _codes_made_anew(user: User, authenticator: Authenticator, **_: Any) -> None:
    _record("account.codes_made_anew", user)
