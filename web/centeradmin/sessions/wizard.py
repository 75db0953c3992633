"""The wizard for new sessions: one page per question, the draft on the server, "check your answers" last.

Every page works without scripts: "count again" shows the page once more with the figures of what was typed, and htmx
fetches that same page to refresh its panel while somebody types.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from centers.models import SessionDraft, Vaccine
from centers.sessions import checks, drafts
from centers.sessions import days as calendar
from centers.sessions.grid import MOST_LINES
from web.access import user_of
from web.centeradmin.here import at_center
from web.centeradmin.sessions import progress, sums
from web.centeradmin.sessions.forms import WEEKLY, DatesForm, DaysForm, TimesForm, VaccineForm
from web.centeradmin.sessions.progress import CHECK, DATES, DAYS, ORDER, PUBLISH, TIMES, UNSETTLED, VACCINE
from web.days import typed_day

METHODS = require_http_methods(["GET", "HEAD", "POST"])
COUNT = "count"
# In the login's session:
SENT = "sessions_sent"  # what the last button was pressed for, so that a second click leads where the first did
MOVED = "sessions_moved"  # an answer came for a page that another window has closed; said once


def draft_of(request: HttpRequest) -> SessionDraft | None:
    return drafts.find(user_of(request), request.center)


def step(name: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A page of the wizard: gives `request.draft` and `request.answers`; who is too early is led to the open page."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @METHODS
        @at_center
        @wraps(view)
        def inside(request: HttpRequest) -> HttpResponse:
            request.draft = draft_of(request)
            request.answers = request.draft.data if request.draft else {}
            request.opened = progress.first_open(request.center, request.answers)
            if ORDER.index(name) > ORDER.index(request.opened) and request.opened != CHECK:
                return _too_early(request)
            return view(request)

        return inside

    return decorate


def _too_early(request: HttpRequest) -> HttpResponseRedirect:
    """Lead to the page that is open; whoever sent something hears why, or where her first click has led."""
    if request.method == "POST":
        if request.draft is None and request.POST.get("shown", "") == request.session.get(SENT):
            return to("new_session_done")
        request.session[MOVED] = True
    return to(request.opened)


def to(name: str) -> HttpResponseRedirect:
    return redirect(f"centeradmin:{name}")


@require_http_methods(["GET", "HEAD"])
@at_center
def start(request: HttpRequest) -> HttpResponse:
    """Go on where the draft ends. `?tag=2021-04-25` is a day of the week view: the page of days, filled in."""
    day = _day(request)
    if day:
        return redirect(f"{reverse('centeradmin:new_session_days')}?tag={day.isoformat()}")
    draft = draft_of(request)
    return to(progress.first_open(request.center, draft.data if draft else {}))


@step(DAYS)
def days(request: HttpRequest) -> HttpResponse:
    """A single day, or weekly."""
    now, day = timezone.now(), _day(request)
    initial = {"mode": "single", "date": day} if day else request.answers.get("pattern", {})
    form = DaysForm(_posted(request), initial=initial, center=request.center, now=now)
    if (answer := _go_on(request, DAYS, form, now)) is None:
        return page(request, DAYS, form, now)
    if form.cleaned_data["mode"] == WEEKLY:
        return to(DATES)
    return answer


@step(DAYS)
def dates(request: HttpRequest) -> HttpResponse:
    """Which of the days of a weekly series: holidays are proposed for leaving out."""
    now, pattern = timezone.now(), request.answers.get("pattern", {})
    if pattern.get("mode") != WEEKLY:
        return to(DAYS)
    first, until = (date.fromisoformat(pattern[name]) for name in ("first", "until"))
    found = calendar.weekly(first, until, pattern["weekdays"])
    land = calendar.land_of(request.center.district_id)
    candidates = calendar.candidates(found, land=land, language=get_language() or "de")
    initial = {"days": request.answers.get("days", [])}
    form = DatesForm(_posted(request), initial=initial, candidates=candidates)
    left_out = sum(not one.proposed for one in candidates)
    more = {
        "left_out": left_out,
        "school_source": calendar.school_calendar(land).source,
        "in_school_holidays": any(one.school for one in candidates),
        "doubtful": any(not one.school_verified for one in candidates),
    }
    return _go_on(request, DAYS, form, now) or page(request, DAYS, form, now, template=DATES, **more)


@step(TIMES)
def times(request: HttpRequest) -> HttpResponse:
    """Hours, break, minutes and lines."""
    now = timezone.now()
    chosen = drafts.days_of(request.answers)
    in_use = checks.last_line_in_use(request.center, chosen)
    free = in_use + 1 if in_use < MOST_LINES else 1
    usual = {"minutes": 10, "lines": 2, "first_line": free, **request.answers.get("times", {})}
    form = TimesForm(_posted(request), initial=usual, days=chosen, now=now)
    return _go_on(request, TIMES, form, now) or page(request, TIMES, form, now, in_use=in_use)


@step(VACCINE)
def vaccine(request: HttpRequest) -> HttpResponse:
    """With what."""
    now = timezone.now()
    known = list(Vaccine.objects.order_by("name", "code"))
    form = VaccineForm(_posted(request), initial=request.answers, vaccines=known, days=drafts.days_of(request.answers))
    return _go_on(request, VACCINE, form, now) or page(request, VACCINE, form, now)


@METHODS
@at_center
def discard(request: HttpRequest) -> HttpResponse:
    """Throw the draft away; asked first."""
    if request.method == "POST":
        drafts.drop(center=request.center, by=user_of(request))
        return to(DAYS)
    draft = draft_of(request)
    if draft is None:
        return to(DAYS)
    return render(request, "centeradmin/sessions/discard.html", {"known": progress.known(draft)})


def page(
    request: HttpRequest, name: str, form: Form, now: datetime, *, template: str = "", **more: Any
) -> HttpResponse:
    """A page with its line of steps and the panel of sums; of what was typed, when somebody counts."""
    fixed = name in (CHECK, PUBLISH)
    data = request.answers if fixed else {**request.answers, **_answers(form)}
    index = ORDER.index(name)
    context = {
        "form": form,
        "heading": progress.HEADINGS[template or name],
        "fixed": fixed,
        "steps": progress.steps(name, PUBLISH if name == PUBLISH else request.opened),
        "known": progress.known(request.draft),
        "has_draft": request.draft is not None,
        "moved": request.session.pop(MOVED, False),
        "sums": sums.of(request.center, data, now=now),
        "back_url": reverse(f"centeradmin:{DAYS if template else ORDER[index - 1]}") if index or template else "",
        **more,
    }
    return render(request, f"centeradmin/sessions/{(template or name).removeprefix('new_session_')}.html", context)


def _go_on(request: HttpRequest, name: str, form: Form, now: datetime) -> HttpResponse | None:
    """Keep a good answer and lead to the next open page; None when the page has to be shown."""
    if not form.is_bound or request.POST.get("do") == COUNT or not form.is_valid():
        return None
    return keep(request, name, form.answers(), now)


def keep(request: HttpRequest, name: str, answers: Mapping[str, Any], now: datetime) -> HttpResponse:
    """Keep the answers of a page; those that they make doubtful are asked again."""
    changed = any(request.answers.get(key) != value for key, value in answers.items())
    unsettled = UNSETTLED.get(name, {}) if changed else {}
    draft = drafts.keep(center=request.center, answers={**unsettled, **answers}, by=user_of(request), now=now)
    return to(progress.first_open(request.center, draft.data))


def _posted(request: HttpRequest) -> Mapping[str, Any] | None:
    return request.POST if request.method == "POST" else None


def _answers(form: Form) -> Mapping[str, Any]:
    return form.answers() if form.is_bound and form.is_valid() else {}


def _day(request: HttpRequest) -> date | None:
    """The day in the address; anything else is as if it were not there."""
    return typed_day(request.GET.get("tag", ""))
