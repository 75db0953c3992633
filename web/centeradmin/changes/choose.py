"""Choose what to change; below it everything that was changed before."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from booking.models import Change
from web.centeradmin.changes import reasons, words
from web.centeradmin.changes.forms import ChangeForm
from web.centeradmin.changes.late import overtaken
from web.centeradmin.here import at_center

SHOWN = 20
PREFILLED = ("was", "von", "bis", "impfstoff", "aenderung", "letzter_tag")


@require_http_methods(["GET", "HEAD", "POST"])
@at_center
def changes(request: HttpRequest) -> HttpResponse:
    """Other pages fill in: ?von=&bis=&impfstoff=&sitzung=&tag=&was=&aenderung=. POST leads to the preview."""
    if request.method == "POST":
        return _ask(request)
    asked = {name: request.GET[name] for name in PREFILLED if request.GET.get(name)}
    if day := request.GET.get("tag"):
        asked.setdefault("von", day)
        asked.setdefault("bis", day)
    asked["grund"] = reasons.kept(request)
    form = ChangeForm(initial=asked, center=request.center, now=timezone.now())
    form.initial["sitzung"] = block_of(form, request.GET.get("sitzung", ""))
    return show(request, form)


def _ask(request: HttpRequest) -> HttpResponse:
    """All but the reason stands in the address of the preview, which can be reloaded."""
    form = bound(request, request.POST.copy())
    if not form.is_valid():
        return show(request, form)
    asked = {name: form.data[name] for name in form.fields if name != "grund" and form.data.get(name)}
    asked["entwurf"] = reasons.keep(request.session, form.cleaned_data["grund"])
    return redirect(f"{reverse('centeradmin:changes_preview')}?{urlencode(asked)}")


def bound(request: HttpRequest, asked: QueryDict) -> ChangeForm:
    """The form with what is asked for; `asked` can be written to."""
    form = ChangeForm(asked, center=request.center, now=timezone.now())
    if session := asked.get("sitzung"):
        asked["sitzung"] = block_of(form, session)
    return form


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
