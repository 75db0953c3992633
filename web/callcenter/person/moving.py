"""Move one dose, or both: a list with the nearest place chosen beforehand, so that Enter is enough."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from booking import availability, entitlement, facts, standing, wording
from booking import moving as rules
from booking.entitlement import Scope
from booking.models import Appointment, Registration
from booking.services import appointments
from centers.models import Center, Channel, Slot
from web.access import user_of
from web.callcenter.person import places, state
from web.callcenter.person.opened import back, named, opened
from web.callcenter.person.page import CONFLICT
from web.callcenter.person.places import Asked
from web.public.my.words import dose_name, span

METHODS = ["GET", "HEAD", "POST"]
TEMPLATE = "callcenter/person/places.html"


@opened
@require_http_methods(METHODS)
def one_dose(request: HttpRequest, person: Registration, dose: int, *, now: datetime) -> HttpResponse:
    """At the same center, inside the days that the other dose allows."""
    slot, refusal = places.pressed(request.POST), ""
    if slot is not None:
        try:
            appointments.move(
                registration=person, dose_number=dose, slot_id=slot, channel=Channel.PHONE, by=user_of(request), now=now
            )
            return back(person, "verschoben")
        except Refused as reason:
            refusal = str(reason)
    mine = _movable(person, dose, now)
    if mine is None:
        return back(person)
    series = appointments.series_of(person)
    possible = rules.possible(person, series, dose, channel=Channel.PHONE, now=now)
    asked = Asked.of(request.GET)
    found = places.look(
        possible.scope, possible.center_id, near=_near(slot, mine), day=asked.day, but=mine.slot.starts_at
    )
    windows = possible.scope.windows
    context = {
        **named(person, now=now),
        "heading": _("Move the %(dose)s") % {"dose": dose_name(dose)},
        "rule": _("Possible %(span)s.") % {"span": span(possible.first_day, possible.last_day)} if windows else "",
        "empty": possible.in_words() if not windows else _("No other day is free there at the moment."),
        **_shared(mine.slot.center, found, refusal, request),
        "keeps": [_("%(dose)s: %(when)s") % {"dose": dose_name(one.dose_number), "when": state.when(one)}
                  for one in series],
        "deed": _("Move the %(dose)s here") % {"dose": dose_name(dose)},
    }  # fmt: skip
    return render(request, TEMPLATE, context, status=CONFLICT if refusal else 200)


@opened
@require_http_methods(METHODS)
def both(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """Dose 1 at any center, dose 2 at the best place after it."""
    slot, refusal = places.pressed(request.POST), ""
    if slot is not None:
        try:
            appointments.move_both(
                registration=person, slot_id=slot, channel=Channel.PHONE, by=user_of(request), now=now
            )
            return back(person, "verschoben")
        except Refused as reason:
            refusal = str(reason)
    mine = _movable(person, 1, now)
    if mine is None:
        return back(person)
    series = appointments.series_of(person)
    asked = Asked.of(request.GET)
    scope = series_scope(person, single=len(series) == 1, now=now)
    offers = [one for one in availability.earliest_by_center(scope) if one.starts_at] if scope.windows else []
    center = places.center_of(asked.center, [mine.slot.center_id]) or mine.slot.center
    but = mine.slot.starts_at if center.pk == mine.slot.center_id else None
    found = places.look(scope, center.pk, near=_near(slot, mine), day=asked.day, but=but)
    context = {
        **named(person, now=now),
        "heading": _("Move both appointments") if len(series) > 1 else _("Move the appointment"),
        "rule": "",
        "empty": _("Nothing is free there at the moment. Please choose another center."),
        "centers": offers,
        **_shared(center, found, refusal, request),
        "keeps": [state.when(one) for one in series],
        "deed": _("Move the appointments here"),
    }
    return render(request, TEMPLATE, context, status=CONFLICT if refusal else 200)


def series_scope(person: Registration, *, single: bool, now: datetime) -> Scope:
    """A series is moved as it is: a vaccine of one dose does not take the place of two appointments, nor two of one."""
    asked = entitlement.person(person)
    scope = entitlement.scope(asked, channel=Channel.PHONE, now=now, facts=facts.load())
    return replace(scope, windows=tuple(one for one in scope.windows if (one.interval is None) == single))


def _shared(center: Center, found: places.Found, refusal: str, request: HttpRequest) -> dict[str, Any]:
    return {"center": center, "place": wording.center_name(center), "found": found, "refusal": refusal}


def _movable(person: Registration, dose: int, now: datetime) -> Appointment | None:
    stand, _all = standing.read(person, now=now)
    return next((one for one in stand.movable(now) if one.dose_number == dose), None)


def _near(slot: int | None, mine: Appointment) -> datetime:
    """Alternatives lie around what was wished, else around the present appointment."""
    wished = Slot.objects.filter(pk=slot).values_list("starts_at", flat=True).first() if slot is not None else None
    return wished or mine.slot.starts_at
