"""A day that was kept on paper, entered afterwards: the rows of the list in its order, many in one form."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from booking import clock
from booking.door import day_list, paper_words
from booking.door.day_list import Row
from booking.services import afterwards as service
from booking.services.afterwards import OPEN, Entry
from centers.models import Center, Session
from web.access import user_of
from web.centeradmin.here import at_center
from web.centeradmin.today import trail
from web.centeradmin.today.afterwards_forms import LineForm, PresetForm

DAYS_BACK = 14
AT_ONCE = 24  # rows of a page, seven fields each: with those above less than DATA_UPLOAD_MAX_NUMBER_FIELDS
KEY = "afterwards"  # presets of this login: batches and the physician, nothing about a person


@dataclass
class Line:
    """One row: with a form while something can be entered, else as it stands; `problem` is why it was not taken."""

    row: Row
    form: LineForm | None
    problem: str = ""

    @property
    def state(self) -> str:
        return paper_words.state(self.row)

    @property
    def tone(self) -> str:
        return "success" if self.row.vaccinated_at else "info"

    @property
    def dose(self) -> str:
        return paper_words.dose(self.row)


@dataclass
class Desk:
    """What a request is about."""

    request: HttpRequest
    day: date
    now: datetime
    rows: list[Row] = field(default_factory=list)

    @property
    def address(self) -> str:
        return reverse("centeradmin:today_afterwards_of", kwargs={"day": self.day})


@require_http_methods(["GET", "HEAD", "POST"])
@at_center
def afterwards(request: HttpRequest, day: date | None = None) -> HttpResponse:
    """GET shows a page of the list with empty fields; POST enters what was typed and keeps what could not be."""
    now = timezone.now()
    desk = Desk(request, day or clock.local_day(now), now)
    if not within_reach(desk.day, now=now):
        raise Http404
    desk.rows = day_list.rows(request.center.pk, desk.day)
    if request.method == "POST":
        return _enter(desk)
    trail.read_list(request.center, desk.day, by=user_of(request), now=now)
    kept = request.session.get(KEY, {})
    entered = kept.pop("entered", 0)
    if entered:
        request.session[KEY] = kept
    number, rows = _page(desk)
    lines = [Line(row, LineForm(row=row, day=desk.day) if row.state in OPEN else None) for row in rows]
    preset = PresetForm(rows=desk.rows, initial=kept)
    return _show(desk, lines, preset, {"entered": entered, "number": number})


def within_reach(day: date, *, now: datetime) -> bool:
    """True for the days that can still be entered from paper."""
    today = clock.local_day(now)
    return today - timedelta(days=DAYS_BACK) <= day <= today


def line_of(center: Center, day: date, appointment: UUID) -> str:
    """Where this line stands among the pages of the day."""
    found = [row.appointment for row in day_list.rows(center.pk, day)]
    number = found.index(appointment) // AT_ONCE + 1 if appointment in found else 1
    address = reverse("centeradmin:today_afterwards_of", kwargs={"day": day})
    return f"{address}?seite={number}#z-{appointment.hex}"


def _enter(desk: Desk) -> HttpResponse:
    request, posted = desk.request, desk.request.POST
    preset = PresetForm(posted, rows=desk.rows, initial={})
    shown = [row for row in desk.rows if f"{row.appointment.hex}-seen_as" in posted]
    forms = {row.appointment: LineForm(posted, row=row, day=desk.day) for row in shown}
    good_preset = preset.is_valid()
    entries = [entry for form in forms.values() if form.is_valid() and (entry := form.entry(preset))]
    problems = _entered(desk, entries if good_preset else [])
    done = {entry.appointment for entry in entries if entry.appointment not in problems} if good_preset else set()
    request.session[KEY] = {
        name: value for name, value in preset.cleaned_data.items() if name != "papers" and value
    } | {"entered": len(done)}  # fmt: skip
    wrong = [form for form in forms.values() if form.errors]
    number = posted.get("seite", "1")
    if good_preset and not wrong and not problems:
        return redirect(f"{desk.address}?seite={number}" if number.isdecimal() else desk.address)
    request.session[KEY].pop("entered")
    lines = _lines(desk, forms, done, problems)
    return _show(desk, lines, preset, {"entered": len(done), "number": int(number) if number.isdecimal() else 1})


def _entered(desk: Desk, entries: list[Entry]) -> dict[UUID, str]:
    """Hand the entries over; why some were not taken. The rows are read again afterwards."""
    if not entries:
        return {}
    problems = service.enter(
        center=desk.request.center, day=desk.day, entries=entries, by=user_of(desk.request), now=desk.now
    )
    desk.rows = day_list.rows(desk.request.center.pk, desk.day)
    return problems


def _lines(desk: Desk, forms: dict[UUID, LineForm], done: set[UUID], problems: dict[UUID, str]) -> list[Line]:
    """The same rows as they are now; what was typed and not entered stays in its fields."""
    lines = []
    for row in desk.rows:
        form = forms.get(row.appointment)
        if form is None:
            continue
        typed = form if row.appointment not in done and (row.state in OPEN or form.has_changed()) else None
        lines.append(Line(row, typed, problems.get(row.appointment, "")))
    return lines


def _page(desk: Desk) -> tuple[int, list[Row]]:
    asked = desk.request.GET.get("seite", "1")
    number = int(asked) if asked.isdecimal() and asked.isascii() and len(asked) < 4 else 1
    number = max(1, min(number, _pages(desk)))
    return number, desk.rows[(number - 1) * AT_ONCE : number * AT_ONCE]


def _pages(desk: Desk) -> int:
    return -(-len(desk.rows) // AT_ONCE) or 1


def _show(desk: Desk, lines: list[Line], preset: PresetForm, more: dict[str, int]) -> HttpResponse:
    wrong = [line for line in lines if line.problem or (line.form and line.form.is_bound and line.form.errors)]
    pages = [
        {"number": start // AT_ONCE + 1, "first": desk.rows[start], "last": desk.rows[start : start + AT_ONCE][-1]}
        for start in range(0, len(desk.rows), AT_ONCE)
    ]
    context = {
        "day": desk.day,
        "days": _days(desk),
        "lines": lines,
        "preset": preset,
        "form": preset,
        "wrong": wrong,
        "pages": pages if len(pages) > 1 else [],
        "without_second": day_list.without_second(desk.rows),
        "open": sum(row.state in OPEN for row in desk.rows),
        **more,
    }
    return render(desk.request, "centeradmin/today/afterwards.html", context)


def _days(desk: Desk) -> list[date]:
    """The days with sessions that can still be entered, the newest first."""
    today = clock.local_day(desk.now)
    found = Session.objects.filter(
        center=desk.request.center, date__range=(today - timedelta(days=DAYS_BACK), today)
    ).exclude(state=Session.State.DRAFT)
    return list(found.order_by("-date").values_list("date", flat=True).distinct())
