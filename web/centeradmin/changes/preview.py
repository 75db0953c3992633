"""What would happen, and the decision. Nothing is done before the button that names it; then it is done once."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from accounts.roles import Role
from booking.changes import effect as effects
from booking.changes import opening
from booking.changes.effect import CANCEL, ELSEWHERE, KEEP, MOVE, NO_PLACE, QUIET, SAME, Effect, Group
from booking.changes.wish import Kind
from booking.models import Change
from booking.services import changes
from booking.services.changes import Order, Outdated
from centers.supply import cover
from web.access import user_of
from web.centeradmin.changes import choose, reasons, words
from web.centeradmin.changes.forms import BeyondForm, ChangeForm
from web.centeradmin.here import at_center

# A refusal of the new shape belongs to the field that it speaks of.
FIELDS = {"off_grid_starts": "beginn", "off_grid_ends": "ende", "ends": "ende", "lines": "linien"}


@require_http_methods(["GET", "HEAD", "POST"])
@at_center
def preview(request: HttpRequest) -> HttpResponse:
    """GET shows the effect. POST does it, when the preview still holds; otherwise it shows the new one."""
    asked = request.GET.copy()
    asked["grund"] = reasons.kept(request)
    form = choose.bound(request, asked)
    if not form.is_valid():
        return choose.show(request, form)
    try:
        effect = effects.preview(request.center, form.wish(), now=timezone.now())
    except Refused as refusal:
        form.add_error(FIELDS.get(refusal.code), str(refusal))
        return choose.show(request, form)
    if not effect.sessions and form.wish().kind != Kind.LAST_DAY:
        form.add_error(None, _("There is no session to which this applies. Please check dates and vaccine."))
        return choose.show(request, form)
    return _decide(request, form, effect) if request.method == "POST" else _show(request, form, effect)


def _decide(request: HttpRequest, form: ChangeForm, effect: Effect) -> HttpResponse:
    """Read, decided, and named by the button: then start."""
    decisions = _decisions(request.POST)
    if request.POST.get("named") != _named(effect, decisions):
        note = _("You have decided otherwise. The button now names your decision: please press it once more.")
        if request.POST.get("fingerprint") != effect.fingerprint:
            note = _outdated(request, effect)
        return _show(request, form, effect, decisions=decisions, note=note)
    if not request.POST.get("ok"):
        error = _("Please confirm that you have read the preview.")
        return _show(request, form, effect, decisions=decisions, error=error)
    beyond = request.POST.get("trotzdem", "")
    order = Order(form.wish(), form.cleaned_data["grund"], request.POST.get("fingerprint", ""), decisions, beyond)
    try:
        change = changes.start(center=request.center, order=order, by=user_of(request), now=timezone.now())
    except Outdated as outdated:
        note = _outdated(request, outdated.fresh)
        return _show(request, form, outdated.fresh, decisions=decisions, note=note)
    except Refused as refusal:
        return _show(request, form, effect, decisions=decisions, error=str(refusal))
    page = "centeradmin:changes_run" if change.state == Change.State.RUNNING else "centeradmin:changes_result"
    return redirect(page, change=change.public_id)


def _outdated(request: HttpRequest, fresh: Effect) -> str:
    """That something has changed, and who it was if it was a change of sessions; the own answers are kept."""
    text = _(
        "Something has changed since your preview, so nothing was done. This is the new preview; your answers are kept."
    )
    pks = [one.pk for one in fresh.sessions]
    other = Change.objects.filter(center=request.center, sessions__overlap=pks).select_related("started_by").first()
    if other is None or (timezone.now() - other.started_at).total_seconds() > 3600:
        return text
    told = _("%(who)s, %(time)s: %(what)s.") % {
        "who": words.who(other.started_by),
        "time": f"{timezone.localtime(other.started_at):%H:%M}",
        "what": words.done(other),
    }
    return f"{text} {told}"


def _show(
    request: HttpRequest,
    form: ChangeForm,
    effect: Effect,
    *,
    decisions: Mapping[str, str] | None = None,
    note: str = "",
    error: str = "",
) -> HttpResponse:
    chosen = _decisions(request.GET) if decisions is None else dict(decisions)
    days, now = effect.days(), timezone.now()
    short = [cover.words(found) for found in opening.covers(request.center, effect, now=now) if not found.covered]
    context = {
        "form": form,
        "effect": effect,
        "quiet": effect.wish.kind in QUIET,
        "title": words.title(effect.wish.kind, changes.scope_of(effect)),
        "reason": form.cleaned_data["grund"],
        "now": now,
        "short": short,
        "beyond": _beyond(request) if short else None,
        "note": note,
        "error": error,
        "lead": words.lead(effect.wish.kind, len(effect.sessions)),
        "second_only": effect.people - effect.first_doses,
        "groups": [_row(group, chosen, request.center.name) for group in effect.groups],
        "begun": sum(group.begun for group in effect.groups),
        "deed": words.deed(effect, chosen),
        "named": _named(effect, chosen),
        "days": [{"day": words.short_day(one.day), "sums": one} for one in days],
        "places": sum(one.places for one in days),
        "reach": effect.reach,
        "soon_without_phone": sum(group.soon_without_phone for group in effect.groups),
        "ok": bool(request.POST.get("ok")) and not note,
        "choose_url": f"{reverse('centeradmin:changes')}?{request.GET.urlencode()}",
        "suspend_url": _suspend_url(request, effect),
    }
    return render(request, "centeradmin/changes/preview.html", context)


def _beyond(request: HttpRequest) -> BeyondForm | None:
    """The field for the reason, with what was typed; None for whoever may not."""
    if not user_of(request).has_role(Role.PLANNER):
        return None
    return BeyondForm(initial={"trotzdem": request.POST.get("trotzdem", "")})


def _row(group: Group, chosen: Mapping[str, str], center: str) -> dict[str, Any]:
    labels = {MOVE: _("move"), KEEP: _("keep"), CANCEL: _("cancel")}
    decision = chosen.get(group.code, group.choices[0])
    called = group.people if decision == KEEP else group.soon
    return {
        "group": group,
        "title": _title(group, center),
        "hint": _hint(group),
        "choices": [(one, labels[one], one == decision) for one in group.choices],
        "messages": group.people,
        "calls": called,
    }


def _title(group: Group, center: str) -> str:
    if group.code == ELSEWHERE:
        return _("A place at another center: %(centers)s") % {"centers": ", ".join(group.centers)}
    return {SAME: _("A place at the same center"), NO_PLACE: _("No place in time")}[group.code]


def _hint(group: Group) -> str:
    if group.code == NO_PLACE:
        return _("nothing is free that fits the interval, the vaccine and the distance")
    if group.first_day is None or group.last_day is None:
        return ""
    days = words.day(group.first_day)
    if group.last_day != group.first_day:
        days = _("%(first)s to %(last)s") % {"first": days, "last": words.day(group.last_day)}
    return _("same vaccine, interval kept, %(days)s") % {"days": days}


def _decisions(data: QueryDict) -> dict[str, str]:
    """What was chosen for each group; nonsense is refused by the service."""
    names = {code: data.get(f"gruppe_{code}", "") for code in effects.CHOICES}
    return {code: value for code, value in names.items() if value in effects.CHOICES[code]}


def _named(effect: Effect, decisions: Mapping[str, str]) -> str:
    """The decisions that the button's words stand for."""
    return ",".join(f"{group.code}:{decisions.get(group.code, group.choices[0])}" for group in effect.groups)


def _suspend_url(request: HttpRequest, effect: Effect) -> str:
    if effect.wish.kind != Kind.CLOSE:
        return ""
    asked = request.GET.copy()
    asked["was"] = Kind.SUSPEND
    return f"{reverse('centeradmin:changes_preview')}?{asked.urlencode()}"
