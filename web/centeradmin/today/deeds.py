"""What is done to one person at the door. Each deed is one service; a refusal comes back on her page, nothing lost."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.refusals import Refused
from booking.services import door
from web.access import user_of
from web.centeradmin.here import at_center
from web.centeradmin.today import listing, situation
from web.centeradmin.today.person import show, vaccination_form
from web.centeradmin.today.situation import Situation


@at_center
@require_POST
def arrive(request: HttpRequest, person: UUID) -> HttpResponse:
    """Let her in: from the list (then back to it) or from her page; with `arzt` by decision of a physician."""
    here = situation.load(request.center, person, now=timezone.now())
    ticked = set(request.POST.getlist("gesehen"))
    overruling = {"physician": _plain(request, "arzt"), "reason": _plain(request, "grund")}
    overruled = door.Overruling(checks=frozenset(here.against), **overruling) if "arzt" in request.POST else None

    def deed() -> None:
        door.arrive(appointment=here.one, evidence=ticked, by=user_of(request), now=here.now, overruled=overruled)

    return _try(request, here, deed, ticked=ticked, overruling=overruling)


@at_center
@require_POST
def vaccinate(request: HttpRequest, person: UUID) -> HttpResponse:
    return _inject(request, person, door.vaccinate)


@at_center
@require_POST
def correct(request: HttpRequest, person: UUID) -> HttpResponse:
    return _inject(request, person, door.correct)


@at_center
@require_POST
def defer(request: HttpRequest, person: UUID) -> HttpResponse:
    here = situation.load(request.center, person, now=timezone.now())
    reason, for_good = request.POST.get("grund", ""), "endgueltig" in request.POST

    def deed() -> None:
        door.defer(appointment=here.one, reason=reason, for_good=for_good, by=user_of(request), now=here.now)

    return _try(request, here, deed, deferring={"reason": reason, "for_good": for_good})


@at_center
@require_POST
def place_second(request: HttpRequest, person: UUID) -> HttpResponse:
    here = situation.load(request.center, person, now=timezone.now())
    typed = request.POST.get("platz", "")
    slot_id = int(typed) if typed.isdecimal() and len(typed) < 18 else 0

    def deed() -> None:
        door.place_second(
            registration=here.person, center_id=request.center.pk, slot_id=slot_id, by=user_of(request), now=here.now
        )

    return _try(request, here, deed)


@at_center
@require_POST
def take_today(request: HttpRequest, person: UUID) -> HttpResponse:
    """Somebody of this center whose appointment is another day."""
    here = situation.load(request.center, person, now=timezone.now())

    def deed() -> None:
        door.walk_in(
            registration=here.person, center=request.center, vaccine_code="", by=user_of(request), now=here.now
        )

    return _try(request, here, deed)


@at_center
@require_POST
def undo(request: HttpRequest, person: UUID) -> HttpResponse:
    here = situation.load(request.center, person, now=timezone.now())

    def deed() -> None:
        door.undo(appointment=here.one, seen_as=request.POST.get("stand", ""), by=user_of(request), now=here.now)

    return _try(request, here, deed)


def _inject(request: HttpRequest, person: UUID, service: Callable[..., Any]) -> HttpResponse:
    """The form of § 22 IfSG, for a first entry or a correction; what the service refuses stands at its field."""
    here = situation.load(request.center, person, now=timezone.now())
    form = vaccination_form(here, request.POST)
    if form.is_valid():
        try:
            service(appointment=here.one, injection=form.injection(), by=user_of(request), now=here.now)
        except Refused as refusal:
            if refusal.code not in FIELDS:
                return _refused(request, here, refusal, form=form)
            form.add_error(FIELDS[refusal.code], str(refusal))
        else:
            return redirect("centeradmin:today_person", person=person)
    return show(request, here, form=form)


FIELDS = {"batch_number": "batch_number", "vaccine": "vaccine", "given_at": "time", "responsible": "responsible"}


def _try(request: HttpRequest, here: Situation, deed: Callable[[], None], **typed: Any) -> HttpResponse:
    try:
        deed()
    except Refused as refusal:
        return _refused(request, here, refusal, **typed)
    if "ab" in request.POST:  # from the list, so back to it
        return redirect(listing.url("today", _window(request.POST["ab"])))
    return redirect(reverse("centeradmin:today_person", args=[here.person.public_id]))


def _refused(request: HttpRequest, here: Situation, refusal: Refused, **typed: Any) -> HttpResponse:
    """Her page as it is now: a colleague may have been quicker."""
    fresh = situation.load(here.center, here.person.public_id, now=here.now)
    if fresh.one.status != here.one.status:
        typed = {}
    return show(request, fresh, refusal=str(refusal), **typed)


def _plain(request: HttpRequest, name: str) -> str:
    """What was typed, without signs that no keyboard has and no database keeps."""
    return "".join(sign for sign in request.POST.get(name, "") if sign.isprintable())


def _window(asked: str) -> str:
    """Only what the list itself may have sent."""
    return asked if asked == listing.WHOLE_DAY or listing.is_time(asked) else ""
