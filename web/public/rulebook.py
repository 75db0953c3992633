"""The rules as the rules page tells them: groups, vaccines, openings and the log of changes, from the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking import clock
from booking.facts import load
from centers.vaccines import AgeRule, Interval, Pause, VaccineRules, interval
from priority import rules
from priority.models import Criterion, Evidence, Regulation
from priority.openings import OpeningRule
from priority.rules import EVERYONE, CriterionRule, RegulationRules
from web.public.forms.check import english

KINDS = [Criterion.Kind.AGE, Criterion.Kind.CARE, Criterion.Kind.OCCUPATION, Criterion.Kind.ILLNESS]
KINDS += [Criterion.Kind.CONTACT, Criterion.Kind.OTHER]


@dataclass(frozen=True)
class Ground:
    """One reason for a group, as a sentence to the reader."""

    text: str
    hint: str
    paragraph: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """The grounds of one kind ("age", "care", ...). `evidence` is what all of them ask for; else each names its own."""

    kind: str
    grounds: tuple[Ground, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """A group's grounds by kind."""

    level: int
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Product:
    """A vaccine on one day; ages are completed years, days count from dose 1 to dose 2."""

    name: str
    doses: int
    min_age: int | None
    max_age: int | None
    distance: Interval | None
    pause: Pause | None


@dataclass(frozen=True)
class Version:
    """One line of the log of changes. `real_from` is the date of the real world, which a demonstration shifts."""

    name: str
    valid_from: date
    valid_until: date | None
    real_from: date
    summary: str
    source: str
    current: bool


@dataclass(frozen=True)
class Book:
    """Everything on the page."""

    today: date
    regulation: RegulationRules
    groups: tuple[Group, ...]
    products: tuple[Product, ...]
    open_now: tuple[OpeningRule, ...]
    coming: tuple[OpeningRule, ...]
    versions: tuple[Version, ...]
    shift_days: int
    real_today: date


def current(now: datetime) -> Book:
    """The rulebook on this day, in the language of the page."""
    facts = load()
    today = clock.local_day(now)
    regulation = rules.regulation_on(facts.regulations, today)
    versions = tuple(_version(row, today) for row in Regulation.objects.order_by("-valid_from"))
    shift = next((row.shift_days for row in Regulation.objects.filter(code=regulation.code)), 0)
    return Book(
        today=today,
        regulation=regulation,
        groups=tuple(_groups(regulation, today)) if regulation.grouped else (),
        products=tuple(_products(facts.vaccines.values(), today)),
        open_now=tuple(one for one in facts.openings if one.in_force(now)),
        coming=tuple(one for one in facts.openings if one.opens_at > now),
        versions=versions,
        shift_days=shift,
        real_today=today - timedelta(days=shift),
    )


def _groups(regulation: RegulationRules, today: date) -> Iterable[Group]:
    papers = {row.code: row.label_en if english() else row.label_de for row in Evidence.objects.order_by("code")}
    shown = [
        rule
        for rule in regulation.criteria
        if rule.in_force(today) and rule.level < EVERYONE and (rule.askable or rule.min_age is not None)
    ]
    for level in sorted({rule.level for rule in shown}):
        of_level = [rule for rule in shown if rule.level == level]
        yield Group(level, tuple(_sections(of_level, papers)))


def _sections(shown: list[CriterionRule], papers: dict[str, str]) -> Iterable[Section]:
    for kind in KINDS:
        grounds = tuple(_ground(rule, papers) for rule in shown if rule.kind == kind)
        common = {ground.evidence for ground in grounds}
        if grounds:
            yield Section(str(kind.value), grounds, common.pop() if len(common) == 1 else ())


def _ground(rule: CriterionRule, papers: dict[str, str]) -> Ground:
    reason = rule.reason
    return Ground(
        text=reason.text_en if english() else reason.text_de,
        hint=rule.hint_en if english() else rule.hint_de,
        paragraph=rule.paragraph,
        evidence=tuple(papers[code] for code in rule.evidence if code in papers),
    )


def _products(vaccines: Iterable[VaccineRules], today: date) -> Iterable[Product]:
    """What may be given today or is only paused; products not yet licensed or out of use are left out."""
    for vaccine in sorted(vaccines, key=lambda one: one.name):
        ages = _ages(vaccine.age_rules, today)
        if ages is None:
            continue
        pause = next((one for one in vaccine.pauses if one.starts_on <= today <= (one.ends_on or date.max)), None)
        if pause is not None and pause.ends_on is None:
            continue
        yield Product(vaccine.name, vaccine.doses, *ages, interval(vaccine, today), pause)


def _ages(found: Iterable[AgeRule], today: date) -> tuple[int | None, int | None] | None:
    """The narrowest ages that the rules of all bases allow today; None without a licence."""
    newest: dict[str, AgeRule] = {}
    for rule in sorted(found, key=lambda one: one.valid_from):
        if rule.valid_from <= today:
            newest[rule.basis] = rule
    if "licence" not in newest:
        return None
    lowest = [rule.min_age for rule in newest.values() if rule.min_age is not None]
    highest = [rule.max_age for rule in newest.values() if rule.max_age is not None]
    return max(lowest, default=None), min(highest, default=None)


def _version(row: Regulation, today: date) -> Version:
    return Version(
        name=row.name,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        real_from=row.valid_from - timedelta(days=row.shift_days),
        summary=row.summary_en if english() else row.summary_de,
        source=row.source,
        current=row.valid_from <= today and (row.valid_until is None or today <= row.valid_until),
    )
