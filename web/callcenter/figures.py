"""/telefon/heute/: what the call center has done today and what waits, for its lead."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking import call_figures
from booking.call_figures import Handled, Sums
from notifications import printing
from web.callcenter.call_backs import waited

Row = tuple[str, Sums, list[int], str]  # an agent, her sums, her calls hour by hour, the median in words


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Nine queries, whatever was going on."""
    now = timezone.now()
    handled, waiting = call_figures.handled(now=now), call_figures.waiting(now=now)
    piles, left = [*printing.waiting(), *printing.unprinted()], call_figures.left(now=now)
    context = {
        "now": now,
        "handled": handled,
        "median": in_words(handled.total.median),
        "running": call_figures.running(),
        "agents": _agents(handled),
        "hour_medians": [in_words(sums.median) for _hour, sums in handled.hours],
        "waiting": waiting,
        "oldest": waited(waiting.since, now=now) if waiting.since else "",
        "letters": sum(pile.letters for pile in piles),
        "letters_since": _oldest([pile.since for pile in piles]),
        "left": left,
        "left_places": sum(one.places for one in left),
        "left_free": sum(one.free for one in left),
        "days": call_figures.AHEAD.days,
    }
    return render(request, "callcenter/figures.html", context)


def _agents(handled: Handled) -> list[Row]:
    hours = [hour for hour, _sums in handled.hours]
    return [
        (name, sums, [handled.cells.get((pk, hour), 0) for hour in hours], in_words(sums.median))
        for pk, name, sums in handled.agents
    ]


def _oldest(since: list[datetime]) -> datetime | None:
    return min(since, default=None)


def in_words(seconds: float | None) -> str:
    """4:05 min; a dash where there is no call."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    return _("%(minutes)d:%(seconds)02d min") % {"minutes": minutes, "seconds": rest}
