"""What an administrator does to an account, as one deed: the account, where its owner works, and the mail."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import services
from accounts.models import User
from accounts.refusals import Refused
from accounts.roles import Role
from centers import workplaces
from centers.models import Center, Workplace
from notifications import outbox


@dataclass(frozen=True)
class Work:
    """As what somebody works, and where."""

    roles: Collection[Role]
    centers: Collection[Center]


@dataclass(frozen=True)
class Person:
    """Who is invited, and for which work."""

    first_name: str
    last_name: str
    email: str
    work: Work


@transaction.atomic
def invite(person: Person, *, by: User, now: datetime) -> User:
    """Make the account and send the invitation; raises accounts.refusals.Refused."""
    user = services.invite(
        first_name=person.first_name, last_name=person.last_name, email=person.email, roles=person.work.roles, by=by,
        now=now,
    )  # fmt: skip
    workplaces.assign(user=user, centers=person.work.centers, by=by, now=now)
    _send_invitation(user, now=now)
    return user


@transaction.atomic
def invite_again(user: User, *, by: User, now: datetime) -> None:
    """Send a new link; the one before is void."""
    _send_invitation(services.invite_again(user=user, by=by, now=now), now=now)


@transaction.atomic
def change(user: User, work: Work, *, seen: str, by: User, now: datetime) -> None:
    """Set roles and centers, if they still are those that the administrator has `seen` (`as_it_stands`; "" for any)."""
    if seen and as_it_stands(services.hold(user)) != seen:
        text = _(
            "Another administrator has changed this account since you opened the page. Now it has: %(work)s. %(ask)s"
        )
        ask = _("Please check your choice below and send it again.")
        raise Refused("newer", text % {"work": _in_words(user), "ask": ask})
    services.change_roles(user=user, roles=work.roles, by=by, now=now)
    workplaces.assign(user=user, centers=work.centers, by=by, now=now)


def as_it_stands(user: User) -> str:
    """Roles and centers in one line: another one after each change of them."""
    return f"{' '.join(user.roles)}|{' '.join(_centers(user, 'slug'))}"


def _in_words(user: User) -> str:
    roles = User.objects.values_list("roles", flat=True).get(pk=user.pk)
    return ", ".join([*(str(Role(role).label) for role in roles), *_centers(user, "name")])


def _centers(user: User, column: str) -> list[str]:
    """What her centers are called, in the order of `column`."""
    names = Workplace.objects.filter(user=user).order_by(f"center__{column}")
    return list(names.values_list(f"center__{column}", flat=True))


def _send_invitation(user: User, *, now: datetime) -> None:
    outbox.queue(
        template="staff_invitation", recipient=user.email, language=get_language() or "de",
        reference={"user": str(user.public_id)}, dedupe_key=f"staff-invitation:{user.public_id}:{now.isoformat()}",
        now=now,
    )  # fmt: skip
