"""/personal/protokoll/: the audit trail for the auditor, and the same as a table for a spreadsheet."""

import json
from itertools import chain
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts import audit, trail
from accounts.models import AuditEvent
from web import spreadsheet
from web.access import user_of
from web.staff.audit_forms import TrailForm

PAGE = 50
MOST_ROWS = 20_000
HEAD = ("time", "actor", "action", "subject", "reason", "details")


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """One page of the events asked for; looking is an event itself."""
    now = timezone.now()
    form = TrailForm(request.GET or None, now=now)
    context: dict[str, Any] = {"form": form, "events": [], "more": None, "query": ""}
    question = form.question()
    if question is not None:
        rows, last = trail.page(question, before=_number(request.GET.get("vor", "")), size=PAGE)
        audit.record("audit.read", subject=None, by=user_of(request), now=now, details=form.asked())
        asked = urlencode(form.asked())
        context |= {"events": rows, "more": f"{asked}&vor={last}" if last else None, "query": asked}
    return render(request, "staff/audit.html", context)


@require_safe
def as_csv(request: HttpRequest) -> HttpResponseBase:
    """The newest MOST_ROWS events asked for, sent while they are read."""
    now = timezone.now()
    form = TrailForm(request.GET or None, now=now)
    question = form.question()
    if question is None:
        return render(request, "staff/audit.html", {"form": form, "events": [], "more": None, "query": ""}, status=400)
    number, events = trail.stream(question, most=MOST_ROWS)
    audit.record("audit.exported", subject=None, by=user_of(request), now=now, details={**form.asked(), "rows": number})
    rows = chain([HEAD], map(_cells, events))
    return spreadsheet.download(rows, name=f"protokoll-{timezone.localdate(now):%Y-%m-%d}.csv")


def _cells(event: AuditEvent) -> tuple[str, ...]:
    return (
        timezone.localtime(event.at).isoformat(timespec="seconds"),
        event.actor.username if event.actor else "",
        event.action,
        str(event.subject or ""),
        event.reason,
        json.dumps(event.details, ensure_ascii=False, sort_keys=True) if event.details else "",
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
