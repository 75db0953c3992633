"""Doses that are lost: entered with a reason, and taken back when that was a mistake."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.refusals import Refused
from centers.models import Waste
from centers.supply import services
from centers.supply.services import Loss
from web.access import user_of
from web.centeradmin.here import at_center
from web.centeradmin.supply.deliveries import refuse
from web.centeradmin.supply.forms import WasteForm

SHOWN = 30


@require_http_methods(["GET", "HEAD", "POST"])
@at_center
def waste(request: HttpRequest) -> HttpResponse:
    """The form, and what has been entered so far; ?impfstoff= chooses the vaccine."""
    initial = {"on": timezone.localdate(), "vaccine": request.GET.get("impfstoff")}
    form = WasteForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        again = form.cleaned_data.pop("again")
        try:
            services.record_waste(
                center=request.center,
                loss=Loss(**form.cleaned_data),
                by=user_of(request),
                now=timezone.now(),
                again=again,
            )
            return redirect("centeradmin:supply_waste")
        except Refused as refusal:
            refuse(form, refusal)
    found = Waste.objects.filter(center=request.center).select_related("vaccine", "entered_by").order_by("-on", "-pk")
    return render(request, "centeradmin/supply/waste.html", {"form": form, "rows": list(found[:SHOWN])})


@require_POST
@at_center
def take_back(request: HttpRequest, waste: UUID) -> HttpResponse:
    """What somebody else has taken back already is no mistake of hers: the list shows how it is."""
    found = Waste.objects.filter(center=request.center, public_id=waste).first()
    if found is not None:
        services.take_back_waste(waste=found, by=user_of(request), now=timezone.now())
    return redirect("centeradmin:supply_waste")
