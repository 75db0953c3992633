"""Places kept for a caller while her name is spelled (ADR 23).

A hold counts in `Slot.booked` until it ends. Locks: the call, then slots by (starts_at, pk), then holds; a household
takes several series, whose second places may lie the other way round: what PostgreSQL breaks up is done again. Whoever
ends a hold deletes its row under the locks of its slots, so that its places are given back once. Its end is read from
the clock (`standing`), and the sweeper of beat gives back what is over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import availability, claims, clock, entitlement, facts
from booking.again import again
from booking.claims import SecondDose, Target
from booking.entitlement import Person, Place
from booking.models import Call, Hold, Registration
from centers.models import Channel, Slot
from centers.vaccines import Interval

LASTS = timedelta(minutes=10)
AT_MOST = 5  # in one call: a household
SWEEP = 200
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """For whom which place is to be kept; `not_before` as in `entitlement.scope`, `registration` None: a new caller."""

    person: Person
    slot_id: int
    not_before: datetime | None = None
    registration: Registration | None = None


def make(*, call: Call, wanted: Wanted, by: User, now: datetime) -> Hold:
    """Keep this place and the best one for dose 2; Refused with up to three others when it has gone."""
    sweep(now=now)
    made = again(partial(transaction.atomic(_make), call, wanted, by=by, now=now))
    if isinstance(made, Hold):
        return made
    others = _others(wanted, made, now)
    raise Refused("slot_taken", _("This place has just gone to somebody else."), alternatives=others)


def make_all(*, call: Call, wanted: Sequence[Wanted], agreed: bool, by: User, now: datetime) -> list[Hold]:
    """Keep a series for each of a household, in the order of their starts, instead of what was kept for them before.

    `agreed`: they take as many as fit. Else Refused, with nothing changed, when one of the places has gone.
    """
    sweep(now=now)
    return again(partial(_make_all, call, wanted, agreed, by=by, now=now))


@transaction.atomic
def renew(*, hold: Hold, by: User, now: datetime) -> None:
    """Ten minutes more from now on, once; Refused when it is over or was renewed already."""
    renewed = Hold.objects.filter(pk=hold.pk, renewed=False, expires_at__gt=now)
    if not renewed.update(renewed=True, expires_at=now + LASTS):
        raise Refused("hold_over", _("These places cannot be kept any longer. Please choose again."))
    audit.record("hold.renewed", subject=hold.call.public_id, by=by, now=now)


def standing(call: Call, *, registration: Registration | None = None, now: datetime) -> list[Hold]:
    """What is kept in this call for her, or for whom it is about to register, with slots and center, as chosen."""
    rows = Hold.objects.filter(call=call, registration=registration, expires_at__gt=now)
    return list(rows.select_related("call", "first__center", "first__vaccine", "second").order_by("made_at", "pk"))


def standing_of(call: Call, people: Sequence[Registration], *, now: datetime) -> list[Hold]:
    """What is kept in this call for these people, as `standing`, in the order of the starts."""
    rows = Hold.objects.filter(call=call, registration__in=people, expires_at__gt=now)
    slots = "registration", "call", "first__center", "first__vaccine", "second"
    return list(rows.select_related(*slots).order_by("first__starts_at", "pk"))


@transaction.atomic
def release(*, hold: Hold, by: User | None, now: datetime) -> bool:
    """Give the places back; False when that has been done already."""
    return bool(_end([hold], by=by, now=now))


@transaction.atomic
def release_all(*, call: Call, by: User | None, now: datetime) -> int:
    """Give back everything that is kept for a call; how many series."""
    return len(_end(list(Hold.objects.filter(call=call)), by=by, now=now))


@transaction.atomic
def release_for(registration: Registration, *, by: User | None, now: datetime) -> int:
    """Give back what is kept for somebody who wants no appointment any more, in whichever call; how many series."""
    return len(_end(list(Hold.objects.filter(registration=registration)), by=by, now=now))


@transaction.atomic
def sweep(*, now: datetime) -> int:
    """Give back what is over, or was kept for a call that is done; how many series."""
    over = Hold.objects.filter(expires_at__lte=now) | Hold.objects.filter(call__done_at__isnull=False)
    return len(_end(list(over.order_by("expires_at", "pk")[:SWEEP]), by=None, now=now))


def drop(sessions: Sequence[int], *, by: User | None, now: datetime) -> int:
    """A manager takes places of these sessions away, and holds their slots: nothing is kept in them any more."""
    slots = Slot.objects.filter(session__in=sessions).values("pk")
    return len(_end(list(Hold.objects.filter(first__in=slots) | Hold.objects.filter(second__in=slots)), by=by, now=now))


def lock(found: Sequence[Hold]) -> None:
    """Hold the slots of all of these, in the order of all locks, before they are spent one after the other."""
    _lock_slots(_all_slots(found))


def spend(hold: Hold, *, now: datetime) -> bool:
    """Free the places for the claim that follows in the same transaction; False when the hold is over.

    The slots stay locked until the commit, so nobody else can take them meanwhile.
    """
    lock([hold])
    if not Hold.objects.filter(pk=hold.pk, expires_at__gt=now).delete()[0]:
        return False
    claims.give_back(_slots(hold))
    return True


def _make(call: Call, wanted: Wanted, *, by: User, now: datetime) -> Hold | Target | None:
    """The hold; or the place that has gone (None: it cannot be asked for at all), with nothing changed."""
    _lock_call(call)
    mine = _kept_already(call, wanted, now=now)
    if mine is not None:
        return mine
    if Hold.objects.filter(call=call, expires_at__gt=now).count() >= AT_MOST:
        raise Refused("too_many_holds", _("At most five series are kept for one call. Please let one go first."))
    slot = claims.target(wanted.slot_id)
    if slot is None:
        return None
    place = Place(slot.vaccine_id, slot.contingent_id, slot.starts_at)
    decision = entitlement.decide(
        wanted.person, place, channel=Channel.PHONE, now=now, facts=facts.load(), not_before=wanted.not_before
    )
    if not decision.allowed:
        raise Refused(decision.code, decision.text, alternatives=_others(wanted, slot, now))
    with transaction.atomic():
        taken, second = _take(slot, decision.interval, now=now)
        if not taken:
            transaction.set_rollback(True)  # the first place goes back where no second one is left
            return slot
        made = Hold.objects.create(
            call=call, registration=wanted.registration, first_id=slot.pk, second_id=second, made_at=now,
            expires_at=now + LASTS,
        )  # fmt: skip
    slots = [pk for pk in (slot.pk, second) if pk]
    audit.record("hold.made", subject=call.public_id, by=by, now=now, details={"slots": slots})
    return made


def _lock_call(call: Call) -> None:
    """Hold the call until the commit: whoever keeps places in it comes one after the other. Refused when it is over."""
    locked = Call.objects.select_for_update(of=("self",), no_key=True).get(pk=call.pk)
    if locked.done_at is not None:
        raise Refused("call_over", _("This call is over. Please begin a new one."))


def _kept_already(call: Call, wanted: Wanted, *, now: datetime) -> Hold | None:
    """The second click: it keeps no second series for the same person, or the same new caller, at the same time."""
    rows = Hold.objects.filter(call=call, registration=wanted.registration, first=wanted.slot_id, expires_at__gt=now)
    return rows.first()


@transaction.atomic
def _make_all(call: Call, wanted: Sequence[Wanted], agreed: bool, *, by: User, now: datetime) -> list[Hold]:
    _lock_call(call)  # before what is kept is looked at, or two clicks would both find nothing to exchange
    kept_before = list(Hold.objects.filter(call=call, registration__in=[one.registration for one in wanted]))
    _lock_slots({*_all_slots(kept_before), *(one.slot_id for one in wanted)})
    _end(kept_before, by=by, now=now)
    made = [_make(call, one, by=by, now=now) for one in wanted]
    kept = [one for one in made if isinstance(one, Hold)]
    if not kept or (len(kept) < len(wanted) and not agreed):
        raise Refused("slot_taken", _("One of these places has just gone to somebody else. Nothing is kept."))
    return kept


def _take(slot: Target, interval: Interval | None, *, now: datetime) -> tuple[bool, int | None]:
    """Take dose 1 and, where it is needed, the place that a booking would take for dose 2."""
    if not claims.take(slot.pk):
        return False, None
    if interval is None:
        return True, None
    last = availability.last_second_day(clock.local_day(slot.starts_at), interval)
    if slot.center_closes_on is not None:
        last = min(last, slot.center_closes_on)
    windows = entitlement.seconds(channel=Channel.PHONE, now=now, facts=facts.load(), vaccine_code=slot.vaccine_id)
    second = SecondDose(clock.later(slot.starts_at, interval.min_days), last, windows)
    for _attempt in range(ATTEMPTS):  # again only when somebody took the very place between looking and taking
        found = availability.nearest_second(slot.center_id, slot.vaccine_id, second)
        if found is None:
            break
        if claims.take(found):
            return True, found
    return False, None


def _others(wanted: Wanted, slot: Target | None, now: datetime) -> Sequence[availability.Alternative]:
    if slot is None:
        return ()
    scope = entitlement.scope(
        wanted.person, channel=Channel.PHONE, now=now, facts=facts.load(), not_before=wanted.not_before
    )
    return availability.nearest(scope, center_id=slot.center_id, wanted=slot.starts_at, but=slot.pk)


def _end(found: Sequence[Hold], *, by: User | None, now: datetime) -> list[Hold]:
    """Those that were still there; their places are free again."""
    if not found:
        return []
    lock(found)
    ended = [hold for hold in found if Hold.objects.filter(pk=hold.pk, expires_at=hold.expires_at).delete()[0]]
    for hold in ended:
        claims.give_back(_slots(hold))
    for call in Call.objects.filter(pk__in={hold.call_id for hold in ended}):
        mine = sum(hold.call_id == call.pk for hold in ended)
        audit.record("hold.ended", subject=call.public_id, by=by, now=now, details={"series": mine})
    return ended


def _lock_slots(pks: Iterable[int]) -> None:
    rows = Slot.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks)
    list(rows.order_by("starts_at", "pk").values_list("pk"))


def _all_slots(found: Sequence[Hold]) -> set[int]:
    return {pk for hold in found for pk in _slots(hold)}


def _slots(hold: Hold) -> list[int]:
    return [pk for pk in (hold.first_id, hold.second_id) if pk is not None]
