"""What is free for whom: the reads behind every list of centers, days and times.

All of them start from a `Scope` (booking/entitlement.py), so a list never shows what the booking would refuse, and they
probe the partial index on open slots instead of scanning it (performance.md 1). Rows are plain tuples, no models.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from booking import clock
from booking.claims import SecondDose
from booking.entitlement import Scope, Window
from centers.models import district_label
from centers.vaccines import Interval

FEW = 8  # fewer open start times than this on a day are "few places"
OPEN_END = 60  # days looked at where a rule names no longest interval


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
    firsts, seconds = _first_arrays(scope.windows), _second_arrays(scope.seconds)
    with connection.cursor() as cursor:
        cursor.execute(_EARLIEST, [str(clock.ZONE), *firsts, *seconds, str(clock.ZONE), str(clock.ZONE), FEW])
        rows = cursor.fetchall()
    return [_center_offer(row) for row in rows]


def days(scope: Scope, center_id: int) -> list[DayOffer]:
    """The days with a free place and, where one is needed, a second after it. Two queries."""
    free = _open_days(center_id, scope.windows)
    seconds = _days_by_vaccine(_open_days(center_id, scope.seconds)) if _needs_second(scope.windows) else {}
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
    return day + timedelta(days=interval.max_days if interval.max_days is not None else interval.min_days + OPEN_END)


# --- The queries -------------------------------------------------------------------------------------------------

_EARLIEST = """
SELECT c.id, c.slug, c.name, c.place, c.district_id, d.name, d.kind, c.step_free,
       c.access_note_de, c.access_note_en, c.latitude, c.longitude,
       found.starts_at, coalesce(found.vaccine, ''), coalesce(rest.places, 0)
  FROM centers_center c
  JOIN centers_district d ON d.ags = c.district_id
  LEFT JOIN LATERAL earliest_series(c.id, c.last_day, %s,
            %s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::int[], %s::int[],
            %s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS found ON true
  LEFT JOIN LATERAL (
       SELECT count(*) AS places FROM (
           SELECT FROM centers_slot s
            WHERE s.center_id = c.id AND s.vaccine_id = found.vaccine AND s.contingent_id = found.contingent
              AND s.is_open AND s.starts_at >= found.starts_at
              AND s.starts_at < ((found.starts_at AT TIME ZONE %s)::date + 1)::timestamp AT TIME ZONE %s
            LIMIT %s) AS capped) AS rest ON true
 WHERE c.listed
 ORDER BY found.starts_at NULLS LAST, c.name, c.id
"""

# One probe per day and window; the days end where the center's open places end.
_OPEN_DAYS = """
SELECT w.position, day.day::date, probe.places
  FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
       WITH ORDINALITY AS w(vaccine, contingent, from_at, until_at, position)
  JOIN centers_center c ON c.id = %s AND c.listed
 CROSS JOIN LATERAL (
       SELECT s.starts_at FROM centers_slot s
        WHERE s.center_id = c.id AND s.vaccine_id = w.vaccine AND s.contingent_id = w.contingent AND s.is_open
          AND s.starts_at < w.until_at ORDER BY s.starts_at DESC LIMIT 1) AS latest
 CROSS JOIN LATERAL generate_series(
       (w.from_at AT TIME ZONE %s)::date::timestamp,
       least((latest.starts_at AT TIME ZONE %s)::date, c.last_day)::timestamp, interval '1 day') AS day(day)
 CROSS JOIN LATERAL (
       SELECT count(*) AS places FROM (
           SELECT FROM centers_slot s
            WHERE s.center_id = c.id AND s.vaccine_id = w.vaccine AND s.contingent_id = w.contingent AND s.is_open
              AND s.starts_at >= greatest(w.from_at, day.day AT TIME ZONE %s)
              AND s.starts_at < least(w.until_at, (day.day + interval '1 day') AT TIME ZONE %s)
            LIMIT %s) AS capped) AS probe
 WHERE probe.places > 0
"""

_OPEN_SLOTS = """
SELECT w.position, s.id, s.starts_at, s.capacity - s.booked
  FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
       WITH ORDINALITY AS w(vaccine, contingent, from_at, until_at, position)
  JOIN centers_center c ON c.id = %s AND c.listed AND (c.last_day IS NULL OR c.last_day >= %s)
  JOIN centers_slot s ON s.center_id = c.id AND s.vaccine_id = w.vaccine AND s.contingent_id = w.contingent
   AND s.is_open AND s.starts_at >= w.from_at AND s.starts_at < w.until_at
 ORDER BY s.starts_at, s.vaccine_id, s.id
"""

# The open starts of the first day that has any: one probe per window finds the day.
_FIRST_OPEN_DAY = """
WITH w AS (
    SELECT c.id AS center, c.last_day, w.*
      FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS w(vaccine, contingent, low, high)
      JOIN centers_center c ON c.id = %s AND c.listed
), first AS (
    SELECT min((near.starts_at AT TIME ZONE %s)::date) AS day
      FROM w CROSS JOIN LATERAL (
           SELECT s.starts_at FROM centers_slot s
            WHERE s.center_id = w.center AND s.vaccine_id = w.vaccine AND s.contingent_id = w.contingent AND s.is_open
              AND s.starts_at >= w.low AND s.starts_at < w.high
            ORDER BY s.starts_at LIMIT 1) AS near
)
SELECT s.starts_at
  FROM first
 CROSS JOIN LATERAL (SELECT first.day::timestamp AT TIME ZONE zone AS low,
                            (first.day + 1)::timestamp AT TIME ZONE zone AS high
                       FROM (SELECT %s) AS named(zone)) AS whole
  JOIN w ON w.last_day IS NULL OR w.last_day >= first.day
  JOIN centers_slot s ON s.center_id = w.center AND s.vaccine_id = w.vaccine AND s.contingent_id = w.contingent
   AND s.is_open AND s.starts_at >= greatest(w.low, whole.low) AND s.starts_at < least(w.high, whole.high)
 ORDER BY s.starts_at
"""


def _open_days(center_id: int, windows: Sequence[Window]) -> dict[tuple[str, date, Interval | None], int]:
    """Open start times per vaccine, day and interval, counted up to `FEW`."""
    arrays = _second_arrays(windows)
    zone = str(clock.ZONE)
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_DAYS, [*arrays, center_id, zone, zone, zone, zone, FEW])
        rows = cursor.fetchall()
    found: dict[tuple[str, date, Interval | None], int] = defaultdict(int)
    for position, day, places in rows:
        window = windows[position - 1]
        found[window.vaccine_code, day, window.interval] += places
    return found


def _open_slots(
    center_id: int, windows: Iterable[Window], day: date
) -> Iterator[tuple[int, datetime, str, int, Interval | None]]:
    """Slot pk, start, vaccine code, free places and interval of every open slot of that day inside the windows."""
    cut = list(_cut(windows, clock.start_of(day), clock.end_of(day)))
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_SLOTS, [*_second_arrays(cut), center_id, day])
        for position, slot_id, starts_at, places in cursor.fetchall():
            window = cut[position - 1]
            yield slot_id, starts_at, window.vaccine_code, places, window.interval


def _second_places(
    windows: Sequence[Window], center_id: int, vaccine_code: str, day: date, interval: Interval
) -> "_Times":
    """The open starts of the first day on which dose 2 can follow; the day on which the claim would look first."""
    low = clock.start_of(day + timedelta(days=interval.min_days))
    high = clock.end_of(last_second_day(day, interval))
    cut = list(_cut((one for one in windows if one.vaccine_code == vaccine_code), low, high))
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_OPEN_DAY, [*_second_arrays(cut), center_id, str(clock.ZONE), str(clock.ZONE)])
        return _Times([row[0] for row in cursor.fetchall()])


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
    values = [*center, district_label(name, kind), *rest, places < FEW]
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
        few=sum(places for _vaccine, places, _second in rows) < FEW,
        vaccine_codes=tuple(sorted({vaccine for vaccine, _places, _second in rows})),
        second_day=min(seconds, default=None),
    )


def _days_by_vaccine(opened: Iterable[tuple[str, date, Interval | None]]) -> dict[str, list[date]]:
    found: dict[str, set[date]] = defaultdict(set)
    for vaccine, day, _interval in opened:
        found[vaccine].add(day)
    return {vaccine: sorted(listed) for vaccine, listed in found.items()}


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


def _needs_second(windows: Iterable[Window]) -> bool:
    return any(window.interval is not None for window in windows)


def _first_arrays(windows: Sequence[Window]) -> tuple[list[Any], ...]:
    shortest = [None if window.interval is None else window.interval.min_days for window in windows]
    longest = [
        None if window.interval is None else (window.interval.max_days or window.interval.min_days + OPEN_END)
        for window in windows
    ]
    return (*_second_arrays(windows), shortest, longest)


def _second_arrays(windows: Sequence[Window]) -> tuple[list[Any], ...]:
    return (
        [window.vaccine_code for window in windows],
        [window.contingent_id for window in windows],
        [window.from_at for window in windows],
        [window.until_at for window in windows],
    )
