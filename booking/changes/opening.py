"""Which places a change opens anew, and whether there is vaccine for them: as for whoever publishes sessions."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime

from booking import clock
from booking.changes import shape
from booking.changes.effect import Effect
from booking.changes.wish import Kind
from centers.models import Center, Session, Vaccine
from centers.supply import cover
from centers.supply.cover import Cover


def covers(center: Center, fresh: Effect, *, now: datetime) -> list[Cover]:
    """Is there vaccine for what is put back or added? One answer per vaccine; none when no place is opened."""
    return [
        cover.check(center, vaccine, days, on=clock.local_day(now))
        for vaccine, days in sorted(_opened(fresh, now=now).items(), key=lambda one: one[0].pk)
        if any(number > 0 for number in days.values())
    ]


def _opened(fresh: Effect, *, now: datetime) -> Mapping[Vaccine, Mapping[date, int]]:
    """Vaccine -> day -> places that can be booked afterwards and cannot be now. Who is kept there counts already."""
    kept = Counter(one.slot_id for one in fresh.held if one.displaced)
    found: dict[Vaccine, Counter[date]] = defaultdict(Counter)
    sessions = {one.pk: one for one in fresh.sessions}
    if fresh.wish.kind == Kind.REINSTATE:
        for place in fresh.places:
            session = sessions[place.session_id]
            free = place.capacity - place.booked - kept[place.slot_id]
            found[session.vaccine][session.date] += max(free, 0)
    if fresh.wish.kind == Kind.RESHAPE:
        standing = [one for one in fresh.places if sessions[one.session_id].state == Session.State.PUBLISHED]
        for place in standing:
            session, here = sessions[place.session_id], place.booked + kept[place.slot_id]
            now_open = max(place.capacity - place.booked, 0) + here
            found[session.vaccine][session.date] += max(place.capacity_after, here) - now_open
        for session, number in _new(fresh, now=now).items():
            found[session.vaccine][session.date] += number
    return found


def _new(fresh: Effect, *, now: datetime) -> Counter[Session]:
    """Places at start times that are not there yet, of published sessions."""
    rows = [(one.slot_id, one.session_id, one.starts_at, one.capacity, one.booked) for one in fresh.places]
    known = {(one.session_id, one.starts_at) for one in fresh.places}
    sessions = {one.pk: one for one in fresh.sessions if one.state == Session.State.PUBLISHED}
    found: Counter[Session] = Counter()
    for key, size in shape.capacities(fresh.sessions, rows, fresh.wish, now=now).items():
        if key not in known and key[0] in sessions:
            found[sessions[key[0]]] += size
    return found
