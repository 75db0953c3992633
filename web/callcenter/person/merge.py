"""Two registrations of one person become one: first the preview, then one button."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from booking import numbered
from booking.models import Registration
from booking.services import calls, merging
from booking.services.merging import Choice, Preview
from web.access import user_of
from web.callcenter.person import state
from web.callcenter.person.forms import NumberForm
from web.callcenter.person.opened import back, named, opened
from web.callcenter.person.page import CONFLICT

WITH, STAYS, DATA, SEEN, COMPARED = "mit", "bleibt", "angaben", "gesehen", "verglichen"


@opened
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """Ask for the other one; who was found counts as opened, because the preview shows her."""
    other = _other(request)
    if other is not None:
        return _with(request, person, other, now=now)
    form = NumberForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            other = numbered.find(form.cleaned_data["case_number"])
            merging.preview(person, other, now=now)
            calls.open_person(user_of(request), other, now)
            address = reverse("callcenter:find_person_merge", args=[person.public_id])
            return redirect(f"{address}?{WITH}={other.public_id}")
        except Refused as reason:
            form.add_error("case_number", str(reason))
    return render(request, "callcenter/person/merge.html", {**named(person, now=now), "form": form})


def _with(request: HttpRequest, person: Registration, other: Registration, *, now: datetime) -> HttpResponse:
    """The preview, and on POST the deed; meanwhile something changed: the preview as it is now, with the reason."""
    both = {str(one.public_id): one for one in (person, other)}
    sent = request.POST if request.method == "POST" else request.GET
    stays = both.get(sent.get(STAYS, ""))
    refusal, status = "", 200
    if request.method == "POST" and stays is not None:
        if stays.pk in {person.merged_into_id, other.merged_into_id}:  # the second click
            return back(stays, "vereint")
        try:
            choice = Choice(
                stays=stays, ends=other if stays is person else person, data_of=both.get(sent.get(DATA, ""), stays),
                seen=_numbers(sent.get(SEEN, "")), compared=COMPARED in sent,
            )  # fmt: skip
            merged = merging.merge(choice=choice, by=user_of(request), now=now)
            return back(merged, "vereint")
        except Refused as reason:
            refusal, status = str(reason), CONFLICT
    try:
        found: Preview | None = merging.preview(person, other, stays=stays, now=now)
    except Refused as reason:
        found, refusal, status = None, str(reason), CONFLICT
    context = {**named(person, now=now), "other": other, "refusal": refusal, **_shown(found, person, other)}
    context |= {"data_of": both.get(sent.get(DATA, ""), person), "compared": COMPARED in sent}
    return render(request, "callcenter/person/merge_preview.html", context, status=status)


def _shown(found: Preview | None, person: Registration, other: Registration) -> dict[str, Any]:
    if found is None:
        return {"found": None}
    return {
        "found": found,
        "both": [person, other],
        "kept": [state.when(one) for one in found.kept],
        "released": [state.when(one) for one in found.released],
        "seen": ",".join(str(one.pk) for one in (*found.kept, *found.released)),
        "with_url": f"?{WITH}={other.public_id}",
    }


def _other(request: HttpRequest) -> Registration | None:
    """The other one, where she was opened in this call as well."""
    try:
        return calls.opened(user_of(request), UUID(request.GET[WITH]))
    except (KeyError, ValueError):
        return None


def _numbers(text: str) -> frozenset[int]:
    return frozenset(int(part) for part in text.split(",") if part.isdecimal() and len(part) < 19)
