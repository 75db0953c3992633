"""Moving one dose while the other stays: day, then time, inside the days the rules allow, at the same center."""

from datetime import date, datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.refusals import Refused
from booking import availability, moving, wording
from booking.models import Appointment, Registration
from booking.moving import Possible
from booking.services import appointments
from centers.models import Channel
from web.public.my import refusal, standing, weeks, words
from web.public.my.choose import WEEKS_AT_ONCE, DayRow
from web.public.my.day_page import tiles
from web.public.my.forms import SlotForm
from web.public.my.standing import Standing
from web.public.my.ways import Way
from web.public.visit import visitor_required
from web.templatetags.impftermin import local_date, local_time, weekday_date


@login_not_required
@visitor_required
@require_safe
def days(request: HttpRequest, dose: int) -> HttpResponse:
    """The days this dose can be moved to, by week."""
    now, registration = timezone.now(), request.visitor.registration
    stand = standing.of(registration, now=now)
    mine = _movable(stand, dose, now)
    if mine is None:
        return redirect("public:my")
    possible = moving.possible(registration, stand.series, dose, channel=Channel.WEB, now=now)
    offers = availability.days(possible.scope, possible.center_id)
    rows = [
        DayRow(reverse("public:my_move_dose_times", args=[dose, offer.day]), offer.day, (), _level(offer.few))
        for offer in offers
    ]
    groups = weeks.grouped(rows, day=lambda row: row.day, today=timezone.localdate(now))
    context = {
        "heading": gettext("Move the %(dose)s") % {"dose": words.dose_name(dose)},
        "back_url": reverse("public:my"),
        "back_label": gettext("Back to your appointments"),
        **_window(possible, dose),
        **_stays(stand, mine),
        "empty_title": gettext("No other day is free at the moment"),
        "empty_text": gettext("Your appointment stays as it is. Please look again later, or move both appointments."),
        "note": gettext("Only days in the same center."),
        **_both(stand),
        "now": now,
        **weeks.paged(groups, request.GET.get("ab", ""), size=WEEKS_AT_ONCE),
    }
    return render(request, "public/my/days.html", context)


@login_not_required
@visitor_required
@require_http_methods(["GET", "HEAD", "POST"])
def times(request: HttpRequest, dose: int, day: date) -> HttpResponse:
    """The times of one day; POST moves."""
    now, registration = timezone.now(), request.visitor.registration
    slot_id = SlotForm.pressed(request)
    if slot_id is not None:
        return _move(request, dose, slot_id, now=now)
    stand = standing.of(registration, now=now)
    mine = _movable(stand, dose, now)
    if mine is None:
        return redirect("public:my")
    possible = moving.possible(registration, stand.series, dose, channel=Channel.WEB, now=now)
    offers = [one for one in availability.times(possible.scope, possible.center_id, day) if one.slot_id != mine.slot_id]
    inside = possible.first_day <= day <= possible.last_day
    context = {
        "form": SlotForm(request.POST if request.method == "POST" else None),
        "heading": gettext("Which time suits you?"),
        "step": gettext("Move the %(dose)s") % {"dose": words.dose_name(dose)},
        "back_url": reverse("public:my_move_dose", args=[dose]),
        "back_label": gettext("Another day"),
        "place": wording.center_name(mine.slot.center),
        "lines": _lines(stand, mine, day),
        "tiles": tiles((one.slot_id, one.starts_at, None, "") for one in offers) if offers else "",
        "empty_title": gettext("No free time is left on this day") if inside else gettext("This day is not possible"),
        "empty_text": gettext("Your appointment stays as it is.") if inside else possible.in_words(),
        "closing": gettext("With the next button the new place is yours, and the old one goes to somebody else."),
        "deed": gettext("Move the %(dose)s here") % {"dose": words.dose_name(dose)},
    }
    return render(request, "public/my/times.html", context)


def _move(request: HttpRequest, dose: int, slot_id: int, *, now: datetime) -> HttpResponse:
    """One service, then a redirect."""
    registration: Registration = request.visitor.registration
    try:
        appointments.move(
            registration=registration, dose_number=dose, slot_id=slot_id, channel=Channel.WEB, by=None, now=now
        )
    except Refused as reason:
        return refusal.dose_page(request, reason, dose=dose)
    return redirect("public:my_moved")


def _movable(stand: Standing, dose: int, now: datetime) -> Appointment | None:
    """The appointment of that dose, when it is still to come."""
    for one in stand.series:
        if one.dose_number == dose and standing.to_come(one, now=now):
            return one
    return None


def _level(few: bool) -> str:
    return "few" if few else "many"


def _window(possible: Possible, dose: int) -> dict[str, str]:
    """The panel with the days in words."""
    if not possible.scope.windows:
        return {"panel_title": gettext("It cannot be moved alone"), "panel_text": possible.in_words()}
    span = words.span(possible.first_day, possible.last_day)
    text = gettext("Between the two vaccinations a time is laid down. Earlier or later we may not give it.")
    return {"panel_title": gettext("Possible %(span)s") % {"span": span}, "panel_text": text}


def _both(stand: Standing) -> dict[str, str]:
    """The way to another center, as long as no dose has been given."""
    if not Way(moving=True).open_to(stand) or len(stand.series) < 2:
        return {}
    label = gettext("For another center, or other days: move both appointments")
    return {"other_url": reverse("public:my_move_centers"), "other_label": label}


def _stays(stand: Standing, mine: Appointment) -> dict[str, str]:
    """What is kept whatever happens: the other dose, and this one until the new place is sure."""
    others = [
        gettext("Your %(dose)s on %(when)s stays as it is.")
        % {"dose": words.dose_name(one.dose_number), "when": _when(one)}
        for one in stand.series
        if one.pk != mine.pk
    ]
    keeps = gettext("Your present appointment on %(when)s stays until the new one is certain.") % {"when": _when(mine)}
    return {"intro": " ".join(others), "keeps": keeps}


def _lines(stand: Standing, mine: Appointment, day: date) -> list[tuple[str, bool]]:
    lines = [(f"{words.dose_name(mine.dose_number)}: {local_date(day)}", True)]
    lines += [(f"{words.dose_name(one.dose_number)}: {_when(one)}", False) for one in stand.series if one.pk != mine.pk]
    return lines


def _when(appointment: Appointment) -> str:
    starts_at = appointment.slot.starts_at
    return f"{weekday_date(starts_at)}, {local_time(starts_at)}"
