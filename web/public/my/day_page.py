"""What the page with the times of one day says, shared for a moment by all who may have the same places.

In a rush thousands look at the same morning of the same center. What they see depends on the windows of their scope,
not on who they are, so it is drawn at most once a second for each of them (performance.md 6) and dropped together with
the facts. A time shown may have gone in that second; the booking decides, as always.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from booking import availability, facts
from booking.availability import TimeOffer
from booking.entitlement import Scope
from web.public.my import time_choices, words
from web.public.my.held import Held
from web.public.my.places import Place
from web.public.my.time_choices import Choice
from web.public.my.ways import Way
from web.templatetags.impftermin import local_date

AT_MOST = 256  # pages kept at the same time, some 40 kB each
_pages: Held[dict[object, dict[str, Any]]] = Held(dict)


def context(way: Way, place: Place, day: date, scope: Scope) -> dict[str, Any]:
    """The context of templates/public/my/times.html, without the form; not to be changed by the caller."""
    pages = _pages.get()
    key = (way, place, day, scope.windows, get_language())
    found = pages.get(key)
    if found is None:
        found = _draw(way, place, day, availability.times(scope, place.pk, day))
        if len(pages) < AT_MOST:
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
