"""One delivery: entered, received, changed, cancelled. A second editor sees what the first one wrote."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import AuditEvent
from accounts.refusals import Refused
from centers.models import Center, Delivery
from centers.supply import outlook, services, stock
from centers.supply.cover import day_words
from centers.supply.services import Content
from web.access import user_of
from web.centeradmin.here import at_center
from web.centeradmin.overview.words import Teller, Told
from web.centeradmin.supply.cards import cards
from web.centeradmin.supply.forms import ChangeForm, DeliveryForm, ReasonForm, ReceiveForm
from web.forms import Form

DEEDS = ("change", "receive", "cancel")


@dataclass(frozen=True)
class Difference:
    """A fact of which two people say different things."""

    label: str
    theirs: object
    yours: object


@require_http_methods(["GET", "HEAD", "POST"])
@at_center
def new(request: HttpRequest) -> HttpResponse:
    """A delivery that is not known yet; ?impfstoff= chooses the vaccine."""
    initial = {"vaccine": request.GET.get("impfstoff"), "state": Delivery.State.EXPECTED}
    form = DeliveryForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            services.enter_delivery(
                center=request.center,
                vaccine=form.cleaned_data["vaccine"],
                content=_content(form),
                by=user_of(request),
                now=timezone.now(),
                again=form.cleaned_data["again"],
            )
            return redirect("centeradmin:supply")
        except Refused as refusal:
            refuse(form, refusal)
    return render(request, "centeradmin/supply/new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@at_center
def one(request: HttpRequest, delivery: UUID) -> HttpResponse:
    """The delivery with its three deeds; POST does the one that `deed` names, on the `version` that she saw."""
    row = get_object_or_404(
        Delivery.objects.select_related("vaccine", "center"), center=request.center, public_id=delivery
    )
    deed = request.POST.get("deed", "") if request.method == "POST" else ""
    forms = _forms(request, row, deed)
    # After a slip of the keys it is still the version that she saw, else the next click would overwrite unseen.
    version = _version(request) if deed else row.version
    differences: list[Difference] = []
    if deed in DEEDS and forms[deed].is_valid():
        try:
            DO[deed](request, row, forms[deed])
            return redirect("centeradmin:supply")
        except Refused as refusal:
            refuse(forms[deed], refusal)
            row = next((fresh for fresh in refusal.alternatives if isinstance(fresh, Delivery)), row)
            if refusal.code == "changed_meanwhile":
                version, differences = row.version, _differences(row, forms[deed])
    context = {
        "delivery": row,
        "version": version,
        "differences": differences,
        "history": _history(request.center, row),
        "form": forms.get(deed, Form()),
        **{f"{name}_form": form for name, form in forms.items()},
        **_situation(request, row),
    }
    return render(request, "centeradmin/supply/delivery.html", context)


def refuse(form: Form, refusal: Refused) -> None:
    """Say it at the field that it speaks of, or above the form."""
    field = refusal.code if refusal.code in form.fields and refusal.code != "again" else None
    form.add_error(field, ValidationError(str(refusal), code=refusal.code))


def _content(form: Form) -> Content:
    return Content(**{name: form.cleaned_data[name] for name in ("doses", "due_on", "state", "note")})


def _forms(request: HttpRequest, row: Delivery, deed: str) -> dict[str, Form]:
    """All three; the one that was sent holds what was typed."""
    initial = {
        "change": {"doses": row.doses, "due_on": row.due_on, "state": row.state, "note": row.note},
        "receive": {"doses": row.doses, "on": timezone.localdate()},
        "cancel": {},
    }
    kinds: dict[str, type[Form]] = {"change": ChangeForm, "receive": ReceiveForm, "cancel": ReasonForm}
    return {
        name: kind(request.POST if name == deed else None, initial=initial[name], auto_id=f"{name}_%s")
        for name, kind in kinds.items()
    }


def _version(request: HttpRequest) -> int:
    """What the page that was sent had seen; anything else is no version, and so is refused as an old one."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _change(request: HttpRequest, row: Delivery, form: Form) -> None:
    services.change_delivery(
        delivery=row, content=_content(form), version=_version(request), by=user_of(request), now=timezone.now()
    )


def _receive(request: HttpRequest, row: Delivery, form: Form) -> None:
    services.receive_delivery(
        delivery=row, **form.cleaned_data, version=_version(request), by=user_of(request), now=timezone.now()
    )


def _cancel(request: HttpRequest, row: Delivery, form: Form) -> None:
    services.cancel_delivery(
        delivery=row, **form.cleaned_data, version=_version(request), by=user_of(request), now=timezone.now()
    )


DO: dict[str, Callable[[HttpRequest, Delivery, Form], None]] = {
    "change": _change,
    "receive": _receive,
    "cancel": _cancel,
}


def _differences(row: Delivery, form: Form) -> list[Difference]:
    """What the other one wrote beside what she wants; equal things are left out."""
    yours = form.cleaned_data
    pairs = [
        (_("Doses"), row.doses, yours.get("doses")),
        (_("Day"), _words(row.due_on), _words(yours.get("due_on", yours.get("on")))),
        (_("Status"), row.get_state_display(), _state(yours.get("state"))),
        (_("Note"), row.note, yours.get("note")),
    ]
    return [Difference(label, theirs, mine) for label, theirs, mine in pairs if mine is not None and mine != theirs]


def _words(day: date | None) -> str | None:
    return day_words(day) if day else None


def _state(value: str | None) -> str | None:
    return str(Delivery.State(value).label) if value else None


def _history(center: Center, row: Delivery) -> list[Told]:
    """Who changed what, newest first."""
    teller = Teller()
    events = AuditEvent.objects.filter(subject=center.public_id, details__delivery=str(row.public_id))
    return [teller.told(event) for event in events.select_related("actor").order_by("-at", "-pk")]


def _situation(request: HttpRequest, row: Delivery) -> dict[str, object]:
    """How the stock of this vaccine stands, and what is the matter with the delivery."""
    found = stock.of(request.center, row.vaccine, on=timezone.localdate())
    (card,) = cards(request, request.center, [outlook.of(found)])
    return {"card": card, "open": stock.is_open(row), "late": found.late(row), "overdue": found.overdue(row)}
