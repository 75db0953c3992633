"""May she book, and why (not)? The judgement and the words are those that the citizen reads (web/public/verdict.py)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking import clock, earliest, entitlement, facts, wording
from booking.entitlement import Person, Scope
from booking.facts import Facts
from booking.models import Registration
from centers import vaccines
from centers.models import Channel, VaccineAgeRule
from centers.vaccines import LICENCE, AgeRule, VaccineRules
from notifications.outbox import Medium
from priority import rules
from priority.rules import Assessment, RegulationRules
from web.public import verdict
from web.templatetags.impftermin import plain_date, weekday_date

WEEK = 7


@dataclass(frozen=True)
class Row:
    """One question with its answer and the reason."""

    question: str
    yes: bool
    reason: str


@dataclass(frozen=True)
class Case:
    """Everything the rows are made of."""

    person: Person
    scope: Scope
    assessment: Assessment
    regulation: RegulationRules
    facts: Facts
    today: date
    by_letter: date


def rows(registration: Registration, *, now: datetime) -> list[Row]:
    """Now; each vaccine; before a letter can reach her; a higher group. One row where no rules are in force."""
    known, today = facts.load(), clock.local_day(now)
    person = entitlement.person(registration)
    try:
        regulation = rules.regulation_on(known.regulations, today)
    except rules.NoRegulation:
        return [Row(_("Book now"), False, _("No rules are in force for that day yet."))]
    scope = entitlement.scope(person, channel=Channel.PHONE, now=now, facts=known)
    assessment = rules.assess(person.answers, person.birth_date, today, regulation)
    case = Case(person, scope, assessment, regulation, known, today, earliest.first_day_by_letter(now))
    letter = [_letter(case)] if registration.medium == Medium.LETTER else []
    return [_now(case, now), *_products(case), *letter, *_higher(case)]


def _now(case: Case, now: datetime) -> Row:
    """With paragraph and version, and what she brings."""
    question = _("Book now")
    if not case.scope.windows:
        return Row(question, False, f"{case.scope.why_not.text} {_ground(case)}")
    first = clock.local_day(min(window.from_at for window in case.scope.windows))
    earliest = clock.local_day(now + settings.LEAD_TIME[Channel.PHONE])
    bring = _("Bring: %(papers)s.") % {"papers": ", ".join(verdict.papers(case.assessment))}
    text = f"{_ground(case)} {bring}"
    if first > earliest:
        text = _("For appointments from %(day)s on.") % {"day": plain_date(first)} + f" {text}"
    return Row(question, True, text)


def _ground(case: Case) -> str:
    """Her best reason, its group, paragraph and the version of the rules."""
    if not case.regulation.grouped:
        return _("Everybody is entitled (%(regulation)s).") % {"regulation": case.regulation.name}
    best = case.assessment.reasons[0]
    words = {
        "reason": (best.text_de if wording.german() else best.text_en).rstrip("."),
        "group": verdict.group_name(case.assessment.level),
        "paragraph": best.paragraph,
        "regulation": case.regulation.name,
    }
    return _("%(reason)s. %(group)s (%(paragraph)s %(regulation)s).") % words


def _products(case: Case) -> Iterator[Row]:
    """Vaccines of which the same is to be said share a row."""
    said: dict[tuple[bool, str], list[str]] = {}
    for vaccine in sorted(case.facts.vaccines.values(), key=lambda one: one.name):
        said.setdefault(_product(case, vaccine), []).append(vaccine.name)
    for (yes, reason), names in said.items():
        yield Row(", ".join(names), yes, reason)


def _product(case: Case, vaccine: VaccineRules) -> tuple[bool, str]:
    """Judged on the first day on which she may have it: a rule or a birthday may let her only later."""
    mine = [window for window in case.scope.windows if window.vaccine_code == vaccine.code]
    if mine:
        first = min(mine, key=lambda window: window.from_at)
        day = clock.local_day(first.from_at)
        earliest = clock.local_day(min(window.from_at for window in case.scope.windows))
        words = _("One dose is enough.") if first.interval is None else _distance(first.interval.min_days)
        from_on = _("For appointments from %(day)s on.") % {"day": plain_date(day)} if day > earliest else ""
        return True, " ".join(part for part in (from_on, _age_words(vaccine, day), words) if part)
    if not any(rule.basis == LICENCE and rule.valid_from <= case.today for rule in vaccine.age_rules):
        return False, _("Is not licensed yet.")
    if vaccines.paused(vaccine, case.today):
        return False, _("Is not given at present.")
    if not vaccines.age_allowed(vaccine, case.person.birth_date, case.today):
        return False, _age_words(vaccine, case.today) or _("Is not given at her age.")
    return False, case.scope.why_not.text


def _distance(days: int) -> str:
    if days % WEEK:
        return _("Second vaccination after %(days)s days.") % {"days": days}
    weeks = days // WEEK
    text = ngettext("Second vaccination after %(weeks)s week.", "Second vaccination after %(weeks)s weeks.", weeks)
    return text % {"weeks": weeks}


def _age_words(vaccine: VaccineRules, on: date) -> str:
    """The narrowest limit of age in force, and who says so; "" without one."""
    newest: dict[str, AgeRule] = {}
    for rule in sorted(vaccine.age_rules, key=lambda one: one.valid_from):
        if rule.valid_from <= on:
            newest[rule.basis] = rule
    limited = [rule for rule in newest.values() if rule.max_age is not None or rule.min_age is not None]
    if not limited:
        return ""
    rule = max(limited, key=lambda one: (one.max_age is not None, one.min_age or 0))
    said = {"source": VaccineAgeRule.Basis(rule.basis).label, "day": plain_date(rule.valid_from)}
    said |= {"least": rule.min_age, "most": rule.max_age}
    if rule.min_age is None:
        return _("Up to %(most)s years of age (%(source)s, %(day)s).") % said
    if rule.max_age is None:
        return _("From %(least)s years of age (%(source)s, %(day)s).") % said
    return _("From %(least)s to %(most)s years of age (%(source)s, %(day)s).") % said


def _letter(case: Case) -> Row:
    """Papers that go by post need their time, whoever she is."""
    first = case.by_letter
    question = _("Appointment before %(day)s by letter") % {"day": weekday_date(first)}
    text = _("The papers need %(days)s days by post. It is sooner if she writes down the code on the telephone.")
    return Row(question, False, text % {"days": (first - case.today).days})


def _higher(case: Case) -> Iterator[Row]:
    """The next better group that age alone will bring, with the day; none for the highest."""
    if not case.regulation.grouped:
        return
    better = [
        rule
        for rule in case.regulation.criteria
        if rule.min_age is not None and rule.level < case.assessment.level and rule.in_force(case.today)
    ]
    if not better:
        return
    rule = min(better, key=lambda one: one.min_age or 0)
    day = _birthday(case.person.birth_date, rule.min_age or 0)
    text = _("Only from %(age)s years of age on (%(paragraph)s), for her from %(day)s on.")
    said = {"age": rule.min_age, "paragraph": rule.paragraph, "day": plain_date(day)}
    yield Row(verdict.group_name(rule.level), False, text % said)


def _birthday(born: date, age: int) -> date:
    try:
        return born.replace(year=born.year + age)
    except ValueError:  # 29 February, in a year without it
        return date(born.year + age, 3, 1)
