"""/telefon/person/<id>/: where she stands, what comes next, why and why not, and everything on record about her."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.refusals import Refused
from booking import standing, wording
from booking.models import Appointment, CallPerson, Note, Registration
from booking.services import calls
from web.access import user_of
from web.callcenter.person import mail, state, trail, why
from web.callcenter.person.forms import NoteForm
from web.callcenter.person.opened import named, opened
from web.callcenter.stands import GOOD, NEWS, PLAIN, WARNING
from web.templatetags.impftermin import plain_date

CONFLICT = 409
Status = Appointment.Status
SAID = {
    "bestaetigt": gettext_lazy("The registration is confirmed."),
    "erneuert": gettext_lazy("The invitation is renewed."),
    "wartet": gettext_lazy("No place is free at the moment: she stands in the line again, at her rank."),
    "gesendet": gettext_lazy("The message is on its way."),
    "notiert": gettext_lazy("The note is written."),
    "kontakt": gettext_lazy("The new contact counts. What had not arrived is sent there."),
    "haushalt": gettext_lazy("The household is changed."),
    "zweite": gettext_lazy("The second vaccination is booked, and we write to her."),
    "verschoben": gettext_lazy("Moved. The old place went to somebody else."),
    "abgesagt": gettext_lazy("Cancelled. The places went to somebody else; her rank is kept."),
    "beendet": gettext_lazy("The registration is ended, and its places are given back."),
    "vereint": gettext_lazy("The two registrations are one now."),
}


@dataclass(frozen=True)
class Row:
    """One appointment as the table shows it."""

    one: Appointment
    state: str
    icon: str
    note: str

    @property
    def tone(self) -> str:
        return "tag--plain" if self.icon == PLAIN else f"tone-{self.icon}"


@opened
@require_safe
def person(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """Her page; opening her is on record already (calls.open_person)."""
    said = next((str(text) for mark, text in SAID.items() if mark in request.GET), "")
    return show(request, person, now=now, said=said)


def show(request: HttpRequest, person: Registration, *, now: datetime, **more: Any) -> HttpResponse:
    """Her page, with a refusal or a form that was not filled in right: `refusal`, `note_form`, `said`."""
    status = CONFLICT if more.get("refusal") else 200
    return render(request, "callcenter/person/page.html", {**_context(request, person, now=now), **more}, status=status)


def refused(request: HttpRequest, person: Registration, reason: Refused, *, now: datetime) -> HttpResponse:
    """Nothing was done, and why."""
    return show(request, person, now=now, refusal=str(reason))


def _context(request: HttpRequest, person: Registration, *, now: datetime) -> dict[str, Any]:
    stand, appointments = standing.read(person, now=now)
    messages = mail.of(person)
    merged = list(Registration.objects.filter(merged_into=person).order_by("pk"))
    asked = why.rows(person, now=now)
    household = _household(person)
    company = [one["person"].first_name for one in household]
    here = state.Here(person, stand, messages, may=asked[0].yes, now=now, company=company)
    history = trail.of([person, *merged], now=now)
    return {
        **named(person, now=now),
        "opened_at": _opened_at(user_of(request), person),
        "others": calls.others_at(person, user_of(request), now),
        "said_state": state.say(here),
        "deeds": state.deeds(here),
        "why": asked,
        "appointments": [_row(one, person, now=now) for one in appointments],
        "messages": mail.lines(person, messages, now=now),
        "notes": list(Note.objects.filter(registration__in=[person, *merged]).select_related("by")[:20]),
        "household": household,
        "merged": merged,
        "merged_into": person.merged_into,
        "history": history[: trail.NEWEST],
        "history_length": len(history),
        "note_form": NoteForm(),
    }


def _opened_at(agent: User, person: Registration) -> datetime | None:
    mine = CallPerson.objects.filter(call__agent=agent, call__done_at__isnull=True, registration=person)
    return mine.values_list("opened_at", flat=True).first()


def _row(one: Appointment, person: Registration, *, now: datetime) -> Row:
    icons = {Status.VACCINATED: GOOD, Status.BOOKED: NEWS, Status.ARRIVED: NEWS}
    words, icon, note = str(one.get_status_display()), icons.get(Status(one.status), WARNING), ""
    if one.status == Status.CANCELLED:
        words, icon = str(one.get_cancelled_reason_display()), PLAIN
        note = _cancelled(one, person)
    elif one.status == Status.DEFERRED and hasattr(one, "deferral"):
        note = str(one.deferral.get_reason_display())
    elif one.displaced_at is not None:
        words, icon = _("kept without a place"), WARNING
    elif one.status == Status.BOOKED and one.slot.starts_at <= now:
        note = _("its time has come")
    return Row(one, words, icon, note)


def _cancelled(one: Appointment, person: Registration) -> str:
    """When; who is still registered has kept her rank."""
    if one.cancelled_at is None:
        return ""
    words = _("on %(day)s") if person.withdrawn_at else _("on %(day)s, rank kept")
    return words % {"day": plain_date(one.cancelled_at)}


def _household(person: Registration) -> list[dict[str, Any]]:
    """The others, with age and next appointment; their pages open by a button."""
    if person.household_id is None:
        return []
    others = Registration.objects.filter(household=person.household_id, withdrawn_at__isnull=True).exclude(pk=person.pk)
    people = list(others.order_by("birth_date", "pk"))
    booked = Appointment.objects.filter(registration__in=people, status=Status.BOOKED).select_related("slot__center")
    coming: dict[int, Appointment] = {}
    for one in booked.order_by("-slot__starts_at", "-pk"):
        coming[one.registration_id] = one
    return [{"person": one, "coming": coming.get(one.pk), "center": _center(coming.get(one.pk))} for one in people]


def _center(one: Appointment | None) -> str:
    return wording.center_name(one.slot.center) if one else ""
