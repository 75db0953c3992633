"""Center, day, time: three pages from the invitation to the appointment, each a list with links or one form.

The lists come from `booking.availability` and so show what the booking would accept; the booking decides again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.refusals import Refused
from booking import availability, entitlement, facts, wording
from booking.availability import CenterOffer, DayOffer
from booking.entitlement import Scope
from booking.models import Registration
from booking.services import appointments
from centers.distance import about
from centers.models import Channel
from web.public.my import day_page, refusal, standing, weeks, where, words
from web.public.my.forms import NEAREST, ListForm, SlotForm
from web.public.my.places import Place, place_of
from web.public.my.ways import Way
from web.public.my.where import Origin
from web.public.visit import visitor_asking, visitor_required
from web.templatetags.impftermin import km, weekday_date

WEEKS_AT_ONCE = 4


@dataclass(frozen=True)
class CenterRow:
    """A center as the list shows it; `day` is None when nothing is free for her there."""

    url: str
    name: str
    district: str
    facts: str
    distance: float | None
    step_free: bool
    day: date | None
    level: str


@dataclass(frozen=True)
class DayRow:
    """A day as the list shows it."""

    url: str
    day: date
    lines: tuple[str, ...]
    level: str


@login_not_required
@visitor_required
@require_safe
def centers(request: HttpRequest, moving: bool) -> HttpResponse:
    """Step 1: every center, the earliest place first."""
    now, way, registration = timezone.now(), Way(moving), request.visitor.registration
    until = None if moving else standing.invited_until(registration, now=now)
    if until is None and not (moving and way.open_now(registration, now=now)):
        return redirect("public:my")
    form = ListForm(request.GET)
    order, radius, step_free = form.chosen()
    origin = where.of(registration)
    offers = availability.earliest_by_center(_scope(registration, way, now=now))
    listed = [_center_row(offer, way, origin) for offer in offers]
    shown = [row for row in listed if _fits(row, radius, step_free)]
    context = {
        "moving": moving,
        "step": way.step(1),
        "groups": _center_groups(shown, order, today=timezone.localdate(now)),
        "without": [row for row in shown if row.day is None],
        "total": len(listed),
        "shown": len(shown),
        "list_form": form,
        "folded": not request.GET,
        "summary": _summary(order, radius, len(shown), len(listed)),
        "origin": origin.postcode if origin else "",
        "last_day": standing.last_day(until) if until else None,
        "now": now,
    }
    return render(request, "public/my/centers.html", context)


@login_not_required
@visitor_required
@require_safe
def days(request: HttpRequest, slug: str, moving: bool) -> HttpResponse:
    """Step 2: the days of one center, by week."""
    now, way, registration = timezone.now(), Way(moving), request.visitor.registration
    if not way.open_now(registration, now=now):
        return redirect("public:my")
    place = place_of(slug)
    offers = availability.days(_scope(registration, way, now=now), place.pk)
    groups = weeks.grouped(
        [_day_row(offer, way.times(slug, offer.day)) for offer in offers],
        day=lambda row: row.day,
        today=timezone.localdate(now),
    )
    context = {
        "heading": gettext("Which day suits you?"),
        "step": way.step(2),
        "back_url": way.centers(),
        "back_label": gettext("Another center"),
        "intro": _intro(place, offers),
        "empty_title": gettext("No free day in this center at the moment"),
        "empty_text": gettext("Please look at the other centers. Places become free every day."),
        "note": gettext("Days that are missing here are booked up, closed, or have no second appointment left."),
        "now": now,
        **weeks.paged(groups, request.GET.get("ab", ""), size=WEEKS_AT_ONCE),
    }
    return render(request, "public/my/days.html", context)


def _wanted(request: HttpRequest, *, moving: bool, **_address: object) -> int | None:
    """The start time that this request books: read together with the visit, because everybody does it in a rush."""
    return None if moving else SlotForm.pressed(request)


@login_not_required
@visitor_asking(_wanted)
@require_http_methods(["GET", "HEAD", "POST"])
def times(request: HttpRequest, slug: str, day: date, moving: bool) -> HttpResponse:
    """Step 3: the times of one day; POST books or moves the whole series."""
    now, way, registration = timezone.now(), Way(moving), request.visitor.registration
    slot_id = SlotForm.pressed(request)
    if slot_id is not None:
        return _claim(request, way, slot_id, slug=slug, day=day, now=now)
    if not way.open_now(registration, now=now):
        return redirect("public:my")
    place = place_of(slug)
    scope = _scope(registration, way, now=now, on=day)
    if request.method != "POST":
        return day_page.page(request, way, place, day, scope)
    context = day_page.context(way, place, day, scope) | {"form": SlotForm(request.POST)}
    return render(request, day_page.TEMPLATE, context)


def _claim(request: HttpRequest, way: Way, slot_id: int, *, slug: str, day: date, now: datetime) -> HttpResponse:
    """One service, then a redirect; the same click again finds what stands and leads to the same page."""
    registration, target = request.visitor.registration, request.visitor.target
    try:
        if target is not None:
            appointments.book_at(registration=registration, slot=target, channel=Channel.WEB, by=None, now=now)
        else:
            deed = appointments.move_both if way.moving else appointments.book
            deed(registration=registration, slot_id=slot_id, channel=Channel.WEB, by=None, now=now)
    except Refused as reason:
        registration.refresh_from_db(fields=registration.get_deferred_fields())  # at once, instead of one by one
        return refusal.page(request, reason, way=way, slug=slug, day=day, now=now)
    return HttpResponseRedirect(way.done())  # `redirect` would first try the address as the name of a view


def _scope(registration: Registration, way: Way, *, now: datetime, on: date | None = None) -> Scope:
    person = entitlement.person(registration)
    found = entitlement.scope(person, channel=Channel.WEB, now=now, facts=facts.load(), on=on)
    if not way.moving:
        return found
    # A series is moved as it is: a vaccine of one dose does not take the place of two appointments, nor two of one.
    single = registration.appointments.live().count() == 1
    return replace(found, windows=tuple(one for one in found.windows if (one.interval is None) == single))


# --- Rows --------------------------------------------------------------------------------------------------------


def _center_row(offer: CenterOffer, way: Way, origin: Origin | None) -> CenterRow:
    distance = origin.distance(offer.latitude, offer.longitude) if origin else None
    access = words.access(offer.step_free, offer.access_note_de if wording.german() else offer.access_note_en)
    facts_ = (offer.place, access, km(about(distance)) if distance is not None else "")
    return CenterRow(
        url=way.days(offer.slug),
        name=offer.name,
        district=offer.district,
        facts=", ".join(part for part in facts_ if part),
        distance=distance,
        step_free=offer.step_free,
        day=timezone.localdate(offer.starts_at) if offer.starts_at else None,
        level="few" if offer.few else "many",
    )


def _fits(row: CenterRow, radius: int | None, step_free: bool) -> bool:
    near = radius is None or row.distance is None or row.distance <= radius
    return near and (row.step_free or not step_free)


def _center_groups(rows: Sequence[CenterRow], order: str, *, today: date) -> list[weeks.Group[CenterRow]]:
    free = [row for row in rows if row.day is not None]
    if order == NEAREST and free:
        nearest = sorted(free, key=lambda row: (row.distance is None, row.distance or 0.0, row.name))
        return [weeks.Group("w1", gettext("Shortest way first"), nearest)]
    return weeks.grouped(free, day=lambda row: row.day or today, today=today)


def _summary(order: str, radius: int | None, shown: int, total: int) -> str:
    first = gettext("nearest first") if order == NEAREST else gettext("earliest first")
    number = gettext("all %(total)s") if shown == total else gettext("%(shown)s of %(total)s")
    number %= {"shown": shown, "total": total}
    parts = [first, number, gettext("up to %(radius)s km") % {"radius": radius} if radius else ""]
    return gettext("Now: %(parts)s") % {"parts": ", ".join(part for part in parts if part)}


def _day_row(offer: DayOffer, url: str) -> DayRow:
    lines = []
    if len(offer.vaccine_codes) > 1:
        lines.append(" · ".join(day_page.vaccine_name(code) for code in offer.vaccine_codes))
    if offer.second_day is not None:
        template = gettext("2nd vaccination: %(day)s")
        if len(offer.vaccine_codes) > 1:
            template = gettext("2nd vaccination: from %(day)s, depending on the vaccine")
        lines.append(template % {"day": weekday_date(offer.second_day)})
    return DayRow(url, offer.day, tuple(lines), "few" if offer.few else "many")


def _intro(place: Place, offers: Sequence[DayOffer]) -> str:
    if any(offer.second_day for offer in offers):
        return gettext("%(place)s. For every day you also see when the second vaccination is.") % {"place": place.label}
    return f"{place.label}."
