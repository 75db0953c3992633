"""Book for somebody who is registered and invited: every center, the earliest first, then days and times."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from booking import availability, earliest, entitlement, facts, standing, wording
from booking.models import Registration
from booking.services import appointments
from booking.standing import Stage
from centers.models import Channel, Slot
from web.access import user_of
from web.callcenter.person import places
from web.callcenter.person.opened import back, named, opened
from web.callcenter.person.page import CONFLICT
from web.callcenter.person.places import Asked

TEMPLATE = "callcenter/person/places.html"


@opened
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, person: Registration, *, now: datetime) -> HttpResponse:
    """Both doses by one press; what has gone meanwhile leaves the list with the nearest others."""
    slot, refusal = places.pressed(request.POST), ""
    papers = earliest.papers_there(person.medium, code_told=False, now=now)
    if slot is not None:
        try:
            terms = {"channel": Channel.PHONE, "by": user_of(request), "now": now, "not_before": papers}
            appointments.book(registration=person, slot_id=slot, **terms)
            return back(person, "gebucht")
        except Refused as reason:
            refusal = str(reason)
    stand, _all = standing.read(person, now=now)
    if stand.stage is not Stage.INVITED:
        return back(person)
    asked = Asked.of(request.GET)
    scope = entitlement.scope(
        entitlement.person(person), channel=Channel.PHONE, now=now, facts=facts.load(), not_before=papers
    )
    offers = [one for one in availability.earliest_by_center(scope) if one.starts_at] if scope.windows else []
    center = places.center_of(asked.center, [one.center_id for one in offers])
    wished = Slot.objects.filter(pk=slot).values_list("starts_at", flat=True).first() if slot else None
    near = wished or next((one.starts_at for one in offers if center and one.center_id == center.pk), None) or now
    found = places.look(scope, center.pk, near=near, day=asked.day) if center else places.Found([], [], None)
    context = {
        **named(person, now=now),
        "heading": _("Book for %(name)s") % {"name": person.full_name},
        "rule": "" if scope.windows else scope.why_not.text,
        "empty": _("No place is free for her at the moment. Her invitation and her rank stay."),
        "centers": offers,
        "center": center,
        "place": wording.center_name(center) if center else "",
        "found": found,
        "refusal": refusal,
        "keeps": [],
        "deed": _("Book here"),
    }
    return render(request, TEMPLATE, context, status=CONFLICT if refusal else 200)
