"""The tiles of the choose-a-time page, drawn by one plain loop.

A center's day has 120 start times and more, and this page is what everybody asks for in the first minutes of a
rush. A template loop over model instances costs ten times as much (performance.md 6), so here tuples go in and one
string comes out. Everything put into it is a number or escaped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from web.templatetags.impftermin import NBSP, day_month

# (slot id, start of dose 1, start of dose 2 or None, name of the vaccine to be named with the time, or "")
Choice = tuple[int, datetime, datetime | None, str]

NOON = 12
FITS_ON_A_SCREEN = 12  # more times than this in half a day are folded by the hour
FIRST_ID = "id_slot"  # the error summary leads to the first tile

TILE = (  # id, slot, checked, id, time, second dose
    '<div class="kern-form-check choice"><input class="kern-form-check__radio" type="radio" name="slot"'
    ' id="%s" value="%d"%s><label class="kern-label" for="%s"><span class="choice__time">%s</span>%s</label></div>'
)
HALF_DAY = (
    '<fieldset class="kern-fieldset"><legend class="kern-label kern-label--large">{title}</legend>'
    '<div class="kern-fieldset__body">{body}</div></fieldset>'
)
HOUR = (
    '<details class="kern-accordion"{open}><summary class="kern-accordion__header"><span class="kern-title">{title}'
    '<span class="kern-body">{count}</span>{picked}</span></summary>'
    '<div class="kern-accordion__body">{tiles}</div></details>'
)


@dataclass(frozen=True)
class Words:
    """What the loop needs of the page's language, looked up once."""

    english: bool
    second: str
    picked: str

    def time(self, hour: int, minute: int) -> str:
        """10:20 Uhr, 10:20 am: as the filter `local_time`, without its cost."""
        if self.english:
            return f"{hour % 12 or 12}:{minute:02d}{NBSP}{'am' if hour < NOON else 'pm'}"
        return f"{hour}:{minute:02d}{NBSP}Uhr"

    def hour(self, hour: int) -> str:
        if self.english:
            return f"{hour % 12 or 12}{NBSP}{'am' if hour < NOON else 'pm'}"
        return f"{hour}{NBSP}Uhr"


def words(*, picked: str = "") -> Words:
    """`picked` is the badge that says "selected" in the header of a folded hour."""
    second = escape(gettext("2nd vaccination:"))
    return Words(english=(get_language() or "de").startswith("en"), second=second, picked=picked)


def draw(choices: Iterable[Choice], *, chosen: int | None, words: Words) -> SafeString:
    """The radio tiles, morning and from noon; folded by the hour where a half-day has many. Choices in time order."""
    zone = timezone.get_current_timezone()
    days: dict[date, str] = {}
    tiles: list[tuple[int, str, bool]] = []
    for slot, first, second_at, vaccine in choices:
        local = first.astimezone(zone)
        second = ""
        if second_at is not None:
            there = second_at.astimezone(zone)
            day = days.get(there.date())
            if day is None:
                day = days[there.date()] = escape(day_month(there.date()))
            second = f"{words.second} {day}, {words.time(there.hour, there.minute)}"
        if vaccine:
            second = f"{escape(vaccine)}<br>{second}" if second else escape(vaccine)
        one = f"{FIRST_ID}_{slot}" if tiles else FIRST_ID
        checked = " checked" if slot == chosen else ""
        tile = TILE % (one, slot, checked, one, words.time(local.hour, local.minute), second)
        tiles.append((local.hour, tile, slot == chosen))
    return mark_safe("".join(_half_days(tiles, words)))  # noqa: S308 - numbers and escaped text only


def _half_days(tiles: Sequence[tuple[int, str, bool]], words: Words) -> Iterable[str]:
    morning = [tile for tile in tiles if tile[0] < NOON]
    later = [tile for tile in tiles if tile[0] >= NOON]
    for title, part in ((gettext("In the morning"), morning), (gettext("From noon"), later)):
        if part:
            folded = len(part) > FITS_ON_A_SCREEN
            body = _hours(part, words, first=part[0] is tiles[0]) if folded else _side_by_side(part)
            yield HALF_DAY.format(title=escape(title), body=body)


def _side_by_side(tiles: Iterable[tuple[int, str, bool]]) -> str:
    return f'<div class="choices choices--two">{"".join(tile[1] for tile in tiles)}</div>'


def _hours(tiles: Sequence[tuple[int, str, bool]], words: Words, *, first: bool) -> str:
    """One accordion per hour; the day's first hour is open, so that the page shows what it is about."""
    drawn: list[str] = []
    for hour, found in groupby(tiles, key=lambda tile: tile[0]):
        part = list(found)
        is_open = (first and not drawn) or any(tile[2] for tile in part)
        count = ngettext("%(count)s free time", "%(count)s free times", len(part)) % {"count": len(part)}
        drawn.append(
            HOUR.format(
                open=" open" if is_open else "",
                title=words.hour(hour),
                count=escape(count),
                picked=words.picked,
                tiles=_side_by_side(part),
            )
        )
    return f"<div>{''.join(drawn)}</div>"
