"""The second vaccination of somebody who has had the first: missed, put off, cancelled, or given on paper alone.

One step, nothing is kept before: she has her code already, and a place that has gone leads to the next list.
"""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from booking import availability, clock, standing, wording
from booking.door import series
from booking.door.series import FirstDose, Reach
from booking.models import Registration
from booking.services import door_places
from booking.standing import Stage
from centers.models import Channel, Slot
from web.access import user_of
from web.callcenter.person import page, places
from web.callcenter.person.opened import back, named, opened
from web.callcenter.person.page import CONFLICT
from web.callcenter.person.places import Asked
from web.public.my.words import span
from web.templatetags.impftermin import plain_date


@opened
@require_http_methods(["GET", "HEAD", "POST"])
def second(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """The days that the first dose allows, at its center or another one; POST books."""
    stand, _all = standing.read(person, now=now)
    first, slot = series.first_dose(person.pk), places.pressed(request.POST)
    if first is None or stand.stage is not Stage.LACKS_SECOND:
        return _booked_already(request, person, slot, stand, now=now)
    asked = Asked.of(request.GET)
    refusal = ""
    if slot is not None:
        try:
            return _book(request, person, slot, now=now)
        except Refused as reason:
            refusal = str(reason)
    reach = _reach(first, now=now)
    offers = [one for one in availability.earliest_by_center(reach.scope) if one.starts_at]
    center = places.center_of(asked.center or first.center_slug, [one.center_id for one in offers])
    found = places.look(reach.scope, center.pk, near=_near(first, reach), day=asked.day) if center else None
    context = {
        **named(person, now=now),
        "heading": _("Book the second vaccination"),
        "rule": _rule(first, reach),
        "empty": _("No place is free for it there. Please choose another center, or put her on the call-back list."),
        "centers": offers,
        "center": center,
        "place": wording.center_name(center) if center else "",
        "found": found,
        "refusal": refusal,
        "deed": _("Book the second vaccination here"),
    }
    return render(request, "callcenter/person/places.html", context, status=CONFLICT if refusal else 200)


def _book(request: HttpRequest, person: Registration, slot: int, *, now: datetime) -> HttpResponse:
    center = Slot.objects.filter(pk=slot).values_list("center", flat=True).first()
    door_places.place_second(
        registration=person, center_id=center or 0, slot_id=slot, channel=Channel.PHONE, by=user_of(request), now=now
    )
    return back(person, "zweite")


def _booked_already(
    request: HttpRequest, person: Registration, slot: int | None, stand: standing.Standing, *, now: datetime
) -> HttpResponse:
    """The second click is as good as the first one; a colleague's booking is not overruled."""
    coming = stand.coming
    if slot is None or coming is None or stand.stage is not Stage.BEGUN:
        return back(person)
    if coming.slot_id == slot:
        return back(person, "zweite")
    refusal = _("Meanwhile her second vaccination has been booked. You can move it.")
    return page.show(request, person, now=now, refusal=refusal)


def _reach(first: FirstDose, *, now: datetime) -> Reach:
    return series.reach(
        first.first, center_id=first.center_id, vaccine_code=first.vaccine_code, channel=Channel.PHONE, now=now
    )


def _near(first: FirstDose, reach: Reach) -> datetime:
    """The first possible day, at the time of day at which she came for the first one."""
    days = (reach.first_day - clock.local_day(first.planned_at)).days
    return clock.later(first.planned_at, days)


def _rule(first: FirstDose, reach: Reach) -> str:
    words = _("%(vaccine)s was given on %(day)s at %(center)s: the second vaccination is possible %(span)s.")
    return words % {
        "vaccine": first.vaccine_name,
        "day": plain_date(clock.local_day(first.at)),
        "center": first.center_name,
        "span": span(reach.first_day, reach.last_day),
    }
