"""/zentrum/woche/: seven days, what is taken of them, and what needs somebody's hand."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking import clock, overview
from booking.overview import DaySums
from centers.models import Center
from centers.supply import stock
from web.access import MANAGER, may
from web.centeradmin.here import at_center
from web.centeradmin.overview import frame
from web.centeradmin.overview.frame import Step

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Card:
    """One day on the page; `outside` is "before" or "after" the days of the center, else ""."""

    sums: DaySums
    label: str
    url: str
    is_today: bool
    outside: str
    new_url: str


@dataclass(frozen=True, slots=True)
class RunsOut:
    """Published sessions need more of this vaccine than there will be; `until` is the last day that is covered."""

    vaccine: str
    until: date
    missing: int
    today: bool
    """Not even this day is covered."""


@require_safe
@at_center
def week(request: HttpRequest, day: date | None = None) -> HttpResponse:
    """The week in which `day` lies; this week without one."""
    now = timezone.now()
    today = clock.local_day(now)
    first = frame.monday(day or today)
    days = overview.of_days(request.center, first, first + timedelta(days=6))
    context = {
        "now": now,
        "number": first.isocalendar().week,
        "span": frame.span_words(first, days[-1].day),
        "cards": [_card(request, sums, today) for sums in days],
        "groups": overview.groups_of(days),
        "tally": overview.total(sums.tally for sums in days),
        "drafts": sum(len(sums.drafts) for sums in days),
        "closed": _closed(request.center, first),
        "steps": _steps(first, today),
        "month_url": frame.dated("centeradmin:week_month_of", min(max(first, day or today), days[-1].day)),
        "ways": _ways(request, first),
        **_needs(request, days, now),
    }
    return render(request, "centeradmin/overview/week.html", context)


def _card(request: HttpRequest, sums: DaySums, today: date) -> Card:
    outside = frame.outside(request.center, sums.day)
    opens = not outside and sums.day >= today
    return Card(
        sums=sums,
        label=frame.short_day(sums.day),
        url=frame.dated("centeradmin:day_of", sums.day),
        is_today=sums.day == today,
        outside=outside,
        new_url=frame.way(request, "centeradmin:new_session", tag=sums.day.isoformat()) if opens else "",
    )


def _closed(center: Center, first: date) -> str:
    """ "before" or "after" when no day of the week belongs to the center."""
    sides = {frame.outside(center, day) for day in overview.span(first, first + timedelta(days=6))}
    return sides.pop() if len(sides) == 1 else ""


def _steps(first: date, today: date) -> list[Step]:
    return [
        Step(frame.dated("centeradmin:week_of", first - WEEK), _("Previous week")),
        Step(frame.dated("centeradmin:week_of", today), _("This week")),
        Step(frame.dated("centeradmin:week_of", first + WEEK), _("Next week")),
    ]


def _ways(request: HttpRequest, first: date) -> dict[str, str]:
    """Where to go on from here."""
    return {
        "new": frame.way(request, "centeradmin:new_session"),
        "copy": frame.way(request, "centeradmin:new_session_copy", von=first.isoformat()),
        "changes": frame.way(request, "centeradmin:changes"),
        "history": frame.way(request, "centeradmin:day_history"),
        "supply": frame.way(request, "centeradmin:supply"),
        "drafts": frame.way(request, "centeradmin:new_session_drafts"),
    }


def _needs(request: HttpRequest, days: list[DaySums], now: datetime) -> dict[str, object]:
    """The panel "This needs you"; drafts and supply are the manager's."""
    today = clock.local_day(now)
    manages = may(request.user, MANAGER)
    return {
        "kept": [
            (sums.tally.kept, frame.short_day(sums.day), _kept_url(request, sums.day, today))
            for sums in days
            if sums.tally.kept
        ],
        "falling": [(fall, frame.short_day(fall.day)) for fall in overview.falling_back(request.center, now=now)],
        "runs_out": _runs_out(request.center, today) if manages else [],
        "waiting": overview.waiting(request.center, on=today) if manages else None,
    }


def _kept_url(request: HttpRequest, day: date, today: date) -> str:
    """Where something can be done about it; else where it can be seen."""
    ahead = frame.way(request, "centeradmin:changes", tag=day.isoformat()) if day >= today else ""
    return ahead or frame.dated("centeradmin:day_of", day)


def _runs_out(center: Center, today: date) -> list[RunsOut]:
    """Where no delivery was ever entered nothing is known, and nothing is said."""
    found = []
    for one in stock.of_center(center, on=today):
        gaps = one.gaps() if one.known else []
        if gaps:
            until, missing = gaps[0].first - timedelta(days=1), max(gap.missing for gap in gaps)
            found.append(RunsOut(one.vaccine.name, until, missing, today=until < today))
    return found
