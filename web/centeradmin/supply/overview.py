"""The stock of a center: what it means per vaccine, day by day, and the deliveries."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.roles import Role
from centers.models import Vaccine
from centers.supply import outlook, stock
from centers.supply.outlook import Outlook
from web.access import user_of
from web.centeradmin.here import at_center
from web.centeradmin.supply.cards import cards, lines, rows

SHOWN = 28
EARLIEST, LATEST = timedelta(days=400), timedelta(days=400)
SOON, RECENT = 10, 10  # deliveries that come next, and that came last; the others are folded away


@require_safe
@at_center
def supply(request: HttpRequest) -> HttpResponse:
    """Every vaccine of the center, and every delivery."""
    today = timezone.localdate()
    outlooks = outlook.of_center(request.center, on=today)
    deliveries = rows(outlooks)
    coming = [row for row in deliveries if row.open]
    past = [row for row in reversed(deliveries) if not row.open]
    context = {
        "today": today,
        "cards": cards(request, request.center, outlooks),
        "coming": coming[:SOON],
        "farther": coming[SOON:],
        "past": past[:RECENT],
        "older": past[RECENT:],
        "planner": user_of(request).has_role(Role.PLANNER),
    }
    return render(request, "centeradmin/supply/supply.html", context)


@require_safe
@at_center
def vaccine(request: HttpRequest, vaccine: str) -> HttpResponse:
    """Four weeks of one vaccine, day by day. A day that makes no sense in ?ab= is today."""
    today = timezone.localdate()
    found = outlook.of(stock.of(request.center, get_object_or_404(Vaccine, pk=vaccine), on=today))
    since = _since(request.GET.get("ab", ""), today)
    (card,) = cards(request, request.center, [found])
    context = {
        "card": card,
        "lines": lines(found.stock, since=since, days=SHOWN),
        "since": since,
        "until": since + timedelta(days=SHOWN - 1),
        "earlier": since - timedelta(days=SHOWN),
        "later": since + timedelta(days=SHOWN),
        "today": today,
        "holding": stock.Holdings().on(vaccine, today),
        "more": _more(found, since),
    }
    return render(request, "centeradmin/supply/vaccine.html", context)


def _since(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if today - EARLIEST <= day <= today + LATEST else today


def _more(found: Outlook, since: date) -> bool:
    """True while something is known after these four weeks."""
    return bool(found.days) and found.days[-1].on >= since + timedelta(days=SHOWN)
