"""What nobody asks for and has to happen anyway, every minute."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from booking.services import call_backs, calls, drafts, invitations, registrations, reminders

logger = logging.getLogger(__name__)


def tend(*, now: datetime) -> dict[str, int]:
    """Close and remind what is due, and delete drafts that are over; how many of each.

    One that fails does not stop the others; it is logged and tried again in a minute.
    """
    deeds: dict[str, Callable[[], int]] = {
        "expired": partial(invitations.expire_due, now=now),
        "reminded": partial(invitations.remind_due, now=now),
        "unconfirmed": partial(registrations.remind_unconfirmed, now=now),
        "appointments": partial(reminders.remind_appointments, now=now),
        "drafts": partial(drafts.sweep, now=now),
        "calls": partial(calls.leave_idle, now),
        "forgotten_call_backs": partial(call_backs.release_forgotten, now=now),
        "old_call_backs": partial(call_backs.forget, now=now),
    }
    return {name: _done(name, deed) for name, deed in deeds.items()}


def _done(name: str, deed: Callable[[], int]) -> int:
    try:
        return deed()
    except Exception:
        logger.exception("upkeep: %s failed", name)
        return 0
