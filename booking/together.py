"""Neighbouring times for a household: which center, day and half of the day seats all of it, or as many as fit.

Read for a screen; keeping the places is booking/services/holds.py (`make_all`), which has the last word.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from booking import availability, clock, earliest
from booking.availability import CenterOffer, TimeOffer
from booking.earliest import Wish
from booking.entitlement import Scope
from booking.models import Appointment, Registration

NEAR = timedelta(hours=1)  # from the first start to the last: longer nobody waits for the others
LOOKED = 40  # half days that are looked through, however different the people are
NOON = 12


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who is to be booked, and what she may have."""

    person: Registration
    scope: Scope


@dataclass(frozen=True, slots=True)
class Seat:
    """A start for one of them. `offer.second_at` is where dose 2 would lie if nobody else came along."""

    person: Registration
    offer: TimeOffer


@dataclass(frozen=True, slots=True)
class Proposal:
    """Seats in one center by start; `left_out` are those for whom there is none. `km` as in `earliest.Series`."""

    center: CenterOffer
    km: int | None
    seats: tuple[Seat, ...]
    left_out: tuple[Registration, ...]


@dataclass(frozen=True, slots=True)
class _Half:
    """The half of a day at a center; `around` the moment of somebody who has her appointment there already."""

    center: CenterOffer
    km: int | None
    day: date
    number: int
    around: datetime | None = None


def proposals(
    members: Sequence[Member], *, wish: Wish, beside: Appointment | None = None, limit: int = 7
) -> list[Proposal]:
    """The best seats of each half day: all of them first, then beside the appointment of one of theirs, then by time
    and distance.

    2 queries for each half day and scope; who may have the same shares one.
    """
    found: list[Proposal] = []
    for half in islice(_halves(members, wish, beside), LOOKED):
        best = _best(members, half)
        if best is not None and best not in found and len(best.seats) >= min(len(members), 1 if beside else 2):
            found.append(best)
        if sum(not one.left_out for one in found) == limit:
            break
    first = found[:1] if beside and found and found[0].center.center_id == beside.slot.center_id else []
    return sorted(found, key=lambda one: (len(one.left_out), one not in first, *_rank(one)))[:limit]


def _rank(one: Proposal) -> tuple[datetime, float, int]:
    """As the list for one person: by time, then by distance."""
    return one.seats[0].offer.starts_at, one.km if one.km is not None else float("inf"), one.center.center_id


def _halves(members: Sequence[Member], wish: Wish, beside: Appointment | None) -> Iterator[_Half]:
    """Beside the appointment of one of theirs; then where any of them has a series, by time."""
    series = [
        one
        for scope, someone in _scopes(members)
        for one in earliest.everywhere(scope, postcode=someone.postcode, wish=wish, limit=LOOKED)
    ]
    if beside is not None:
        yield from _beside(members, beside)
    seen = set()
    for one in sorted(series, key=lambda one: (one.starts_at, one.slot_id)):
        half = _Half(one.center, one.km, clock.local_day(one.starts_at), _half_of(one.starts_at))
        key = half.center.center_id, half.day, half.number
        if key not in seen:
            seen.add(key)
            yield half


def _beside(members: Sequence[Member], appointment: Appointment) -> Iterator[_Half]:
    slot, scope = appointment.slot, members[0].scope
    offers = (one for one in availability.earliest_by_center(scope) if one.center_id == slot.center_id)
    for offer in offers:
        day, half = clock.local_day(slot.starts_at), _half_of(slot.starts_at)
        yield _Half(offer, earliest.km_to(members[0].person.postcode, offer), day, half, around=slot.starts_at)


def _best(members: Sequence[Member], half: _Half) -> Proposal | None:
    """Of all starts from which to seat them: as many as possible, then as close together, then as early as possible."""
    by_scope = {_allowed(scope): _times(scope, half) for scope, _someone in _scopes(members)}
    offers = [by_scope[_allowed(member.scope)] for member in members]
    starts = sorted({one.starts_at for free in by_scope.values() for one in free})
    tried = (_seated(members, offers, low) for low in starts if half.around or _half_of(low) == half.number)
    seats = min((one for one in tried if one), key=lambda seats: _worth(seats, half.around), default=())
    if not seats:
        return None
    seated = {seat.person.pk for seat in seats}
    left_out = tuple(member.person for member in members if member.person.pk not in seated)
    return Proposal(half.center, half.km, seats, left_out)


def _times(scope: Scope, half: _Half) -> list[TimeOffer]:
    """What is free, the earliest first; around an appointment only what lies near it."""
    free = availability.times(scope, half.center.center_id, half.day)
    if half.around is not None:
        free = [one for one in free if abs(one.starts_at - half.around) <= NEAR]
    return sorted(free, key=lambda one: (one.starts_at, one.slot_id))


def _seated(members: Sequence[Member], offers: Sequence[Sequence[TimeOffer]], low: datetime) -> tuple[Seat, ...]:
    """From `low` on, each at the earliest start that is left; who has the least choice sits first."""
    near = [[one for one in free if low <= one.starts_at <= low + NEAR] for free in offers]
    taken: Counter[int] = Counter()
    seats = []
    for number in sorted(range(len(members)), key=lambda number: (len(near[number]), number)):
        offer = next((one for one in near[number] if taken[one.slot_id] < one.places), None)
        if offer is not None:
            taken[offer.slot_id] += 1
            seats.append(Seat(members[number].person, offer))
    return tuple(sorted(seats, key=lambda seat: (seat.offer.starts_at, seat.offer.slot_id)))


def _worth(seats: Sequence[Seat], around: datetime | None) -> tuple[int, timedelta, datetime]:
    """The less the better; whoever is booked already waits too."""
    starts = [seat.offer.starts_at for seat in seats]
    together = [*starts, around] if around else starts
    return -len(seats), max(together) - min(together), min(starts)


def _scopes(members: Sequence[Member]) -> Iterable[tuple[Scope, Registration]]:
    """Each scope once, with the first one who has it."""
    return {_allowed(one.scope): (one.scope, one.person) for one in reversed(members)}.values()


def _allowed(scope: Scope) -> tuple[object, ...]:
    return scope.windows, scope.seconds


def _half_of(instant: datetime) -> int:
    return int(instant.astimezone(clock.ZONE).hour >= NOON)
