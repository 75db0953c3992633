"""How we reach her: e-mail, telephone, language of the messages, and what the staff should know."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from booking.models import Registration
from booking.services import registrations
from booking.services.registrations import Contact
from web.public.my.forms import ContactForm, contact_of
from web.public.visit import visitor_required


@login_not_required
@visitor_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Show what is stored, change what was sent. A changed address is told to the old one (the service does it)."""
    now, registration = timezone.now(), request.visitor.registration
    if registration.withdrawn_at is not None:
        return redirect("public:my")
    form = ContactForm(request.POST if request.method == "POST" else None, initial=contact_of(registration))
    if form.is_valid():
        try:
            _update(registration, form.cleaned_data, now=now)
            return redirect("public:my")
        except Refused as reason:
            form.add_error(FIELDS.get(reason.code), str(reason))
    return render(request, "public/my/contact.html", {"form": form, "registration": registration})


def _update(registration: Registration, cleaned: dict[str, Any], *, now: datetime) -> None:
    contact = Contact(
        email=cleaned["email"],
        phone=cleaned["phone"],
        language=cleaned["language"],
        needs=frozenset(cleaned["needs"]),
    )
    registrations.update_contact(registration=registration, contact=contact, by=None, now=now)


# Which field a refusal speaks of; the others stand above the form.
FIELDS = {"invalid_email": "email", "too_many_changes": "email", "no_contact": "email", "invalid_phone": "phone"}
