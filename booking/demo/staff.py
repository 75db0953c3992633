"""The demo's people at work: one account per role, with a password that everybody may know."""

from django.conf import settings

from accounts import demo
from accounts.models import User
from centers.models import Center, Workplace


class OutsideTheDemo(Exception):
    """Accounts with a known password were asked for in an installation that is not the demo."""


def create() -> int:
    """Make the accounts that are missing; returns how many. Refuses wherever DEMO is not set."""
    if not settings.DEMO:
        raise OutsideTheDemo
    have = set(User.objects.values_list("username", flat=True))
    missing = [account for account in demo.ACCOUNTS if account.username not in have]
    for account in missing:
        _create(account)
    return len(missing)


def _create(account: demo.Account) -> None:
    user = User.objects.create_user(
        account.username, f"{account.username}@example.org", demo.PASSWORD,
        first_name=account.first_name, last_name=account.last_name, roles=[account.role],
    )  # fmt: skip
    if account.center:
        Workplace.objects.create(user=user, center=Center.objects.get(slug=account.center))
