"""Choose what to change; below it everything that was changed before."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from booking.models import Change
from web.centeradmin.changes import words
from web.centeradmin.changes.forms import ChangeForm
from web.centeradmin.changes.late import overtaken
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
    context = {"form": form, "earlier": earlier, "overtaken": overtaken(request.center, now=timezone.now())}
    return render(request, "centeradmin/changes/choose.html", context)
