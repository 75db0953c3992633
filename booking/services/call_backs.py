"""Somebody is called back: put on the list, taken by one agent, tried, done. The oldest one comes first.

Who is on the list is masked until somebody takes her; name and number are read by the one who calls, on record.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import wording
from booking.models import CallBack, Registration
from centers.models import Center

REST = timedelta(minutes=30)  # nobody answered: she is tried again after that
TWO_CLICKS = timedelta(seconds=30)  # of one agent, on the same button
TRIES = 5
FORGOTTEN = timedelta(hours=2)  # taken and neither called nor given back: others may take it
KEPT = timedelta(days=30)  # so long after the last word name and number are known
Outcome = CallBack.Outcome


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody says. `registration` is None when she is not registered, or was not looked for."""

    name: str
    phone: str
    center: Center | None = None
    times: str = ""
    text: str = ""
    registration: Registration | None = None


def waiting(now: datetime) -> QuerySet[CallBack]:
    """Who may be called now, the oldest first."""
    rested = Q(again_at__isnull=True) | Q(again_at__lte=now)
    return CallBack.objects.filter(rested, done_at__isnull=True, taken_at__isnull=True).order_by("created_at", "pk")


def resting(now: datetime) -> QuerySet[CallBack]:
    """Who did not answer and comes back into the list by herself, the next one first."""
    return CallBack.objects.filter(again_at__gt=now, done_at__isnull=True).order_by("again_at", "pk")


def mine(agent: User) -> QuerySet[CallBack]:
    """What the agent has taken and not done yet."""
    return CallBack.objects.filter(taken_by=agent, done_at__isnull=True).order_by("taken_at", "pk")


@transaction.atomic
def add(wanted: Wanted, *, by: User, now: datetime) -> CallBack:
    """Put somebody on the list. Refused `already` when this name and number stand on it; not for the second click."""
    known = CallBack.objects.filter(phone=wanted.phone, name__iexact=wanted.name, done_at__isnull=True).first()
    if known is not None and known.created_by_id == by.pk and now - known.created_at < TWO_CLICKS:
        return known
    if known is not None:
        words = _("%(name)s already waits for a call back at this number, since %(time)s.")
        raise Refused("already", words % {"name": known.name, "time": wording.time_of_day(known.created_at)})
    made = CallBack.objects.create(
        name=wanted.name,
        phone=wanted.phone,
        center=wanted.center,
        times=wanted.times,
        text=wanted.text,
        registration=wanted.registration,
        created_at=now,
        created_by=by,
    )
    _record("added", made, by=by, now=now)
    return made


@transaction.atomic
def take(call_back: CallBack, *, by: User, now: datetime) -> CallBack:
    """The agent will call. One alone can: the second one is Refused `taken` and told who. Twice is harmless."""
    free = Q(again_at__isnull=True) | Q(again_at__lte=now)
    took = CallBack.objects.filter(free, pk=call_back.pk, taken_at__isnull=True, done_at__isnull=True).update(
        taken_by=by, taken_at=now, again_at=None
    )
    fresh = CallBack.objects.select_related("taken_by", "done_by").get(pk=call_back.pk)
    if took:
        _record("taken", fresh, by=by, now=now)
    elif fresh.taken_by_id != by.pk or fresh.done_at is not None:
        raise Refused("taken", _why_not(fresh))
    return fresh


@transaction.atomic
def take_next(*, by: User, now: datetime) -> CallBack | None:
    """The oldest one that nobody else is taking at this moment; None when nobody waits."""
    held = waiting(now).select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    return take(held, by=by, now=now) if held is not None else None


@transaction.atomic
def give_back(call_back: CallBack, *, by: User, now: datetime) -> None:
    """Not now: somebody else may take it. It keeps its place in the list."""
    _still_mine(call_back, by=by, taken_at=None, taken_by=None)
    _record("given_back", call_back, by=by, now=now)


@transaction.atomic
def not_reached(call_back: CallBack, *, by: User, now: datetime) -> CallBack:
    """Nobody answered: back into the list after half an hour, or, the fifth time, done."""
    last = Q(tries__gte=TRIES - 1)
    ended = (
        _mine(call_back, by=by)
        .filter(last)
        .update(tries=F("tries") + 1, done_at=now, done_by=by, outcome=Outcome.NOT_REACHED)
    )
    if not ended:
        tried = {"tries": F("tries") + 1, "again_at": now + REST, "taken_at": None, "taken_by": None}
        _still_mine(call_back, by=by, **tried)
    fresh = CallBack.objects.get(pk=call_back.pk)
    _record("done" if ended else "tried", fresh, by=by, now=now)
    return fresh


@transaction.atomic
def finish(call_back: CallBack, *, outcome: str, by: User, now: datetime) -> None:
    """She was called, and this came of it (a value of CallBack.Outcome)."""
    if outcome not in Outcome.values:
        raise Refused("outcome", _("Please choose what came of the call."))
    tried = {"tries": F("tries") + 1, "done_at": now, "done_by": by, "outcome": outcome}
    _still_mine(call_back, by=by, **tried)
    _record("done", CallBack.objects.get(pk=call_back.pk), by=by, now=now)


@transaction.atomic
def release_forgotten(*, now: datetime) -> int:
    """Whoever was taken by an agent who has gone home waits again, in her old place; how many."""
    stale = CallBack.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    rows = list(stale.filter(taken_at__lte=now - FORGOTTEN, done_at__isnull=True))
    CallBack.objects.filter(pk__in=[row.pk for row in rows]).update(taken_at=None, taken_by=None)
    for row in rows:
        _record("given_back", row, by=None, now=now)
    return len(rows)


@transaction.atomic
def forget(*, now: datetime) -> int:
    """Delete what was done a month ago, with names and numbers; the trail keeps that there was a call. How many."""
    number, _kinds = CallBack.objects.filter(done_at__lte=now - KEPT).delete()
    if number:
        audit.record("call_backs.deleted", subject=None, by=None, now=now, details={"number": number})
    return number


def _mine(call_back: CallBack, *, by: User) -> QuerySet[CallBack]:
    return CallBack.objects.filter(pk=call_back.pk, taken_by=by, done_at__isnull=True)


def _still_mine(call_back: CallBack, *, by: User, **values: object) -> None:
    """Change it, if the agent still has it; Refused `not_yours` else."""
    if not _mine(call_back, by=by).update(**values):
        fresh = CallBack.objects.select_related("taken_by", "done_by").get(pk=call_back.pk)
        raise Refused("not_yours", _why_not(fresh))


def _why_not(fresh: CallBack) -> str:
    if fresh.done_at is not None and fresh.done_by is not None:
        who, at = fresh.done_by.get_full_name(), wording.time_of_day(fresh.done_at)
        return _("%(who)s has done this call at %(time)s. Nothing was changed.") % {"who": who, "time": at}
    if fresh.taken_at is not None and fresh.taken_by is not None:
        who, at = fresh.taken_by.get_full_name(), wording.time_of_day(fresh.taken_at)
        return _("%(who)s has taken this call at %(time)s. Please take another one.") % {"who": who, "time": at}
    return _("This call is back in the list. Please take it there if you want to go on.")


def _record(verb: str, call_back: CallBack, *, by: User | None, now: datetime) -> None:
    person = call_back.registration
    details = {"call_back": str(call_back.public_id), "tries": call_back.tries, "outcome": call_back.outcome}
    audit.record(
        f"call_back.{verb}", subject=person.public_id if person else None, by=by, now=now,
        details={key: value for key, value in details.items() if value},
    )  # fmt: skip
