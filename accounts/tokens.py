"""Links by which a member of staff sets a password: for who is invited, and for who has forgotten it."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.http import int_to_base36

from accounts.models import User

INVITED_FOR = timedelta(days=7)  # as PASSWORD_RESET_TIMEOUT
RESET_WITHIN = timedelta(hours=2)


class LinkTokens(PasswordResetTokenGenerator):
    """Valid once, because the password is part of the signature; an invitation for 7 days, a reset for 2 hours.

    Nothing is stored. A new invitation makes the unusable password anew, which voids the links before it.
    """

    key_salt = "accounts.tokens.LinkTokens"

    def check_token(self, user: Any, token: str | None) -> bool:
        """False for a deactivated account, too."""
        if user is None or not user.is_active or not super().check_token(user, token):
            return False
        return not user.has_usable_password() or self._age(str(token)) <= RESET_WITHIN

    def _age(self, token: str) -> timedelta:
        made_at = int(token.partition("-")[0], 36)
        now: int = self._num_seconds(self._now())
        return timedelta(seconds=now - made_at)

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.logins}"


def link(user: User) -> str:
    """The address of the page that sets her password."""
    kwargs = {"uidb36": int_to_base36(user.pk), "key": LinkTokens().make_token(user)}
    return f"{settings.STAFF_URL}{reverse('account_reset_password_from_key', kwargs=kwargs)}"
