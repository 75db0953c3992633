"""The page a visitor comes back to: where she stands, her appointments, what she can change."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.refusals import Refused
from booking import moving, wording
from booking.models import Appointment, Registration
from booking.services import invitations
from centers.models import Channel
from notifications.outbox import Medium
from web.public.my import papers, sent, standing, status, words
from web.public.my.papers import Row
from web.public.my.standing import Stage, Standing
from web.public.visit import visitor_required


@login_not_required
@visitor_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """/mein-termin/: what it shows follows from the rows of the person."""
    now, registration = timezone.now(), request.visitor.registration
    stand = standing.of(registration, now=now)
    if stand.stage not in {Stage.BOOKED, Stage.DONE}:
        return render(request, "public/my/status.html", status.context(registration, stand, now=now))
    context = papers.context(registration, stand.series, now=now) | {
        "window": _window(registration, stand, now=now),
        "notice": _notice(stand),
        "changes": _changes(registration, stand),
        "sent": sent.steps(registration, now=now),
    }
    return render(request, "public/my/appointment.html", context)


@login_not_required
@visitor_required
@require_safe
def booked(request: HttpRequest) -> HttpResponse:
    """After booking: only when the appointments stand in the database."""
    return _success(
        request, one=gettext("Your appointment is booked"), both=gettext("Your two appointments are booked")
    )


@login_not_required
@visitor_required
@require_safe
def moved(request: HttpRequest) -> HttpResponse:
    """After moving: the appointments as they stand now."""
    return _success(request, one=gettext("Your appointment is moved"), both=gettext("Your appointments are moved"))


@login_not_required
@visitor_required
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """A new invitation instead of the one that ran out; the place in the line has never gone."""
    now, registration = timezone.now(), request.visitor.registration
    try:
        invitations.renew(registration=registration, now=now)
    except Refused as reason:
        stand = standing.of(registration, now=now)
        context = status.context(registration, stand, now=now) | {"refusal": str(reason)}
        return render(request, "public/my/status.html", context, status=409)
    return redirect("public:my")


def _success(request: HttpRequest, *, one: str, both: str) -> HttpResponse:
    now, registration = timezone.now(), request.visitor.registration
    stand = standing.of(registration, now=now)
    if stand.stage is not Stage.BOOKED:
        return redirect("public:my")
    context = papers.context(registration, stand.series, now=now) | {
        "heading": both if len(stand.series) > 1 else one,
        "mail_text": _mail_text(registration),
        "changes": [*_dose_two(registration, stand, now=now), *_changes(registration, stand)],
    }
    return render(request, "public/my/booked.html", context)


def _mail_text(registration: Registration) -> str:
    if registration.medium == Medium.LETTER:
        return gettext("The confirmation comes by letter. Until then please print this page or write down the code.")
    if registration.medium == Medium.SMS:
        number = wording.phone(registration.phone)
        return gettext("The confirmation comes by SMS to %(number)s. Everything is here already.") % {"number": number}
    return gettext("The confirmation is on its way to %(email)s. Everything important is here already.") % {
        "email": registration.email
    }


def _window(registration: Registration, stand: Standing, *, now: datetime) -> str:
    """From when to when dose 2 can be moved; "" when it cannot."""
    second = [one for one in stand.series if one.dose_number > 1 and one.status == Appointment.Status.BOOKED]
    if not second or len(stand.series) < 2:
        return ""
    possible = moving.possible(registration, stand.series, 2, channel=Channel.WEB, now=now)
    return words.span(possible.first_day, possible.last_day) if possible.scope.windows else ""


def _dose_two(registration: Registration, stand: Standing, *, now: datetime) -> list[Row]:
    span = _window(registration, stand, now=now)
    if not span:
        return []
    title = gettext("Move the %(dose)s") % {"dose": words.dose_name(2)}
    return [Row(reverse("public:my_move_dose", args=[2]), title, gettext("Possible %(span)s.") % {"span": span})]


def _changes(registration: Registration, stand: Standing) -> list[Row]:
    rows = []
    if stand.stage is Stage.BOOKED and not stand.begun:
        both = gettext("Move both appointments") if len(stand.series) > 1 else gettext("Move the appointment")
        stays = gettext("The old ones stay until the new ones are certain.")
        rows.append(Row(reverse("public:my_move_centers"), both, stays))
    rows.append(status.contact_row(registration))
    if stand.stage is Stage.BOOKED and stand.begun:
        rows.append(status.end_row())
    elif stand.stage is Stage.BOOKED:
        rows.append(
            Row(
                reverse("public:my_cancel"),
                gettext("Cancel the appointments"),
                gettext("The appointments only, or the registration too. Then somebody else can come."),
            )
        )
    return rows


def _notice(stand: Standing) -> dict[str, str] | None:
    """What the doses themselves do not say: all done, or one of them was missed."""
    if stand.stage is Stage.DONE:
        return {
            "title": gettext("Your vaccination is complete"),
            "text": gettext("You need no further appointment. Thank you for coming."),
            "kind": "good",
        }
    if _missed(stand.series):
        return {
            "title": gettext("One appointment is missing"),
            "text": gettext("Please call us: we find a day that fits the rules together with you."),
            "kind": "stop",
        }
    return None


def _missed(series: Sequence[Appointment]) -> bool:
    return len(series) < series[0].slot.vaccine.doses
