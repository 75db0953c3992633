"""What is said when nobody of today is meant: another day, another center, ended, or not known here.

Of people who do not belong to this center nothing is said but to somebody who holds their code.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from booking import clock, wording
from booking.door import finding
from booking.door.finding import Query
from booking.models import Appointment, Registration
from centers.models import Center
from web import limits


@dataclass(frozen=True)
class Answer:
    """One sentence, what to do, and whom of this center it may be about: (person, words)."""

    text: str
    advice: str
    people: tuple[tuple[object, str], ...] = ()
    code: str = ""
    found: Registration | None = None  # whom the code belongs to, if she has nothing at this center


def nobody(center: Center, query: Query, *, today: date) -> Answer:
    """None of today's people fits."""
    if query.empty:
        return Answer(_("Nothing was typed."), _("Read in the code, or type a name and a date of birth."))
    known = finding.by_code(query)
    if known is not None:
        return _of_code(center, known, today)
    others = finding.other_days(center.pk, query, today=today)
    if others:
        people = tuple((one.registration.public_id, _person(one)) for one in others)
        return _other_day(people)
    advice = _(
        "Compare the spelling with the ID card, or ask for the code on her paper. Without an appointment: see below."
    )
    return Answer(_("Nobody with an appointment here today fits this."), advice)


def too_often(until: datetime, *, now: datetime) -> Answer:
    """More searches than anybody needs at a door."""
    advice = _("Whoever stands before you is let in from the list below; ask a colleague to look for others.")
    return Answer(limits.wait_text(until, now=now), advice)


def _of_code(center: Center, person: Registration, today: date) -> Answer:
    if person.withdrawn_at is not None:
        text = _("This code is right, but its registration has been ended.")
        return Answer(text, _("She can be registered anew and come in without an appointment."), found=person)
    here = finding.of_center(center.pk, person)
    live = [one for one in here if one.status in {"booked", "arrived", "vaccinated"}]
    if here:
        people = tuple((person.public_id, _when(one, person)) for one in (live or here)[-2:])
        return _other_day(people)
    if Appointment.objects.live().filter(registration=person).exists():
        text = _("This code is right, but the appointment is at another center.")
        advice = _("Send her there, or take her in without an appointment here; then the other one is given up.")
        return Answer(text, advice, code=person.door_code, found=person)
    text = _("This code is right: she is registered, but has no appointment.")
    advice = _("She can come in without an appointment if she is entitled today.")
    return Answer(text, advice, code=person.door_code, found=person)


def _other_day(people: tuple[tuple[object, str], ...]) -> Answer:
    text = _("Not today, but on another day at this center:")
    return Answer(text, _("Open her to see what can be done."), people)


def _person(one: Appointment) -> str:
    return _when(one, one.registration)


def _when(one: Appointment, person: Registration) -> str:
    day = wording.full_day(clock.local_day(one.slot.starts_at))
    return _("%(name)s: %(dose)s. dose on %(day)s") % {"name": person.full_name, "dose": one.dose_number, "day": day}
