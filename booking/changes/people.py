"""Whom a change concerns: one query for their appointments in the sessions, one for all the others they have."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

BOOKED = "booked"

_CONCERNED = """
SELECT a.id, a.registration_id, a.slot_id, a.displaced_at IS NOT NULL, a.dose_number, a.booked_at
  FROM booking_appointment a
  JOIN centers_slot s ON s.id = a.slot_id
  JOIN centers_session n ON n.id = s.session_id
 WHERE s.session_id = ANY (%s) AND a.status = 'booked'
   AND (s.starts_at > %s OR s.starts_at <= %s AND n.state = 'suspended')
 ORDER BY a.booked_at, a.id
"""
# What people have lost by an earlier change that has not come to them yet.
_WAITING = """
SELECT a.id
  FROM booking_case c
  JOIN booking_appointment a ON a.registration_id = c.registration_id AND a.status = 'booked'
                            AND a.displaced_at IS NOT NULL
 WHERE c.registration_id = ANY (%s) AND c.outcome = 'waiting'
 GROUP BY a.id
 ORDER BY a.id
"""
_PEOPLE = """
SELECT r.id, r.birth_date, r.medium, r.phone <> '', d.latitude, d.longitude, r.district_id,
       a.id, a.dose_number, a.slot_id, s.center_id, s.vaccine_id, s.contingent_id, s.starts_at, a.status,
       a.booked_at, a.channel, a.displaced_at IS NOT NULL, s.session_id
  FROM booking_registration r
  LEFT JOIN centers_district d ON d.ags = r.district_id
  JOIN booking_appointment a ON a.registration_id = r.id AND a.status IN ('booked', 'arrived', 'vaccinated')
  JOIN centers_slot s ON s.id = a.slot_id
 WHERE r.id = ANY (%s) AND r.withdrawn_at IS NULL
 ORDER BY r.id, a.dose_number, a.id
"""


@dataclass(frozen=True, slots=True)
class Held:
    """An appointment in the sessions that are changed."""

    pk: int
    registration_id: int
    slot_id: int
    displaced: bool
    dose_number: int
    booked_at: datetime


@dataclass(frozen=True, slots=True)
class Dose:
    """A live appointment of a person; `affected` when it loses (or has lost) its place by the change."""

    pk: int
    number: int
    slot_id: int
    center_id: int
    vaccine: str
    contingent_id: int
    starts_at: datetime
    status: str
    booked_at: datetime
    channel: str
    affected: bool
    over: bool

    @property
    def booked(self) -> bool:
        """Still to come, or lost and never given: it can be moved."""
        return self.status == BOOKED and (self.affected or not self.over)


@dataclass(frozen=True, slots=True)
class Someone:
    """A person with her live doses in order, and how she is written to (outbox.Medium) and whether she can be called.
    No name: nothing here is shown.
    """

    pk: int
    birth_date: date
    medium: str
    phone: bool
    position: tuple[float, float] | None  # of her district
    district: str
    doses: tuple[Dose, ...]

    @property
    def first(self) -> Dose | None:
        return next((dose for dose in self.doses if dose.number == 1), None)

    @property
    def second(self) -> Dose | None:
        return next((dose for dose in self.doses if dose.number == 2), None)

    @property
    def begun(self) -> bool:
        """A dose has been given, or she stands at the door: what is left cannot be cancelled, only moved or kept."""
        return any(not dose.booked for dose in self.doses)

    @property
    def too_late(self) -> bool:
        """Her time passed while she waited: what she has lost cannot be kept, only moved or given anew."""
        return not self.begun and any(dose.over for dose in self.affected)

    @property
    def affected(self) -> tuple[Dose, ...]:
        return tuple(dose for dose in self.doses if dose.affected)

    def freedom(self) -> tuple[int, datetime, int]:
        """Who has the least choice comes first: a second dose whose first is given, then one whose first stands, then
        whole series; among those alike who booked first.
        """
        number = 0 if self.begun else 1 if not any(dose.number == 1 for dose in self.affected) else 2
        return number, min(dose.booked_at for dose in self.affected), self.pk


def held(session_ids: Collection[int], *, now: datetime, over: datetime | None = None) -> list[Held]:
    """The booked appointments to come in these sessions, in the order of booking; of suspended sessions those up to
    `over` too.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CONCERNED, [list(session_ids), now, over])
        return [
            Held(pk, person, slot, displaced, dose, booked_at)
            for pk, person, slot, displaced, dose, booked_at in cursor.fetchall()
        ]


def waiting(registration_ids: Collection[int]) -> tuple[int, ...]:
    """Their appointments without a place for which an earlier change has still to care, in order."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [list(registration_ids)])
        return tuple(pk for (pk,) in cursor.fetchall())


def read(registration_ids: Iterable[int], affected: Collection[int], *, now: datetime) -> list[Someone]:
    """These people, by freedom; `affected` are the pks of the appointments that lose their places."""
    found = [_someone(rows, affected, now) for rows in _rows(registration_ids).values()]
    return sorted((one for one in found if one.affected), key=Someone.freedom)


def displaced_in(
    registration_id: int, session_ids: Collection[int], slot_ids: Collection[int], *, now: datetime
) -> Someone | None:
    """The person, when an appointment of hers still stands without a place in one of these sessions or start times."""
    for rows in _rows([registration_id]).values():
        lost = [row for row in rows if row[14] == BOOKED and row[17]]
        affected = [row[7] for row in lost if row[18] in session_ids or row[9] in slot_ids]
        return _someone(rows, affected, now) if affected else None
    return None


def _rows(registration_ids: Iterable[int]) -> dict[int, list[tuple[Any, ...]]]:
    """Person -> rows of _PEOPLE: 0-6 the person, 7-16 a dose, 17 without a place, 18 session."""
    by_person: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [list(registration_ids)])
        for row in cursor.fetchall():
            by_person[row[0]].append(row)
    return by_person


def _someone(rows: list[tuple[Any, ...]], affected: Collection[int], now: datetime) -> Someone:
    pk, birth_date, medium, phone, latitude, longitude, district = rows[0][:7]
    doses = tuple(Dose(*(*row[7:17], row[7] in affected, row[13] <= now)) for row in rows)
    position = None if latitude is None else (latitude, longitude)
    return Someone(pk, birth_date, medium, phone, position, district or "", doses)
