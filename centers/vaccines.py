"""What a vaccine may be given to and when: dated rules, judged by pure functions.

For each basis (licence, STIKO, ordinance) the rule with the newest `valid_from` on or before the day counts, and
all of them must allow the person. Without a licence rule in force nobody gets the vaccine.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

LICENCE = "licence"


@dataclass(frozen=True, slots=True)
class AgeRule:
    """Completed years of life, both ends included; None = no limit at that end."""

    valid_from: date
    min_age: int | None
    max_age: int | None
    basis: str


@dataclass(frozen=True, slots=True)
class IntervalRule:
    valid_from: date
    min_days: int
    max_days: int | None


@dataclass(frozen=True, slots=True)
class Pause:
    """Days on which the vaccine is not given, both included; without an end it is out of use for good."""

    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class VaccineRules:
    code: str
    name: str
    doses: int
    age_rules: tuple[AgeRule, ...]
    interval_rules: tuple[IntervalRule, ...]
    pauses: tuple[Pause, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """Days between dose 1 and dose 2, both ends included. Beyond `max_days` a series is late, never void."""

    min_days: int
    max_days: int | None


def age_allowed(rules: VaccineRules, birth_date: date, on: date) -> bool:
    """True when the vaccine may be given on that day to a person born then; judged by completed years."""
    age = _age(birth_date, on)
    newest = _age_rules_on(rules.age_rules, on)
    return LICENCE in newest and all(
        (rule.min_age is None or rule.min_age <= age) and (rule.max_age is None or age <= rule.max_age)
        for rule in newest.values()
    )


def interval(rules: VaccineRules, on: date) -> Interval | None:
    """The distance to dose 2 when dose 1 is given on that day; None for a single dose or before the first rule."""
    if rules.doses < 2:
        return None
    past = [rule for rule in rules.interval_rules if rule.valid_from <= on]
    if not past:
        return None
    rule = max(past, key=lambda one: one.valid_from)
    return Interval(rule.min_days, rule.max_days)


def paused(rules: VaccineRules, on: date) -> bool:
    """True when the vaccine is not given on that day."""
    return any(pause.starts_on <= on and (pause.ends_on is None or on <= pause.ends_on) for pause in rules.pauses)


def _age_rules_on(rules: Iterable[AgeRule], on: date) -> dict[str, AgeRule]:
    newest: dict[str, AgeRule] = {}
    for rule in rules:
        if rule.valid_from <= on and (rule.basis not in newest or newest[rule.basis].valid_from < rule.valid_from):
            newest[rule.basis] = rule
    return newest


def _age(birth_date: date, on: date) -> int:
    # The same as priority.rules.age_on, which says where the law has it; the two floors do not import each other.
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
