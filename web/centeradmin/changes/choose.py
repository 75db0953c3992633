"""Choose what to change; below it everything that was changed before."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from booking.changes import wish as wishes
from booking.changes.wish import Kind
from booking.models import Change
from web.centeradmin.changes import words
from web.centeradmin.changes.forms import ChangeForm
from web.centeradmin.here import at_center

SHOWN = 20
PREFILLED = ("was", "von", "bis", "impfstoff", "aenderung", "grund", "letzter_tag")


@require_safe
@at_center
def changes(request: HttpRequest) -> HttpResponse:
    """Other pages fill in: ?von=&bis=&impfstoff=&sitzung=&tag=&was=&aenderung=."""
    asked = {name: request.GET[name] for name in PREFILLED if request.GET.get(name)}
    if day := request.GET.get("tag"):
        asked.setdefault("von", day)
        asked.setdefault("bis", day)
    form = ChangeForm(initial=asked, center=request.center, now=timezone.now())
    form.initial["sitzung"] = block_of(form, request.GET.get("sitzung", ""))
    return show(request, form)


def block_of(form: ChangeForm, asked: str) -> str:
    """A session may be named by its own id or by that of its block."""
    if asked in form.blocks:
        return asked
    return next((block for block, one in form.blocks.items() if str(one.public_id) == asked), "")


def show(request: HttpRequest, form: ChangeForm) -> HttpResponse:
    """The form with the earlier changes of this center."""
    found = Change.objects.filter(center=request.center).select_related("started_by").order_by("-started_at", "-pk")
    earlier = [
        {"change": one, "title": words.done(one), "who": words.who(one.started_by), "figures": one.scope["figures"]}
        for one in found[:SHOWN]
    ]
    context = {"form": form, "earlier": earlier, "overtaken": _overtaken(request, now=timezone.now())}
    return render(request, "centeradmin/changes/choose.html", context)


def _overtaken(request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """How many people wait in suspended sessions whose day is over, and the address at which they are cared for."""
    found = wishes.overtaken(request.center, now=now).aggregate(
        people=Count("registration", distinct=True), first=Min("slot__session__date"), last=Max("slot__session__date")
    )
    if found["people"]:
        asked = {"was": Kind.CLOSE, "von": found["first"], "bis": found["last"]}
        found["url"] = f"{reverse('centeradmin:changes')}?{urlencode(asked)}"
    return found
