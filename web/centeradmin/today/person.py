"""The page of one person at the door: what is wrong or right, in one sentence, and what can be done now."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking import clock, facts, wording
from booking.availability import TimeOffer
from booking.door import checks, remembered, series, words
from booking.models import Appointment, Deferral
from web.access import user_of
from web.centeradmin.here import at_center
from web.centeradmin.today import situation, trail
from web.centeradmin.today.forms import VaccinationForm
from web.centeradmin.today.listing import clocked
from web.centeradmin.today.situation import Situation
from web.days import typed_day

Status = Appointment.Status


@dataclass(frozen=True)
class State:
    """The box on top: tone, the sentence, what to do, and the words to speak."""

    tone: str
    text: str
    advice: str = ""
    say: str = ""


@dataclass(frozen=True)
class Offer:
    """A place for dose 2."""

    slot_id: int
    when: str
    day_number: str
    how: str
    places: int


@at_center
@require_safe
def page(request: HttpRequest, person: UUID) -> HttpResponse:
    now = timezone.now()
    here = situation.load(request.center, person, now=now)
    return show(request, here, beside=trail.beside(person, by=user_of(request), now=now))


def show(request: HttpRequest, here: Situation, **typed: Any) -> HttpResponse:
    """Draw the page; `typed` holds what came back from a form that was refused (`refusal` is the sentence).

    Whoever is shown a person has read her data, also by a deed that was refused: each drawing is on record.
    """
    trail.opened(here.person.public_id, here.center, by=user_of(request), now=here.now)
    context = {
        "here": here,
        "state": state(here),
        "refusal": "",
        "ticked": set(here.arrival.evidence_seen) if here.arrival else set(),
        "overruling": {"physician": "", "reason": ""},
        "deferring": {},
        "beside": None,
        "reasons": Deferral.Reason.choices,
        "form": None,
        **_second(here, request.GET.get("tag", "")),
        **typed,
    }
    if context["form"] is None and (here.one.status == Status.ARRIVED or here.given is not None):
        context["form"] = vaccination_form(here)
    context["remembered"] = remembered.of_day(here.center.pk, here.today)
    return render(request, "centeradmin/today/person.html", context)


def vaccination_form(here: Situation, data: Any = None) -> VaccinationForm:
    """Filled with what stands already, else with the last entry of the day for this vaccine."""
    product = facts.load().vaccines[here.one.slot.vaccine_id]
    alike = [(one.code, one.name) for one in facts.load().vaccines.values() if one.doses == product.doses]
    came_at = here.arrival.at if here.arrival else here.one.slot.starts_at
    if here.given is not None:
        initial = {
            "vaccine": here.given.vaccine_id, "batch_number": here.given.batch_number,
            "time": clocked(here.given.given_at), "responsible": here.given.responsible,
        }  # fmt: skip
    else:
        last = remembered.of_day(here.center.pk, here.today).last(product.code)
        initial = {"vaccine": product.code, "time": clocked(here.now), **last}
    return VaccinationForm(data, initial=initial, vaccines=alike, came_at=came_at)


def state(here: Situation) -> State:
    """The one sentence."""
    if here.ended:
        return State("info", _("This registration has been ended."))
    if here.one.status == Status.VACCINATED:
        return _vaccinated(here)
    if here.one.status == Status.ARRIVED:
        return _arrived(here)
    if not here.is_today:
        return _other_day(here)
    if here.against:
        code = here.against[0]
        why = _first_was(here) if code == checks.INTERVAL else ""
        advice = f"{why} {words.remedy(code, here.dose)}".strip()
        return State("danger", words.problem(code, here.dose, on=here.today), advice, words.to_say(code))
    return _expected(here)


def _arrived(here: Situation) -> State:
    """On a day that is over the vaccination can still be entered, and dose 2 is looked for."""
    at = here.arrival.at if here.arrival else here.one.slot.starts_at
    if here.is_today:
        return State("success", _("Arrived at %(time)s.") % {"time": clocked(at)})
    return State("warning", _("Arrived on %(moment)s; no vaccination is entered.") % {"moment": wording.moment(at)})


def _vaccinated(here: Situation) -> State:
    if here.given is None:
        return State("success", _("Vaccinated."), _next(here))
    said = {
        "time": clocked(here.given.given_at),
        "vaccine": here.given.vaccine.name,
        "batch": here.given.batch_number,
        "day": f"{here.given.given_at.astimezone(clock.ZONE):%d.%m.%Y}",
    }
    text = _("Vaccinated on %(day)s at %(time)s with %(vaccine)s, batch %(batch)s.") % said
    return State("success", text, _next(here))


def _next(here: Situation) -> str:
    """When the second dose is, after the first one."""
    if here.one.dose_number > 1 or here.second is None:
        return ""
    said = {"moment": wording.moment(here.second.slot.starts_at), "center": here.second.slot.center.name}
    return _("2nd vaccination: %(moment)s, %(center)s.") % said


def _other_day(here: Situation) -> State:
    if here.one.status == Status.CANCELLED:
        return State("info", _("Her appointment was cancelled."), _("She can come in today without an appointment."))
    text = _("Not today: her appointment is on %(day)s.") % {"day": wording.moment(here.one.slot.starts_at)}
    if here.against:
        return State("info", text, words.remedy(here.against[0], here.dose))
    if here.on < here.today:
        text = _("Her appointment was on %(day)s.") % {"day": wording.moment(here.one.slot.starts_at)}
    return State("warning", text, _("You can take her today, if the rules allow it and the rush does."))


def _expected(here: Situation) -> State:
    if here.one.status == Status.NO_SHOW:
        text = _("Counted as missing, but she can still be taken.")
        return State("warning", text, _("See her papers and tick them."))
    if here.one.status == Status.DEFERRED:
        reason = here.deferral.get_reason_display() if here.deferral else ""
        advice = _("If that has changed today, see her papers and tick them.")
        return State("info", _("Was sent home: %(reason)s.") % {"reason": reason}, advice)
    if here.late_by:
        text = _("Vaccinate today: %(days)d days later than meant, the series goes on all the same.")
        return State("warning", text % {"days": here.late_by}, _("See her papers and tick them."))
    if here.one.displaced_at:
        text = _("Her appointment stands, though its place is gone: she is vaccinated today.")
        return State("warning", text, _("See her papers and tick them."))
    return State("info", _("Expected. Please see her papers and tick them."))


def _first_was(here: Situation) -> str:
    first = here.first
    if first is None:
        return ""
    given, planned = clock.local_day(first.at), clock.local_day(first.planned_at)
    if given == planned:
        return _("The 1st vaccination was on %(day)s.") % {"day": wording.full_day(given)}
    said = {"day": wording.full_day(given), "planned": wording.plain_day(planned)}
    return _("The 1st vaccination was on %(day)s, not on %(planned)s as planned.") % said


def _second(here: Situation, asked: str) -> dict[str, Any]:
    """Places for dose 2, and the days to choose another one from; nothing when none is wanted."""
    if not here.wants_second or here.first is None:
        return {"offers": [], "days": [], "asked_day": None, "reach": None}
    reach = series.reach(here.first.first, center_id=here.center.pk, vaccine_code=here.first.vaccine_code, now=here.now)
    days = [offer.day for offer in reach.days() if offer.day > here.today]
    day = typed_day(asked)
    wanted = here.one.slot.starts_at
    found = reach.times(day) if day in days else series.offers(reach, wanted=wanted, not_on=here.today)
    return {
        "offers": [_offer(one, here.first.first.on, wanted) for one in found],
        "days": days,
        "asked_day": day if day in days else None,
        "reach": reach,
    }


def _offer(one: TimeOffer, first_on: date, wanted: datetime) -> Offer:
    local, asked = one.starts_at.astimezone(clock.ZONE), wanted.astimezone(clock.ZONE)
    how = _("same time of day")
    if local.time() != asked.time():
        how = _("earlier in the day") if local.time() < asked.time() else _("later in the day")
    number = _("day %(day)d") % {"day": (local.date() - first_on).days}
    when = dateformat.format(local, "D d.m., H:i" if wording.german() else "D j M, H:i")
    return Offer(one.slot_id, when, number, how, one.places)
