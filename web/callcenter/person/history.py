"""Everything that happened to her, on a page of its own."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from booking.models import Registration
from web.callcenter.person import trail
from web.callcenter.person.opened import named, opened


@opened
@require_safe
def history(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """Newest first, with what happened to the registrations that were merged into hers."""
    people = [person, *Registration.objects.filter(merged_into=person).order_by("pk")]
    context = {**named(person, now=now), "history": trail.of(people, now=now)}
    return render(request, "callcenter/person/history.html", context)
