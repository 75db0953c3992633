"""What somebody takes along from the door: the confirmation of her appointments, in her language."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext, override
from django.views.decorators.http import require_safe

from booking import confirmation_pdf
from booking.services import appointments
from notifications import outbox
from web.access import user_of
from web.centeradmin.here import at_center
from web.centeradmin.today import situation, trail


@at_center
@require_safe
def confirmation(request: HttpRequest, person: UUID) -> HttpResponse:
    """The PDF of her appointments as they stand; back to her page where nothing is left to come to."""
    here = situation.load(request.center, person, now=timezone.now())
    if not here.to_come or here.ended:
        return redirect("centeradmin:today_person", person=person)
    trail.printed(here.person.public_id, here.center, by=user_of(request), now=here.now)
    with override(outbox.spoken(here.person.language)):
        file = confirmation_pdf.confirmation(here.person, appointments.series_of(here.person), now=here.now)
        name = gettext("confirmation-of-appointments.pdf")
    response = HttpResponse(file, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
