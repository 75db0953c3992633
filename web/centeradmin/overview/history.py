"""/zentrum/verlauf/: who changed what in the sessions and the supply of this center, newest first."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import AuditEvent
from booking import clock
from centers.models import Center
from web.centeradmin.here import at_center
from web.centeradmin.overview import frame, words
from web.days import typed_day

PAGE = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """What somebody asks for, as typed, and what is wrong with it. `kind` is a key of words.GROUPS or "" for all."""

    kind: str
    first: str
    last: str
    error: str = ""

    def days(self) -> tuple[date | None, date | None]:
        return typed_day(self.first), typed_day(self.last)

    def query(self) -> dict[str, str]:
        asked = {"art": self.kind, "von": self.first, "bis": self.last}
        return {name: value for name, value in asked.items() if value}


@require_safe
@at_center
def history(request: HttpRequest) -> HttpResponse:
    """?art=&von=&bis= narrow it down, ?vor= goes on where the last page ended."""
    asked = _asked(request.GET)
    events = of_center(request.center, asked)
    after = _key(request.GET.get("vor", ""))
    if after is not None:
        at, pk = after
        events = events.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    rows = list(events.select_related("actor")[: PAGE + 1])
    teller = words.Teller()
    more = len(rows) > PAGE
    context = {
        "asked": asked,
        "kinds": [(key, label) for key, (label, _beginnings) in words.GROUPS.items()],
        "told": [(told, _result(request, told)) for told in map(teller.told, rows[:PAGE])],
        "older": _page(asked, rows[PAGE - 1]) if more else "",
        "newest": _page(asked) if after else "",
    }
    return render(request, "centeradmin/overview/history.html", context)


def _result(request: HttpRequest, told: words.Told) -> str:
    """Where it stands what became of everybody; "" when the event is of no change."""
    return frame.way(request, "centeradmin:changes_result", told.change) if told.change else ""


def of_center(center: Center, asked: Filter) -> QuerySet[AuditEvent]:
    """The trail of the center's sessions and supply. Its subject is the center, so no person is in it."""
    groups = [words.GROUPS[asked.kind]] if asked.kind in words.GROUPS else words.GROUPS.values()
    wanted = Q(pk__in=[])
    for _label, beginnings in groups:
        for beginning in beginnings:
            wanted |= Q(action__startswith=beginning)
    events = AuditEvent.objects.filter(wanted, subject=center.public_id).order_by("-at", "-pk")
    for kind in words.BY_THE_CLOCK - {asked.kind}:
        events = events.exclude(action__in=words.GROUPS[kind][1])
    first, last = (None, None) if asked.error else asked.days()
    if first:
        events = events.filter(at__gte=clock.start_of(first))
    if last:
        events = events.filter(at__lt=clock.end_of(last))
    return events


def _asked(typed: QueryDict) -> Filter:
    kind = typed.get("art", "")
    first, last = typed.get("von", "").strip()[:20], typed.get("bis", "").strip()[:20]
    found = Filter(kind if kind in words.GROUPS else "", first, last)
    from_, until = found.days()
    if (first and not from_) or (last and not until):
        return Filter(found.kind, first, last, _("Enter days as in 2021-04-19."))
    if from_ and until and until < from_:
        return Filter(found.kind, first, last, _("The last day lies before the first one. Please swap them."))
    return found


def _page(asked: Filter, last: AuditEvent | None = None) -> str:
    query = asked.query()
    if last is not None:
        query["vor"] = f"{last.at.isoformat()}_{last.pk}"
    return f"{reverse('centeradmin:day_history')}?{urlencode(query)}"


def _key(typed: str) -> tuple[datetime, int] | None:
    """Where a page ended: moment and number of its last event; None for anything else."""
    at, _line, pk = typed.rpartition("_")
    try:
        moment, number = datetime.fromisoformat(at), int(pk)
    except ValueError:
        return None
    return (moment, number) if moment.tzinfo and 0 < number < 2**63 else None
