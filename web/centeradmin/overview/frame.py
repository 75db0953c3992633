"""What week, month and day have in common: spans of days and their words, and the ways to other rooms."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import get_language

from centers.models import Center
from web.access import TABLE, may
from web.days import FIRST, LAST

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True, slots=True)
class Step:
    """A link to another day, week or month; without a url there is none."""

    url: str
    label: str


def way(request: HttpRequest, name: str, *parts: object, **query: object) -> str:
    """The address of a page, or "" where it does not exist or her roles do not open it."""
    if name not in TABLE or not may(request.user, TABLE[name]):
        return ""
    address = reverse(name, args=parts)
    return f"{address}?{urlencode(query)}" if query else address


def dated(name: str, day: date) -> str:
    """The address of a page about `day`, or "" beyond the calendar."""
    return reverse(name, args=[day]) if FIRST <= day <= LAST else ""


def outside(center: Center, day: date) -> str:
    """Whether the day lies before the center's first one or after its last; "" when it lies between."""
    if day < center.first_day:
        return BEFORE
    return AFTER if center.last_day and day > center.last_day else ""


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def short_day(day: date) -> str:
    """Mi 21.04. / Wed 21 Apr."""
    return dateformat.format(day, "D d.m." if _german() else "D j M")


def span_words(first: date, last: date) -> str:
    """19. bis 25. April 2021 / 19 to 25 April 2021; what both days have in common is said once."""
    if first == last:
        return dateformat.format(first, "j. F Y" if _german() else "j F Y")
    point, word = (".", "bis") if _german() else ("", "to")
    shape = f"j{point}"
    if (first.year, first.month) != (last.year, last.month):
        shape += " F" if first.year == last.year else " F Y"
    return f"{dateformat.format(first, shape)} {word} {dateformat.format(last, f'j{point} F Y')}"


def _german() -> bool:
    return (get_language() or "de").startswith("de")
