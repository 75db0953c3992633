"""The drafts of a center: publish, set a time, throw away; and one of them changed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from accounts.roles import Role
from centers.models import Contingent
from centers.sessions import grid, publishing, services
from centers.sessions import waiting as reads
from centers.sessions.grid import Hours
from centers.sessions.plans import Plan, Share
from centers.sessions.waiting import Waiting
from centers.supply.cover import REASON_LENGTH
from web.access import user_of
from web.centeradmin.here import at_center, works_at
from web.centeradmin.sessions.fields import ClockField
from web.centeradmin.sessions.forms import SharesForm, TimesForm, not_optional
from web.centeradmin.supply.forms import DayField, VaccineField
from web.forms import Form, PlainTextField

METHODS = require_http_methods(["GET", "HEAD", "POST"])
MOST = 150  # on one page; each has a box to tick
SAID = "drafts_said"  # what the last deed came to, shown once


class DraftsForm(Form):
    """Some of the drafts, and what shall happen to them."""

    PUBLISH, TIME, NO_TIME, DISCARD = "publish", "time", "no_time", "discard"
    blocks = forms.TypedMultipleChoiceField(
        label=_("Drafts"), coerce=UUID, error_messages={"required": _("Please tick the drafts that are meant.")}
    )
    do = forms.ChoiceField()
    reason = PlainTextField(label=_("Reason for publishing beyond supply"), required=False, max_length=REASON_LENGTH)
    on = DayField(label=_("Day"), required=False)
    clock = ClockField(label=_("Time of day"), required=False)

    def __init__(self, *args: Any, found: list[Waiting], manager: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        deeds = (self.PUBLISH, self.TIME, self.NO_TIME) + ((self.DISCARD,) if manager else ())
        if not self.is_bound:
            not_optional(self, "on", "clock")
        self.fields["do"].choices = [(one, one) for one in deeds]
        self.fields["blocks"].choices = [(str(one.block), str(one.block)) for one in found]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("do") == self.TIME:
            for name, text in (("on", gettext("Please give the day.")), ("clock", gettext("Please give a time."))):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, text)
        not_optional(self, "on", "clock")
        return values


class ChangeForm(SharesForm, TimesForm):
    """One draft: its day, hours, lines, vaccine and shares."""

    date = DayField(label=_("Day"))
    vaccine = VaccineField()
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    overlap = forms.BooleanField(label=_("Yes, this is meant (kept with my name)"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.shares = [self.name_of(one) for one in self.contingents]
        if not self.is_bound:
            not_optional(self, *self.shares)

    def clean(self) -> dict[str, Any]:
        """The shares are asked of the hours that are typed, not of those that were."""
        values = self.cleaned_data
        self.days = (values["date"],) if values.get("date") else ()
        try:
            hours = _hours(values)
            self.total = len(grid.start_times(hours)) * values["lines"]
        except (KeyError, Refused):  # said on the fields below
            self.total = sum(self.numbers())
        values = super().clean()
        not_optional(self, *self.shares)
        return values


@METHODS
@at_center
def drafts(request: HttpRequest) -> HttpResponse:
    """What waits to be published. A planner may publish beyond supply, with a reason."""
    now = timezone.now()
    every = reads.drafts_at(request.center, now=now)
    found = every[:MOST]
    user = user_of(request)
    manager = user.has_role(Role.CENTER_MANAGER) and works_at(user, request.center)
    form = DraftsForm(request.POST if request.method == "POST" else None, found=found, manager=manager)
    if form.is_bound and form.is_valid():
        try:
            request.session[SAID] = _do(request, form, now)
        except Refused as refusal:
            form.add_error({"publish_at": "on", "clocks": "clock"}.get(refusal.code), str(refusal))
        else:
            return redirect("centeradmin:new_session_drafts")
    ticked = form.data.getlist("blocks") if form.is_bound else []
    context = {
        "form": form,
        "found": [(one, str(one.block) in ticked) for one in found],
        "more": len(every) - len(found),
        "planner": user.has_role(Role.PLANNER),
        "manager": manager,
        "said": "" if form.is_bound else request.session.pop(SAID, ""),
    }
    return render(request, "centeradmin/sessions/drafts.html", context)


@METHODS
@at_center
def change(request: HttpRequest, block: UUID) -> HttpResponse:
    """Change one draft. Whoever is second sees what the first did, and keeps what was typed."""
    now, draft = timezone.now(), reads.draft_at(request.center, block)
    if draft is None:
        raise Http404
    contingents = list(Contingent.objects.select_related("falls_back_to").order_by("pk"))
    options = {"contingents": contingents, "total": draft.places, "days": draft.plan.days, "now": now}
    initial = _initial(draft, [SharesForm.name_of(one) for one in contingents])
    form = ChangeForm(request.POST if request.method == "POST" else None, initial=initial, **options)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            _change(request, form, draft, now)
        except Refused as refusal:
            status = 409
            form.add_error(_field(refusal.code), str(refusal))
        else:
            request.session[SAID] = gettext("The draft has been changed.")
            return redirect("centeradmin:new_session_drafts")
    context = {
        "form": form,
        "draft": draft,
        "newer": form.is_bound and str(draft.version) != form.data.get("version"),
        "asks_overlap": form.is_bound and ("overlap" in form.errors or "overlap" in form.data),
        "shares": [form[name] for name in form.shares],
    }
    return render(request, "centeradmin/sessions/change.html", context, status=status)


def _do(request: HttpRequest, form: DraftsForm, now: datetime) -> str:
    """One deed for all ticked drafts; what it came to, in words."""
    values, by = form.cleaned_data, user_of(request)
    center, blocks, deed = request.center, values["blocks"], values["do"]
    deeds: dict[str, Callable[[], object]] = {
        form.PUBLISH: lambda: publishing.publish(center, blocks, by=by, now=now, reason=values["reason"]),
        form.TIME: lambda: publishing.publish_at(
            center, blocks, at=grid.moment(values["on"], values["clock"]), by=by, now=now, reason=values["reason"]
        ),
        form.NO_TIME: lambda: publishing.publish_at(center, blocks, at=None, by=by, now=now),
        form.DISCARD: lambda: services.discard(center, blocks, by=by, now=now),
    }
    deeds[deed]()
    return {
        form.PUBLISH: gettext("The sessions are published: their places can be booked now."),
        form.TIME: gettext("The sessions open by themselves at that time, if there is vaccine for them."),
        form.NO_TIME: gettext("The sessions stay drafts until somebody publishes them."),
        form.DISCARD: gettext("The drafts are thrown away."),
    }[deed]


def _change(request: HttpRequest, form: ChangeForm, draft: Waiting, now: datetime) -> None:
    values = form.cleaned_data
    shares = tuple(Share(one, places) for one, places in zip(form.contingents, form.places(), strict=True))
    plan = Plan(
        request.center,
        values["vaccine"],
        (values["date"],),
        _hours(values),
        values["lines"],
        values["first_line"],
        shares,
    )
    services.change_draft(
        draft.block, plan, version=values["version"], confirmed=values["overlap"], by=user_of(request), now=now
    )


def _hours(values: dict[str, Any]) -> Hours:
    return Hours(*(values[name] for name in ("starts", "ends", "minutes", "break_starts", "break_ends")))


def _initial(draft: Waiting, names: list[str]) -> dict[str, Any]:
    plan, hours = draft.plan, draft.plan.hours
    return {
        "date": plan.days[0], "vaccine": plan.vaccine.pk, "version": draft.version,
        "starts": hours.starts, "ends": hours.ends, "minutes": hours.minutes,
        "break_starts": hours.break_starts, "break_ends": hours.break_ends,
        "lines": plan.lines, "first_line": plan.first_line, "unit": SharesForm.PLACES,
        **dict.fromkeys(names, 0),
        **{SharesForm.name_of(share.contingent): share.places for share in plan.shares},
    }  # fmt: skip


def _field(code: str) -> str | None:
    """The field of which a refusal speaks."""
    same = ("starts", "ends", "minutes", "lines", "first_line", "break_starts", "break_ends", "vaccine", "overlap")
    return {"past": "date", "center_days": "date", "clocks": "starts", "twice": "starts"}.get(
        code, code if code in same else None
    )
