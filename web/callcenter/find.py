"""/telefon/: the one box, and what it found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit
from accounts.refusals import Refused
from booking import callers, clock, search
from booking.models import Call, Registration
from booking.services import calls
from web import limits
from web.access import user_of
from web.callcenter import carried, hints, hits, kinds

NEW = "callcenter:new"
SAME, NEXT = "selber", "naechster"  # whose call this is, where the agent was asked
CONFLICT = 409


@dataclass(frozen=True)
class New:
    """The way to the pages that take in somebody new; `begun`: they wait half filled in. `carried`: what was typed."""

    url: str
    begun: bool
    carried: bool


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """GET shows the box; POST looks for people. Who is named by her very code opens at once."""
    now = timezone.now()
    if request.method != "POST":
        return render(request, "callcenter/find.html", _context(request, now=now))
    if until := limits.hit("find", user_of(request).username, now=now):
        return _too_often(request, until, now=now)
    query = search.parse(request.POST.get("q", ""), today=clock.local_day(now))
    answer = search.run(query)
    details = {"kind": query.kind.value, "hits": len(answer.hits)}
    if answer.searched:
        audit.record("registration.searched", subject=None, by=user_of(request), now=now, details=details)
    if answer.exact:
        return _opened(request, answer.hits[0], now=now)
    context = _context(request, now=now) | {"kind": kinds.name(query.kind), "answer": answer}
    context |= {"heading": kinds.heading(answer), "advice": kinds.advice(answer), "lines": hits.lines(answer, now=now)}
    return render(request, "callcenter/find.html", context)


@require_POST
def kind(request: HttpRequest) -> HttpResponse:
    """What is being typed, recognised while it is typed; nobody is looked for."""
    query = search.parse(request.POST.get("q", ""), today=clock.local_day(timezone.now()))
    return render(request, "callcenter/includes/kind.html", {"kind": kinds.name(query.kind)})


@require_POST
def open_person(request: HttpRequest, person: UUID) -> HttpResponse:
    """Open somebody who was found; who opens whom is on record. She may end the last call (calls.turn_to)."""
    return _opened(request, get_object_or_404(Registration, public_id=person), now=timezone.now())


@require_POST
def new_person(request: HttpRequest) -> HttpResponse:
    """Nobody of these: what was typed goes along in the draft of the call, never in an address."""
    now = timezone.now()
    calls.carry(user_of(request), carried.known(request.POST.get("q", ""), today=clock.local_day(now)), now)
    return redirect(NEW)


@require_POST
def done(request: HttpRequest) -> HttpResponse:
    """The call is over; the box waits for the next one."""
    calls.finish(user_of(request), timezone.now())
    return redirect("callcenter:find")


def _opened(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    agent = user_of(request)
    if until := limits.hit("find_open", agent.username, now=now):
        return _too_often(request, until, now=now)
    if request.POST.get("anruf") == SAME:
        calls.open_person(agent, person, now)
        return redirect("callcenter:find_person", person=person.public_id)
    try:
        calls.turn_to(agent, person, now, discard=request.POST.get("anruf") == NEXT)
    except Refused as reason:
        call = calls.current(agent)
        context = {"refusal": str(reason), "draft": call.draft if call else {}, "person": person.public_id}
        return render(request, "callcenter/half_typed.html", context, status=CONFLICT)
    return redirect("callcenter:find_person", person=person.public_id)


def _too_often(request: HttpRequest, until: datetime, *, now: datetime) -> HttpResponse:
    context = _context(request, now=now) | {"advice": limits.wait_text(until, now=now)}
    return limits.marked(render(request, "callcenter/find.html", context), until, now=now)


def _context(request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """What the page shows before anybody was found."""
    call = calls.current(user_of(request))
    typed = request.POST.get("q", "")
    return {
        "typed": typed,
        "in_call": calls.people(call) if call else [],
        "new": _new(call, typed, now=now),
        "hints": hints.read(now=now),
        "examples": {"case_number": "K7P4XM92", "door_code": "7H4K2M"},
    }


def _new(call: Call | None, typed: str, *, now: datetime) -> New:
    known = carried.known(typed, today=clock.local_day(now))
    return New(reverse(NEW), begun=bool(call and callers.names_somebody(call)), carried=bool(known))
