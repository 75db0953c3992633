"""Who is on the line? Whether who was searched for belongs to the call that an agent is in, or to the next one.

A caller speaks for herself and for her family: the same household, address or telephone. Whoever else is opened belongs
to the next caller as soon as something was done for this one, or nobody has touched the call for a while (ADR 27).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import AuditEvent
from booking import identity
from booking.models import Call, Hold, Registration

SILENT = timedelta(minutes=2)  # who spells a name does not take longer to correct a wrong hit
WHO = ("first_name", "last_name", "birth_date")  # of a draft
A_MOMENT = timedelta(seconds=5)  # in which the second click and the last keystroke of a form still arrive
READS = ("registration.opened", "appointment.read", "confirmation.read")


def names_somebody(call: Call) -> bool:
    """Whether the draft is about a certain person already; address and telephone may be those of her family."""
    return any(call.draft.get(name) for name in WHO)


def asks_for_family(call: Call) -> bool:
    """Whether the next member of a family is asked for (call_drafts.next_member)."""
    return bool(call.draft.get("comes_with"))


def belongs(person: Registration, call: Call, people: Sequence[Registration]) -> bool:
    """Whether she is one of those the call is about (`people`), of their family, or what one of them was merged into.

    While the next member of a family is asked for, it is whoever is searched for.
    """
    return asks_for_family(call) or any(_together(person, one) for one in people)


def over(call: Call, people: Sequence[Registration], *, now: datetime) -> bool:
    """Whether the next caller may be on the line: something was done, or nothing happens and nothing is kept."""
    silent = now - call.seen_at >= SILENT and not _keeps(call, now=now)
    return silent or _deeds(call, people).exists()


def at_it(call: Call, people: Sequence[Registration], *, now: datetime) -> bool:
    """Whether places are kept, or something was done this very moment: what arrives now was typed before it."""
    return _keeps(call, now=now) or _deeds(call, people).filter(at__gt=now - A_MOMENT).exists()


def _keeps(call: Call, *, now: datetime) -> bool:
    return Hold.objects.filter(call=call, expires_at__gt=now).exists()


def _deeds(call: Call, people: Sequence[Registration]) -> QuerySet[AuditEvent]:
    found = AuditEvent.objects.filter(
        actor=call.agent_id, at__gte=call.opened_at, subject__in=[one.public_id for one in people]
    )
    return found.exclude(action__in=READS)


def _together(one: Registration, other: Registration) -> bool:
    if one.pk == other.pk or one.pk == other.merged_into_id or other.pk == one.merged_into_id:
        return True
    return (
        (one.household_id is not None and one.household_id == other.household_id)
        or (bool(one.phone) and one.phone == other.phone)
        or _home(one) == _home(other)
    )


def _home(person: Registration) -> tuple[str, str]:
    return person.postcode, identity.address(person.street)
