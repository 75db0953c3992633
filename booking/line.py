"""The line: who is next, by group and then by rank, as a query.

The group of everybody is computed by the database from the answers and the birth date, by the same data that
`priority.rules.assess` judges; a property test holds the two together. Who may be invited is decided by `entitlement`;
the conditions here only keep hundreds of thousands away from it who cannot be.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Least

from booking import clock
from booking.facts import Facts
from booking.models import Invitation, Registration
from centers.models import Channel
from centers.vaccines import LICENCE, AgeRule, VaccineRules
from priority import rules
from priority.openings import OpeningRule
from priority.rules import EVERYONE, RegulationRules

Kinds = Collection[tuple[str, int]]  # vaccine code, contingent pk


def in_line(*, now: datetime, facts: Facts) -> QuerySet[Registration]:
    """Everybody who waits for an invitation, with `level`, the next one first.

    Who let an invitation run out keeps the rank, and stands in the line again once she has asked for a new one
    (Invitation.Closing.RENEWED): else places would go again and again to people who do not want them.
    """
    lapsed = Invitation.objects.filter(registration=OuterRef("pk"), closed_reason=Invitation.Closing.EXPIRED)
    today = clock.local_day(now)
    waiting = Registration.objects.waiting().filter(~Exists(lapsed))
    return waiting.annotate(level=level_on(today, facts)).order_by("level", "rank", "pk")


def candidates(kinds: Kinds, *, now: datetime, facts: Facts) -> QuerySet[Registration]:
    """Those in the line who, as far as a query can tell, may book one of these kinds of places."""
    days = list(_turning_days(now, facts))
    line = in_line(now=now, facts=facts)
    line = line.annotate(best_level=Least(*(level_on(day, facts) for day in days)) if len(days) > 1 else F("level"))
    return line.filter(_any(_opening(one) for one in facts.openings if _is_open(one, now)), may_use(kinds, days, facts))


def ahead_of(person: Registration, people: QuerySet[Registration], *, now: datetime, facts: Facts) -> bool:
    """True when somebody in `people` stands before this person."""
    answers = frozenset(person.criteria)
    today = clock.local_day(now)
    level = rules.assess(answers, person.birth_date, today, rules.regulation_on(facts.regulations, today)).level
    before = Q(level__lt=level) | Q(level=level, rank__lt=person.rank)
    return people.filter(before).exclude(pk=person.pk).exists()


def level_on(day: date, facts: Facts) -> Case:
    """The group on that day as an expression: `rules.assess(...).level`."""
    regulation = rules.regulation_on(facts.regulations, day)
    whens = [When(condition, then=Value(level)) for level, condition in _grounds(regulation, day)]
    return Case(*whens, default=Value(EVERYONE), output_field=IntegerField())


def born_by(age: int, on: date) -> date:
    """The latest birth date of people who have completed so many years of life on that day; see `rules.age_on`."""
    try:
        return on.replace(year=on.year - age)
    except ValueError:  # on 29 February; born that many years ago there is only the 28th
        return date(on.year - age, 2, 28)


def may_use(kinds: Kinds, days: Iterable[date], facts: Facts) -> Q:
    """People whose age and group may fit one of the kinds on one of these days or between them."""
    ordered = sorted(days)
    conditions = []
    for vaccine_code, contingent_id in sorted(kinds):
        contingent = facts.contingents[contingent_id]
        one = _any(_ages(facts.vaccines[vaccine_code], ordered[0], ordered[-1]))
        if contingent.min_birth_year is not None:
            one &= Q(birth_date__gte=date(contingent.min_birth_year, 1, 1))
        if contingent.max_birth_year is not None:
            one &= Q(birth_date__lte=date(contingent.max_birth_year, 12, 31))
        if contingent.max_level is not None:
            one &= Q(best_level__lte=contingent.max_level)
        conditions.append(one)
    return _any(conditions)


def _grounds(regulation: RegulationRules, day: date) -> Iterator[tuple[int, Q]]:
    """For each level, best first, what puts a person into it."""
    if not regulation.grouped:
        return
    in_force = [rule for rule in regulation.criteria if rule.in_force(day) and rule.level != EVERYONE]
    for level in sorted({rule.level for rule in in_force}):
        same = [rule for rule in in_force if rule.level == level]
        condition = _any(Q(birth_date__lte=born_by(rule.min_age, day)) for rule in same if rule.min_age is not None)
        claimed = [rule.code for rule in same if rule.min_age is None]
        if claimed:
            condition |= Q(criteria__overlap=claimed)
        yield level, condition


def _turning_days(now: datetime, facts: Facts) -> Iterator[date]:
    """Today, the last day for a first dose, and both sides of each change of the rules between them.

    Between two of these days people only grow older, which never makes a group worse: the best group of somebody in
    all this time is the best on one of these days.
    """
    today = clock.local_day(now)
    last = today + timedelta(days=settings.HORIZON_DAYS)
    changes: set[date | None] = set()
    for regulation in facts.regulations:
        spans = [(regulation.valid_from, regulation.valid_until)]
        spans += [(rule.valid_from, rule.valid_until) for rule in regulation.criteria]
        for begin, end in spans:
            changes |= {begin, end and end + timedelta(days=1)}
    near = {day for day in changes if day and today < day <= last}
    for day in sorted({today, last} | near | {day - timedelta(days=1) for day in near}):
        if any(
            one.valid_from <= day and (one.valid_until is None or day <= one.valid_until) for one in facts.regulations
        ):
            yield day


def _ages(vaccine: VaccineRules, first: date, last: date) -> Iterator[Q]:
    """Birth dates to which the vaccine is given on some day of the time: one condition per state of its age rules."""
    changes = {rule.valid_from for rule in vaccine.age_rules if first < rule.valid_from <= last}
    starts = sorted({first, *changes})
    for start, following in zip(starts, [*starts[1:], last + timedelta(days=1)], strict=True):
        newest: dict[str, AgeRule] = {}
        for rule in sorted(vaccine.age_rules, key=lambda one: one.valid_from):
            if rule.valid_from <= start:
                newest[rule.basis] = rule
        if LICENCE in newest:
            yield _born_within(newest.values(), start, following - timedelta(days=1))


def _born_within(ages: Iterable[AgeRule], start: date, end: date) -> Q:
    """Old enough on the last day and not too old on the first one, by all rules. Q() is everybody."""
    condition = Q(birth_date__isnull=False)
    for rule in ages:
        if rule.min_age is not None:
            condition &= Q(birth_date__lte=born_by(rule.min_age, end))
        if rule.max_age is not None:
            condition &= Q(birth_date__gt=born_by(rule.max_age + 1, start))
    return condition


def _is_open(opening: OpeningRule, now: datetime) -> bool:
    return opening.in_force(now) and opening.channel in ("", Channel.WEB)


def _opening(opening: OpeningRule) -> Q:
    """Whom the opening lets through; its vaccine is left to `entitlement`."""
    condition = Q(pk__isnull=False)
    if opening.level is not None:
        condition &= Q(best_level__lte=opening.level)
    if opening.criterion:
        condition &= Q(criteria__contains=[opening.criterion])
    if opening.birth_year_from is not None:
        condition &= Q(birth_date__gte=date(opening.birth_year_from, 1, 1))
    if opening.birth_year_to is not None:
        condition &= Q(birth_date__lte=date(opening.birth_year_to, 12, 31))
    if opening.district_ags:
        condition &= Q(district_id=opening.district_ags)
    return condition


def _any(conditions: Iterable[Q]) -> Q:
    """One of the conditions; nobody when there is none."""
    found = Q(pk__in=[])
    for condition in conditions:
        found |= condition
    return found
