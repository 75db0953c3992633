"""The day list: find somebody, see who is expected, let in whose papers were seen."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import clock
from booking.door import day_list, finding, paper
from booking.services import door
from web.access import MANAGER, may, user_of
from web.centeradmin.here import at_center
from web.centeradmin.today import answers, listing, trail
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
        text = request.POST.get("wer", "")
        query = finding.parse(text, today=context["day"])
        found = finding.among(context["rows"], query)
        trail.searched(request.center, len(found), typing=False, by=user_of(request), now=now)
        if len(found) == 1:
            return redirect("centeradmin:today_person", person=found[0].person)
        context |= {"wer": text, "searched": True, "lines": listing.lines(found, now=now)}
        if not found:
            context["answer"] = answers.nobody(request.center, query, today=context["day"])
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
        found = finding.among(context["rows"], finding.parse(text, today=context["day"]))
        trail.searched(request.center, len(found), typing=True, by=user_of(request), now=now)
        context |= {"searched": True, "lines": listing.lines(found, now=now)}
    return render(request, "centeradmin/today/includes/list.html", context)


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
        "refresh_url": listing.url("today_list", shown.asked) + ("&" if shown.asked else "?") + f"stand={stamp}",
    }
