"""Paper for the door: the paper pack, the list for the desk, and the list as a file."""

from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.refusals import Refused
from booking import clock
from booking.door import paper
from booking.models import PaperPack
from booking.services import paper as packs
from web.access import user_of
from web.centeradmin.here import at_center
from web.centeradmin.today import listing
from web.centeradmin.today.paper_forms import ExportForm
from web.centeradmin.today.paper_rows import cells, titles
from web.spreadsheet import download


@require_safe
@at_center
def newest(request: HttpRequest) -> HttpResponse:
    """Today's pack as it was made last; where there is none yet, the page that makes one."""
    return _pack(request, clock.local_day(timezone.now()))


@require_safe
@at_center
def days(request: HttpRequest) -> HttpResponse:
    """Today's pack and tomorrow's: from when they are, to download, to make anew."""
    today = clock.local_day(timezone.now())
    packs_ahead = [
        {"day": day, "pack": paper.newest(request.center.pk, day)}
        for day in (today + timedelta(days=ahead) for ahead in paper.AHEAD)
    ]
    context = {"days": packs_ahead, "every": paper.EVERY}
    return render(request, "centeradmin/today/paper.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_center
def of_day(request: HttpRequest, day: date) -> HttpResponse:
    """GET downloads the pack of that day, POST makes it anew. Other days than today and tomorrow have none."""
    now = timezone.now()
    if (day - clock.local_day(now)).days not in paper.AHEAD:
        raise Http404
    if request.method == "POST":
        packs.make(center=request.center, day=day, by=user_of(request), now=now)
        return redirect("centeradmin:today_paper_days")
    return _pack(request, day)


@require_safe
@at_center
def for_the_desk(request: HttpRequest) -> HttpResponse:
    """The day list to be printed: without reasons, papers and contact data."""
    now = timezone.now()
    today = clock.local_day(now)
    rows = packs.printed(center=request.center, day=today, by=user_of(request), now=now)
    context = {"day": today, "now": now, "lines": listing.lines(rows, now=now)}
    return render(request, "centeradmin/today/print.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_center
def as_csv(request: HttpRequest) -> HttpResponse:
    """GET asks for day and reason; POST sends the file. Nothing leaves without a reason on record."""
    now = timezone.now()
    form = ExportForm(request.POST or None, today=clock.local_day(now))
    if not form.is_valid():
        return render(request, "centeradmin/today/csv.html", {"form": form})
    day = form.cleaned_data["day"]
    rows = packs.exported(
        center=request.center, day=day, reason=form.cleaned_data["reason"], by=user_of(request), now=now
    )
    return download([titles(), *map(cells, rows)], name=f"tagesliste-{request.center.slug}-{day:%Y-%m-%d}.csv")


def _pack(request: HttpRequest, day: date) -> HttpResponse:
    """The download; where there is no pack yet, the page that makes one."""
    try:
        pack = packs.read(center=request.center, day=day, by=user_of(request), now=timezone.now())
    except Refused:
        return redirect("centeradmin:today_paper_days")
    answer = HttpResponse(bytes(pack.content), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{_name(pack)}"'
    return answer


def _name(pack: PaperPack) -> str:
    """papiermappe-riesa-2021-02-16-1000.pdf: of two on a stick or a desk, the newer one is known by its name."""
    return f"papiermappe-{pack.center.slug}-{pack.day:%Y-%m-%d}-{timezone.localtime(pack.made_at):%H%M}.pdf"
