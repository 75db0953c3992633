"""Correct who she is and how she is reached. Somebody else with the same identity is offered for merging."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from booking.models import Registration
from booking.services import correcting
from booking.services.correcting import Same
from web.access import user_of
from web.callcenter.person.forms import PersonForm, stored
from web.callcenter.person.opened import back, named, opened
from web.callcenter.person.page import CONFLICT

FIELDS = {
    "invalid_email": "email", "no_email": "email", "invalid_phone": "phone", "no_mobile": "phone",
    "invalid_postcode": "postcode", "invalid_birth_date": "birth_date", "invalid_person": "last_name",
}  # fmt: skip


@opened
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """What was typed stays until it is right."""
    form = PersonForm(request.POST if request.method == "POST" else None, initial=stored(person))
    other, status = None, 200
    if form.is_valid():
        try:
            correcting.correct(
                registration=person, person=form.person(), contact=form.contact(), by=user_of(request), now=now
            )
        except Refused as reason:
            form.add_error(FIELDS.get(reason.code), str(reason))
            other = next((one.other for one in reason.alternatives if isinstance(one, Same)), None)
            status = CONFLICT
        else:
            return back(person, "kontakt")
    context = {**named(person, now=now), "form": form, "other": other}
    return render(request, "callcenter/person/contact.html", context, status=status)
