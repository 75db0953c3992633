"""Book for somebody who is registered: the earliest series everywhere; what is chosen is kept while it is read out.

Keeping and booking are those of a new caller (booking/services/holds.py, phone.py), so whom the rules allow is booked
whether she was invited before or not.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from booking import earliest, entitlement, facts, standing
from booking.earliest import Series, Wish
from booking.entitlement import Scope
from booking.models import Call, Hold, Registration
from booking.services import calls, holds, phone
from booking.services.holds import Wanted
from booking.standing import Stage
from centers.models import Channel
from web.access import user_of
from web.callcenter.person import places
from web.callcenter.person.forms import WishForm
from web.callcenter.person.opened import back, named, opened
from web.callcenter.person.page import CONFLICT

AT_MOST = 9
BOOKABLE = {Stage.WAITING, Stage.INVITED, Stage.EXPIRED}


@dataclass(frozen=True)
class Asked:
    """What the caller can do, and from when on her papers are there; both stand in the address, free of persons."""

    wish: Wish
    not_before: datetime | None


@opened
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """GET lists; POST keeps a series, books what is kept, keeps it longer or lets it go."""
    form = WishForm(request.GET)
    wish, code_told = form.chosen()
    asked = Asked(wish, earliest.papers_there(person.medium, code_told=code_told, now=now))
    refusal = ""
    if request.method == "POST":
        try:
            if _do(request, person, asked, now=now):
                return redirect("callcenter:new_booked", person=person.public_id)
        except Refused as reason:
            refusal = str(reason)
    stand, _all = standing.read(person, now=now)
    if stand.stage is Stage.BOOKED and request.POST.get("deed") == "book":  # the second click
        return redirect("callcenter:new_booked", person=person.public_id)
    if stand.stage not in BOOKABLE:
        return back(person)
    scope = _scope(person, asked, now=now)
    context = {
        **named(person, now=now),
        "heading": _("Book an appointment"),
        "form": form,
        "refusal": refusal,
        "held": holds.standing(_call(request, now=now), registration=person, now=now),
        "found": _listed(scope, person, asked),
        "empty": scope.why_not.text if not scope.windows else _("No place is free for her that fits these wishes."),
        "letter": asked.not_before,
    }
    return render(request, "callcenter/person/book.html", context, status=CONFLICT if refusal else 200)


def _do(request: HttpRequest, person: Registration, asked: Asked, *, now: datetime) -> bool:
    """The one service that was chosen; True when she has her appointments, to be read out."""
    agent, call = user_of(request), _call(request, now=now)
    slot = places.pressed(request.POST)
    if slot is not None:
        wanted = Wanted(entitlement.person(person), slot, asked.not_before, person)
        holds.make(call=call, wanted=wanted, by=agent, now=now)
        return False
    deed, hold = request.POST.get("deed", ""), _hold(request, person, call, now=now)
    if deed == "book":
        phone.book(registration=person, hold=hold, by=agent, now=now, not_before=asked.not_before)
        return True
    if deed == "renew" and not hold.renewed:
        holds.renew(hold=hold, by=agent, now=now)
    elif deed == "release":
        holds.release(hold=hold, by=agent, now=now)
    return False


def _hold(request: HttpRequest, person: Registration, call: Call, *, now: datetime) -> Hold:
    asked = request.POST.get("hold", "")
    found = next(
        (one for one in holds.standing(call, registration=person, now=now) if str(one.public_id) == asked), None
    )
    if found is None:
        raise Refused("hold_over", _("These places are not kept any more. Please choose again."))
    return found


def _call(request: HttpRequest, *, now: datetime) -> Call:
    return calls.begin(user_of(request), now)


def _scope(person: Registration, asked: Asked, *, now: datetime) -> Scope:
    asking = entitlement.person(person)
    return entitlement.scope(asking, channel=Channel.PHONE, now=now, facts=facts.load(), not_before=asked.not_before)


def _listed(scope: Scope, person: Registration, asked: Asked) -> list[dict[str, Any]]:
    if not scope.windows:
        return []
    found: list[Series] = earliest.everywhere(scope, postcode=person.postcode, wish=asked.wish, limit=AT_MOST)
    names = facts.load().vaccines
    return [{"one": one, "vaccine": names[one.vaccine_code].name} for one in found]
