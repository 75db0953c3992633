"""The queries behind availability: probes of the partial index on open slots, a few pages each (performance.md 1).

Windows go in as parallel arrays, plain rows come out; what they mean is said in availability.py.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from booking import clock
from booking.entitlement import Window

FEW = 8  # places are counted up to this: fewer are "few places"
OPEN_END = 60  # days looked at where a rule names no longest interval

_EARLIEST = """
SELECT c.id, c.slug, c.name, c.place, c.district_id, d.name, d.kind, c.step_free,
       c.access_note_de, c.access_note_en, c.latitude, c.longitude,
       found.starts_at, coalesce(found.vaccine, ''), coalesce(found.places, 0)
  FROM centers_center c
  JOIN centers_district d ON d.ags = c.district_id
  LEFT JOIN LATERAL earliest_series(c.id, c.last_day, %s, %s,
            %s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::int[], %s::int[],
            %s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS found ON true
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
        WHERE s.kind = slot_kind(c.id, w.vaccine, w.contingent) AND s.is_open
          AND s.starts_at < w.until_at ORDER BY s.starts_at DESC LIMIT 1) AS latest
 CROSS JOIN LATERAL generate_series(
       (w.from_at AT TIME ZONE %s)::date::timestamp,
       least((latest.starts_at AT TIME ZONE %s)::date, c.last_day)::timestamp, interval '1 day') AS day(day)
 CROSS JOIN LATERAL (
       SELECT count(*) AS places FROM (
           SELECT FROM centers_slot s
            WHERE s.kind = slot_kind(c.id, w.vaccine, w.contingent) AND s.is_open
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
  JOIN centers_slot s ON s.kind = slot_kind(c.id, w.vaccine, w.contingent) AND s.is_open
   AND s.starts_at >= w.from_at AND s.starts_at < w.until_at
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
            WHERE s.kind = slot_kind(w.center, w.vaccine, w.contingent) AND s.is_open
              AND s.starts_at >= w.low AND s.starts_at < w.high
            ORDER BY s.starts_at LIMIT 1) AS near
)
SELECT s.starts_at
  FROM first
 CROSS JOIN LATERAL (SELECT first.day::timestamp AT TIME ZONE zone AS low,
                            (first.day + 1)::timestamp AT TIME ZONE zone AS high
                       FROM (SELECT %s) AS named(zone)) AS whole
  JOIN w ON w.last_day IS NULL OR w.last_day >= first.day
  JOIN centers_slot s ON s.kind = slot_kind(w.center, w.vaccine, w.contingent) AND s.is_open
   AND s.starts_at >= greatest(w.low, whole.low) AND s.starts_at < least(w.high, whole.high)
 ORDER BY s.starts_at
"""


def earliest(firsts: Sequence[Window], seconds: Sequence[Window]) -> list[tuple[Any, ...]]:
    """Every listed center with its earliest start, the vaccine and how many starts follow that day (up to FEW)."""
    shortest = [None if one.interval is None else one.interval.min_days for one in firsts]
    longest = [
        None if one.interval is None else (one.interval.max_days or one.interval.min_days + OPEN_END) for one in firsts
    ]
    parameters = [str(clock.ZONE), FEW, *_arrays(firsts), shortest, longest, *_arrays(seconds)]
    return _rows(_EARLIEST, parameters)


def open_days(center_id: int, windows: Sequence[Window]) -> list[tuple[int, date, int]]:
    """Index of the window, day and number of open starts (up to FEW), for every day that has any."""
    zone = str(clock.ZONE)
    rows = _rows(_OPEN_DAYS, [*_arrays(windows), center_id, zone, zone, zone, zone, FEW])
    return [(position - 1, day, places) for position, day, places in rows]


def open_slots(center_id: int, windows: Sequence[Window], day: date) -> list[tuple[int, int, datetime, int]]:
    """Index of the window, slot, start and free places, in the order of time; the windows lie inside `day`."""
    rows = _rows(_OPEN_SLOTS, [*_arrays(windows), center_id, day])
    return [(position - 1, slot_id, starts_at, places) for position, slot_id, starts_at, places in rows]


def first_open_day(center_id: int, windows: Sequence[Window]) -> list[datetime]:
    """The open starts of the first day that has any."""
    rows = _rows(_FIRST_OPEN_DAY, [*_arrays(windows), center_id, str(clock.ZONE), str(clock.ZONE)])
    return [starts_at for (starts_at,) in rows]


def _rows(query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _arrays(windows: Sequence[Window]) -> tuple[list[object], ...]:
    return (
        [window.vaccine_code for window in windows],
        [window.contingent_id for window in windows],
        [window.from_at for window in windows],
        [window.until_at for window in windows],
    )
