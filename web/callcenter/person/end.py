"""Cancel the appointments, or end the registration: asked, and what ends for good is asked once more."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from booking import standing
from booking.models import Appointment, Registration
from booking.services import appointments, registrations
from booking.standing import Before, Stage, Standing
from notifications.models import Message
from web.access import user_of
from web.callcenter.person import mail, state
from web.callcenter.person.forms import EndForm
from web.callcenter.person.opened import back, named, opened
from web.callcenter.person.page import CONFLICT
from web.messages_of import hers

Withdrawal = Registration.Withdrawal
REASONS = {
    EndForm.WISH: Withdrawal.OWN_WISH,
    EndForm.ELSEWHERE: Withdrawal.VACCINATED_ELSEWHERE,
    EndForm.DIED: Withdrawal.DIED,
}


@opened
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """Cancelling is done at once; what ends for good is shown first, and done with the second button."""
    stand, _appointments = standing.read(person, now=now)
    if said := _done_already(person, stand, request):
        return back(person, said)
    ended = stand.stage is Stage.WITHDRAWN
    data = request.POST if request.method == "POST" else None
    form = EndForm(data, may_cancel=_may_cancel(stand, now), ended=ended)
    context: dict[str, Any] = {
        **named(person, now=now),
        "form": form,
        "doses": [state.when(one) for one in stand.doses],
    }
    if not form.is_valid():
        return render(request, "callcenter/person/end.html", context)
    was = form.cleaned_data["was"]
    if was != EndForm.ONLY and request.POST.get("sicher") != was:
        context |= {"was": was, **_consequences(person, stand, was)}
        return render(request, "callcenter/person/end_sure.html", context)
    try:
        return back(person, _do(person, was, request, now=now))
    except Refused as reason:
        form.add_error(None, str(reason))
        return render(request, "callcenter/person/end.html", context, status=CONFLICT)


def _done_already(person: Registration, stand: Standing, request: HttpRequest) -> str:
    """The second click of the same agent: what her page says; "" where something is to be done, or to be asked."""
    was, last = request.POST.get("was", ""), stand.last
    if was in REASONS and request.POST.get("sicher") == was and person.withdrawn_reason == REASONS[was]:
        return "beendet"
    mine = last is not None and stand.before is Before.CANCELLED and last.cancelled_by_id == user_of(request).pk
    return "abgesagt" if was == EndForm.ONLY and mine and not stand.doses else ""


def _do(person: Registration, was: str, request: HttpRequest, *, now: datetime) -> str:
    """The one service that was chosen; what her page says then."""
    agent = user_of(request)
    if was == EndForm.ONLY:
        reason = Appointment.Cancellation.OWN_WISH
        appointments.cancel(registration=person, reason=reason, by=agent, now=now)
        return "abgesagt"
    registrations.withdraw(registration=person, reason=REASONS[was], by=agent, now=now)
    return "beendet"


def _may_cancel(stand: Standing, now: datetime) -> bool:
    return bool(stand.doses) and len(stand.movable(now)) == len(stand.doses)


def _consequences(person: Registration, stand: Standing, was: str) -> dict[str, Any]:
    """What the second button does, and what it says."""
    given_back = [state.when(one) for one in stand.doses if one.status == Appointment.Status.BOOKED]
    waiting = list(Message.objects.undelivered().filter(hers(person)))
    at_printer = sum(mail.at_printer(one) for one in waiting)
    words = {
        EndForm.WISH: (_("End the registration for good?"), _("Yes, end the registration")),
        EndForm.ELSEWHERE: (_("Vaccinated elsewhere: end the registration?"), _("Yes, end the registration")),
        EndForm.DIED: (_("Has she died?"), _("Yes, she has died")),
    }
    heading, deed = words[was]
    return {
        "heading": heading,
        "deed": deed,
        "given_back": given_back,
        "waiting": len(waiting) - at_printer,
        "at_printer": at_printer,
        "silent": was == EndForm.DIED,
    }
