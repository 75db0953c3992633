"""/zentrum/monat/: a card for each week of the month. Only days of the month count, so the cards add up to it."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking import clock, overview
from booking.overview import DaySums, Group, Tally
from web.centeradmin.here import at_center
from web.centeradmin.overview import frame
from web.centeradmin.overview.frame import Step


@dataclass(frozen=True, slots=True)
class Card:
    """The days of one week that lie in the month."""

    number: int
    url: str
    span: str
    is_this_week: bool
    groups: tuple[Group, ...]
    tally: Tally
    open_days: int
    drafts: int
    outside: str


@require_safe
@at_center
def month(request: HttpRequest, day: date | None = None) -> HttpResponse:
    """The month in which `day` lies; this month without one."""
    now = timezone.now()
    today = clock.local_day(now)
    first = (day or today).replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    days = overview.of_days(request.center, first, last)
    context = {
        "now": now,
        "title": dateformat.format(first, "F Y"),
        "cards": [
            _card(request, list(week), today) for _week, week in groupby(days, key=lambda sums: frame.monday(sums.day))
        ],
        "tally": overview.total(sums.tally for sums in days),
        "groups": overview.groups_of(days),
        "steps": [
            Step(frame.dated("centeradmin:week_month_of", first - timedelta(days=1)), _("Previous month")),
            Step(frame.dated("centeradmin:week_month_of", today), _("This month")),
            Step(frame.dated("centeradmin:week_month_of", last + timedelta(days=1)), _("Next month")),
        ],
    }
    return render(request, "centeradmin/overview/month.html", context)


def _card(request: HttpRequest, days: list[DaySums], today: date) -> Card:
    sides = {frame.outside(request.center, sums.day) for sums in days}
    return Card(
        number=days[0].day.isocalendar().week,
        url=frame.dated("centeradmin:week_of", days[0].day),
        span=frame.span_words(days[0].day, days[-1].day),
        is_this_week=frame.monday(days[0].day) == frame.monday(today),
        groups=overview.groups_of(days),
        tally=overview.total(sums.tally for sums in days),
        open_days=sum(sums.opened for sums in days),
        drafts=sum(len(sums.drafts) for sums in days),
        outside=sides.pop() if len(sides) == 1 else "",
    )
