"""Places that a contingent would leave empty go to another one, so long before their start as its rule says.

Nothing is made and nothing is lost: at one start time the share of one session gets smaller by as much as that of
another session of the same block grows, so a block's places never exceed its lines. A place that somebody has, holds
or waits for (kept without a place) does not move. Whatever comes free later falls with the next run.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import OperationalError, transaction
from django.db.models import Count, F
from django.utils import timezone

from accounts import audit
from booking import clock
from booking.models import Appointment
from centers.models import Contingent, Session, Slot
from centers.sessions import plans
from centers.supply import stock

logger = logging.getLogger(__name__)
PUBLISHED = Session.State.PUBLISHED


@dataclass(frozen=True, slots=True)
class Rule:
    """Free places of `source` go to `target` when their start is no more than `before` away."""

    source: Contingent
    target: Contingent
    before: timedelta


def fall_due(*, now: datetime) -> int:
    """Move what has become due; how many places. Safe to run twice, at once, late, and after a kill.

    Each session is a transaction of its own, with its event in the trail. Suspended and closed ones are passed over.
    """
    now = now.astimezone(UTC)  # a timedelta before an instant, whatever the clocks of that night do
    return sum(_try(pk, rule, now=now) for rule in rules() for pk in _due(rule, now=now))


def rules() -> list[Rule]:
    """The rules that lead somewhere, in the order of their codes; one that comes back to its contingent is left out."""
    known = {one.pk: one for one in Contingent.objects.select_related("falls_back_to").order_by("code")}
    found = []
    for one in known.values():
        if one.falls_back_to is None or one.falls_back_before is None:
            continue
        if _comes_back(one, known):
            logger.error("the contingent %s falls back to itself in the end, so nothing of it falls", one.code)
            continue
        found.append(Rule(one, one.falls_back_to, one.falls_back_before))
    return found


def _comes_back(start: Contingent, known: Mapping[int, Contingent]) -> bool:
    step: int | None = start.falls_back_to_id
    for _more in known:
        if step is None or step == start.pk:
            break
        step = known[step].falls_back_to_id
    return step is not None


def _due(rule: Rule, *, now: datetime) -> list[int]:
    """Sessions with a free place whose time has come."""
    until = now + rule.before
    slots = Slot.objects.filter(
        is_open=True,
        starts_at__gt=now,
        starts_at__lte=until,
        session__contingent=rule.source,
        session__state=PUBLISHED,
        session__date__range=(clock.local_day(now), clock.local_day(until)),
    )
    columns = ("session__center", "session__date", "session__starts", "session")
    return [row[-1] for row in slots.order_by(*columns).values_list(*columns).distinct()]


def _try(pk: int, rule: Rule, *, now: datetime) -> int:
    """One session. Whoever holds a row for too long keeps that session waiting for the next run, and no other one."""
    try:
        with transaction.atomic():
            return _fall(pk, rule, now=now)
    except OperationalError as error:
        logger.warning("free places of session %s wait for the next run: %s", pk, type(error).__name__)
        return 0


def _fall(pk: int, rule: Rule, *, now: datetime) -> int:
    """Locks as everybody does: the center, the sessions of the block, then their slots in the order of time."""
    center = Session.objects.select_related("center").get(pk=pk).center
    stock.lock(center)
    block = Session.objects.filter(pk=pk).values("block")
    locked = Session.objects.select_for_update(of=("self",), no_key=True).filter(block__in=block, center=center)
    shares = list(locked.select_related("contingent").order_by("date", "starts", "pk"))
    source = next(one for one in shares if one.pk == pk)
    target = next((one for one in shares if one.contingent_id == rule.target.pk), None)
    if source.state != PUBLISHED or (target is not None and target.state != PUBLISHED):
        return 0
    here = [source.pk] if target is None else [source.pk, target.pk]
    held = Slot.objects.select_for_update(of=("self",), no_key=True).filter(
        session__in=here, starts_at__gt=now, starts_at__lte=now + rule.before
    )
    slots = list(held.order_by("starts_at", "pk"))
    free = _free([slot for slot in slots if slot.session_id == source.pk])
    if not free:
        return 0
    before = _shares(shares)
    target = target or _opened(source, rule, now=now)
    _take(free)
    _give(target, free, {slot.starts_at: slot for slot in slots if slot.session_id == target.pk})
    places = sum(free.values())
    _write(source, target, places)
    after = _shares([source, target, *(one for one in shares if one.pk not in (source.pk, target.pk))])
    details = _details(source, target, free) | {"before": {"shares": before}, "after": {"shares": after}}
    audit.record("session.fell_back", subject=center.public_id, by=None, now=now, details=details)
    return places


def _free(slots: Sequence[Slot]) -> dict[Slot, int]:
    """Free places of locked slots, less one for everybody who is kept there and gets the next one."""
    kept = dict(
        Appointment.objects.live()
        .filter(slot__in=slots, displaced_at__isnull=False)
        .order_by()
        .values_list("slot")
        .annotate(Count("pk"))
    )
    free = {slot: slot.capacity - slot.booked - kept.get(slot.pk, 0) for slot in slots if slot.is_open}
    return {slot: number for slot, number in free.items() if number > 0}


def _opened(source: Session, rule: Rule, *, now: datetime) -> Session:
    """The target's share of a block in which it had none. Its line is the first one that no other block names."""
    taken = set(
        Session.objects.filter(
            center=source.center_id, vaccine=source.vaccine_id, contingent=rule.target, date=source.date,
            starts=source.starts,
        ).exclude(state=Session.State.CLOSED).values_list("first_line", flat=True)
    )  # fmt: skip
    line = source.first_line
    while line in taken:
        line += 1
    return Session.objects.create(
        center_id=source.center_id, vaccine_id=source.vaccine_id, contingent=rule.target, date=source.date,
        starts=source.starts, ends=source.ends, slot_minutes=source.slot_minutes, lines=source.lines,
        block=source.block, first_line=line, places=0, break_starts=source.break_starts, break_ends=source.break_ends,
        state=PUBLISHED, created_at=now, overlap_confirmed_by_id=source.overlap_confirmed_by_id,
        uncovered_by_id=source.uncovered_by_id, uncovered_reason=source.uncovered_reason,
    )  # fmt: skip


def _take(free: Mapping[Slot, int]) -> None:
    for number, slots in _by_number(free).items():
        Slot.objects.filter(pk__in=[slot.pk for slot in slots]).update(capacity=F("capacity") - number)


def _give(target: Session, free: Mapping[Slot, int], known: Mapping[datetime, Slot]) -> None:
    """More places at start times that the target has, and new start times."""
    grown = {known[slot.starts_at]: number for slot, number in free.items() if slot.starts_at in known}
    for number, slots in _by_number(grown).items():
        Slot.objects.filter(pk__in=[slot.pk for slot in slots]).update(capacity=F("capacity") + number)
    Slot.objects.bulk_create(
        Slot(
            session=target,
            center_id=target.center_id,
            vaccine_id=target.vaccine_id,
            contingent_id=target.contingent_id,
            starts_at=slot.starts_at,
            capacity=number,
        )
        for slot, number in free.items()
        if slot.starts_at not in known
    )


def _by_number(places: Mapping[Slot, int]) -> Mapping[int, list[Slot]]:
    found: dict[int, list[Slot]] = defaultdict(list)
    for slot, number in places.items():
        found[number].append(slot)
    return found


def _write(source: Session, target: Session, places: int) -> None:
    """Their shares of the block add up to what they were."""
    given = min(places, plans.places_of(source))
    source.places, source.fallen = plans.places_of(source) - given, source.fallen - places
    target.places, target.fallen = plans.places_of(target) + given, target.fallen + places
    for one in (source, target):
        one.save(update_fields=["places", "fallen"])


def _shares(sessions: Iterable[Session]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for one in sessions:
        if one.state == PUBLISHED:
            found[one.contingent.code] += plans.places_of(one)
    return dict(found)


def _details(source: Session, target: Session, free: Mapping[Slot, int]) -> dict[str, object]:
    """For the trail: how many places of which opening, from whom to whom, and the start times they belong to."""
    starts = sorted(timezone.localtime(slot.starts_at, clock.ZONE) for slot in free)
    return {
        "blocks": [str(source.block)],
        "vaccine": source.vaccine_id,
        "day": source.date.isoformat(),
        "starts": " – ".join(dict.fromkeys(f"{one:%H:%M}" for one in (starts[0], starts[-1]))),
        "places": sum(free.values()),
        "from": source.contingent.code,
        "to": target.contingent.code,
    }
