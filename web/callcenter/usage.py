"""/telefon/kontingente/: how much each channel used, for planners and the lead of the call center."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking import clock, usage
from booking.usage import Line, Use
from centers.models import Center, Channel
from web import spreadsheet
from web.access import CALLS, may
from web.days import typed_day

BACK, AHEAD = timedelta(weeks=4), timedelta(weeks=2)
LONGEST = timedelta(weeks=26)


@dataclass(frozen=True)
class Asked:
    """Which weeks, from Monday to Sunday, and which center (None: all); as typed, and what is wrong with it."""

    first: date
    last: date
    center: Center | None
    typed: tuple[str, str]
    error: str = ""


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Three queries beside those of every page."""
    centers = list(Center.objects.order_by("name", "pk"))
    asked = _asked(request.GET, centers, on=clock.local_day(timezone.now()))
    lines = usage.of(asked.first, asked.last, center=asked.center)
    context = {
        "frame": "callcenter/base.html" if may(request.user, CALLS) else "staff/base.html",
        "asked": asked,
        "centers": centers,
        "total": usage.total(lines),
        "contingents": usage.by(sorted(lines, key=_contingent), _contingent).items(),
        "weeks": _nested(lines, lambda line: line.monday),
        "by_center": _nested(lines, lambda line: line.center) if asked.center is None else [],
        "channels": _channels(asked),
        "query": request.GET.urlencode(),
    }
    return render(request, "callcenter/usage.html", context, status=422 if asked.error else 200)


@require_safe
def csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same lines for a spreadsheet."""
    asked = _asked(request.GET, list(Center.objects.order_by("name", "pk")), on=clock.local_day(timezone.now()))
    lines = usage.of(asked.first, asked.last, center=asked.center)
    return spreadsheet.download(_rows(lines), name=f"kontingente-{asked.first}-{asked.last}.csv")


def _rows(lines: list[Line]) -> Iterator[list[str]]:
    yield [
        _("Center"), _("Week from"), _("Contingent"), _("Opened"), _("Came by falling back"), _("Went by falling back"),
        _("Places"), _("Booked"), _("Unused"),
    ]  # fmt: skip
    for line in lines:
        yield [line.center, line.monday.isoformat(), line.contingent, *_cells(line.use)]
    yield [_("Total"), "", "", *_cells(usage.total(lines))]


def _cells(use: Use) -> list[str]:
    """Without a minus: a spreadsheet might take it for a formula."""
    figures = (use.opened, max(use.fallen, 0), max(-use.fallen, 0), use.places, use.booked, use.unused)
    return [str(figure) for figure in figures]


def _contingent(line: Line) -> str:
    return line.contingent


def _nested(lines: list[Line], key: Callable[[Line], object]) -> list[tuple[object, Use, list[tuple[str, Use]]]]:
    """Group by group: its sum, and its contingents."""
    groups: dict[object, list[Line]] = {}
    for line in lines:
        groups.setdefault(key(line), []).append(line)
    return [
        (name, usage.total(same), list(usage.by(sorted(same, key=_contingent), _contingent).items()))
        for name, same in sorted(groups.items(), key=lambda one: str(one[0]))
    ]


def _channels(asked: Asked) -> list[tuple[str, list[int], int]]:
    """Contingent by contingent, how many were booked by each channel, in the order of Channel; the total last."""
    counted = usage.channels(asked.first, asked.last, center=asked.center)
    names = sorted({contingent for contingent, _channel in counted})
    rows = [[counted[name, channel] for channel in Channel.values] for name in names]
    found = [(name, row, sum(row)) for name, row in zip(names, rows, strict=True)]
    sums = [sum(column) for column in zip(*rows, strict=True)] if rows else []
    return [*found, (_("Total"), sums, sum(sums))] if found else []


def _asked(typed: QueryDict, centers: list[Center], *, on: date) -> Asked:
    """Any day stands for its week."""
    usual = (_monday(on - BACK), _monday(on + AHEAD) + timedelta(days=6))
    words = (typed.get("von", "").strip()[:20], typed.get("bis", "").strip()[:20])
    center = next((one for one in centers if one.slug == typed.get("zentrum")), None)
    if not any(words):
        return Asked(*usual, center, (usual[0].isoformat(), usual[1].isoformat()))
    first, last = (typed_day(word) for word in words)
    if first is None or last is None:
        return Asked(*usual, center, words, _("Enter both days as in 2021-04-19."))
    if last < first:
        return Asked(*usual, center, words, _("The last day lies before the first one. Please swap them."))
    first, last = _monday(first), _monday(last) + timedelta(days=6)
    if last - first > LONGEST:
        return Asked(*usual, center, words, _("At most half a year is shown at once. Please choose less."))
    return Asked(first, last, center, words)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
