"""A list of deliveries for many centers: sent, looked at, entered. Planners only, wherever they work just now."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from centers.supply import importing, services
from web.access import user_of
from web.centeradmin import here
from web.centeradmin.supply.deliveries import refuse
from web.forms import Form


class ListForm(Form):
    """The file of the first step."""

    file = forms.FileField(
        label=_("List of deliveries (CSV)"),
        error_messages={
            "required": _("Please choose the file."),
            "empty": _("The file is empty."),
            "missing": _("Please choose the file."),
            "invalid": _("Please choose the file."),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def deliveries(request: HttpRequest) -> HttpResponse:
    """POST with `file` shows what would be entered; POST with `list`, the text of that file, enters it."""
    request.center = here.chosen(request)  # for the bar alone: the list names its centers
    if request.method == "POST" and "list" in request.POST:
        return _enter(request, request.POST["list"])
    form = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    if form.is_valid():
        try:
            return _show(request, form, importing.decode(form.cleaned_data["file"].read()))
        except Refused as refusal:
            refuse(form, refusal)
    return _page(request, form)


def _enter(request: HttpRequest, text: str) -> HttpResponse:
    found = importing.read(text[: importing.MOST_CHARACTERS], on=timezone.localdate())
    if found.problems:
        return _show(request, ListForm(), text)
    rows = [(line.center, line.vaccine, line.content) for line in found.lines]
    entered = services.enter_deliveries(rows=rows, by=user_of(request), now=timezone.now())
    return redirect(f"{reverse('centeradmin:supply_import')}?neu={entered}&da={len(rows) - entered}")


def _show(request: HttpRequest, form: Form, text: str) -> HttpResponse:
    return _page(request, form, read=importing.read(text, on=timezone.localdate()), text=text)


def _page(request: HttpRequest, form: Form, **context: Any) -> HttpResponse:
    done = {name: _number(request.GET.get(name, "")) for name in ("neu", "da")}
    context = {"form": form, "read": None, "text": "", "done": done, **context}
    return render(request, "centeradmin/supply/import.html", context)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
