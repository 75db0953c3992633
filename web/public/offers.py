"""What everybody may see without saying who they are: who can book now, and where the first free places are.

A free place depends on age and group, so the pages name the person for whom they show it. The answer is computed anew
when the facts are read again, at most once a second for all visitors (booking/facts.py), whatever the rush.
"""

import threading
from dataclasses import dataclass
from datetime import date, datetime

from booking import availability, clock, entitlement
from booking.availability import CenterOffer
from booking.entitlement import Person
from booking.facts import Facts, load
from centers.models import Channel
from priority import rules
from priority.openings import OpeningRule
from priority.rules import EVERYONE, RegulationRules

# Where no age opens the door, places are shown for a grown-up of this age.
GROWN_UP = 40


@dataclass(frozen=True)
class Offers:
    """`level` is the last group that can book online now, 0 = none; places are those of somebody aged `age`.

    `limited` are the openings in force that are for a part of a group, or for some places: they count for no level.
    `regulated` is False on a day without rules: then nobody can book.
    """

    level: int
    limited: tuple[OpeningRule, ...]
    coming: tuple[OpeningRule, ...]
    age: int
    centers: tuple[CenterOffer, ...]
    as_of: datetime
    regulated: bool

    @property
    def free(self) -> list[CenterOffer]:
        return [center for center in self.centers if center.starts_at is not None]

    @property
    def everyone(self) -> bool:
        return self.level >= EVERYONE


_lock = threading.Lock()
_held: tuple[Facts, Offers] | None = None


def current(now: datetime) -> Offers:
    """The offers of this second. One visitor computes, the others wait for the same answer."""
    global _held
    facts = load()
    held = _held
    if held is not None and held[0] is facts:
        return held[1]
    with _lock:
        if _held is None or _held[0] is not facts:
            _held = (facts, compute(facts, now=now))
        return _held[1]


def compute(facts: Facts, *, now: datetime) -> Offers:
    """The same, straight from the database."""
    today = clock.local_day(now)
    online = [one for one in facts.openings if one.channel in {"", Channel.WEB}]
    openings = [one for one in online if one.in_force(now)]
    regulation = _regulation(facts, today)
    level = _level([one for one in openings if not _limited(one)]) if regulation else 0
    shown = _shown(openings)
    age = _age(_level(shown), regulation) if regulation else GROWN_UP
    person = Person(_born(age, shown, today), frozenset(), "")
    scope = entitlement.scope(person, channel=Channel.WEB, now=now, facts=facts)
    return Offers(
        level=level,
        limited=tuple(one for one in openings if _limited(one)),
        coming=tuple(one for one in online if one.opens_at > now),
        age=rules.age_on(person.birth_date, today),
        centers=tuple(availability.earliest_by_center(scope)),
        as_of=now,
        regulated=regulation is not None,
    )


def _limited(one: OpeningRule) -> bool:
    """True when belonging to the group is not enough to book by it."""
    years = one.birth_year_from is not None or one.birth_year_to is not None
    return years or bool(one.criterion or one.district_ags or one.vaccine_code or one.channel)


def _level(openings: list[OpeningRule]) -> int:
    """The last group of these openings, 0 without any."""
    return max((one.level or EVERYONE for one in openings), default=0)


def _shown(openings: list[OpeningRule]) -> list[OpeningRule]:
    """The openings that say for whom places are shown: those of whole groups, else those that age alone can meet."""
    whole = [one for one in openings if not _limited(one)]
    return whole or [one for one in openings if not one.criterion and not one.district_ags]


def _regulation(facts: Facts, today: date) -> RegulationRules | None:
    """The rules of today; None when none are in force: the start page opens all the same and names the hotline."""
    try:
        return rules.regulation_on(facts.regulations, today)
    except rules.NoRegulation:
        return None


def _age(level: int, regulation: RegulationRules) -> int:
    """The age that alone opens this group."""
    ages = [rule.min_age for rule in regulation.criteria if rule.level == level and rule.min_age]
    return min(ages, default=GROWN_UP)


def _born(age: int, openings: list[OpeningRule], today: date) -> date:
    """A birth date of that age, inside the birth years that are open where the openings name some."""
    year = today.year - age
    for one in openings:
        if one.birth_year_to is not None:
            year = min(year, one.birth_year_to)
        if one.birth_year_from is not None:
            year = max(year, one.birth_year_from)
    return date(year, 1, 1)
