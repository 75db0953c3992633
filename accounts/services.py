"""Accounts: by invitation of an administrator, and every change of them in the audit trail.

Where somebody works is kept a floor higher (centers/workplaces.py); mails are queued by who calls (web/staff/desk.py).
"""

from collections.abc import Iterable
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from accounts.roles import Role

LONGEST_USERNAME = 150
ADMINISTRATORS = Q(is_active=True, roles__contains=[Role.ADMINISTRATOR])


@transaction.atomic
def invite(
    *, first_name: str, last_name: str, email: str, roles: Iterable[Role], by: User | None, now: datetime
) -> User:
    """Make an account without a password; its owner sets one by the link of the invitation (accounts/tokens.py).

    The e-mail address is the user name. `by=None` is the command that makes the first administrator.
    """
    address = email.lower()
    if len(address) > LONGEST_USERNAME:
        raise Refused("too_long", _("At most 150 characters fit into the e-mail address of an account."))
    known = User.objects.filter(email=address) | User.objects.filter(username__iexact=address)
    user = User(username=address, email=address, first_name=first_name, last_name=last_name, roles=_ordered(roles))
    user.set_unusable_password()
    if known.exists() or not _saved(user):
        raise Refused("taken", _("There is an account with this e-mail address already."))
    _record("account.invited", user, by=by, now=now, roles=user.roles)
    return user


@transaction.atomic
def invite_again(*, user: User, by: User | None, now: datetime) -> User:
    """A new invitation; the links of those before it are void."""
    locked = hold(user)
    if not locked.is_active:
        raise Refused("inactive", _("The account is deactivated. Please activate it first."))
    if locked.has_usable_password():
        raise Refused(
            "has_password",
            _("This person has set a password already. Who forgets it asks for a new one at the login."),
        )
    locked.set_unusable_password()
    locked.save(update_fields=["password"])
    _record("account.invited_again", locked, by=by, now=now)
    return locked


@transaction.atomic
def change_roles(*, user: User, roles: Iterable[Role], by: User, now: datetime) -> User:
    """Set the roles. They count from the next click on; the last administrator stays one.

    Nobody sets her own: who gives roles would else read what she likes, with no second pair of eyes.
    """
    locked, wanted = hold(user), _ordered(roles)
    if locked.pk == by.pk:
        raise Refused("own", _("Your own roles and centers are set by another administrator."))
    if wanted == locked.roles:
        return locked
    if Role.ADMINISTRATOR not in wanted:
        _somebody_else_is_administrator(locked)
    before, locked.roles = locked.roles, wanted
    locked.save(update_fields=["roles"])
    _record("account.roles_changed", locked, by=by, now=now, before=before, roles=wanted)
    return locked


@transaction.atomic
def deactivate(*, user: User, by: User, now: datetime) -> User:
    """Close the account and end its logins at once. It is never deleted: the audit trail names it."""
    locked = hold(user)
    if locked.pk == by.pk:
        raise Refused("own", _("You cannot deactivate your own account. Please ask another administrator."))
    if not locked.is_active:
        return locked
    _somebody_else_is_administrator(locked)
    locked.is_active = False
    locked.logins += 1
    locked.save(update_fields=["is_active", "logins"])
    _record("account.deactivated", locked, by=by, now=now)
    return locked


@transaction.atomic
def activate(*, user: User, by: User, now: datetime) -> User:
    """Open a deactivated account again, with the roles and the password it had."""
    locked = hold(user)
    if not locked.is_active:
        locked.is_active = True
        locked.save(update_fields=["is_active"])
        _record("account.activated", locked, by=by, now=now)
    return locked


@transaction.atomic
def reset_second_factor(*, user: User, by: User | None, now: datetime) -> User:
    """Take away a lost factor and end the account's logins; the next login sets up a new one.

    `by=None` is the command for an administrator who is alone.
    """
    locked = hold(user)
    if by is not None and locked.pk == by.pk:
        raise Refused("own", _("Your own second factor is changed on the page “My account”."))
    removed, _kinds = Authenticator.objects.filter(user=locked).delete()
    locked.logins += 1
    locked.save(update_fields=["logins"])
    _record("account.factor_reset", locked, by=by, now=now, removed=removed)
    return locked


def hold(user: User) -> User:
    """Lock and give the row as it is now, inside a transaction.

    The administrators are locked with it, in one order: two of them cannot leave at once.
    """
    rows = User.objects.filter(Q(pk=user.pk) | ADMINISTRATORS).order_by("pk").select_for_update(no_key=True)
    return next(row for row in rows if row.pk == user.pk)


def _saved(user: User) -> bool:
    """False when another administrator was a moment earlier with the same address."""
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        return False
    return True


def _somebody_else_is_administrator(user: User) -> None:
    """Refuse where nobody could make accounts any more; `user` comes from `hold`."""
    if not user.has_role(Role.ADMINISTRATOR):
        return
    others = User.objects.filter(ADMINISTRATORS).exclude(pk=user.pk)
    if not any(one.has_usable_password() for one in others):
        raise Refused(
            "last", _("This is the last administrator who can log in. Please make somebody else administrator first.")
        )


def _ordered(roles: Iterable[Role]) -> list[str]:
    """Each role once, in the order of the list of roles."""
    wanted = set(roles)
    return [role.value for role in Role if role in wanted]


def _record(action: str, user: User, *, by: User | None, now: datetime, **details: object) -> None:
    audit.record(action, subject=user.public_id, by=by, now=now, details=details)
