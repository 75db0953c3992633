"""Where in the wizard somebody is: the line of steps, the line of what is known, and the first page still open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from centers.models import Center, SessionDraft, Vaccine
from centers.sessions import checks, drafts
from centers.sessions.grid import ZONE
from centers.sessions.plans import Plan

DAYS, TIMES, VACCINE = "new_session_days", "new_session_times", "new_session_vaccine"
SHARES, CHECK, PUBLISH = "new_session_shares", "new_session_check", "new_session_publish"
STEPS = (
    (DAYS, _("Days")),
    (TIMES, _("Times and lines")),
    (VACCINE, _("Vaccine")),
    (SHARES, _("Shares")),
    (CHECK, _("Check")),
    (PUBLISH, _("Publish")),
)
DATES = "new_session_dates"  # the second half of the page of days
HEADINGS = {**dict(STEPS), DATES: _("Which days"), CHECK: _("Check your answers")}
ORDER = [name for name, _label in STEPS]
# What an answer makes doubtful: it has to be given again.
UNSETTLED: Mapping[str, Mapping[str, object]] = {
    DAYS: {"overlap": False, "scope": ""},
    TIMES: {"overlap": False, "scope": ""},
    VACCINE: {"scope": ""},
}


@dataclass(frozen=True)
class Step:
    """One word of the line; `url` is "" for a page that cannot be opened yet."""

    label: str
    url: str
    done: bool
    current: bool


def first_open(center: Center, data: Mapping[str, Any]) -> str:
    """The first page without a whole answer; CHECK when all are there."""
    if not drafts.days_of(data):
        return DAYS
    if drafts.hours_of(data) is None:
        return TIMES
    plan = drafts.plan_of(center, data)
    if plan is None:
        return VACCINE
    return CHECK if _shared_out(plan, data) else SHARES


def steps(current: str, opened: str) -> list[Step]:
    """`opened` is the first page that is still open: it and all before it can be visited."""
    reach = ORDER.index(opened)
    return [
        Step(
            label=f"{number}. {label}",
            url=reverse(f"centeradmin:{name}") if number - 1 <= reach and name != current else "",
            done=number - 1 < reach and name != current,
            current=name == current,
        )
        for number, (name, label) in enumerate(STEPS, start=1)
    ]


def known(draft: SessionDraft | None) -> str:
    """BioNTech · Mo, Mi, Fr vom 26.04. bis 14.05. · 08:00 bis 13:00 · 4 Linien · Entwurf gesichert 10:46."""
    if draft is None:
        return gettext("What you fill in is kept as a draft, also when you log out.")
    data = draft.data
    vaccine = Vaccine.objects.filter(pk=data.get("vaccine", "")).first()
    parts = [vaccine.name if vaccine else "", days_words(data), hours_words(data), _saved(draft.saved_at)]
    return " · ".join(filter(None, parts))


def days_words(data: Mapping[str, Any]) -> str:
    """The days in short; "" before they are known."""
    days = drafts.days_of(data)
    if not days:
        return ""
    if len(days) == 1:
        return date_format(days[0], "D d.m.Y")
    weekdays = ", ".join(str(WEEKDAYS_ABBR[number]) for number in sorted({day.weekday() for day in days}))
    words = gettext("%(weekdays)s from %(first)s to %(last)s")
    return words % {
        "weekdays": weekdays,
        "first": date_format(days[0], "d.m."),
        "last": date_format(days[-1], "d.m.Y"),
    }


def hours_words(data: Mapping[str, Any]) -> str:
    """Hours and lines in short; "" before they are known."""
    hours = drafts.hours_of(data)
    if hours is None:
        return ""
    lines = ngettext("%(lines)s line", "%(lines)s lines", data["times"]["lines"]) % {"lines": data["times"]["lines"]}
    words = gettext("%(start)s to %(end)s") % {"start": f"{hours.starts:%H:%M}", "end": f"{hours.ends:%H:%M}"}
    return f"{words} · {lines}"


def _saved(at: datetime) -> str:
    words = gettext("Draft saved %(time)s, still there after you log out")
    return words % {"time": f"{at.astimezone(ZONE):%d.%m. %H:%M:%S}"}


def _shared_out(plan: Plan, data: Mapping[str, Any]) -> bool:
    """The shares add up, and what the page of shares asks has been answered."""
    if sum(share.places for share in plan.shares) != plan.capacity.per_day or not data.get("scope"):
        return False
    return bool(data.get("overlap")) or not checks.overlaps(plan, checks.around(plan.center, plan.days))
