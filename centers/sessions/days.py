"""The days of a series of sessions: weekly between two dates, less public and school holidays of the Land. Pure.

Holidays are proposals by the real calendar: the person at the screen can tick every one of them back in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import holidays
from django.utils.translation import gettext

from accounts.refusals import Refused
from reference.files import Entry, read_yaml, unique

DATA = Path(__file__).resolve().parent.parent / "data"
MOST_DAYS = 100  # so many can be looked through on one page
# The first two digits of a district's AGS name its Land.
LAND = {
    "01": "SH", "02": "HH", "03": "NI", "04": "HB", "05": "NW", "06": "HE", "07": "RP", "08": "BW",
    "09": "BY", "10": "SL", "11": "BE", "12": "BB", "13": "MV", "14": "SN", "15": "ST", "16": "TH",
}  # fmt: skip
SCHOOL_FILES = {"SN": "school_holidays_saxony.yaml"}


@dataclass(frozen=True, slots=True)
class SchoolHolidays:
    """Both days included. `verified` is False where the file itself doubts one of them."""

    name: str
    first_day: date
    last_day: date
    verified: bool


@dataclass(frozen=True, slots=True)
class SchoolCalendar:
    """What is known of a Land, in order of time; `source` is whose list it has to be checked against."""

    source: str = ""
    holidays: tuple[SchoolHolidays, ...] = ()

    def at(self, day: date) -> SchoolHolidays | None:
        return next((one for one in self.holidays if one.first_day <= day <= one.last_day), None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A day that the pattern gives. `holiday` and `school` name what speaks against it, or are ""."""

    day: date
    holiday: str
    school: str
    school_verified: bool = True

    @property
    def proposed(self) -> bool:
        """True when nothing speaks against opening on it."""
        return not self.holiday and not self.school

    @property
    def against(self) -> str:
        """What speaks against it, and whether that is sure; "" for an ordinary day."""
        school = self.school
        if not self.school_verified:
            school = gettext("%(holidays)s (not checked)") % {"holidays": school}
        return ", ".join(filter(None, (self.holiday, school)))


def land_of(ags: str) -> str:
    """The Land of a district as its two letters (ISO 3166-2:DE)."""
    return LAND[ags[:2]]


def weekly(first: date, until: date, weekdays: Iterable[int]) -> tuple[date, ...]:
    """Every day from `first` to `until`, both included, on these weekdays (0 = Monday); Refused when there is none."""
    chosen = frozenset(weekdays)
    if until < first:
        raise Refused("until", gettext("The last day lies before the first. Please swap or correct the dates."))
    if not chosen:
        raise Refused("weekdays", gettext("Please choose at least one weekday."))
    if (until - first).days > 7 * MOST_DAYS:
        raise Refused("until", gettext("That is more than two years. Please check the year."))
    found = tuple(day for day in _between(first, until) if day.weekday() in chosen)
    if not found:
        raise Refused("weekdays", gettext("None of these weekdays lies between the two dates."))
    if len(found) > MOST_DAYS:
        words = gettext(
            "These are %(days)s days. At most %(most)s can be opened at once: please choose an earlier last day."
        )
        raise Refused("until", words % {"days": len(found), "most": MOST_DAYS})
    return found


def candidates(days: Sequence[date], *, land: str, language: str) -> tuple[Candidate, ...]:
    """The days with what speaks against each. Names of public holidays are given in German or English."""
    return tuple(_candidate(day, land, language) for day in days)


def public_holiday(day: date, land: str, language: str) -> str:
    """Its name, or "" for an ordinary day."""
    return _public(day.year, land, "en_US" if language.startswith("en") else "de").get(day, "")


@lru_cache
def school_calendar(land: str) -> SchoolCalendar:
    """The facts of centers/data, without any holidays where no list of the Land is known; Broken when the file is."""
    if land not in SCHOOL_FILES:
        return SchoolCalendar()
    return read(DATA / SCHOOL_FILES[land])


def read(path: Path) -> SchoolCalendar:
    """Read and check one file of school holidays; Broken with file, line, reason and cure."""
    top = read_yaml(path)
    source, entries = top.text("source", longest=60), top.entries("holidays")
    found = [_school(entry) for entry in entries]
    top.end()
    unique((one.first_day, entry) for one, entry in zip(found, entries, strict=True))
    return SchoolCalendar(source, tuple(sorted(found, key=lambda one: one.first_day)))


def _school(entry: Entry) -> SchoolHolidays:
    row = SchoolHolidays(
        name=entry.text("name", longest=60),
        first_day=entry.day("first_day"),
        last_day=entry.day("last_day"),
        verified=not entry.codes("unverified"),
    )
    if row.last_day < row.first_day:
        raise entry.broken("the holidays end before they begin", "Put first_day and last_day in order.")
    entry.end()
    return row


def _candidate(day: date, land: str, language: str) -> Candidate:
    school = school_calendar(land).at(day)
    return Candidate(
        day,
        public_holiday(day, land, language),
        school=school.name if school else "",
        school_verified=school is None or school.verified,
    )


@lru_cache
def _public(year: int, land: str, language: str) -> dict[date, str]:
    return dict(holidays.country_holidays("DE", subdiv=land, years=year, language=language).items())


def _between(first: date, until: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((until - first).days + 1))
