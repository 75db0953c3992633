"""The page with the times of one day, shared for a moment by all who may have the same places.

In a rush thousands look at the same morning of the same center. What they see depends on the windows of their scope and
on nothing else about them, so it is drawn at most once a second (docs/adr/0004) and dropped together with the facts;
only the form's token is each visitor's own. A time shown may have gone in that second; the booking decides.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from booking import availability, clock, facts
from booking.availability import TimeOffer
from booking.entitlement import Scope
from web.public.my import time_choices, words
from web.public.my.forms import SlotForm
from web.public.my.held import Held
from web.public.my.places import Place
from web.public.my.time_choices import Choice
from web.public.my.ways import Way
from web.templatetags.impftermin import local_date

TEMPLATE = "public/my/times.html"
AT_MOST = 256  # pages kept at the same time, some 40 kB each
TOKEN = "the-token-of-the-form"  # noqa: S105 - stands in a kept page where each visitor's own goes

_kept: Held[dict[object, str]] = Held(dict)


def page(request: HttpRequest, way: Way, place: Place, day: date, scope: Scope) -> HttpResponse:
    """The page as it is first shown."""
    html = _kept_page(request, way, place, day, scope)
    return HttpResponse(html.replace(TOKEN, get_token(request)))


def context(way: Way, place: Place, day: date, scope: Scope) -> dict[str, Any]:
    """What the template asks for, besides the form."""
    return _draw(way, place, day, availability.times(scope, place.pk, day))


def _kept_page(request: HttpRequest, way: Way, place: Place, day: date, scope: Scope) -> str:
    """The page with a stand-in for the token. With these values its address is the same for everybody.

    Windows that begin in the middle of the day begin at another moment for each request: today's page is not kept.
    """
    begins = clock.start_of(day)
    keep = not request.GET and all(window.from_at <= begins for window in scope.windows)
    pages, key = _kept.get(), (way, place, day, scope.windows, get_language())
    found = pages.get(key) if keep else None
    if found is None:
        values = context(way, place, day, scope) | {"form": SlotForm(), "csrf_token": TOKEN}
        found = render_to_string(TEMPLATE, values, request)
        if keep and len(pages) < AT_MOST:
            pages[key] = found
    return found


def vaccine_name(code: str) -> str:
    """The product's name, as people know it."""
    known = facts.load().vaccines.get(code)
    return known.name if known else code


def tiles(choices: Iterable[Choice]) -> SafeString:
    """The tiles, with the badge that marks a folded hour in which something is chosen."""
    badge = render_to_string("includes/picked.html")
    return time_choices.draw(choices, chosen=None, words=time_choices.words(picked=badge))


def _draw(way: Way, place: Place, day: date, offers: Sequence[TimeOffer]) -> dict[str, Any]:
    vaccines = sorted({offer.vaccine_code for offer in offers})
    names = {code: vaccine_name(code) for code in vaccines}
    doses = 2 if any(offer.second_at for offer in offers) else 1
    return {
        "heading": gettext("Which time suits you?"),
        "step": way.step(3),
        "back_url": way.days(place.slug),
        "back_label": gettext("Another day"),
        "place": place.label,
        "lines": _day_lines(day, offers),
        "tiles": tiles(
            (offer.slot_id, offer.starts_at, offer.second_at, names[offer.vaccine_code] if len(names) > 1 else "")
            for offer in offers
        ),
        "empty_title": gettext("No free time is left on this day"),
        "empty_text": gettext("Others were quicker. Nothing has been booked."),
        "closing": _closing(way, list(names.values()), doses=doses),
        "deed": way.deed(doses=doses),
    }


def _day_lines(day: date, offers: Sequence[TimeOffer]) -> list[tuple[str, bool]]:
    """Dose 1 in bold; dose 2 only when it falls on one day whatever time is chosen."""
    lines = [(f"{words.dose_name(1)}: {local_date(day)}", True)]
    seconds = [offer.second_at for offer in offers if offer.second_at]
    if seconds and timezone.localdate(min(seconds)) == timezone.localdate(max(seconds)):
        lines.append((f"{words.dose_name(2)}: {local_date(seconds[0])}", False))
    return lines


def _closing(way: Way, names: Sequence[str], *, doses: int) -> str:
    if way.moving:
        deed = gettext("With the next button the new places are yours, and the old ones go to somebody else.")
    elif doses > 1:
        deed = gettext("With the next button you book both places. You can move or cancel them later.")
    else:
        deed = gettext("With the next button you book this place. You can move or cancel it later.")
    if len(names) == 1:
        planned = gettext("Planned vaccine: %(vaccine)s.") % {"vaccine": names[0]}
    else:
        planned = gettext("The planned vaccine stands with each time.")
    return f"{deed} {planned}"
