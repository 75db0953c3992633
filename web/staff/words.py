"""Accounts in words: what somebody may do and where, how far an invitation has come, what was just done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import AT_A_CENTER, Role
from accounts.tokens import INVITED_FOR
from web.templatetags.impftermin import local_time, plain_date


@dataclass(frozen=True)
class Row:
    """One account as the pages show it. `state` is "active", "invited" or "closed"."""

    user: User
    roles: list[str]
    centers: str
    state: str
    state_words: str
    factor: bool


def row(user: User) -> Row:
    """Needs `user.has_factor` and prefetched workplaces (web/staff/accounts.py)."""
    state = "closed" if not user.is_active else "active" if user.has_usable_password() else "invited"
    states = {"active": _("active"), "invited": _("invited, no password yet"), "closed": _("deactivated")}
    return Row(
        user=user,
        roles=[str(role.label) for role in Role if role in user.roles],
        centers=", ".join(place.center.name for place in user.workplaces.all()),
        state=state,
        state_words=states[state],
        factor=user.has_factor,
    )


def note(query: Mapping[str, str], user: User) -> str:
    """What was just done, by the mark that the redirect carries."""
    closed = _("The account is deactivated, and all its logins have ended.")
    notes = {
        "eingeladen": _("The invitation is on its way to %(email)s. Its link is valid for 7 days and works once."),
        "rollen": _("Roles and centers are changed. They count from the next click on."),
        "zugang": _("The account is active again.") if user.is_active else closed,
        "faktor": _("The second factor is taken away, and all logins have ended. The next login sets up a new one."),
    }  # fmt: skip
    return next((text % {"email": user.email} for mark, text in notes.items() if mark in query), "")


def invitation(sent_at: datetime, *, now: datetime) -> str:
    """How long the newest link of somebody without a password works."""
    until = sent_at + INVITED_FOR
    words = _("sent on %(sent)s, works until %(until)s") if now < until else _("sent on %(sent)s, expired on %(until)s")
    return words % {"sent": moment(sent_at), "until": moment(until)}


def moment(instant: datetime) -> str:
    return f"{plain_date(instant)}, {local_time(instant)}"


def who(user: User, center: str) -> str:
    """Name and work for the bar: "Thomas Beyer, Leitung Riesa"."""
    at_center = {Role.CENTER_MANAGER: _("manager %(center)s"), Role.CENTER_STAFF: _("staff %(center)s")}
    work = [at_center[role] % {"center": center} for role in at_center if center and role in user.roles][:1]
    work += [str(role.label) for role in Role if role in user.roles and (role not in AT_A_CENTER or not center)]
    return ", ".join([user.display_name, *work])
