"""What was booked: the sentence to read out, the code letter by letter, the papers, and what may come next."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from booking import clock, facts, papers, wording
from booking.models import Appointment, Registration
from booking.services import appointments, call_drafts
from notifications import posting
from notifications.models import Message
from notifications.outbox import Medium
from web.access import user_of
from web.callcenter.new import spoken
from web.callcenter.person.mail import moment
from web.callcenter.person.opened import back, opened
from web.messages_of import hers


@opened
@require_http_methods(["GET", "HEAD", "POST"])
def booked(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """GET shows it; POST compares what the caller has repeated."""
    live = appointments.series_of(person)
    series = [one for one in live if one.status == Appointment.Status.BOOKED]
    if live and not series:  # nothing is to come
        return back(person)
    first = series[0] if series else None
    told = request.POST.get("repeated", "")[:40]
    message = Message.objects.filter(hers(person)).order_by("-created_at", "-pk").first()
    context = {
        "person": person,
        "series": [(one, spoken.moment(one.slot.starts_at)) for one in series],
        "center": first.slot.center if first else None,
        "address": ", ".join(wording.address(first.slot.center)) if first else "",
        "proofs": papers.proofs(person, on=clock.local_day(first.slot.starts_at), facts=facts.load()) if first else [],
        "spelled": spoken.spell(person.door_code),
        "saved": "" if first is None or _today(first, now) else moment(first.booked_at, now=now),
        "invited": first is None and person.invitations.open(now).exists(),
        "told": told,
        "right": spoken.repeated(told, person.door_code) if told else None,
        "message": message,
        "promise": posting.promise(message.created_at) if message and message.medium == Medium.LETTER else None,
        "now": now,
    }
    return render(request, "callcenter/new/booked.html", context)


def _today(one: Appointment, now: datetime) -> bool:
    return clock.local_day(one.booked_at) == clock.local_day(now)


@opened
@require_POST
def next_member(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """Somebody else of the family: the form again, with address and telephone."""
    call_drafts.next_member(user_of(request), person, now)
    return redirect("callcenter:new")
