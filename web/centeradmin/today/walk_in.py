"""Somebody without an appointment today: registered already, or registered here and now."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from booking import clock, codes, facts, wording
from booking.door import finding
from booking.models import Appointment, Registration
from booking.services import door
from centers.models import Session
from priority import rules
from web import limits
from web.access import user_of
from web.centeradmin.here import at_center
from web.centeradmin.today import trail
from web.centeradmin.today.forms import CodeForm, NewForm, PersonForm


@at_center
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """POST finds a registered person by code or full name and birth date; with `aufnehmen` it gives her a place."""
    now = timezone.now()
    typed = request.POST if request.method == "POST" else None
    by_name = "last_name" in request.POST
    form = PersonForm(typed) if by_name else CodeForm(typed)
    context: dict[str, Any] = {
        "form": form, "by_code": CodeForm() if by_name else form, "by_name": form if by_name else PersonForm(),
        "found": None, "stands": "", "refusal": "", **_frame(request, now),
    }  # fmt: skip
    status = 200
    if form.is_valid() and (often := _too_often(request, now=now)):
        form.add_error(None, often)
        status = 429
    elif form.is_valid():
        person = _found(request, form, now=now)
        if person is None:
            form.add_error(None, _("Nobody is registered like this. Please compare with the ID card, or register her."))
        elif "aufnehmen" in request.POST:
            try:
                door.walk_in(
                    registration=person, center=request.center, vaccine_code=_vaccine(request, context),
                    by=user_of(request), now=now,
                )  # fmt: skip
            except Refused as refusal:
                context["refusal"] = str(refusal)
            else:
                return redirect("centeradmin:today_person", person=person.public_id)
        context |= {"found": person, "stands": _stands(person) if person else ""}
    return render(request, "centeradmin/today/walk_in.html", context, status=status)


@at_center
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The short form: she is registered and gets a place of today, or neither."""
    now = timezone.now()
    asked = [
        (one.code, one.reason.text_de if wording.german() else one.reason.text_en)
        for one in _asked(clock.local_day(now))
    ]
    form = NewForm(request.POST if request.method == "POST" else None, criteria=asked)
    context = {"form": form, **_frame(request, now)}
    if request.method == "POST" and form.is_valid():
        if not limits.left("door_elsewhere", str(user_of(request).public_id)):
            form.add_error(None, _too_often(request, now=now))
            return render(request, "centeradmin/today/walk_in_new.html", context, status=429)
        try:
            made = door.walk_in_new(
                details=form.details(), case_number=codes.case_number(), center=request.center,
                vaccine_code=_vaccine(request, context), by=user_of(request), now=now,
            )  # fmt: skip
        except Refused as refusal:
            if refusal.code == "registered":  # says that somebody is known: as good as having looked for her
                _too_often(request, now=now)
            form.add_error(None, str(refusal))
        else:
            return redirect("centeradmin:today_person", person=made.registration.public_id)
    return render(request, "centeradmin/today/walk_in_new.html", context)


def _frame(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """The vaccines that are given here today."""
    sessions = Session.objects.filter(center=request.center, date=clock.local_day(now), state=Session.State.PUBLISHED)
    products = sessions.order_by("vaccine__name").values_list("vaccine", "vaccine__name").distinct()
    return {"products": list(products), "product": request.POST.get("impfstoff", "")}


def _vaccine(request: HttpRequest, context: dict[str, Any]) -> str:
    """The chosen product of today; "" is any."""
    chosen: str = context["product"]
    return chosen if chosen in dict(context["products"]) else ""


def _found(request: HttpRequest, form: CodeForm | PersonForm, *, now: datetime) -> Registration | None:
    """By the code, else by the full name and birth date; None for nobody, and for several: then the code is needed."""
    typed = form.cleaned_data
    if "code" in typed:
        query = finding.parse(typed["code"], today=clock.local_day(now))
        people = [one for one in [finding.by_code(query)] if one is not None]
    else:
        people = finding.by_identity(
            first_name=typed["first_name"], last_name=typed["last_name"], birth_date=typed["birth_date"]
        )
    trail.searched(request.center, len(people), by=user_of(request), now=now)
    if len(people) != 1 or people[0].withdrawn_at is not None:
        return None
    trail.found(people[0], request.center, by=user_of(request), now=now)
    return people[0]


def _too_often(request: HttpRequest, *, now: datetime) -> str:
    """Count a look beyond the own center; words when it is one too many."""
    until = limits.hit("door_elsewhere", str(user_of(request).public_id), now=now)
    return limits.wait_text(until, now=now) if until else ""


def _stands(person: Registration) -> str:
    """What taking her in would give up or bring forward."""
    live = Appointment.objects.live().filter(registration=person).select_related("slot").order_by("dose_number")
    booked = [one for one in live if one.status == Appointment.Status.BOOKED]
    if not booked:
        return _("She has no appointment.")
    said = {"dose": booked[0].dose_number, "moment": wording.moment(booked[0].slot.starts_at)}
    return _("Her appointment for dose %(dose)d on %(moment)s is given up for the place of today.") % said


def _asked(today: date) -> tuple[rules.CriterionRule, ...]:
    try:
        return rules.regulation_on(facts.load().regulations, today).asked(today)
    except rules.NoRegulation:
        return ()
