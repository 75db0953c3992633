"""Who comes together with her."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from booking.models import Registration
from booking.services import households
from web.access import user_of
from web.callcenter.person.forms import NumberForm
from web.callcenter.person.opened import back, named, opened


@opened
@require_http_methods(["GET", "HEAD", "POST"])
def household(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """Add somebody by her case number, or take somebody out."""
    agent = user_of(request)
    if leaving := _uuid(request.POST.get("leave", "")):
        households.leave(registration=person, other=leaving, by=agent, now=now)
        return back(person, "haushalt")
    form = NumberForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            households.join(registration=person, case_number=form.cleaned_data["case_number"], by=agent, now=now)
            return back(person, "haushalt")
        except Refused as reason:
            form.add_error("case_number", str(reason))
    others = person.household.people.exclude(pk=person.pk).order_by("birth_date", "pk") if person.household else []
    context = {**named(person, now=now), "form": form, "others": others}
    return render(request, "callcenter/person/household.html", context)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
