"""/telefon/rueckrufe/: who is to be called back, taken by one agent, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.refusals import Refused
from booking.models import CallBack, Registration
from booking.services import call_backs, calls
from web.access import user_of
from web.callcenter.call_back_forms import NewForm

SHOWN = 100  # of a longer list the oldest ones
HOUR, TWO_DAYS = 60, 48  # minutes, hours


@dataclass(frozen=True)
class Line:
    """Somebody who waits, masked: enough to choose by, too little to tell who it is."""

    public_id: UUID
    who: str
    waits: str
    center: str
    times: str
    tries: int
    registered: bool
    at: datetime


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Who waits, the oldest first."""
    return _list(request, now=timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Somebody who is not registered, or was not looked for."""
    return _new(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def of(request: HttpRequest, person: UUID) -> HttpResponse:
    """The person whose page is open: name and number are known."""
    found = calls.opened(user_of(request), person)
    if found is None:
        raise Http404
    return _new(request, found)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What the agent has taken: name, number, and what she says came of it."""
    return _mine(request, now=timezone.now())


@require_POST
def take(request: HttpRequest, call_back: UUID) -> HttpResponse:
    """Take one of the list; who comes second is told who was first."""
    now = timezone.now()
    try:
        call_backs.take(_one(call_back), by=user_of(request), now=now)
    except Refused as refusal:
        return _list(request, now=now, refusal=str(refusal))
    return redirect("callcenter:call_backs_mine")


@require_POST
def take_next(request: HttpRequest) -> HttpResponse:
    """Take who waits longest."""
    now = timezone.now()
    if call_backs.take_next(by=user_of(request), now=now) is None:
        return _list(request, now=now, refusal=_("Nobody waits for a call at the moment."))
    return redirect("callcenter:call_backs_mine")


@require_POST
def give_back(request: HttpRequest, call_back: UUID) -> HttpResponse:
    """Somebody else shall call."""
    return _deed(request, call_back, call_backs.give_back, "zurueck")


@require_POST
def not_reached(request: HttpRequest, call_back: UUID) -> HttpResponse:
    """Nobody answered."""
    return _deed(request, call_back, call_backs.not_reached, "nicht-erreicht")


@require_POST
def done(request: HttpRequest, call_back: UUID) -> HttpResponse:
    """She was reached; `outcome` says what came of it."""

    def deed(found: CallBack, *, by: User, now: datetime) -> None:
        call_backs.finish(found, outcome=request.POST.get("outcome", ""), by=by, now=now)

    return _deed(request, call_back, deed, "erledigt")


def _deed(request: HttpRequest, call_back: UUID, deed: Callable[..., object], told: str) -> HttpResponse:
    now = timezone.now()
    try:
        deed(_one(call_back), by=user_of(request), now=now)
    except Refused as refusal:
        return _mine(request, now=now, refusal=str(refusal))
    left = call_backs.mine(user_of(request)).exists()
    answer = redirect("callcenter:call_backs_mine" if left else "callcenter:call_backs")
    answer["Location"] += f"?{told}"
    return answer


def _one(call_back: UUID) -> CallBack:
    return get_object_or_404(CallBack, public_id=call_back)


def _new(request: HttpRequest, person: Registration | None) -> HttpResponse:
    now = timezone.now()
    known = {"name": person.full_name, "phone": person.phone} if person else {}
    form = NewForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        try:
            call_backs.add(form.wanted(person), by=user_of(request), now=now)
            answer = redirect("callcenter:call_backs")
            answer["Location"] += "?aufgenommen"
            return answer
        except Refused as refusal:
            form.add_error("phone", str(refusal))
    context = {"form": form, "person": person}
    return render(request, "callcenter/call_backs_new.html", context)


def _list(request: HttpRequest, *, now: datetime, refusal: str = "") -> HttpResponse:
    waiting = call_backs.waiting(now)
    rows = list(waiting.select_related("center")[: SHOWN + 1])
    context = {
        "lines": [_line(row, now=now) for row in rows[:SHOWN]],
        "number": len(rows) if len(rows) <= SHOWN else waiting.count(),
        "resting": [_line(row, now=now) for row in call_backs.resting(now).select_related("center")[:SHOWN]],
        "mine": call_backs.mine(user_of(request)).count(),
        "told": _told(request),
        "refusal": refusal,
    }
    return render(request, "callcenter/call_backs.html", context, status=409 if refusal else 200)


def _mine(request: HttpRequest, *, now: datetime, refusal: str = "") -> HttpResponse:
    rows = call_backs.mine(user_of(request)).select_related("center", "registration", "created_by")
    context: dict[str, Any] = {
        "cards": [(row, waits(row, now=now)) for row in rows],
        "last_try": call_backs.TRIES - 1,
        "waiting": call_backs.waiting(now).count(),
        "told": _told(request),
        "refusal": refusal,
    }
    return render(request, "callcenter/call_backs_mine.html", context, status=409 if refusal else 200)


def _told(request: HttpRequest) -> str:
    """What has just been done, once and without a name in the address."""
    words = {
        "aufgenommen": _("The call-back is on the list."),
        "zurueck": _("The call-back is back in the list."),
        "nicht-erreicht": _("Nobody answered: it comes back in 30 minutes, after the fifth time it is done."),
        "erledigt": _("The call-back is done."),
    }
    return next((text for key, text in words.items() if key in request.GET), "")


def _line(row: CallBack, *, now: datetime) -> Line:
    return Line(
        public_id=row.public_id,
        who=masked(row.name),
        waits=waits(row, now=now),
        center=row.center.name if row.center else "",
        times=row.times,
        tries=row.tries,
        registered=row.registration_id is not None,
        at=row.again_at or row.created_at,
    )


def masked(name: str) -> str:
    """ "Ursula Müller-Arnold" is "Ursula M."; a single name is its first letter."""
    first, _blank, rest = name.partition(" ")
    return f"{first} {rest.split()[-1][0]}." if rest.split() else f"{first[:1]}."


def waits(row: CallBack, *, now: datetime) -> str:
    """How long since she asked."""
    return waited(row.created_at, now=now)


def waited(since: datetime, *, now: datetime) -> str:
    """How long that is, as people say it."""
    minutes = max(int((now - since).total_seconds() // 60), 0)
    if minutes < HOUR:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = minutes // HOUR
    if hours < TWO_DAYS:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}
