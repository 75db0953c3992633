"""Somebody without an appointment, today or on a paper day: registered already, or registered here and now."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from booking import clock, codes, facts, wording
from booking.door import finding
from booking.enrolment import Details
from booking.models import Appointment, Registration
from booking.services import afterwards, door
from centers.models import Session
from priority import rules
from web import limits
from web.access import user_of
from web.centeradmin.here import at_center
from web.centeradmin.today import trail
from web.centeradmin.today.afterwards import line_of, within_reach
from web.centeradmin.today.forms import CameForm, CodeForm, NewForm, PersonForm


@dataclass
class Desk:
    """What a request is about. `day` is that of a paper day, on which she came at `came`; None: she stands here now."""

    request: HttpRequest
    day: date | None
    now: datetime
    came: CameForm | None = None

    @property
    def frame(self) -> dict[str, Any]:
        """The vaccines that are given here on that day, and what a paper day asks besides."""
        on = self.day or clock.local_day(self.now)
        sessions = Session.objects.filter(center=self.request.center, date=on).exclude(state=Session.State.DRAFT)
        if self.day is None:
            sessions = sessions.filter(state=Session.State.PUBLISHED)
        products = sessions.order_by("vaccine__name").values_list("vaccine", "vaccine__name").distinct()
        chosen = self.request.POST.get("impfstoff", "")
        return {"products": list(products), "product": chosen, "day": self.day, "came": self.came, "refusal": ""}

    @property
    def vaccine(self) -> str:
        """The chosen product of the day; "" is any."""
        frame = self.frame
        return frame["product"] if frame["product"] in dict(frame["products"]) else ""

    def take_in(self, person: Registration) -> HttpResponse:
        """Give her a place; Refused when it may not be. Then her page, or her line of the paper."""
        about: dict[str, Any] = {"registration": person, "by": user_of(self.request), "now": self.now}
        if self.day is None or self.came is None:
            door.walk_in(center=self.request.center, vaccine_code=self.vaccine, **about)
            return redirect("centeradmin:today_person", person=person.public_id)
        one = afterwards.add(came=self._came(self.came, self.day), **about)
        return redirect(line_of(self.request.center, self.day, one.public_id))

    def register(self, details: Details) -> HttpResponse:
        """The same for somebody who is not registered yet."""
        about: dict[str, Any] = {"details": details, "case_number": codes.case_number()}
        about |= {"by": user_of(self.request), "now": self.now}
        if self.day is None or self.came is None:
            made = door.walk_in_new(center=self.request.center, vaccine_code=self.vaccine, **about)
            return redirect("centeradmin:today_person", person=made.registration.public_id)
        one = afterwards.add_new(came=self._came(self.came, self.day), **about)
        return redirect(line_of(self.request.center, self.day, one.public_id))

    def _came(self, form: CameForm, day: date) -> afterwards.Came:
        return afterwards.Came(
            center=self.request.center, at=form.at(day), vaccine_code=self.vaccine, papers=form.cleaned_data["papers"],
            overruling=form.overruling(),
        )  # fmt: skip


@at_center
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest, day: date | None = None) -> HttpResponse:
    """POST finds a registered person by code or full name and birth date; with `aufnehmen` it gives her a place."""
    desk = _desk(request, day, typed="aufnehmen" in request.POST)
    typed = request.POST if request.method == "POST" else None
    by_name = "last_name" in request.POST
    form = PersonForm(typed) if by_name else CodeForm(typed)
    context: dict[str, Any] = {
        "form": form, "by_code": CodeForm() if by_name else form, "by_name": form if by_name else PersonForm(),
        "found": None, "stands": "", **desk.frame,
    }  # fmt: skip
    status = 200
    if form.is_valid() and (often := _too_often(request, now=desk.now)):
        form.add_error(None, often)
        status = 429
    elif form.is_valid():
        person = _found(request, form, now=desk.now)
        if person is None:
            form.add_error(None, _("Nobody is registered like this. Please compare with the ID card, or register her."))
        elif "aufnehmen" in request.POST and (desk.came is None or desk.came.is_valid()):
            try:
                return desk.take_in(person)
            except Refused as refusal:
                context["refusal"] = str(refusal)
        context |= {"found": person, "stands": _stands(person, desk.day) if person else ""}
    return render(request, "centeradmin/today/walk_in.html", context, status=status)


FIELDS = {"invalid_birth_date": "birth_date", "invalid_phone": "phone", "invalid_email": "email"}  # of NewForm


@at_center
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, day: date | None = None) -> HttpResponse:
    """The short form: she is registered and gets a place of the day, or neither."""
    desk = _desk(request, day, typed=request.method == "POST")
    asked = [
        (one.code, one.reason.text_de if wording.german() else one.reason.text_en)
        for one in _asked(day or clock.local_day(desk.now))
    ]
    form = NewForm(request.POST if request.method == "POST" else None, criteria=asked)
    context = {"form": form, **desk.frame}
    good = desk.came is None or desk.came.is_valid()
    if form.is_valid() and good:
        if not limits.left("door_elsewhere", str(user_of(request).public_id)):
            form.add_error(None, _too_often(request, now=desk.now))
            return render(request, "centeradmin/today/walk_in_new.html", context, status=429)
        try:
            return desk.register(form.details())
        except Refused as refusal:
            if refusal.code == "registered":  # says that somebody is known: as good as having looked for her
                _too_often(request, now=desk.now)
            form.add_error(FIELDS.get(refusal.code), str(refusal))
            context["refusal"] = str(refusal)
    return render(request, "centeradmin/today/walk_in_new.html", context)


def _desk(request: HttpRequest, day: date | None, *, typed: bool) -> Desk:
    """404 for a day that cannot be entered any more."""
    now = timezone.now()
    if day is None:
        return Desk(request, None, now)
    if not within_reach(day, now=now):
        raise Http404
    return Desk(request, day, now, CameForm(request.POST if typed else None))


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


def _stands(person: Registration, day: date | None) -> str:
    """What taking her in would give up or bring forward."""
    live = Appointment.objects.live().filter(registration=person).select_related("slot").order_by("dose_number")
    booked = [one for one in live if one.status == Appointment.Status.BOOKED]
    if not booked:
        return _("She has no appointment.")
    said = {"dose": booked[0].dose_number, "moment": wording.moment(booked[0].slot.starts_at)}
    if day is not None:
        return _("Her appointment for dose %(dose)d on %(moment)s is given up for the place of that day.") % said
    return _("Her appointment for dose %(dose)d on %(moment)s is given up for the place of today.") % said


def _asked(today: date) -> tuple[rules.CriterionRule, ...]:
    try:
        return rules.regulation_on(facts.load().regulations, today).asked(today)
    except rules.NoRegulation:
        return ()
