"""The people of one day at one center, as the door, the paper pack and the file list them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from booking import clock, facts, wording
from booking.door import checks
from booking.facts import Facts
from booking.models import Appointment
from priority import rules

IDENTITY = "ID"  # the paper that everybody shows
Status = Appointment.Status
SHOWN = (Status.BOOKED, Status.ARRIVED, Status.VACCINATED, Status.DEFERRED, Status.NO_SHOW)

COLUMNS = (
    "appointment", "person", "starts_at", "first_name", "last_name", "birth_date", "door_code", "case_number",
    "dose_number", "doses", "vaccine_code", "vaccine_name",
)  # fmt: skip
# From the sessions of the day down to the people: each step is one look into an index. Of dose 1 the row that counts
# is the one that was given, else the one that stands.
ROWS = """
SELECT a.public_id, person.public_id, s.starts_at, person.first_name, person.last_name, person.birth_date,
       person.door_code, person.case_number, a.dose_number, product.doses, product.code, product.name,
       person.criteria, person.needs_wheelchair, person.needs_companion, person.needs_sign_language, person.language,
       a.status, arrival.at, arrival.evidence_seen, given.given_at, a.displaced_at IS NOT NULL,
       (first.at AT TIME ZONE %(zone)s)::date, first.vaccine_id,
       coalesce(given.entered_at, deferral.at, arrival.at), staff.first_name, staff.last_name, staff.username
  FROM centers_session session
  JOIN centers_slot s ON s.session_id = session.id
  JOIN booking_appointment a ON a.slot_id = s.id AND a.status = ANY (%(shown)s)
  JOIN booking_registration person ON person.id = a.registration_id
  JOIN centers_vaccine product ON product.code = s.vaccine_id
  LEFT JOIN booking_arrival arrival ON arrival.appointment_id = a.id
  LEFT JOIN booking_vaccination given ON given.appointment_id = a.id
  LEFT JOIN booking_deferral deferral ON deferral.appointment_id = a.id
  LEFT JOIN accounts_user staff ON staff.id = coalesce(given.entered_by_id, deferral.by_id, arrival.by_id)
  LEFT JOIN LATERAL (
       SELECT coalesce(dose.given_at, place.starts_at) AS at, coalesce(dose.vaccine_id, place.vaccine_id) AS vaccine_id
         FROM booking_appointment one
         JOIN centers_slot place ON place.id = one.slot_id
         LEFT JOIN booking_vaccination dose ON dose.appointment_id = one.id
        WHERE one.registration_id = a.registration_id AND one.dose_number = 1 AND a.dose_number > 1
          AND one.status IN ('booked', 'arrived', 'vaccinated')
        ORDER BY one.status = 'vaccinated' DESC, one.id DESC LIMIT 1) AS first ON true
 WHERE session.center_id = %(center)s AND session.date = %(day)s
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One person with one dose on that day. `state` is Appointment.Status; `problem` is a code of `checks`, or "".

    `reason` is the best one of the regulation of the day in the page's language, "" for a second dose; `evidence` are
    the codes to be seen, `seen` those that were. `day` counts the days since dose 1. `by` is who made the last entry.
    """

    appointment: UUID
    person: UUID
    starts_at: datetime
    first_name: str
    last_name: str
    birth_date: date
    door_code: str
    case_number: str
    dose_number: int
    doses: int
    vaccine_code: str
    vaccine_name: str
    reason: str
    evidence: tuple[str, ...]
    needs: tuple[str, ...]
    language: str
    state: str
    arrived_at: datetime | None
    seen: tuple[str, ...]
    vaccinated_at: datetime | None
    displaced: bool
    day: int | None
    problem: str
    entered_at: datetime | None
    by: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def rows(center_id: int, day: date) -> list[Row]:
    """Everybody of that local day in the order of time and name, cancelled appointments left out. One query."""
    known = facts.load()
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"center": center_id, "day": day, "zone": str(clock.ZONE), "shown": list(SHOWN)})
        found = [_row(columns, day, known) for columns in cursor.fetchall()]
    return sorted(
        found, key=lambda row: (row.starts_at, row.last_name.casefold(), row.first_name.casefold(), row.person)
    )


def without_second(rows: Sequence[Row]) -> list[Row]:
    """Those of the list who have come for dose 1 of two and hold no second place. One query where there is dose 1."""
    came = {Status.ARRIVED, Status.VACCINATED}
    begun = [row for row in rows if row.dose_number == 1 and row.doses > 1 and row.state in came]
    if not begun:
        return []
    seconds = Appointment.objects.live().filter(
        dose_number=2, registration__public_id__in=[row.person for row in begun]
    )  # fmt: skip
    held = set(seconds.values_list("registration__public_id", flat=True))
    return [row for row in begun if row.person not in held]


def evidence_for(
    criteria: Sequence[str], birth_date: date, dose_number: int, *, on: date, known: Facts
) -> tuple[str, tuple[str, ...]]:
    """The reason in words and the codes of the papers to be seen; a second dose needs no reason any more."""
    if dose_number > 1:
        return "", (IDENTITY,)
    try:
        regulation = rules.regulation_on(known.regulations, on)
    except rules.NoRegulation:
        return "", (IDENTITY,)
    found = rules.assess(criteria, birth_date, on, regulation)
    reason = found.reasons[0].label_de if wording.german() else found.reasons[0].label_en
    return reason, tuple(dict.fromkeys((IDENTITY, *found.evidence)))


def short_name(first_name: str, last_name: str, username: str) -> str:
    """K. Vogel; the name of the account where there is no other."""
    if not last_name:
        return username
    return f"{first_name[:1]}. {last_name}" if first_name else last_name


def _row(columns: tuple[Any, ...], day: date, known: Facts) -> Row:
    birth_date, (dose_number, _doses, vaccine_code, _name), rest = columns[5], columns[8:12], columns[12:]
    criteria, wheelchair, companion, sign_language, language, state, arrived_at, seen, given_at, displaced = rest[:10]
    first_on, first_vaccine, entered_at, *staff = rest[10:]
    needs = {"wheelchair": wheelchair, "companion": companion, "sign_language": sign_language}
    reason, evidence = evidence_for(criteria, birth_date, dose_number, on=day, known=known)
    first = checks.First(first_on, first_vaccine) if first_on else None
    open_ = state in {Status.BOOKED, Status.NO_SHOW}
    against = (
        checks.problems(checks.Dose(dose_number, birth_date, known.vaccines[vaccine_code], first), on=day)
        if open_
        else ()
    )
    return Row(
        **dict(zip(COLUMNS, columns, strict=False)),
        reason=reason,
        evidence=evidence,
        needs=tuple(need for need, true in needs.items() if true),
        language=language,
        state=state,
        arrived_at=arrived_at,
        seen=tuple(seen or ()),
        vaccinated_at=given_at,
        displaced=displaced,
        day=(day - first_on).days if first_on else None,
        problem=against[0] if against else "",
        entered_at=entered_at,
        by=short_name(*(part or "" for part in staff)) if entered_at else "",
    )
