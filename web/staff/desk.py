"""What an administrator does to an account, as one deed: the account, where its owner works, and the mail."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language

from accounts import services
from accounts.models import User
from accounts.roles import Role
from centers import workplaces
from centers.models import Center
from notifications import outbox


@dataclass(frozen=True)
class Person:
    """Who is invited, and for which work."""

    first_name: str
    last_name: str
    email: str
    roles: Collection[Role]
    centers: Collection[Center]


@transaction.atomic
def invite(person: Person, *, by: User, now: datetime) -> User:
    """Make the account and send the invitation; raises accounts.refusals.Refused."""
    user = services.invite(
        first_name=person.first_name, last_name=person.last_name, email=person.email, roles=person.roles, by=by, now=now
    )
    workplaces.assign(user=user, centers=person.centers, by=by, now=now)
    _send_invitation(user, now=now)
    return user


@transaction.atomic
def invite_again(user: User, *, by: User, now: datetime) -> None:
    """Send a new link; the one before is void."""
    _send_invitation(services.invite_again(user=user, by=by, now=now), now=now)


@transaction.atomic
def change(user: User, *, roles: Collection[Role], centers: Collection[Center], by: User, now: datetime) -> None:
    """Set roles and centers; who holds no role at a center works in none."""
    services.change_roles(user=user, roles=roles, by=by, now=now)
    workplaces.assign(user=user, centers=centers, by=by, now=now)


def _send_invitation(user: User, *, now: datetime) -> None:
    outbox.queue(
        template="staff_invitation", recipient=user.email, language=get_language() or "de",
        reference={"user": str(user.public_id)}, dedupe_key=f"staff-invitation:{user.public_id}:{now.isoformat()}",
        now=now,
    )  # fmt: skip
