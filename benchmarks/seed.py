"""Many invented people and many slots, by one statement each: for benchmarks and for the races of tests/concurrency."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

# A number as a readable code: no 0 and 1, filled up with A, which is no digit.
_CODE = "lpad(translate(n::text, '01', 'XY'), {length}, 'A')"
_PEOPLE = f"""
WITH person AS (
    INSERT INTO booking_registration (
        public_id, case_number, door_code, first_name, last_name, birth_date, street, postcode, town, district_id,
        email, phone, medium, language, needs_wheelchair, needs_companion, needs_sign_language, criteria, channel,
        identity_key, created_at, confirmed_at, withdrawn_reason, contact_changes)
    SELECT gen_random_uuid(), {_CODE.format(length=8)}, {_CODE.format(length=6)}, 'Ingeborg', 'Richter ' || n,
           %(birth_date)s, 'Hauptstraße ' || n, '01067', 'Dresden', %(district)s,
           'person' || n || '@' || (ARRAY['gmx.de', 'web.de', 't-online.de', 'posteo.de'])[n %% 4 + 1], '', 'email',
           'de', false, false, false, '{{}}', 'web', md5(n::text) || md5(n::text || 'b'), %(now)s, %(now)s, '', 0
      FROM generate_series(%(first)s::int, %(last)s::int) AS n
    RETURNING id
), invitation AS (
    INSERT INTO booking_invitation (registration_id, issued_at, valid_until, closed_reason)
    SELECT id, %(now)s, %(now)s + interval '7 days', '' FROM person
), link AS (
    INSERT INTO booking_accesslink (registration_id, purpose, nonce, token_hash, created_at, valid_until, used_at,
                                    failed_tries)
    SELECT id, 'visit', gen_random_uuid(), md5(id::text || 'l') || md5(id::text || 'k'), %(now)s,
           %(now)s + interval '7 days', %(now)s, 0 FROM person
    RETURNING id, registration_id
)
SELECT registration_id, id FROM link ORDER BY registration_id
"""

_SLOTS = """
INSERT INTO centers_slot (session_id, center_id, vaccine_id, contingent_id, starts_at, capacity, booked, suspended)
SELECT s.id, s.center_id, s.vaccine_id, s.contingent_id, at, s.lines, 0, false
  FROM centers_session s
 CROSS JOIN LATERAL generate_series(
       (s.date + s.starts) AT TIME ZONE %(zone)s,
       (s.date + s.ends) AT TIME ZONE %(zone)s - make_interval(mins => s.slot_minutes),
       make_interval(mins => s.slot_minutes)) AS at
 WHERE NOT EXISTS (SELECT FROM centers_slot old WHERE old.session_id = s.id)
 ORDER BY s.center_id, s.date, at
"""


@dataclass(frozen=True)
class Invited:
    """A person who may book, and the link that her visit began with."""

    registration_id: int
    link_id: int


def people(
    count: int, *, birth_date: date, now: datetime, district: str | None = None, first: int = 1
) -> list[Invited]:
    """`count` invited people inside a visit, all born on one day. `first` keeps several calls apart."""
    parameters = {"birth_date": birth_date, "now": now, "district": district, "first": first}
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, {**parameters, "last": first + count - 1})
        return [Invited(*row) for row in cursor.fetchall()]


def slots(zone: str = "Europe/Berlin") -> int:
    """The start times of every session that has none yet; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_SLOTS, {"zone": zone})
        made: int = cursor.rowcount
    return made


def days(first: date, count: int) -> list[date]:
    """So many days in a row."""
    return [first + timedelta(days=number) for number in range(count)]
