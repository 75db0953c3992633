"""What an agent has typed about a new caller: kept with her call, whatever becomes of her browser."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from booking import callers, wording
from booking.models import Call, Registration
from booking.services import calls, holds


def keep(agent: User, data: Mapping[str, Any], now: datetime, *, begins: bool = False) -> Call:
    """Put this into the draft of her call; what is not named stays. `begins`: it may be the next caller's."""
    somebody = begins and any(data.get(name) for name in callers.WHO)
    call = calls.take_in(agent, now) if somebody else calls.begin(agent, now)
    call.draft = {**call.draft, **data}
    Call.objects.filter(pk=call.pk, done_at__isnull=True).update(draft=call.draft)
    return call


@transaction.atomic
def discard(agent: User, now: datetime) -> None:
    """Forget what was typed, and keep no places for it; those of others in this call stay. Twice is harmless."""
    call = calls.begin(agent, now)
    Call.objects.filter(pk=call.pk).update(draft={})
    for hold in holds.standing(call, now=now):
        holds.release(hold=hold, by=agent, now=now)


def empty(call: Call) -> None:
    """The person of the draft is registered: nothing is left to type."""
    Call.objects.filter(pk=call.pk, done_at__isnull=True).update(draft={})


def next_member(agent: User, after: Registration, now: datetime) -> Call:
    """Begin with somebody of the same household: address and telephone stay, as people say them; her times are near."""
    call = calls.begin(agent, now)
    call.draft = {
        "street": after.street, "postcode": after.postcode, "town": after.town,
        "phone": wording.phone(after.phone), "email": after.email, "medium": after.medium,
        "comes_with": str(after.public_id),
        **({"large_print": "on"} if after.large_print else {}),
    }  # fmt: skip
    Call.objects.filter(pk=call.pk, done_at__isnull=True).update(draft=call.draft)
    return call
