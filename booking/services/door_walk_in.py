"""Somebody without an appointment: she gets a free place of the day, or one more than planned.

Who came on a day that was kept on paper gets it afterwards (booking/services/afterwards.py), by the rules of that day.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import claims, clock, enrolment, entitlement, facts, telling
from booking.again import again
from booking.door import checks, series, words
from booking.enrolment import Details
from booking.entitlement import Decision, Place
from booking.models import Appointment, Registration
from booking.services import appointments, door_places
from centers.models import Center, Channel, Slot
from centers.vaccines import VaccineRules

Status = Appointment.Status


@dataclass(frozen=True, slots=True)
class Here:
    """Where, with what (""= any product of the day), who works there, and when.

    `came_at` None: she stands here now. Else that is when she came, it is written on paper, and the dose was given.
    `overruled`: checks (booking/door/checks.py) that a physician decided against; the arrival says who and why.
    """

    center: Center
    vaccine_code: str
    by: User
    now: datetime
    came_at: datetime | None = None
    overruled: frozenset[str] = frozenset()

    @property
    def at(self) -> datetime:
        return self.came_at or self.now

    @property
    def day(self) -> date:
        return clock.local_day(self.at)


def walk_in(*, registration: Registration, center: Center, vaccine_code: str, by: User, now: datetime) -> Appointment:
    """Give a registered person a place of today; the appointment, still to be checked in.

    A series that is booked for later is brought forward; of a dose 2 the distance is judged first. `vaccine_code` ""
    takes any product of today. Her old places may lie before the new ones, against the order of locks: then PostgreSQL
    may send one of two away, and this one tries again.
    """
    return again(partial(take_in, registration, Here(center, vaccine_code, by, now)))


@transaction.atomic
def take_in(registration: Registration, here: Here) -> Appointment:
    """The same, once."""
    person = Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=registration.pk)
    if person.withdrawn_at is not None:
        raise Refused("withdrawn", _("This registration has been ended. She can be registered anew here."))
    standing = appointments.series_of(person)
    _refuse_today(standing, here)
    if here.came_at is not None:
        _refuse_in_list(person, standing, here)
    first = series.first_dose(person.pk)
    if first is not None and first.status != Status.BOOKED:
        return _second(person, first, standing, here)
    return _whole_series(person, here)


def walk_in_new(
    *, details: Details, case_number: str, center: Center, vaccine_code: str, by: User, now: datetime
) -> Appointment:
    """Register somebody who stands at the door and give her a place of today, or neither."""
    return register(details, case_number, Here(center, vaccine_code, by, now))


@transaction.atomic
def register(details: Details, case_number: str, here: Here) -> Appointment:
    """The same for whom `here` speaks of."""
    enrolment.check(details, channel=Channel.ON_SITE, now=here.now)
    made = enrolment.insert(details, case_number=case_number, channel=Channel.ON_SITE, by=here.by, now=here.now)
    if made is None:
        text = _("She is registered already. Please find her by her code, or by name and date of birth.")
        raise Refused("registered", text)
    return take_in(made, here)


def _refuse_today(standing: tuple[Appointment, ...], here: Here) -> None:
    for one in standing:
        if clock.local_day(one.slot.starts_at) == here.day and one.slot.center_id == here.center.pk:
            raise Refused("has_today", _has_one(here))


def _refuse_in_list(person: Registration, standing: tuple[Appointment, ...], here: Here) -> None:
    """Who is on the paper has a line of her own there, also when she counts as missing by now."""
    listed = Appointment.objects.filter(
        registration=person, status__in=(Status.NO_SHOW, Status.DEFERRED), slot__session__center=here.center,
        slot__session__date=here.day,
    )  # fmt: skip
    if listed.exclude(dose_number__in=[one.dose_number for one in standing]).exists():
        raise Refused("has_today", _has_one(here))


def _has_one(here: Here) -> str:
    if here.came_at:
        return _("She stands in the list of that day. Please enter it in her line.")
    return _("She has an appointment here today. Please open it in the day list.")


def _whole_series(person: Registration, here: Here) -> Appointment:
    slot, extra = _take_first(person, here)
    # What is booked for later is given up only now: slots are locked in the order of time.
    appointments.release(person, reason=Appointment.Cancellation.OWN_WISH, by=here.by, now=here.now)
    places = {1: slot.pk}
    second = series.wanted_second(
        vaccine_code=slot.vaccine_id, starts_at=slot.starts_at, closes_on=here.center.last_day, now=here.now
    )
    if second is not None:
        found = door_places.take_second(here.center.pk, slot.vaccine_id, second)
        if found is not None:
            places[2] = found
        elif here.came_at is None:
            raise Refused("no_second_dose", _("There is no place left here for her second dose, so she cannot begin."))
    door_places.use_invitation(person, now=here.now)
    made = door_places.insert(person, places, by=here.by, now=here.now)
    _record(person, list(places.values()), extra=extra, here=here)
    if here.came_at is None or len(places) > 1:  # of a single dose that was given there is nothing to tell
        telling.tell("booked", person, key=f"booked:{made[0].pk}", now=here.now)
    return made[0]


def _take_first(person: Registration, here: Here) -> tuple[Slot, bool]:
    """A place of today that the rules give her; True when it was added.

    The share it belongs to is no reason to send her away: an extra place is nobody else's.
    """
    judged = [(slot, _judge(person, slot, here)) for slot in _slots(here)]
    good = [(slot, decision) for slot, decision in judged if decision.code in {"", "other_contingent"}]
    if not good:
        raise _refusal(judged[0][1])
    for slot, decision in good:
        if decision.allowed and claims.take(slot.pk):
            return slot, False
    claims.add_one(good[0][0].pk)
    return good[0][0], True


def _refusal(decision: Decision) -> Refused:
    """Nobody writes to who stands here: somebody new stays unregistered when she is not taken in."""
    if decision.code == "not_open":
        text = _("By her age and the reasons given it is not her turn yet. She cannot be taken without an appointment.")
        return Refused(decision.code, text)
    return Refused(decision.code, decision.text)


def _slots(here: Here) -> list[Slot]:
    """The day's start times, the next one first, then those that are over, the last one first.

    On paper people are vaccinated whatever the machine had suspended.
    """
    today = Slot.objects.filter(session__center=here.center, session__date=here.day).exclude(session__state="draft")
    if here.came_at is None:
        today = today.filter(session__state="published", suspended=False)
    if here.vaccine_code:
        today = today.filter(vaccine=here.vaccine_code)
    found = sorted(today, key=lambda slot: (slot.starts_at < here.at, abs(slot.starts_at - here.at), slot.pk))
    if not found:
        raise Refused("no_session", _("There is no session with this vaccine here on this day."))
    return found


def _judge(person: Registration, slot: Slot, here: Here) -> Decision:
    place = Place(slot.vaccine_id, slot.contingent_id, max(slot.starts_at, here.at))
    known = facts.load()
    if checks.AGE in here.overruled:
        known = replace(known, vaccines={code: _for_any_age(one) for code, one in known.vaccines.items()})
    return entitlement.decide(entitlement.person(person), place, channel=Channel.ON_SITE, now=here.at, facts=known)


def _for_any_age(vaccine: VaccineRules) -> VaccineRules:
    return replace(vaccine, age_rules=tuple(replace(rule, min_age=None, max_age=None) for rule in vaccine.age_rules))


def _second(
    person: Registration, first: series.FirstDose, standing: tuple[Appointment, ...], here: Here
) -> Appointment:
    """Dose 2 today: the one that is booked is brought here, or one that was missed is made up for."""
    mine = next((one for one in standing if one.dose_number == 2), None)
    if mine is not None and mine.status != Status.BOOKED:
        raise Refused("all_given", _("She has had both doses."))
    known = facts.load().vaccines[first.vaccine_code]
    if known.doses < 2:
        raise Refused("all_given", _("She has had her dose."))
    dose = checks.Dose(2, person.birth_date, known, first.first)
    against = [code for code in checks.problems(dose, on=here.day) if code not in here.overruled]
    if against:
        raise Refused(against[0], words.problem(against[0], dose, on=here.day))
    slot, extra = _take_any(_slots(replace(here, vaccine_code=first.vaccine_code)))
    if mine is None:
        [mine] = door_places.insert(person, {2: slot.pk}, by=here.by, now=here.now)
    else:
        claims.give_back([mine.slot_id] if mine.displaced_at is None else [])
        mine.slot_id, mine.displaced_at, mine.sequence = slot.pk, None, mine.sequence + 1
        mine.booked_at = here.now  # this place, a moment ago: the end of the day waits for her
        mine.save(update_fields=["slot", "displaced_at", "sequence", "booked_at"])
    _record(person, [slot.pk], extra=extra, here=here)
    return mine


def _take_any(slots: list[Slot]) -> tuple[Slot, bool]:
    """The first of them that has a place, else one more at the first of all; True when it was added."""
    for slot in slots:
        if claims.take(slot.pk):
            return slot, False
    claims.add_one(slots[0].pk)
    return slots[0], True


def _record(person: Registration, slots: list[int], *, extra: bool, here: Here) -> None:
    details = {"slots": slots, "channel": Channel.ON_SITE, "extra_place": extra, "center": here.center.slug}
    if here.came_at:
        details["day"] = here.day.isoformat()
    audit.record("series.walked_in", subject=person.public_id, by=here.by, now=here.now, details=details)
