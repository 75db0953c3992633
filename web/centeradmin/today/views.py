"""The day list: find somebody, see who is expected, let in whose papers were seen."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import clock
from booking.door import day_list, finding, paper
from booking.door.day_list import Row
from booking.services import door
from web import limits
from web.access import MANAGER, may, user_of
from web.centeradmin.here import at_center
from web.centeradmin.today import answers, listing, trail
from web.centeradmin.today.answers import Answer
from web.middleware import permissions_policy


@at_center
@require_http_methods(["GET", "HEAD", "POST"])
def day(request: HttpRequest) -> HttpResponse:
    """GET shows the list; POST looks for somebody: one hit opens her page, several are listed, none is explained."""
    now = timezone.now()
    context = _context(request, now=now)
    context |= {"paper_at": paper.made_at(request.center.pk, context["day"]), "may_export": may(request.user, MANAGER)}
    context["closes_at"] = door.closes_at(center_id=request.center.pk, day=context["day"])
    if request.method == "POST":
        found, answer = _look(request, context)
        if len(found) == 1:
            return redirect("centeradmin:today_person", person=found[0].person)
        lines = listing.lines(found, now=now)
        context |= {"wer": request.POST.get("wer", ""), "searched": True, "lines": lines, "answer": answer}
    else:
        trail.read_list(request.center, context["day"], by=user_of(request), now=now)
    response = render(request, "centeradmin/today/day.html", context)
    # The one page on which a camera may be asked for: it reads the code from the paper.
    response.headers["Permissions-Policy"] = permissions_policy("camera")
    return response


@at_center
@require_safe
def refresh(request: HttpRequest) -> HttpResponse:
    """The list again, asked for by the page itself every few seconds; 204 while nothing has changed."""
    now = timezone.now()
    context = _context(request, now=now)
    if request.GET.get("stand") == context["stamp"]:
        return HttpResponse(status=204)
    trail.read_on(request.center, context["day"], by=user_of(request), now=now)
    return render(request, "centeradmin/today/includes/list.html", context)


@at_center
@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """The list while somebody types. POST, because a name in an address would stand in logs."""
    now = timezone.now()
    context = _context(request, now=now)
    text = request.POST.get("wer", "").strip()
    if text:
        query = finding.parse(text, today=context["day"])
        until = limits.hit("door_search", _who(request), now=now)
        found = [] if until else finding.among(context["rows"], query)
        if not until:
            trail.typed(request, query, len(found), now=now)
        answer = answers.too_often(until, now=now) if until else None
        context |= {"searched": True, "lines": listing.lines(found, now=now), "answer": answer, "too_often": answer}
    return render(request, "centeradmin/today/includes/list.html", context)


def _look(request: HttpRequest, context: dict[str, Any]) -> tuple[list[Row], Answer | None]:
    """Who of today is meant by what was sent off; where nobody is, what is said instead."""
    now, center, by = context["now"], request.center, user_of(request)
    query = finding.parse(request.POST.get("wer", ""), today=context["day"])
    until = limits.hit("door_search", _who(request), now=now)
    rows = context["rows"]
    found = [] if until else finding.among(rows, query) or finding.by_old_paper(rows, query)
    trail.searched(center, len(found), by=by, now=now)
    if found:
        return found, None
    if query.code and not until:
        until = limits.hit("door_elsewhere", _who(request), now=now)
    if until:
        return [], answers.too_often(until, now=now)
    answer = answers.nobody(center, query, today=context["day"])
    if answer.found:
        trail.found(answer.found, center, by=by, now=now)
    return [], answer


def _who(request: HttpRequest) -> str:
    return str(user_of(request).public_id)


def _context(request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """Everything the list shows. One query and the facts."""
    today = clock.local_day(now)
    rows = day_list.rows(request.center.pk, today)
    shown = listing.window(request.GET.get("ab", ""), now=now, day=today)
    stamp = listing.stamp(rows, now=now)
    return {
        "day": today,
        "now": now,
        "rows": rows,
        "window": shown,
        "lines": listing.lines([row for row in rows if shown.holds(row, now=now)], now=now),
        "sums": listing.sums(rows, now=now),
        "latest": listing.latest(rows),
        "stamp": stamp,
        "searched": False,
        "wer": "",
        "answer": None,
        "too_often": None,
        "refresh_url": listing.url("today_list", shown.asked) + ("&" if shown.asked else "?") + f"stand={stamp}",
    }
