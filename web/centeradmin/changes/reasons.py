"""The reason of a change on its way from the form to the deed: in the session and in forms, never in an address.

Everybody concerned reads it, and it may name somebody; addresses stand in logs and histories.
"""

import secrets

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

KEY, MOST = "change_reasons", 20  # so many previews may stand open side by side


def keep(session: SessionBase, reason: str) -> str:
    """Keep what was typed as long as this login lasts; the mark leads back to it."""
    mark = secrets.token_urlsafe(8)
    every = {**session.get(KEY, {}), mark: reason}
    session[KEY] = dict(list(every.items())[-MOST:])
    return mark


def kept(request: HttpRequest) -> str:
    """What was sent along, else what was kept under the mark in the address, else nothing."""
    found: str = request.session.get(KEY, {}).get(request.GET.get("entwurf", ""), "")
    return request.POST.get("grund") or found
