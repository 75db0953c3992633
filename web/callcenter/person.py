"""The page of a person who was opened in the agent's call."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from booking.models import Appointment
from booking.services import calls
from web.access import user_of
from web.callcenter import stands


@require_safe
def person(request: HttpRequest, person: UUID) -> HttpResponse:
    """Only in the call in which she was opened; else back to the box."""
    now, agent = timezone.now(), user_of(request)
    found = calls.opened(agent, person)
    if found is None:
        return redirect("callcenter:find")
    calls.seen(agent, now)
    doses = Appointment.objects.live().filter(registration=found).select_related("slot__center", "slot__vaccine")
    context = {
        "person": found,
        "stand": stands.of([found], now=now)[found.pk],
        "doses": doses.order_by("slot__starts_at", "pk"),
    }
    return render(request, "callcenter/person.html", context)
