"""The conversations of the call center: one at a time per agent, and on record whom it was about.

A person's page opens in a call and closes with it: what was not opened cannot be read (`opened`). A call ends by its
button, when the next caller is turned to (`turn_to`, `carry`, `take_in`), or by beat when nobody touches it any more;
until then its draft waits for the agent whose browser was closed. But for the button it ends as of its last page.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import callers
from booking.models import Call, CallPerson, Registration
from booking.services import holds

IDLE = timedelta(minutes=30)
BEGIN = """
INSERT INTO booking_call AS call (public_id, agent_id, opened_at, seen_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (agent_id) WHERE done_at IS NULL DO UPDATE SET seen_at = greatest(call.seen_at, excluded.seen_at)
RETURNING *
"""


def current(agent: User) -> Call | None:
    """The call that she is in."""
    return Call.objects.filter(agent=agent, done_at__isnull=True).first()


def begin(agent: User, now: datetime) -> Call:
    """The call that she is in, seen now; a new one where there is none. One statement: two windows are one call."""
    found: Call = Call.objects.raw(BEGIN, [uuid.uuid4(), agent.pk, now, now])[0]
    return found


def seen(agent: User, now: datetime) -> None:
    """A page of her call was shown: it is not idle. Without a call nothing happens."""
    Call.objects.filter(agent=agent, done_at__isnull=True, seen_at__lt=now).update(seen_at=now)


@transaction.atomic
def turn_to(agent: User, registration: Registration, now: datetime, *, discard: bool = False) -> Call:
    """Open whoever was searched for: in the call that the agent is in, or in a new one where that is over.

    Refused "half_typed", with nothing changed, where somebody new is half taken in and this is another person; with
    `discard` that call is over, and what was typed is gone.
    """
    call = _mine(agent)
    if call is not None:
        found = people(call)
        stays = callers.belongs(registration, call, found)
        half_typed = not stays and callers.names_somebody(call)
        if half_typed and not discard:
            raise Refused("half_typed", _("A new person is half taken in. Go on with her, or discard what was typed?"))
        if half_typed or (not stays and callers.over(call, found, now=now)):
            _finish(call, done_at=call.seen_at, by=agent, now=now)
    return open_person(agent, registration, now)


@transaction.atomic
def open_person(agent: User, registration: Registration, now: datetime) -> Call:
    """Open somebody's page in the call that the agent is in; each time is on record."""
    call = begin(agent, now)
    CallPerson.objects.bulk_create(
        [CallPerson(call=call, registration=registration, opened_at=now)], ignore_conflicts=True
    )
    details = {"call": str(call.public_id)}
    audit.record("registration.opened", subject=registration.public_id, by=agent, now=now, details=details)
    return call


def opened(agent: User, person: uuid.UUID) -> Registration | None:
    """The person, where she was opened in the call that the agent is in; nobody else is shown."""
    mine = CallPerson.objects.filter(
        call__agent=agent, call__done_at__isnull=True, registration__public_id=person
    ).select_related("registration")
    found = mine.first()
    return found.registration if found else None


def people(call: Call) -> list[Registration]:
    """Whom the call is about, the last one first."""
    opened_in_it = CallPerson.objects.filter(call=call).select_related("registration").order_by("-opened_at", "-pk")
    return [one.registration for one in opened_in_it]


@transaction.atomic
def carry(agent: User, data: Mapping[str, Any], now: datetime) -> Call:
    """Begin to take in somebody new with what is known of her; in a new call where the last one is over.

    A draft that names somebody, or that her family has begun, stays as it is.
    """
    last = _mine(agent)
    if last is not None and _may_end(last, people(last), now):
        _finish(last, done_at=last.seen_at, by=agent, now=now)
    call = begin(agent, now)  # holds the row
    if not callers.names_somebody(call):
        call.draft = {**data, **{name: value for name, value in call.draft.items() if value}}
        call.save(update_fields=["draft"])
    return call


@transaction.atomic
def take_in(agent: User, now: datetime) -> Call:
    """The call for somebody new who is being typed without a search: as `carry`, but for what arrives late."""
    last = _mine(agent)
    if last is not None:
        found = people(last)
        if _may_end(last, found, now) and not callers.at_it(last, found, now=now):
            _finish(last, done_at=last.seen_at, by=agent, now=now)
    return begin(agent, now)


def others_at(registration: Registration, agent: User, now: datetime) -> list[CallPerson]:
    """Who else has this person open in a call that is not idle, with `call.agent`; the first one first."""
    open_calls = CallPerson.objects.filter(
        registration=registration, call__done_at__isnull=True, call__seen_at__gt=now - IDLE
    )
    return list(open_calls.exclude(call__agent=agent).select_related("call__agent").order_by("opened_at", "pk"))


@transaction.atomic
def finish(agent: User, now: datetime) -> Call | None:
    """End the call: its draft is gone, its places are free. None where she is in no call; twice is harmless."""
    call = _mine(agent)
    if call is not None:
        _finish(call, done_at=max(now, call.opened_at), by=agent, now=now)
    return call


def leave_idle(now: datetime) -> int:
    """End every call that nobody has touched for half an hour, as of its last page; how many. Each by itself."""
    idle = Call.objects.filter(done_at__isnull=True, seen_at__lte=now - IDLE).order_by("seen_at", "pk")
    return sum(_leave(pk, now) for pk in idle.values_list("pk", flat=True))


@transaction.atomic
def _leave(pk: int, now: datetime) -> bool:
    """False when the agent has come back, or has finished it, or is just at it."""
    idle = Call.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    call = idle.filter(pk=pk, done_at__isnull=True, seen_at__lte=now - IDLE).first()
    if call is None:
        return False
    _end(call, done_at=call.seen_at, by=None, now=now)
    audit.record("call.left", subject=call.public_id, by=None, now=now)
    return True


def _may_end(call: Call, found: list[Registration], now: datetime) -> bool:
    """Over, and nobody is half taken in, nor the next one of a family asked for."""
    going_on = callers.names_somebody(call) or callers.asks_for_family(call)
    return not going_on and callers.over(call, found, now=now)


def _mine(agent: User) -> Call | None:
    """The call that she is in, held until the commit."""
    rows = Call.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(agent=agent, done_at__isnull=True).first()


def _finish(call: Call, *, done_at: datetime, by: User, now: datetime) -> None:
    _end(call, done_at=done_at, by=by, now=now)
    audit.record("call.finished", subject=call.public_id, by=by, now=now)


def _end(call: Call, *, done_at: datetime, by: User | None, now: datetime) -> None:
    holds.release_all(call=call, by=by, now=now)
    call.done_at, call.draft = done_at, {}
    call.save(update_fields=["done_at", "draft"])
