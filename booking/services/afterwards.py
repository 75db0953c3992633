"""A day that was kept on paper, entered afterwards: many people at once, each in a transaction of her own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import clock, facts
from booking.again import again
from booking.door import day_list, paper_words
from booking.door.checks import OVERRULABLE
from booking.door.day_list import Row
from booking.enrolment import Details
from booking.models import Appointment, Deferral, Registration
from booking.services import door, door_walk_in
from booking.services.door import Injection, Overruling
from centers.models import Center

Status = Appointment.Status
CAME, GIVEN = "came", "given"  # further outcomes are those of Deferral.Reason
OPEN = {Status.BOOKED, Status.ARRIVED, Status.NO_SHOW}  # something can still be entered


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the paper. `seen_as` is the state in which it was shown to whoever typed this.

    `papers` are the codes of the evidence that was ticked; `injection` goes with GIVEN, `overruling` with a physician's
    decision. `arrived_at` None = it was not written down: the time of the injection, else that of the appointment.
    """

    appointment: UUID
    seen_as: str
    outcome: str
    papers: frozenset[str] = frozenset()
    arrived_at: datetime | None = None
    injection: Injection | None = None
    overruling: Overruling | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A blank form: where and when somebody without an appointment came, with what (""= any product of that day).

    `papers`: all that are asked for were ticked. `overruling`: a physician decided otherwise than the rules.
    """

    center: Center
    at: datetime
    vaccine_code: str
    papers: bool
    overruling: Overruling | None = None

    def here(self, *, by: User, now: datetime) -> door_walk_in.Here:
        overruled = self.overruling.checks & OVERRULABLE if self.overruling else frozenset()
        return door_walk_in.Here(self.center, self.vaccine_code, by, now, self.at, overruled)


def add(*, registration: Registration, came: Came, by: User, now: datetime) -> Appointment:
    """Somebody registered of the blank forms: a place of that day or one more, and her arrival. The dose follows.

    Also where no place for dose 2 is left: she has been vaccinated. The list of the day names who lacks one.
    """

    @transaction.atomic
    def deed() -> Appointment:
        return _let_in(door_walk_in.take_in(registration, came.here(by=by, now=now)), came, by=by, now=now)

    return again(deed)


@transaction.atomic
def add_new(*, details: Details, case_number: str, came: Came, by: User, now: datetime) -> Appointment:
    """The same for somebody who was not registered: both, or neither."""
    return _let_in(door_walk_in.register(details, case_number, came.here(by=by, now=now)), came, by=by, now=now)


def _let_in(one: Appointment, came: Came, *, by: User, now: datetime) -> Appointment:
    person, day = one.registration, clock.local_day(came.at)
    _reason, asked = day_list.evidence_for(
        person.criteria, person.birth_date, one.dose_number, on=day, known=facts.load()
    )
    evidence = asked if came.papers else ()
    door.arrive(appointment=one, evidence=evidence, by=by, now=now, at=came.at, overruled=came.overruling)
    return one


def enter(*, center: Center, day: date, entries: Sequence[Entry], by: User, now: datetime) -> dict[UUID, str]:
    """Enter what can be entered; for the others the words why not, by appointment. What stands there stays.

    A row that a colleague has entered meanwhile is left as it is, and says so.
    """
    rows = {row.appointment: row for row in day_list.rows(center.pk, day)}
    found = Appointment.objects.filter(slot__session__center=center, slot__session__date=day)
    appointments = {one.public_id: one for one in found.filter(public_id__in=[one.appointment for one in entries])}
    problems = {}
    for entry in entries:
        row = rows.get(entry.appointment)
        try:
            if row is None:
                raise Refused("gone", _("This appointment has been moved or cancelled meanwhile."))
            _refuse_changed(row, entry)
            _enter(appointments[entry.appointment], row, entry, by=by, now=now)
        except Refused as refusal:
            problems[entry.appointment] = str(refusal)
        except OperationalError:
            problems[entry.appointment] = _("Somebody else is working on this person just now. Please send it again.")
    if len(problems) < len(entries):
        details = {"day": day.isoformat(), "rows": len(entries) - len(problems)}
        audit.record("day.entered_afterwards", subject=center.public_id, by=by, now=now, details=details)
    return problems


def _refuse_changed(row: Row, entry: Entry) -> None:
    if row.state == entry.seen_as or {row.state, entry.seen_as} == {Status.BOOKED, Status.NO_SHOW}:
        return  # that nobody came was entered by the clock alone
    if row.by and row.entered_at is not None:
        text = _("%(who)s has entered “%(state)s” meanwhile. Your entry was not taken over; please compare it.")
        raise Refused("changed", text % {"who": row.by, "state": paper_words.state(row)})
    text = _("This is “%(state)s” by now. Please compare it, and send it again if it is right.")
    raise Refused("changed", text % {"state": paper_words.state(row)})


def _enter(one: Appointment, row: Row, entry: Entry, *, by: User, now: datetime) -> None:
    if entry.outcome in Deferral.Reason.values:
        door.defer(appointment=one, reason=entry.outcome, for_good=False, by=by, now=now)
        return
    with transaction.atomic():
        if row.state != Status.ARRIVED:
            at = entry.arrived_at or _came_at(row, entry, now=now)
            door.arrive(appointment=one, evidence=entry.papers, by=by, now=now, overruled=entry.overruling, at=at)
        if entry.injection is not None:
            door.vaccinate(appointment=one, injection=entry.injection, by=by, now=now)


def _came_at(row: Row, entry: Entry, *, now: datetime) -> datetime:
    """When nobody wrote it down: when the dose was given, else her time; after midnight her time as well."""
    given_at = entry.injection.given_at if entry.injection else None
    if given_at is not None and clock.local_day(given_at) == clock.local_day(row.starts_at):
        return given_at
    return min(row.starts_at, now)
