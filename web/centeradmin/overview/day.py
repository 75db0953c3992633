"""/zentrum/tag/: one day as a timeline and as tables."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking import clock, day_overview
from booking.day_overview import Block, Day, Hour
from booking.overview import Tally
from centers.models import Center
from web.centeradmin.here import at_center
from web.centeradmin.overview import frame, history, timeline, words
from web.centeradmin.overview.frame import Step


@dataclass(frozen=True, slots=True)
class HourRow:
    """A row of the table per hour."""

    label: str
    tally: Tally
    is_now: bool


@require_safe
@at_center
def day(request: HttpRequest, day: date | None = None) -> HttpResponse:
    """Today without a day."""
    now = timezone.now()
    today = clock.local_day(now)
    found = day_overview.of_day(request.center, day or today)
    context = {
        "now": now,
        "view": found,
        "tally": found.tally,
        "chart": timeline.chart(found, now=now),
        "hours": _hours(found.hours(), now),
        "kept_at": [row for row in _hours(found.hours(), now) if row.tally.kept],
        "needs": found.vaccine_needs(),
        "outside": frame.outside(request.center, found.day),
        "last_change": _last_change(request.center, found),
        "steps": _steps(found.day, today),
        "week_url": frame.dated("centeradmin:week_of", found.day),
        "ways": _ways(request, found.day, today),
        "blocks": [(block, _change_url(request, block, today, found.day)) for block in found.blocks],
        "drafts": [(one, frame.way(request, "centeradmin:new_session_change", one.block)) for one in found.drafts],
    }
    return render(request, "centeradmin/overview/day.html", context)


def _steps(of: date, today: date) -> list[Step]:
    before, after = of - timedelta(days=1), of + timedelta(days=1)
    return [
        Step(frame.dated("centeradmin:day_of", before), frame.short_day(before)),
        Step(frame.dated("centeradmin:day_of", today), _("Today")),
        Step(frame.dated("centeradmin:day_of", after), frame.short_day(after)),
    ]


def _ways(request: HttpRequest, of: date, today: date) -> dict[str, str]:
    """Where to go on from here; nothing can be opened or closed on a day that is over."""
    ahead = of >= today and not frame.outside(request.center, of)
    return {
        "new": frame.way(request, "centeradmin:new_session", tag=of.isoformat()) if ahead else "",
        "changes": frame.way(request, "centeradmin:changes", tag=of.isoformat()) if ahead else "",
        "today": frame.way(request, "centeradmin:today") if of == today else "",
        "paper": frame.way(request, "centeradmin:today_paper_of", of) if of == today else "",
        "history": frame.way(request, "centeradmin:day_history", von=of.isoformat(), bis=of.isoformat()),
    }


def _change_url(request: HttpRequest, block: Block, today: date, of: date) -> str:
    """Where this session can be changed; what is closed or over stays as it was."""
    if block.closed or of < today:
        return ""
    return frame.way(request, "centeradmin:changes", sitzung=block.block)


def _hours(hours: list[Hour], now: datetime) -> list[HourRow]:
    """08-09; in the night of the longer hour with the name of the zone."""
    labels = [_hour_label(hour.at) for hour in hours]
    several = Counter(labels)
    return [
        HourRow(
            label=f"{label} {hour.at.astimezone(clock.ZONE).tzname()}" if several[label] > 1 else label,
            tally=hour.tally,
            is_now=hour.at <= now < hour.at + day_overview.HOUR,
        )
        for label, hour in zip(labels, hours, strict=True)
    ]


def _hour_label(at: datetime) -> str:
    hour = at.astimezone(clock.ZONE).hour
    return f"{hour:02}–{hour + 1:02}"


def _last_change(center: Center, found: Day) -> words.Told | None:
    """What was done last to a session of this day, and by whom."""
    here = Q(details__blocks__has_any_keys=[str(block) for block in found.ids]) | Q(
        details__days__has_key=found.day.isoformat()
    )
    events = history.of_center(center, history.Filter("", "", "")).filter(here)
    event = events.select_related("actor").first()
    return words.Teller().told(event) if event else None
