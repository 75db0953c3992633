"""A change at work: how far it is, stop and go on. It runs whether anybody looks or not."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from booking.changes.effect import CANCEL, ELSEWHERE, KEEP, SAME
from booking.models import Case, Change
from booking.services import changes
from web.access import user_of
from web.centeradmin.changes import stories, words
from web.centeradmin.here import at_center

LATEST = 8


def of(request: HttpRequest, change: UUID) -> Change:
    """A change of this center, else 404."""
    return get_object_or_404(
        Change.objects.select_related("started_by", "center"), center=request.center, public_id=change
    )


@require_safe
@at_center
def run(request: HttpRequest, change: UUID) -> HttpResponse:
    """Refreshes itself with htmx; without it there is a link. When everybody is cared for, on to the result."""
    found = of(request, change)
    if found.state == Change.State.DONE:
        page = reverse("centeradmin:changes_result", kwargs={"change": found.public_id})
        return HttpResponse(headers={"HX-Redirect": page}) if request.htmx else redirect(page)
    total, done = _counts(found)
    context = {
        "change": found,
        "title": words.title(found.kind, found.scope),
        "who": words.who(found.started_by),
        "total": total,
        "done": done,
        "percent": done * 100 // total if total else 100,
        "left": _left(found, done, total, now=timezone.now()),
        "failed": found.cases.filter(outcome=Case.Outcome.WAITING, details__has_key="failures").count(),
        "stopped": found.state == Change.State.STOPPED,
        "steps": _steps(found),
        "latest": stories.latest(found, LATEST),
    }
    return render(request, "centeradmin/changes/running.html", context)


@require_POST
@at_center
def stop(request: HttpRequest, change: UUID) -> HttpResponse:
    """After the person who is being cared for."""
    found = of(request, change)
    changes.stop(change=found, by=user_of(request), now=timezone.now())
    return redirect("centeradmin:changes_run", change=found.public_id)


@require_POST
@at_center
def resume(request: HttpRequest, change: UUID) -> HttpResponse:
    """Where it was stopped."""
    found = of(request, change)
    changes.resume(change=found, by=user_of(request), now=timezone.now())
    return redirect("centeradmin:changes_run", change=found.public_id)


def _counts(change: Change) -> tuple[int, int]:
    sums = change.cases.aggregate(all=Count("pk"), done=Count("pk", filter=~Q(outcome=Case.Outcome.WAITING)))
    return sums["all"], sums["done"]


def _left(change: Change, done: int, total: int, *, now: datetime) -> str:
    """How long it may still take, by what it took so far."""
    passed = (now - change.started_at).total_seconds()
    if not done or passed <= 0:
        return _("It begins in a moment.")
    seconds = max(1, round(passed / done * (total - done)))
    if seconds < 90:
        text = ngettext("About %(number)d second left.", "About %(number)d seconds left.", seconds)
        return text % {"number": seconds}
    minutes = round(seconds / 60)
    return ngettext("About %(number)d minute left.", "About %(number)d minutes left.", minutes) % {"number": minutes}


def _steps(change: Change) -> list[dict[str, Any]]:
    """One line per way of going on; the lines add up to the people."""
    rows = change.cases.order_by("-decision", "-group").values("group", "decision").annotate(
        total=Count("pk"), done=Count("pk", filter=~Q(outcome=Case.Outcome.WAITING))
    )  # fmt: skip
    sums: dict[str, list[int]] = {}
    for row in rows:
        total = sums.setdefault(_step(row["group"], row["decision"]), [0, 0])
        total[0] += row["done"]
        total[1] += row["total"]
    return [
        {"label": label, "done": done, "total": total, "state": _state(done, total)}
        for label, (done, total) in sums.items()
    ]


def _state(done: int, total: int) -> str:
    return "done" if done == total else "running" if done else "waiting"


def _step(group: str, decision: str) -> str:
    if decision == KEEP:
        return _("Kept visibly, on the phone list")
    if decision == CANCEL:
        return _("Cancelled and invited again")
    return {SAME: _("Moved at the same center"), ELSEWHERE: _("Moved to another center")}[group]
