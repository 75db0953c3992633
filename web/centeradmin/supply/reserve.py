"""How much of each delivery is kept for second doses. Everybody sees the rules; a planner adds one."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from accounts.roles import Role
from centers.models import ReserveRule
from centers.supply import services
from web.access import user_of
from web.centeradmin.here import at_center
from web.centeradmin.supply.deliveries import refuse
from web.centeradmin.supply.forms import ReserveForm


@require_http_methods(["GET", "HEAD", "POST"])
@at_center
def reserve(request: HttpRequest) -> HttpResponse:
    planner, today = user_of(request).has_role(Role.PLANNER), timezone.localdate()
    if request.method == "POST" and not planner:
        raise PermissionDenied
    form = ReserveForm(request.POST if request.method == "POST" else None, initial={"valid_from": today})
    if form.is_valid():
        try:
            services.add_reserve_rule(**form.cleaned_data, by=user_of(request), now=timezone.now())
            return redirect("centeradmin:supply_reserve")
        except Refused as refusal:
            refuse(form, refusal)
    context = {"form": form, "rows": _rows(today), "planner": planner}
    return render(request, "centeradmin/supply/reserve.html", context)


@dataclass(frozen=True)
class Row:
    """A rule, and whether it is the one that holds today."""

    rule: ReserveRule
    now: bool


def _rows(today: date) -> list[Row]:
    """Per vaccine the newest first."""
    rules = list(
        ReserveRule.objects.select_related("vaccine").order_by("vaccine__name", "vaccine", "-valid_from", "pk")
    )
    current = {rule.vaccine_id: rule for rule in reversed(rules) if rule.valid_from <= today}
    return [Row(rule, current.get(rule.vaccine_id) == rule) for rule in rules]
