"""What the mails to members of staff say. Their links are made when the mail is written, and stand nowhere else."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import tokens
from accounts.models import User
from notifications.outbox import Context, Envelope, composer

# allauth's names of what was changed.
CHANGES = {
    "password_changed": lambda: _("The password was changed."),
    "password_reset": lambda: _("A new password was set."),
    "totp_activated": lambda: _("An authenticator app was set up."),
    "totp_deactivated": lambda: _("The authenticator app was removed."),
    "webauthn_added": lambda: _("A passkey was added."),
    "webauthn_removed": lambda: _("A passkey was removed."),
    "recovery_code_used": lambda: _("A recovery code was used to log in. It works no more."),
    "recovery_codes_generated": lambda: _("New recovery codes were made; the old ones no longer work."),
}


@composer("staff_invitation")
def staff_invitation(envelope: Envelope, *, now: datetime) -> Context | None:
    """None once the password is set, or the account is closed."""
    user = _user(envelope)
    if user is None or user.has_usable_password():
        return None
    return {**_to(user), "link": tokens.link(user), "username": user.username, "days": tokens.INVITED_FOR.days}


@composer("staff_password")
def staff_password(envelope: Envelope, *, now: datetime) -> Context | None:
    """None where there is no password to forget."""
    user = _user(envelope)
    if user is None or not user.has_usable_password():
        return None
    hours = int(tokens.RESET_WITHIN.total_seconds() // 3600)
    return {**_to(user), "link": tokens.link(user), "username": user.username, "hours": hours}


@composer("staff_changed")
def staff_changed(envelope: Envelope, *, now: datetime) -> Context | None:
    user, words = _user(envelope), CHANGES.get(envelope.reference["what"])
    if user is None or words is None:
        return None
    link = f"{settings.STAFF_URL}{reverse('account_reset_password')}"
    return {**_to(user), "what": words(), "link": link}


def _to(user: User) -> Context:
    return {"name": user.display_name, "staff_url": settings.STAFF_URL}


def _user(envelope: Envelope) -> User | None:
    return User.objects.filter(public_id=envelope.reference["user"], is_active=True).first()
