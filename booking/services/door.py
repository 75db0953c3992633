"""At the door: she arrives, gets her dose or is sent home, and wrong entries are put right.

Every function holds the row of the person before it looks at the appointment, so two members of staff who do the same
at once come one after the other, and the second one reads what the first one did. What is entered afterwards from paper
takes the same way, with the times of that day.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import claims, clock, facts, wording
from booking.door import checks, day_list, series, words
from booking.door.checks import OVERRULABLE
from booking.models import Appointment, Arrival, Deferral, Registration, Vaccination
from booking.services import appointments, door_end, door_places, invitations, registrations
from booking.services.door_end import close_day, close_due, closes_at
from booking.services.door_places import place_second
from booking.services.door_walk_in import walk_in, walk_in_new
from centers.vaccines import VaccineRules

__all__ = [
    "Injection", "Overruling", "arrive", "close_day", "close_due", "closes_at", "correct", "defer", "place_second",
    "undo", "vaccinate", "walk_in", "walk_in_new",
]  # fmt: skip

Status = Appointment.Status
NIGHT = timedelta(hours=6)  # a dose of somebody who came before midnight may be given in the small hours
BATCH_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{2,19}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overruling:
    """A physician decides otherwise than these checks say (codes of booking/door/checks.py), and answers for it."""

    checks: frozenset[str]
    physician: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """What § 22 IfSG asks for: product, batch, who answers for it, and when."""

    vaccine_code: str
    batch_number: str
    responsible: str
    given_at: datetime


@transaction.atomic
def arrive(
    *,
    appointment: Appointment,
    evidence: Collection[str],
    by: User,
    now: datetime,
    overruled: Overruling | None = None,
    at: datetime | None = None,
) -> Arrival:
    """Let her in; Refused with the words to say when something speaks against it.

    `evidence` are the codes of the papers seen: all that are asked for. `at` is when she came, if that is not now. Who
    had been counted as missing or was sent home is taken again: her place if it is still there, else none (displaced).
    """
    one = _held(appointment)
    at = at or now
    _refuse_done(one)
    if at > now:
        raise Refused("future", _("Please check the time of the arrival: it lies in the future."))
    if clock.local_day(one.slot.starts_at) != clock.local_day(at):
        text = _("This appointment is on %(day)s, not today.")
        raise Refused("other_day", text % {"day": wording.full_day(clock.local_day(one.slot.starts_at))})
    seen = _checked_evidence(one, evidence, at)
    against = _check_rules(one, overruled, at)
    if one.status in {Status.NO_SHOW, Status.DEFERRED}:
        door_places.take_again(one, by=by, now=now)
    one.status = Status.ARRIVED
    one.save(update_fields=["status", "displaced_at"])
    arrival = Arrival.objects.create(
        appointment=one,
        at=at,
        by=by,
        evidence_seen=seen,
        overruled=list(against),
        overruled_by=overruled.physician.strip()[:120] if overruled and against else "",
        overruled_reason=overruled.reason.strip()[:200] if overruled and against else "",
    )
    _record("appointment.arrived", one, by=by, now=now, **({"overruled": list(against)} if against else {}))
    return arrival


@transaction.atomic
def vaccinate(*, appointment: Appointment, injection: Injection, by: User, now: datetime) -> Vaccination:
    """Enter the dose of somebody who has arrived."""
    one = _held(appointment)
    if one.status == Status.VACCINATED:
        raise _already(one)
    if one.status != Status.ARRIVED:
        raise Refused("not_arrived", _("Please check her in first: nobody has entered that she arrived."))
    batch_number = _check_injection(one, injection, now)
    one.status = Status.VACCINATED
    one.save(update_fields=["status"])
    given = Vaccination.objects.create(
        appointment=one,
        given_at=injection.given_at,
        vaccine_id=injection.vaccine_code,
        batch_number=batch_number,
        responsible=injection.responsible.strip(),
        entered_at=now,
        entered_by=by,
    )
    _record("appointment.vaccinated", one, by=by, now=now, vaccine=injection.vaccine_code, batch_number=batch_number)
    return given


def defer(*, appointment: Appointment, reason: str, for_good: bool, by: User, now: datetime) -> Deferral:
    """Send her home without a dose. Dose 1: the series is released, and she is invited again as soon as places allow.

    Dose 2 stays to be given another day (`place_second`). `for_good`: she wants no appointment any more. Who had been
    counted as missing has given back her places already, and what she has booked since stays.
    """
    if reason not in Deferral.Reason.values:
        raise Refused("invalid_choice", _("Please choose one of the reasons shown."))
    with transaction.atomic():
        one = _held(appointment)
        _refuse_sent_home(one)
        missed = one.status == Status.NO_SHOW
        held = one.displaced_at is None and not missed
        one.displaced_at, one.status = None, Status.DEFERRED
        Arrival.objects.filter(appointment=one).delete()
        one.save(update_fields=["status", "displaced_at"])
        claims.give_back([one.slot_id] if held else [])
        deferral = Deferral.objects.create(appointment=one, at=now, by=by, reason=reason, for_good=for_good)
        _record("appointment.deferred", one, by=by, now=now, reason=reason, for_good=for_good)
        if one.dose_number == 1 and not missed:
            appointments.release(one.registration, reason=Appointment.Cancellation.BY_CENTER, by=by, now=now)
        if for_good:
            own_wish = Registration.Withdrawal.OWN_WISH
            registrations.withdraw(registration=one.registration, reason=own_wish, by=by, now=now)
    if one.dose_number == 1 and not for_good:
        # Not in the same transaction: counting places waits for others, and the job would do the same in a minute.
        invitations.issue(registration=one.registration, by=None, now=now)
    return deferral


@transaction.atomic
def correct(*, appointment: Appointment, injection: Injection, by: User, now: datetime) -> Vaccination:
    """Put a wrong entry right; the audit trail keeps what stood there before."""
    one = _held(appointment)
    given = Vaccination.objects.filter(appointment=one).first()
    if given is None:
        raise Refused("not_vaccinated", _("There is no vaccination to be corrected here."))
    batch_number = _check_injection(one, injection, now)
    before = {"vaccine": given.vaccine_id, "batch_number": given.batch_number, "given_at": given.given_at.isoformat()}
    after = {
        "vaccine": injection.vaccine_code,
        "batch_number": batch_number,
        "given_at": injection.given_at.isoformat(),
    }
    named = given.responsible != injection.responsible.strip()
    given.vaccine_id, given.batch_number = injection.vaccine_code, batch_number
    given.given_at, given.responsible = injection.given_at, injection.responsible.strip()
    given.entered_at, given.entered_by = now, by
    given.save()
    changed = [key for key in before if before[key] != after[key]]
    _record(
        "appointment.corrected", one, by=by, now=now, before={key: before[key] for key in changed},
        after={key: after[key] for key in changed}, **({"responsible": "changed"} if named else {}),
    )  # fmt: skip
    return given


@transaction.atomic
def undo(*, appointment: Appointment, seen_as: str, by: User, now: datetime) -> Appointment:
    """Take back the last entry of the wrong person: vaccinated becomes arrived, arrived becomes expected again.

    `seen_as` is the state that was on the screen: a second click takes back one step, not two. On a day that is closed
    nobody is expected any more: she counts as missing at once, as before she was let in.
    """
    one = _held(appointment)
    before = one.status
    if before != seen_as and seen_as in {Status.ARRIVED, Status.VACCINATED}:
        text = _("This is “%(state)s” by now. Nothing more was taken back; please look at it again.")
        raise Refused("changed", text % {"state": words.state(before)})
    if before == Status.VACCINATED:
        Vaccination.objects.filter(appointment=one).delete()
        one.status = Status.ARRIVED
        if not Arrival.objects.filter(appointment=one).exists():
            one.status = Status.BOOKED
    elif before == Status.ARRIVED:
        Arrival.objects.filter(appointment=one).delete()
        one.status = Status.BOOKED
    else:
        raise Refused("nothing_to_undo", _("There is no entry to take back."))
    closed = one.status == Status.BOOKED and door_end.is_closed(one.slot, now=now)
    if one.status == Status.BOOKED and not closed and not door_places.may_wait(one):
        text = _("Please book the second dose first: without it the first one cannot wait for her again.")
        raise Refused("no_second_dose", text)
    if closed:
        door_end.miss(one, now=now)
    one.save(update_fields=["status"])
    _record("appointment.entry_undone", one, by=by, now=now, before=before, after=str(one.status))
    return one


def _held(appointment: Appointment) -> Appointment:
    """The appointment as it is now, with its person held until the commit."""
    held = Registration.objects.select_for_update(of=("self",), no_key=True)
    person = held.get(pk=appointment.registration_id)
    one = Appointment.objects.select_related("slot__center", "slot__vaccine").get(pk=appointment.pk)
    one.registration = person
    return one


def _refuse_done(one: Appointment) -> None:
    if one.status in {Status.ARRIVED, Status.VACCINATED}:
        raise _already(one)
    if one.status == Status.CANCELLED:
        raise Refused("cancelled", _("This appointment has been cancelled."))
    if one.registration.withdrawn_at is not None:
        raise Refused("withdrawn", _("This registration has been ended."))


def _refuse_sent_home(one: Appointment) -> None:
    if one.status in {Status.VACCINATED, Status.DEFERRED}:
        raise _already(one)
    if one.status not in {Status.BOOKED, Status.ARRIVED, Status.NO_SHOW}:
        raise Refused("not_here", _("Only somebody who is expected or has arrived can be sent home."))


def _already(one: Appointment) -> Refused:
    """The second of two: who was first, and when."""
    entry = (
        Vaccination.objects.filter(appointment=one).values_list("entered_at", "entered_by").first()
        or Deferral.objects.filter(appointment=one).values_list("at", "by").first()
        or Arrival.objects.filter(appointment=one).values_list("at", "by").first()
    )
    if entry is None:
        return Refused("already_entered", _("This has been entered already."))
    at, who = entry
    user = User.objects.get(pk=who)
    text = _("%(who)s entered this at %(time)s already: %(state)s.") % {
        "who": day_list.short_name(user.first_name, user.last_name, user.username),
        "time": wording.time_of_day(at),
        "state": words.state(one.status),
    }
    return Refused("already_entered", text)


def _checked_evidence(one: Appointment, evidence: Collection[str], at: datetime) -> list[str]:
    """The papers that are asked for, all of which were seen; else Refused."""
    person = one.registration
    _reason, needed = day_list.evidence_for(
        person.criteria, person.birth_date, one.dose_number, on=clock.local_day(at), known=facts.load()
    )
    missing = [code for code in needed if code not in evidence]
    if missing:
        listed = ", ".join(words.evidence(code) for code in missing)
        text = _("Not seen yet: %(papers)s. Please tick what she has shown. Without it she cannot be vaccinated today.")
        raise Refused("evidence_missing", text % {"papers": listed})
    return sorted(needed)


def _check_rules(one: Appointment, overruled: Overruling | None, at: datetime) -> tuple[str, ...]:
    """What speaks against it and was overruled; Refused for what was not."""
    dose = series.dose_of(one, series.first_dose(one.registration_id))
    against = checks.problems(dose, on=clock.local_day(at))
    decided = overruled.checks & OVERRULABLE if overruled else frozenset()
    for code in against:
        if code not in decided:
            raise Refused(code, words.problem(code, dose, on=clock.local_day(at)))
    if overruled and against and not (overruled.physician.strip() and overruled.reason.strip()):
        raise Refused("physician", _("Please enter who decides and why: both are kept with the vaccination."))
    return against


def _check_injection(one: Appointment, injection: Injection, now: datetime) -> str:
    """The batch number as it is stored; Refused for what cannot be true."""
    batch_number = _batch_number(injection.batch_number)
    product = facts.load().vaccines.get(injection.vaccine_code)
    if product is None or product.doses != one.slot.vaccine.doses:
        raise Refused("vaccine", _("Please choose one of the vaccines shown."))
    if not injection.responsible.strip():
        raise Refused("responsible", _("Please enter the physician who answers for this vaccination."))
    if len(injection.responsible.strip()) > 120:
        raise Refused("responsible", _("Please shorten the name of the physician to 120 characters."))
    arrival = Arrival.objects.filter(appointment=one).first()
    day = clock.local_day(arrival.at if arrival else one.slot.starts_at)
    until = clock.end_of(day) + (NIGHT if arrival else timedelta(0))
    if injection.given_at > now or not clock.start_of(day) <= injection.given_at < until:
        text = _("Please check the time: it must lie on %(day)s and not in the future.")
        raise Refused("given_at", text % {"day": wording.full_day(day)})
    if injection.vaccine_code != one.slot.vaccine_id:
        _check_product(one, product, day, arrival.overruled if arrival else [])
    return batch_number


def _check_product(one: Appointment, product: VaccineRules, day: date, overruled: Collection[str]) -> None:
    """Another vaccine than was booked is judged as the booked one was."""
    first = series.first_dose(one.registration_id) if one.dose_number > 1 else None
    dose = checks.Dose(one.dose_number, one.registration.birth_date, product, first.first if first else None)
    for code in checks.problems(dose, on=day):
        if code in {checks.PAUSED, checks.AGE, checks.PRODUCT} and code not in overruled:
            raise Refused("vaccine", words.problem(code, dose, on=day))


def _batch_number(text: str) -> str:
    """EJ6789; small letters and blanks around it are forgiven, blanks inside are asked about."""
    found = text.strip().upper()
    if BATCH_NUMBER.fullmatch(found):
        return found
    guess = re.sub(r"[\s_./]+", "", found)
    if BATCH_NUMBER.fullmatch(guess):
        raise Refused(
            "batch_number", _("A batch number has no blanks or dots. Did you mean %(guess)s?") % {"guess": guess}
        )
    text = _("Please enter the batch number as it stands on the vial: 3 to 20 letters and digits, for example EJ6789.")
    raise Refused("batch_number", text)


def _record(action: str, one: Appointment, *, by: User, now: datetime, **details: object) -> None:
    about = {"appointment": str(one.public_id), "center": one.slot.center.slug, "dose": one.dose_number, **details}
    audit.record(action, subject=one.registration.public_id, by=by, now=now, details=about)
