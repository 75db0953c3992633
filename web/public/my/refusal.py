"""The page after a refusal: first what is true, then what is kept, then what to do. Nothing was changed."""

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.refusals import Refused
from booking import availability, wording
from booking.models import Registration
from centers.distance import about
from centers.models import Center
from web.public.my import standing, where, words
from web.public.my.ways import Way
from web.templatetags.impftermin import km, local_time, weekday_date

CONFLICT = 409


@dataclass(frozen=True)
class Alternative:
    """Another place that she may have, hers with one button."""

    title: str
    facts: str
    first_label: str
    first: str
    second_label: str
    second: str
    url: str
    slot_id: int
    deed: str


def page(request: HttpRequest, reason: Refused, *, way: Way, slug: str, day: date, now: datetime) -> HttpResponse:
    """Booking or moving the whole series was refused."""
    registration = request.visitor.registration
    alternatives = _alternatives(registration, reason, way, wished=day)
    context = {
        "heading": _heading(way, reason.code),
        "panel_title": _what_happened(reason.code),
        "panel_text": str(reason),
        "kept": _kept(way, reason.code, registration, now=now),
        "alternatives": alternatives,
        "free_title": _free_title(len(alternatives)),
        "links": _ways_on(way, reason.code, slug),
    }
    return render(request, "public/my/refused.html", context, status=CONFLICT)


def dose_page(request: HttpRequest, reason: Refused, *, dose: int) -> HttpResponse:
    """Moving one dose was refused."""
    context = {
        "heading": gettext("Your appointment has not changed"),
        "panel_title": _what_happened(reason.code),
        "panel_text": str(reason),
        "kept": gettext("Your present appointments stay as they are."),
        "alternatives": [],
        "links": [
            (reverse("public:my_move_dose", args=[dose]), gettext("Choose another day")),
            (reverse("public:my"), gettext("Back to your appointments")),
        ],
    }
    return render(request, "public/my/refused.html", context, status=CONFLICT)


def _free_title(number: int) -> str:
    if number == 1:
        return gettext("This one is free now")
    return gettext("These two are free now") if number == 2 else gettext("These three are free now")


def _heading(way: Way, code: str) -> str:
    if way.moving:
        return gettext("Your appointments have not changed")
    if code == "already_booked":
        return gettext("You have appointments already")
    return gettext("You have no appointment yet")


def _what_happened(code: str) -> str:
    return {
        "slot_taken": gettext("The place has just been given away"),
        "no_second_dose": gettext("There is no second appointment for this one any more"),
        "already_booked": gettext("Nothing was booked a second time"),
        "not_invited": gettext("There is no open invitation"),
        "withdrawn": gettext("Your registration has ended"),
        "outside_window": gettext("This day does not fit the other vaccination"),
    }.get(code, gettext("This time cannot be booked"))


def _kept(way: Way, code: str, registration: Registration, *, now: datetime) -> str:
    if way.moving or code == "already_booked":
        return gettext("Your present appointments stay as they are.")
    if standing.invited_until(registration, now=now) is None:
        return gettext("Nothing was booked.")
    return gettext("Nothing was booked. Your invitation and your place in the line stay.")


def _ways_on(way: Way, code: str, slug: str) -> list[tuple[str, str]]:
    if code in {"already_booked", "not_invited", "withdrawn"}:
        return [(reverse("public:my"), gettext("My appointments"))]
    on = [
        (way.days(slug), gettext("All free days in this center")),
        (way.centers(), gettext("Another center")),
    ]
    return [*on, (reverse("public:my"), gettext("Back to your appointments"))] if way.moving else on


def _alternatives(registration: Registration, reason: Refused, way: Way, *, wished: date) -> list[Alternative]:
    """What the service offers instead, in words."""
    found = [one for one in reason.alternatives if isinstance(one, availability.Alternative)]
    if not found:
        return []
    origin = where.of(registration)
    note = "access_note_de" if wording.german() else "access_note_en"
    rows = Center.objects.filter(pk__in={one.center_id for one in found})
    known = {row[0]: row[1:] for row in rows.values_list("pk", "step_free", note, "latitude", "longitude")}
    return [_alternative(one, known[one.center_id], origin, way, wished) for one in found]


def _alternative(
    one: availability.Alternative,
    center: tuple[bool, str, float | None, float | None],
    origin: where.Origin | None,
    way: Way,
    wished: date,
) -> Alternative:
    step_free, note, latitude, longitude = center
    distance = origin.distance(latitude, longitude) if origin else None
    day = timezone.localdate(one.starts_at)
    facts = (km(about(distance)) if distance is not None else "", words.access(step_free, note))
    label = gettext("%(dose)s:")
    return Alternative(
        title=f"{one.center_name}, {words.near_day(day, wished)}",
        facts=", ".join(part for part in facts if part),
        first_label=label % {"dose": words.dose_name(1)},
        first=_when(one.starts_at),
        second_label=label % {"dose": words.dose_name(2)},
        second=_when(one.second_at) if one.second_at else "",
        url=way.times(one.center_slug, day),
        slot_id=one.slot_id,
        deed=way.deed(doses=2 if one.second_at else 1, these=True),
    )


def _when(instant: datetime) -> str:
    return f"{weekday_date(instant)}, {local_time(instant)}"
