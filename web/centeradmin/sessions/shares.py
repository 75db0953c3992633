"""The page of shares, and the last two of the wizard: check, and publish."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused
from accounts.roles import Role
from centers.models import Channel, Contingent, Session
from centers.sessions import checks, drafts, grid, plans, services
from centers.sessions.checks import Around
from centers.sessions.plans import Plan, Share
from centers.sessions.publishing import Opening, Scope
from centers.supply.cover import REASON_LENGTH
from web.access import user_of
from web.centeradmin.here import at_center
from web.centeradmin.sessions import sums, wizard
from web.centeradmin.sessions.forms import SharesForm, WhenForm
from web.centeradmin.sessions.progress import CHECK, DAYS, PUBLISH, SHARES
from web.centeradmin.sessions.sums import Sums
from web.centeradmin.sessions.wizard import COUNT, SENT, step, to
from web.forms import PlainTextField

# Proposed at first: so many percent for those who can only call, and for those who only come by.
USUAL: dict[str, int] = {Channel.PHONE: 30, Channel.ON_SITE: 10}
SHOWN = 5  # overlaps named one by one
MADE = "sessions_made"  # the blocks of the last wizard, in the login's session


@dataclass(frozen=True)
class Row:
    """One contingent of the table."""

    field: forms.BoundField
    name: str
    code: str
    percent: str
    falls_to: str
    falls_when: str


class SettleForm(SharesForm):
    """The shares, and what has to be settled beside them: overlaps that are meant, and what happens without vaccine."""

    overlap = forms.BooleanField(required=False)
    scope = forms.ChoiceField(label=_("What shall happen?"), widget=forms.RadioSelect, required=False)
    reason = PlainTextField(label=_("Reason for publishing beyond supply"), required=False, max_length=REASON_LENGTH)

    def __init__(self, *args: Any, plan: Plan, beside: Around, figures: Sums, **options: Any) -> None:
        planner, self.now = options.pop("planner"), options.pop("now")
        super().__init__(*args, **options)
        self.plan, self.beside = plan, beside
        self.found, self.planner = checks.overlaps(plan, beside), planner
        self.short = figures.cover is not None and not figures.cover.covered
        self.fields["overlap"].label = gettext("Yes, this is meant (kept with my name)")
        self.fields["scope"].choices = _scopes(figures, planner=planner)

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if not self.errors:
            self._check()
        if self.found and not values.get("overlap"):
            self.add_error("overlap", gettext("Please confirm this, or choose other lines or times."))
        if self.short and not values.get("scope"):
            self.add_error("scope", gettext("Please choose what shall happen, as vaccine is missing."))
        if self.short and values.get("scope") == Scope.ALL and not values.get("reason"):
            self.add_error("reason", gettext("Please give the reason: it is kept with the sessions."))
        return values

    def _check(self) -> None:
        """Everything that stands against the plan, now that it is whole."""
        given = zip(self.contingents, self.places(), strict=True)
        try:
            checks.check(replace(self.plan, shares=tuple(Share(*pair) for pair in given)), self.beside, now=self.now)
        except Refused as refusal:
            self.add_error(None, str(refusal))

    def answers(self) -> dict[str, Any]:
        values = self.cleaned_data
        beyond = self.short and values["scope"] == Scope.ALL
        return {
            **super().answers(),
            "overlap": bool(self.found),
            "scope": values["scope"] if self.short else Scope.ALL.value,
            "reason": values["reason"] if beyond else "",
        }


@step(SHARES)
def shares(request: HttpRequest) -> HttpResponse:
    """For whom the places are."""
    now, plan = timezone.now(), _plan(request)
    figures = sums.of(request.center, request.answers, now=now)
    contingents = list(Contingent.objects.select_related("falls_back_to").order_by("pk"))
    form = SettleForm(
        request.POST if request.method == "POST" else None,
        initial=_initial(request.answers, contingents, figures.per_day),
        contingents=contingents,
        total=figures.per_day,
        plan=plan,
        now=now,
        beside=checks.around(request.center, plan.days),
        figures=figures,
        planner=user_of(request).has_role(Role.PLANNER),
    )
    if form.is_bound and request.POST.get("do") != COUNT and form.is_valid():
        return wizard.keep(request, SHARES, form.answers(), now)
    form.is_valid()
    given = sum(form.places())
    more: dict[str, Any] = {
        "rows": _rows(form),
        "given": given,
        "rest": figures.per_day - given,
        "percent": _percent(given, figures.per_day),
        "total": figures.per_day,
        "overlaps": [{"text": checks.overlap_words(one), "by": one.by} for one in form.found[:SHOWN]],
        "overlaps_more": max(len(form.found) - SHOWN, 0),
    }
    return wizard.page(request, SHARES, form, now, **more)


@step(CHECK)
def check(request: HttpRequest) -> HttpResponse:
    """Check your answers, each with the way back to its page."""
    now, plan = timezone.now(), _plan(request)
    beside, problem = checks.around(request.center, plan.days), ""
    try:
        checks.check(plan, beside, now=now)
    except Refused as refusal:
        problem = str(refusal)
    more: dict[str, Any] = {
        "plan": plan,
        "problem": problem,
        "answers": request.answers,
        "overlaps": len(checks.overlaps(plan, beside)),
    }
    return wizard.page(request, CHECK, forms.Form(), now, **more)


@step(PUBLISH)
def publish(request: HttpRequest) -> HttpResponse:
    """When people may book. The button makes the sessions, once."""
    now, scope = timezone.now(), Scope(request.answers["scope"])
    form = WhenForm(
        request.POST if request.method == "POST" else None,
        initial={"when": WhenForm.NOW if scope != Scope.NONE else WhenForm.DRAFT},
        may_publish=scope != Scope.NONE,
    )
    if form.is_bound and request.POST.get("do") != COUNT and form.is_valid():
        if request.POST.get("shown") != drafts.fingerprint(request.draft):
            text = gettext("Your answers were changed in another window. Please check once more what will be created.")
            form.add_error(None, text)
        elif (answer := _create(request, form, scope, now)) is not None:
            return answer
    shown = drafts.fingerprint(request.draft)
    return wizard.page(request, PUBLISH, form, now, shown=shown, scope=scope.value)


@wizard.METHODS
@at_center
def done(request: HttpRequest) -> HttpResponse:
    """What was made, as it is now; stays until the next wizard ends."""
    blocks = [UUID(block) for block in request.session.get(MADE, [])]
    rows = Session.objects.filter(center=request.center, block__in=blocks).select_related("vaccine", "contingent")
    found = plans.blocks(rows)
    if not found:
        return to(DAYS)
    days = [(same[0], sum(plans.places_of(row) for row in same)) for same in found.values()]
    every = [row for same in found.values() for row in same]
    context = {
        "days": days,
        "first": days[0][0].date,
        "overlap": any(row.overlap_confirmed_by_id for row in every),
        "drafts": sum(row.state == Session.State.DRAFT for row, _places in days),
    }
    return render(request, "centeradmin/sessions/done.html", context)


def _plan(request: HttpRequest) -> Plan:
    """The plan of the draft; its pages before are filled in, or `step` would have led there."""
    plan = drafts.plan_of(request.center, request.answers)
    if plan is None:
        raise LookupError("the page of shares was opened without a plan")
    return plan


def _create(request: HttpRequest, form: WhenForm, scope: Scope, now: datetime) -> HttpResponse | None:
    """Make the sessions; a refusal stands on the form."""
    plan = _plan(request)
    try:
        wanted = Scope.NONE if form.cleaned_data["when"] == WhenForm.DRAFT else scope
        made = services.create(
            [plan],
            confirmed=bool(request.answers.get("overlap")),
            opening=Opening(wanted, at=form.moment(), reason=request.answers.get("reason", "")),
            draft=request.draft,
            by=user_of(request),
            now=now,
        )
    except Refused as refusal:
        if refusal.code == "sent":
            return to("new_session_done")
        form.add_error({"publish_at": "on", "clocks": "clock"}.get(refusal.code), str(refusal))
        return None
    request.session[MADE] = [str(block) for block in made.blocks]
    request.session[SENT] = request.POST.get("shown", "")
    return to("new_session_done")


def _initial(answers: dict[str, Any], contingents: Sequence[Contingent], total: int) -> dict[str, Any]:
    """What was typed; in proportion when the hours have changed since; else a proposal."""
    typed = answers.get("typed", {})
    unit, numbers = typed.get("unit", SharesForm.PLACES), typed.get("numbers", {})
    values = [int(numbers.get(one.code, 0)) for one in contingents] if numbers else _proposal(contingents)
    if unit == SharesForm.PLACES:
        values = list(grid.by_weight(total, values))
    named = {SharesForm.name_of(one): value for one, value in zip(contingents, values, strict=True)}
    kept = {name: answers.get(name) for name in ("scope", "reason", "overlap")}
    return {"unit": unit, **named, **kept}


def _proposal(contingents: Sequence[Contingent]) -> list[int]:
    """Percents: what is only for callers, or only on site, gets its usual share; the first open to the web the rest."""
    percents = [USUAL.get(one.channels[0], 0) if len(one.channels) == 1 else 0 for one in contingents]
    web = [number for number, one in enumerate(contingents) if Channel.WEB in one.channels]
    if contingents:
        percents[web[0] if web else 0] += 100 - sum(percents)
    return percents


def _scopes(figures: Sums, *, planner: bool) -> list[tuple[str, str]]:
    """What can be done where vaccine is missing."""
    choices = []
    if part := figures.covered:
        words = ngettext(
            "Publish until %(last)s (%(days)s day, %(places)s places), keep the rest as drafts",
            "Publish until %(last)s (%(days)s days, %(places)s places), keep the rest as drafts",
            part.days,
        ) % {"last": checks.short_day(part.last), "days": part.days, "places": part.places}
        choices.append((Scope.COVERED.value, words))
    choices.append((Scope.NONE.value, gettext("Keep everything as drafts")))
    if planner:
        choices.append((Scope.ALL.value, gettext("Publish everything, beyond supply (with a reason, as a planner)")))
    return choices


def _rows(form: SettleForm) -> list[Row]:
    places = form.places()
    return [
        Row(
            field=form[form.name_of(one)],
            name=one.name,
            code=one.code,
            percent=_percent(count, form.total) if not form.in_percent() else _places(count),
            falls_to=one.falls_back_to.name if one.falls_back_to else "",
            falls_when=_before(one),
        )
        for one, count in zip(form.contingents, places, strict=True)
    ]


def _percent(places: int, total: int) -> str:
    return f"{round(100 * places / total)} %" if total else ""


def _places(count: int) -> str:
    return ngettext("%(count)s place", "%(count)s places", count) % {"count": count}


def _before(contingent: Contingent) -> str:
    if contingent.falls_back_before is None:
        return ""
    hours = round(contingent.falls_back_before.total_seconds() / 3600)
    if hours % 24 == 0:
        return ngettext("%(days)s day before", "%(days)s days before", hours // 24) % {"days": hours // 24}
    return ngettext("%(hours)s hour before", "%(hours)s hours before", hours) % {"hours": hours}
