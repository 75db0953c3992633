"""A week once more: what would be copied, with what stands against it; then the chosen ones as drafts."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from centers.sessions import checks, copying, days, services
from centers.sessions.copying import Copy
from centers.sessions.grid import ZONE
from centers.sessions.publishing import Opening
from web.access import user_of
from web.centeradmin.here import at_center
from web.centeradmin.sessions.waiting import SAID
from web.centeradmin.supply.forms import DayField
from web.forms import Form

WEEK = timedelta(days=7)


class WeeksForm(Form):
    """From which week into which; any day of a week names it."""

    von = DayField(label=_("Copy the week of"))
    nach = DayField(label=_("into the week of"))

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if not self.errors and _monday(values["von"]) == _monday(values["nach"]):
            self.add_error("nach", gettext("That is the same week. Please choose another."))
        return values


class ChosenForm(Form):
    """Which of the sessions, and that overlaps are meant."""

    blocks = forms.TypedMultipleChoiceField(
        label=_("Sessions"), coerce=UUID, error_messages={"required": _("Please tick the sessions to copy.")}
    )
    overlap = forms.BooleanField(label=_("Yes, this is meant (kept with my name)"), required=False)

    def __init__(self, *args: Any, found: list[Copy], **options: Any) -> None:
        super().__init__(*args, **options)
        self.found = {one.source: one for one in found if not one.refusal}
        self.fields["blocks"].choices = [(str(block), str(block)) for block in self.found]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        meant = [self.found[block] for block in values.get("blocks", ())]
        if any(one.overlaps for one in meant) and not values.get("overlap"):
            self.add_error("overlap", gettext("Please confirm this, or leave out the sessions that overlap."))
        return values


@require_http_methods(["GET", "HEAD", "POST"])
@at_center
def copy(request: HttpRequest) -> HttpResponse:
    """`?von=2021-02-22&nach=2021-03-01` shows the preview; POST there copies what is ticked."""
    now = timezone.now()
    asked = {**_usual(request.GET, now), **{name: request.GET[name] for name in ("von", "nach") if name in request.GET}}
    weeks = WeeksForm(asked)
    if not weeks.is_valid():
        return render(request, "centeradmin/sessions/copy.html", {"weeks": weeks, "found": None, "form": weeks})
    source, target = _monday(weeks.cleaned_data["von"]), _monday(weeks.cleaned_data["nach"])
    found = copying.week_copies(request.center, source=source, target=target, language=get_language() or "de", now=now)
    form = ChosenForm(request.POST if request.method == "POST" else None, found=found)
    if form.is_bound and form.is_valid():
        try:
            return _copy(request, form, now)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    ticked = form.data.getlist("blocks") if form.is_bound else [str(one.source) for one in found if one.proposed]
    context = {
        "weeks": weeks, "form": form, "source": source, "target": target,
        "found": [(one, str(one.source) in ticked, list(map(checks.overlap_words, one.overlaps))) for one in found],
        "school_source": days.school_calendar(days.land_of(request.center.district_id)).source,
        "in_school_holidays": any(one.candidate.school for one in found),
        "doubtful": any(not one.candidate.school_verified for one in found),
        "possible": any(not one.refusal for one in found),
        "overlapping": any(one.overlaps for one in found),
    }  # fmt: skip
    return render(request, "centeradmin/sessions/copy.html", context)


def _copy(request: HttpRequest, form: ChosenForm, now: datetime) -> HttpResponse:
    chosen = [form.found[block].plan for block in form.cleaned_data["blocks"]]
    made = services.create(
        chosen, confirmed=form.cleaned_data["overlap"], opening=Opening(), by=user_of(request), now=now
    )
    words = ngettext("%(number)s session was copied as a draft.", "%(number)s sessions were copied as drafts.",
                     len(made.blocks))  # fmt: skip
    request.session[SAID] = words % {"number": len(made.blocks)}
    return redirect("centeradmin:new_session_drafts")


def _usual(typed: Any, now: datetime) -> dict[str, str]:
    """This week into the next; after another first week the one behind it."""
    try:
        source = _monday(date.fromisoformat(typed.get("von", "")))
    except ValueError:
        source = _monday(now.astimezone(ZONE).date())
    return {"von": source.isoformat(), "nach": (source + WEEK).isoformat()}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
