"""The papers to take along: calendar file and confirmation, built from the appointments as they stand now."""

from collections.abc import Sequence

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from booking import calendar_file, confirmation_pdf
from booking.models import Appointment, Registration
from booking.services import appointments
from web.public.visit import visitor_required


@login_not_required
@visitor_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Live appointments for the calendar; after cancelling, a file that takes them out of it again."""
    registration = request.visitor.registration
    series = appointments.series_of(registration) or _cancelled(registration)
    if not series:
        return redirect("public:my")
    file = calendar_file.calendar(series, now=timezone.now())
    return _download(file, "text/calendar; charset=utf-8", gettext("vaccination-appointments.ics"))


@login_not_required
@visitor_required
@require_safe
def confirmation(request: HttpRequest) -> HttpResponse:
    """The confirmation as PDF; without appointments there is nothing to confirm."""
    registration = request.visitor.registration
    series = appointments.series_of(registration)
    if not series:
        return redirect("public:my")
    file = confirmation_pdf.confirmation(registration, series, now=timezone.now())
    return _download(file, "application/pdf", gettext("confirmation-of-appointments.pdf"))


def _download(file: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(file, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cancelled(registration: Registration) -> Sequence[Appointment]:
    """What she gave up last: the newest cancelled appointment of each dose."""
    rows = registration.appointments.filter(status=Appointment.Status.CANCELLED)
    ordered = rows.select_related("slot__center", "slot__vaccine").order_by("dose_number", "-pk")
    return list(ordered.distinct("dose_number"))
