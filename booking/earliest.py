"""The earliest series everywhere: over all centers, ranked by day and time, then by distance.

Several starts of one center and day would hide all other centers, so of each center, day, vaccine and half of the day
there is the first one. What is shown is what a hold would take (booking/services/holds.py): dose 2 is looked for as the
claim does. Rows are plain tuples; 3 queries, and one for each vaccine of two doses.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from booking import availability, clock
from booking.availability import CenterOffer
from booking.entitlement import Scope
from centers import distance, postcodes
from notifications import outbox
from notifications.outbox import Medium

DAYS = 28  # looked through from the first day on which any center has a series
WEEKDAYS = {"": (1, 2, 3, 4, 5, 6, 7), "mo-fr": (1, 2, 3, 4, 5), "sa-so": (6, 7)}
HALVES = {"": (0, 1), "am": (0,), "pm": (1,)}

# One probe for each center, window, day and half of the day.
_FIRSTS = """
SELECT w.position, c.id, s.id, s.starts_at, s.capacity - s.booked
  FROM unnest(%(vaccines)s::text[], %(contingents)s::bigint[], %(from)s::timestamptz[], %(until)s::timestamptz[])
       WITH ORDINALITY AS w(vaccine, contingent, from_at, until_at, position)
 CROSS JOIN centers_center c
 CROSS JOIN generate_series(%(first)s::date::timestamp, %(last)s::date::timestamp, interval '1 day') AS day(day)
 CROSS JOIN unnest(%(halves)s::int[]) AS half(number)
 CROSS JOIN LATERAL (
       SELECT s.id, s.starts_at, s.capacity, s.booked FROM centers_slot s
        WHERE s.kind = slot_kind(c.id, w.vaccine, w.contingent) AND s.is_open
          AND s.starts_at >= greatest(w.from_at, (day.day + half.number * interval '12 hours') AT TIME ZONE %(zone)s)
          AND s.starts_at < least(
                w.until_at, (day.day + (half.number + 1) * interval '12 hours') AT TIME ZONE %(zone)s)
        ORDER BY s.starts_at, s.id LIMIT 1) AS s
 WHERE c.id = ANY (%(centers)s::bigint[]) AND c.listed AND (c.last_day IS NULL OR day.day::date <= c.last_day)
   AND extract(isodow FROM day.day) = ANY (%(weekdays)s::int[])
 ORDER BY s.starts_at, s.id
"""

_SECONDS = """
SELECT q.position, s.id, s.starts_at
  FROM unnest(%(centers)s::bigint[], %(wished)s::timestamptz[], %(last)s::date[])
       WITH ORDINALITY AS q(center, wished, last_day, position)
  JOIN centers_center c ON c.id = q.center
  JOIN centers_slot s ON s.id = nearest_open_slot(
       q.center, %(vaccine)s, q.wished, least(q.last_day, c.last_day), %(zone)s,
       %(contingents)s::bigint[], %(from)s::timestamptz[], %(until)s::timestamptz[])
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller can do: days ("", "mo-fr", "sa-so"), half of the day ("", "am", "pm"), how far, without steps."""

    weekdays: str = ""
    half: str = ""
    within_km: int | None = None
    step_free: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """A series that could be booked now. `km` is None where the caller's or the center's position is unknown."""

    slot_id: int
    starts_at: datetime
    second_at: datetime | None
    vaccine_code: str
    center: CenterOffer
    km: int | None
    places: int


@dataclass(frozen=True, slots=True)
class _First:
    window: int
    center: CenterOffer
    km: float | None
    slot_id: int
    starts_at: datetime
    places: int


def papers_there(medium: str, *, code_told: bool, now: datetime) -> datetime | None:
    """From when on somebody can come who needs her papers; None: at once. A letter takes its days (ADR 23)."""
    if medium != Medium.LETTER or code_told:
        return None
    return clock.start_of(first_day_by_letter(now))


def first_day_by_letter(now: datetime) -> date:
    """LETTER_DAYS ahead, or the day after the letter has come where weekends and holidays make that later."""
    there = outbox.letter_arrives(now) + timedelta(days=1)
    return max(there, clock.local_day(now) + timedelta(days=settings.LETTER_DAYS))


def everywhere(scope: Scope, *, postcode: str, wish: Wish, limit: int) -> list[Series]:
    """The first `limit` series, by day and time and then by distance."""
    home = _position(postcode)
    centers = {
        offer.center_id: (offer, km)
        for offer, km in ((offer, _km(home, offer)) for offer in availability.earliest_by_center(scope))
        if offer.starts_at is not None and _suits(offer, km, wish)
    }
    if not centers:
        return []
    firsts = sorted(_firsts(scope, centers, wish), key=_rank)
    return list(_with_seconds(scope, firsts, limit))


def beside(scope: Scope, *, center_id: int, starts_at: datetime, postcode: str, limit: int = 3) -> list[Series]:
    """Series of the same center and day, nearest to this time first: for somebody who comes along."""
    offers = {offer.center_id: offer for offer in availability.earliest_by_center(scope)}
    if center_id not in offers:
        return []
    free = availability.times(scope, center_id, clock.local_day(starts_at))
    free.sort(key=lambda one: (abs(one.starts_at - starts_at), one.starts_at, one.slot_id))
    km = km_to(postcode, offers[center_id])
    return [
        Series(one.slot_id, one.starts_at, one.second_at, one.vaccine_code, offers[center_id], km, one.places)
        for one in free[:limit]
    ]


def _suits(offer: CenterOffer, km: float | None, wish: Wish) -> bool:
    near = wish.within_km is None or km is None or km <= wish.within_km
    return near and (offer.step_free or not wish.step_free)


def _position(postcode: str) -> tuple[float, float] | None:
    district = postcodes.district_of(postcode)
    if district is None or district.latitude is None or district.longitude is None:
        return None
    return district.latitude, district.longitude


def _km(home: tuple[float, float] | None, offer: CenterOffer) -> float | None:
    if home is None or offer.latitude is None or offer.longitude is None:
        return None
    return distance.kilometres(*home, offer.latitude, offer.longitude)


def km_to(postcode: str, offer: CenterOffer) -> int | None:
    """About how far a center is from where somebody lives; None where one of the two is not known."""
    km = _km(_position(postcode), offer)
    return None if km is None else distance.about(km)


def _rank(one: _First) -> tuple[datetime, float, int]:
    return one.starts_at, one.km if one.km is not None else float("inf"), one.slot_id


def _firsts(scope: Scope, centers: Mapping[int, tuple[CenterOffer, float | None]], wish: Wish) -> Iterator[_First]:
    first = min(clock.local_day(offer.starts_at) for offer, _km in centers.values() if offer.starts_at)
    parameters: dict[str, Any] = {
        "vaccines": [one.vaccine_code for one in scope.windows],
        "contingents": [one.contingent_id for one in scope.windows],
        "from": [one.from_at for one in scope.windows],
        "until": [one.until_at for one in scope.windows],
        "first": first,
        "last": first + timedelta(days=DAYS),
        "halves": list(HALVES.get(wish.half, HALVES[""])),
        "weekdays": list(WEEKDAYS.get(wish.weekdays, WEEKDAYS[""])),
        "centers": sorted(centers),
        "zone": str(clock.ZONE),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIRSTS, parameters)
        rows = cursor.fetchall()
    seen = set()
    for position, center, slot, starts_at, places in rows:
        window = scope.windows[position - 1]
        local = starts_at.astimezone(clock.ZONE)
        key = (center, local.date(), local.hour >= 12, window.vaccine_code)
        if key not in seen:  # the same half day in the places of another share
            seen.add(key)
            yield _First(position - 1, *centers[center], slot, starts_at, places)


def _with_seconds(scope: Scope, firsts: list[_First], limit: int) -> Iterator[Series]:
    """Those that can be completed. Twice as many as wanted are looked at: what has no dose 2 leaves the list."""
    looked = firsts[: 2 * limit]
    seconds = dict(_seconds(scope, looked))
    shown = 0
    for number, one in enumerate(looked):
        window = scope.windows[one.window]
        if shown == limit or (window.interval is not None and number not in seconds):
            continue
        shown += 1
        km = None if one.km is None else distance.about(one.km)
        second = seconds.get(number)
        yield Series(one.slot_id, one.starts_at, second, window.vaccine_code, one.center, km, one.places)


def _seconds(scope: Scope, firsts: list[_First]) -> Iterable[tuple[int, datetime]]:
    """Index of the first dose and the start that the claim would take for dose 2. One query per vaccine."""
    vaccines = {window.vaccine_code for window in scope.windows if window.interval is not None}
    for vaccine in sorted(vaccines):
        mine = [number for number, one in enumerate(firsts) if scope.windows[one.window].vaccine_code == vaccine]
        if not mine:
            continue
        wished, last = [], []
        for number in mine:
            interval = scope.windows[firsts[number].window].interval
            day = clock.local_day(firsts[number].starts_at)
            wished.append(clock.later(firsts[number].starts_at, interval.min_days if interval else 0))
            last.append(availability.last_second_day(day, interval) if interval else day)
        allowed = [window for window in scope.seconds if window.vaccine_code == vaccine]
        parameters: dict[str, Any] = {
            "centers": [firsts[number].center.center_id for number in mine],
            "wished": wished, "last": last, "vaccine": vaccine, "zone": str(clock.ZONE),
            "contingents": [one.contingent_id for one in allowed],
            "from": [one.from_at for one in allowed], "until": [one.until_at for one in allowed],
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_SECONDS, parameters)
            yield from ((mine[position - 1], starts_at) for position, _slot, starts_at in cursor.fetchall())
