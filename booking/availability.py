"""What is free for whom: the reads behind every list of centers, days and times.

All of them start from a `Scope` (booking/entitlement.py), so a list never shows what the booking would refuse, and they
probe the partial index on open slots instead of scanning it (performance.md 1). Rows are plain tuples, no models.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection

from booking import clock, probes
from booking.claims import SecondDose
from booking.entitlement import Scope, Window
from centers.models import district_label
from centers.vaccines import Interval

_Kind = tuple[str, date, Interval | None]  # vaccine, day, distance to dose 2


@dataclass(frozen=True, slots=True)
class CenterOffer:
    """A center with the earliest place this person may have there; `starts_at` None = nothing free for her."""

    center_id: int
    slug: str
    name: str
    place: str
    district_ags: str
    district: str
    step_free: bool
    access_note_de: str
    access_note_en: str
    latitude: float | None
    longitude: float | None
    starts_at: datetime | None
    vaccine_code: str
    few: bool


@dataclass(frozen=True, slots=True)
class DayOffer:
    """A day on which the person may have dose 1 (or the dose she moves); `second_day` None where none is needed."""

    day: date
    few: bool
    vaccine_codes: tuple[str, ...]
    second_day: date | None


@dataclass(frozen=True, slots=True)
class TimeOffer:
    """One start time. `second_at` is the place that booking it now would take for dose 2."""

    slot_id: int
    starts_at: datetime
    vaccine_code: str
    places: int
    second_at: datetime | None


@dataclass(frozen=True, slots=True)
class Alternative:
    """A place offered instead of one that has gone."""

    slot_id: int
    starts_at: datetime
    second_at: datetime | None
    vaccine_code: str
    center_id: int
    center_slug: str
    center_name: str
    same_center: bool
    same_day: bool


def earliest_by_center(scope: Scope) -> list[CenterOffer]:
    """Every listed center; those with a free place first, earliest first, then the others by name. One query."""
    return [_center_offer(row) for row in probes.earliest(scope.windows, scope.seconds)]


def days(scope: Scope, center_id: int) -> list[DayOffer]:
    """The days with a free place and, where one is needed, a second after it. One query."""
    free, seconds = _open_days(center_id, scope)
    found: dict[date, list[tuple[str, int, date | None]]] = defaultdict(list)
    for (vaccine, day, interval), places in free.items():
        second = None
        if interval is not None:
            second = _second_day(seconds.get(vaccine, ()), day, interval)
            if second is None:
                continue
        found[day].append((vaccine, places, second))
    return [_day_offer(day, found[day]) for day in sorted(found)]


def times(scope: Scope, center_id: int, day: date) -> list[TimeOffer]:
    """The free start times of one day, each with the second place that it would get. 1 + 1 per vaccine queries."""
    offers: list[TimeOffer] = []
    second_places: dict[str, _Times] = {}
    for slot_id, starts_at, vaccine, places, interval in _open_slots(center_id, scope.windows, day):
        second_at = None
        if interval is not None:
            if vaccine not in second_places:
                second_places[vaccine] = _second_places(scope.seconds, center_id, vaccine, day, interval)
            second_at = second_places[vaccine].nearest(starts_at)
            if second_at is None:
                continue
        offers.append(TimeOffer(slot_id, starts_at, vaccine, places, second_at))
    return offers


def nearest(scope: Scope, *, center_id: int, wanted: datetime, but: int, limit: int = 3) -> list[Alternative]:
    """Up to `limit` places near the one that has gone (`but`): same day, then later days there, then other centers."""
    offers = [offer for offer in earliest_by_center(scope) if offer.starts_at is not None]
    here = next((offer for offer in offers if offer.center_id == center_id), None)
    near = list(_near_here(scope, here, wanted, but)) if here else []
    found = near[: limit - 1]
    for offer in offers:
        if len(found) >= limit:
            break
        if offer.center_id != center_id and offer.starts_at is not None:
            found += _of_day(scope, offer, clock.local_day(offer.starts_at), wanted, 0)
    return (found + near[limit - 1 :])[:limit]


def nearest_second(center_id: int, vaccine_code: str, second: SecondDose) -> int | None:
    """The slot that the claim would take for dose 2, or None."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nearest_open_slot(%s, %s, %s, %s, %s, %s::bigint[], %s::timestamptz[], %s::timestamptz[])",
            [center_id, vaccine_code, second.wished, second.last_day, str(clock.ZONE), *second.arrays()],
        )
        found: int | None = cursor.fetchone()[0]
    return found


def last_second_day(day: date, interval: Interval) -> date:
    """The last day on which dose 2 may follow a dose 1 on `day`."""
    return day + timedelta(
        days=interval.max_days if interval.max_days is not None else interval.min_days + probes.OPEN_END
    )


# --- Reading -----------------------------------------------------------------------------------------------------


def _open_days(center_id: int, scope: Scope) -> tuple[dict[_Kind, int], dict[str, list[date]]]:
    """Open start times of dose 1 by vaccine, day and interval, and the days with a place for dose 2 by vaccine.

    Dose 1 and dose 2 are mostly looked for in the same places: each day of them is probed once.
    """
    needed = {window.vaccine_code for window in scope.windows if window.interval is not None}
    seconds = [window for window in scope.seconds if window.vaccine_code in needed]
    parts = _parts([*scope.windows, *seconds])
    free: dict[_Kind, int] = defaultdict(int)
    later: dict[str, set[date]] = defaultdict(set)
    for number, day, places in probes.open_days(center_id, parts):
        part = parts[number]
        for window in scope.windows:
            if _inside(part, window):
                free[part.vaccine_code, day, window.interval] += places
        if any(_inside(part, window) for window in seconds):
            later[part.vaccine_code].add(day)
    return free, {vaccine: sorted(listed) for vaccine, listed in later.items()}


def _parts(windows: Sequence[Window]) -> list[Window]:
    """The stretches between all beginnings and ends of these windows that lie in at least one of them, by kind."""
    turns: dict[tuple[str, int], set[datetime]] = defaultdict(set)
    for window in windows:
        turns[window.vaccine_code, window.contingent_id] |= {window.from_at, window.until_at}
    parts = [
        Window(vaccine, contingent, low, high, None)
        for (vaccine, contingent), instants in sorted(turns.items())
        for low, high in pairwise(sorted(instants))
    ]
    return [part for part in parts if any(_inside(part, window) for window in windows)]


def _inside(part: Window, window: Window) -> bool:
    same = (part.vaccine_code, part.contingent_id) == (window.vaccine_code, window.contingent_id)
    return same and window.from_at <= part.from_at and part.until_at <= window.until_at


def _open_slots(
    center_id: int, windows: Iterable[Window], day: date
) -> Iterator[tuple[int, datetime, str, int, Interval | None]]:
    """Slot pk, start, vaccine code, free places and interval of every open slot of that day inside the windows."""
    cut = list(_cut(windows, clock.start_of(day), clock.end_of(day)))
    for number, slot_id, starts_at, places in probes.open_slots(center_id, cut, day):
        yield slot_id, starts_at, cut[number].vaccine_code, places, cut[number].interval


def _second_places(
    windows: Sequence[Window], center_id: int, vaccine_code: str, day: date, interval: Interval
) -> "_Times":
    """The open starts of the first day on which dose 2 can follow; the day on which the claim would look first."""
    low = clock.start_of(day + timedelta(days=interval.min_days))
    high = clock.end_of(last_second_day(day, interval))
    cut = list(_cut((one for one in windows if one.vaccine_code == vaccine_code), low, high))
    return _Times(probes.first_open_day(center_id, cut))


def _cut(windows: Iterable[Window], low: datetime, high: datetime) -> Iterator[Window]:
    for window in windows:
        from_at, until_at = max(window.from_at, low), min(window.until_at, high)
        if from_at < until_at:
            yield Window(window.vaccine_code, window.contingent_id, from_at, until_at, window.interval)


# --- Putting them together ---------------------------------------------------------------------------------------


def _near_here(scope: Scope, here: CenterOffer, wanted: datetime, but: int) -> Iterator[Alternative]:
    """Same center: the nearest time of the same day, then the nearest time of each later and then earlier day."""
    same = clock.local_day(wanted)
    ordered = sorted((one.day for one in days(scope, here.center_id)), key=lambda day: (day < same, abs(day - same)))
    for day in ordered[:3]:
        yield from _of_day(scope, here, day, wanted, but)


def _center_offer(row: tuple[Any, ...]) -> CenterOffer:
    (*center, name, kind), (*rest, places) = row[:7], row[7:]
    values = [*center, district_label(name, kind), *rest, places < probes.FEW]
    return CenterOffer(*values)


def _of_day(scope: Scope, offer: CenterOffer, day: date, wanted: datetime, but: int) -> list[Alternative]:
    """The time of that day nearest to the wanted time of day."""
    free = [one for one in times(scope, offer.center_id, day) if one.slot_id != but]
    if not free:
        return []
    best = min(free, key=lambda one: (_apart(one.starts_at, wanted), one.starts_at, one.slot_id))
    same_day = day == clock.local_day(wanted)
    return [
        Alternative(
            best.slot_id, best.starts_at, best.second_at, best.vaccine_code,
            offer.center_id, offer.slug, offer.name, same_center=bool(but), same_day=same_day,
        )
    ]  # fmt: skip


def _day_offer(day: date, rows: list[tuple[str, int, date | None]]) -> DayOffer:
    seconds = [second for _vaccine, _places, second in rows if second is not None]
    return DayOffer(
        day=day,
        few=sum(places for _vaccine, places, _second in rows) < probes.FEW,
        vaccine_codes=tuple(sorted({vaccine for vaccine, _places, _second in rows})),
        second_day=min(seconds, default=None),
    )


def _second_day(opened: Sequence[date], day: date, interval: Interval) -> date | None:
    place = bisect_left(opened, day + timedelta(days=interval.min_days))
    if place < len(opened) and opened[place] <= last_second_day(day, interval):
        return opened[place]
    return None


class _Times:
    """Start times of one day, to find the one nearest to a wished time of day.

    Of two equally near ones the earlier, as in the claim.
    """

    def __init__(self, starts: Iterable[datetime]) -> None:
        clocked = sorted((_of_the_day(start), start) for start in starts)
        self._seconds = [second for second, _start in clocked]
        self._starts = [start for _second, start in clocked]

    def nearest(self, wished: datetime) -> datetime | None:
        """None when there is no start at all."""
        if not self._starts:
            return None
        second = _of_the_day(wished)
        place = bisect_left(self._seconds, second)
        if place == len(self._starts):
            return self._starts[self._first(place - 1)]
        if place and second - self._seconds[place - 1] <= self._seconds[place] - second:
            return self._starts[self._first(place - 1)]
        return self._starts[place]

    def _first(self, place: int) -> int:
        """The earliest of those with the same time of day (the hour that the clocks repeat)."""
        return bisect_left(self._seconds, self._seconds[place])


def _of_the_day(instant: datetime) -> int:
    """Seconds of the local clock since midnight."""
    local = instant.astimezone(clock.ZONE)
    return local.hour * 3600 + local.minute * 60 + local.second


def _apart(one: datetime, other: datetime) -> int:
    """Seconds between two local times of day."""
    return abs(_of_the_day(one) - _of_the_day(other))
