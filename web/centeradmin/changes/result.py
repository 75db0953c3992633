"""The permanent result: the phone list, what became of the messages (read from the outbox), and where people went.

Names, ages and telephone numbers stand on the phone list and nowhere else; every look at it is kept in the audit.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from booking import wording
from booking.changes.wish import REMEMBERED, Kind
from booking.models import Appointment, Case, Change
from booking.services import changes
from notifications.models import Message
from priority.rules import age_on
from web.access import user_of
from web.centeradmin.changes import stories, words
from web.centeradmin.changes.late import overtaken
from web.centeradmin.changes.running import of
from web.centeradmin.here import at_center

PAGE = 25
NO_MESSAGE, GONE, WAITING = "none", "gone", "waiting"


@dataclass(frozen=True)
class Callee:
    """One line of the phone list."""

    case: Case
    name: str
    age: int
    phone: str
    appointments: tuple[str, ...]
    why: str
    called_by: str


@dataclass(frozen=True)
class Delivery:
    """How many people's message is in this state; `tone` is its colour, "" for plain."""

    label: str
    tone: str
    people: int


@require_safe
@at_center
def result(request: HttpRequest, change: UUID) -> HttpResponse:
    """For every change, also while it still runs."""
    found = of(request, change)
    cases, states, now = found.cases.all(), _states(found), timezone.now()
    waiting = _waiting(found)
    listed = _to_call(found, states, _left_waiting(found, waiting, now=now))
    page = Paginator(listed, PAGE).get_page(request.GET.get("seite"))
    people = _callees(list(page.object_list), states, on=timezone.localdate())
    _audit_look(request, found, len(people))
    outcomes = Counter(cases.order_by().values_list("outcome", flat=True))
    context = {
        "change": found,
        "title": words.done(found),
        "who": words.who(found.started_by),
        "figures": found.scope["figures"],
        "sessions": words.sessions(found.kind, found.scope["figures"]["sessions"]),
        "total": outcomes.total(),
        "outcomes": outcomes,
        "cared_for": outcomes.total() - outcomes["waiting"],
        "failed": sum("failures" in case.details for case in waiting),
        "overtaken": overtaken(found.center, now=now, of=found) if found.kind == Kind.SUSPEND else None,
        "page": page,
        "people": people,
        "to_call": listed.count(),
        "spoken_to": listed.exclude(call__in=[Case.Call.NONE, Case.Call.OPEN]).count(),
        "next": next((one for one in people if one.phone and one.case.call in (Case.Call.NONE, Case.Call.OPEN)), None),
        "deliveries": _deliveries(found, states),
        "destinations": stories.destinations(found),
        "now": now,
        "reinstate_url": _reinstate_url(found, now=now),
        "later_url": f"{reverse('centeradmin:changes')}?was={Kind.LAST_DAY}" if _behind_last_day(found) else "",
    }
    return render(request, "centeradmin/changes/result.html", context)


@require_safe
@at_center
def phone_list(request: HttpRequest, change: UUID) -> HttpResponse:
    """Everybody who is to be called, to print: with boxes instead of buttons."""
    found = of(request, change)
    states = _states(found)
    left = _left_waiting(found, _waiting(found), now=timezone.now())
    people = _callees(list(_to_call(found, states, left)), states, on=timezone.localdate())
    _audit_look(request, found, len(people))
    context = {"change": found, "title": words.done(found), "people": people, "now": timezone.now()}
    return render(request, "centeradmin/changes/phone_list.html", context)


@require_POST
@at_center
def call(request: HttpRequest, change: UUID, person: UUID) -> HttpResponse:
    """Tick off: reached or not."""
    found = of(request, change)
    case = get_object_or_404(found.cases.select_related("registration"), registration__public_id=person)
    reached = request.POST.get("reached") == "ja"
    changes.note_call(case=case, reached=reached, by=user_of(request), now=timezone.now())
    page = request.POST.get("seite", "")
    query = f"?seite={page}" if page.isdecimal() else ""
    return redirect(f"{reverse('centeradmin:changes_result', kwargs={'change': found.public_id})}{query}#telefonliste")


def _states(change: Change) -> dict[int, str]:
    """Registration -> state of the newest message of this change to her. One query."""
    prefix = f"change:{change.pk}:"
    rows = Message.objects.filter(dedupe_key__startswith=prefix).order_by("created_at", "pk")
    return {
        int(key.removeprefix(prefix).partition("@")[0]): state for key, state in rows.values_list("dedupe_key", "state")
    }


def _waiting(change: Change) -> list[Case]:
    return list(change.cases.filter(outcome=Case.Outcome.WAITING).only("details"))


def _left_waiting(change: Change, waiting: list[Case], *, now: datetime) -> set[int]:
    """Cases of people who hear nothing by themselves in time: theirs has failed, or the change is stopped and their
    time is near or over.
    """
    slots = stories.slots_of(waiting)
    near = now + timedelta(hours=settings.CHANGE_NOTICE_HOURS)
    stopped = change.state == Change.State.STOPPED
    return {
        case.pk
        for case in waiting
        if "failures" in case.details
        or (stopped and any(slots[pk][0] < near for pk in case.details["from"].values() if pk in slots))
    }


def _to_call(change: Change, states: dict[int, str], left: set[int]) -> Any:
    """Who is to be called by decision, whoever the outbox could not reach, and who is `left` waiting."""
    bounced = [pk for pk, state in states.items() if state == Message.State.BOUNCED]
    found = change.cases.filter(~Q(call=Case.Call.NONE) | Q(registration__in=bounced) | Q(pk__in=left))
    return found.select_related("registration", "called_by").order_by("pk")


def _callees(cases: list[Case], states: dict[int, str], *, on: date) -> list[Callee]:
    """One query for all their appointments."""
    appointments: dict[int, list[str]] = {}
    live = Appointment.objects.live().filter(registration__in=[case.registration_id for case in cases])
    for one in live.select_related("slot__vaccine", "slot__center").order_by("registration", "dose_number"):
        appointments.setdefault(one.registration_id, []).append(_told(one))
    return [
        Callee(
            case=case,
            name=case.registration.full_name,
            age=age_on(case.registration.birth_date, on),
            phone=str(case.registration.phone),
            appointments=tuple(appointments.get(case.registration_id, ())),
            why=_why(case, states.get(case.registration_id, "")),
            called_by=words.who(case.called_by) if case.called_by else "",
        )
        for case in cases
    ]


def _told(one: Appointment) -> str:
    local = timezone.localtime(one.slot.starts_at)
    dose = wording.dose_title(one.dose_number, doses=one.slot.vaccine.doses)
    return f"{dose} {words.short_day(local.date())}, {local:%H:%M}, {one.slot.center.name}"


def _why(case: Case, state: str) -> str:
    """What became of her, and why that needs a call."""
    outcome = {
        Case.Outcome.MOVED: _("moved"),
        Case.Outcome.KEPT: _("kept"),
        Case.Outcome.CANCELLED: _("cancelled"),
        Case.Outcome.WAITING: _("not cared for yet"),
    }.get(Case.Outcome(case.outcome), "")
    reason = {
        "kept": _("no place in time") if case.group == "no_place" else _("stands without a place"),
        "no_email": _("no e-mail address"),
        "letter": _("a letter comes too late"),
        "soon": _("the old time was very soon"),
    }.get(case.call_reason, "")
    if case.outcome == Case.Outcome.WAITING:
        reason = _("an error, it has to be tried again") if "failures" in case.details else _("the change was stopped")
    if state == Message.State.BOUNCED:
        reason = _("the message could not be delivered")
    return f"{outcome}: {reason}"


def _deliveries(change: Change, states: dict[int, str]) -> list[Delivery]:
    """Every person of the change in one line; read from the outbox."""
    words_of = {
        Message.State.SENT: (_("Message sent"), "success"),
        Message.State.QUEUED: (_("Message waits to be sent"), "info"),
        Message.State.SENDING: (_("Message is being sent"), "info"),
        Message.State.DEFERRED: (_("Message delayed by the provider"), "warning"),
        Message.State.BOUNCED: (_("Message undeliverable, on the phone list"), "danger"),
        Message.State.DISCARDED: (_("Message not needed any more"), ""),
        NO_MESSAGE: (_("no message, on the phone list"), ""),
        GONE: (_("no longer concerned"), ""),
        WAITING: (_("not cared for yet"), ""),
    }
    special: dict[str, str] = {Case.Outcome.WAITING: WAITING, Case.Outcome.GONE: GONE}
    sums = Counter(
        special.get(outcome) or states.get(person, NO_MESSAGE)
        for person, outcome in change.cases.order_by().values_list("registration", "outcome")
    )
    return [Delivery(label, tone, sums[state]) for state, (label, tone) in words_of.items() if sums[state]]


def _audit_look(request: HttpRequest, change: Change, people: int) -> None:
    if people:
        details = {"change": str(change.public_id), "center": change.center.slug, "people": people}
        audit.record(
            "phone_list.read", subject=change.public_id, by=user_of(request), now=timezone.now(), details=details
        )


def _reinstate_url(change: Change, *, now: datetime) -> str:
    """Suspended places can be put back at any time, closed ones for two days."""
    closed = change.kind in (Kind.CLOSE, Kind.LAST_DAY) and now < change.started_at + REMEMBERED
    if (change.kind != Kind.SUSPEND and not closed) or _behind_last_day(change):
        return ""
    return f"{reverse('centeradmin:changes')}?was={Kind.REINSTATE}&aenderung={change.public_id}"


def _behind_last_day(change: Change) -> bool:
    """The center closes for good before these places, so none of them can be put back."""
    last = change.center.last_day
    return change.kind == Kind.LAST_DAY and last is not None and last.isoformat() <= change.scope["last_day"]
