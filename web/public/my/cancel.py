"""Giving up: the appointments only, or the registration too. Two different things, so the page asks."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from booking.models import Appointment, Registration
from booking.services import appointments, registrations
from web.public.my import standing
from web.public.my.forms import CancelForm
from web.public.my.standing import Stage, Standing
from web.public.visit import visitor_required
from web.templatetags.impftermin import local_date, local_time

END = {
    CancelForm.ALL: Registration.Withdrawal.OWN_WISH,
    CancelForm.ELSEWHERE: Registration.Withdrawal.VACCINATED_ELSEWHERE,
}


@login_not_required
@visitor_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask what to give up, and do it. Sent twice it is harmless."""
    now, registration = timezone.now(), request.visitor.registration
    stand = standing.of(registration, now=now)
    if stand.stage in {Stage.WITHDRAWN, Stage.DONE}:
        return redirect("public:my")
    form = CancelForm(request.POST if request.method == "POST" else None, may_cancel=_may_cancel(stand))
    if form.is_valid():
        try:
            _give_up(registration, form.cleaned_data["was"], now=now)
            return redirect("public:my")
        except Refused as reason:
            form.add_error(None, str(reason))
    return render(request, "public/my/cancel.html", {"form": form, **_words(stand)})


def _give_up(registration: Registration, what: str, *, now: datetime) -> None:
    """The one service that was chosen."""
    if what == CancelForm.ONLY:
        appointments.cancel(registration=registration, reason=Appointment.Cancellation.OWN_WISH, by=None, now=now)
    else:
        registrations.withdraw(registration=registration, reason=END[what], by=None, now=now)


def _may_cancel(stand: Standing) -> bool:
    return stand.stage is Stage.BOOKED and not stand.begun


def _words(stand: Standing) -> dict[str, Any]:
    if stand.stage is not Stage.BOOKED:
        return {
            "heading": gettext("End my registration"),
            "intro": gettext("You have no appointment. Here you tell us that you do not want one any more."),
            "deed": gettext("End my registration"),
            "stay": gettext("Keep my registration"),
        }
    both = len(stand.series) > 1
    when = gettext(" and ").join(
        f"{local_date(one.slot.starts_at)}, {local_time(one.slot.starts_at)}" for one in stand.series
    )
    intro = f"{stand.series[0].slot.center.name}: {when}."
    if both and not stand.begun:
        intro += " " + gettext("The two belong together, so we cancel both.")
    return {
        "heading": gettext("Cancel appointments") if both else gettext("Cancel the appointment"),
        "intro": intro,
        "may_move": not stand.begun,
        "deed": gettext("Cancel both appointments") if both and not stand.begun else gettext("Cancel the appointment"),
        "stay": gettext("Do not cancel"),
        "note": gettext("Thank you for telling us: your place goes to somebody else at once."),
    }
