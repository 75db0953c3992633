"""The line: who is next, by group and then by rank, as a query.

The group of everybody is computed by the database from the answers and the birth date, by the same data that
`priority.rules.assess` judges; a property test holds the two together. Who may be invited is decided by `entitlement`;
the conditions here only keep hundreds of thousands away from it who cannot be.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from booking import clock
from booking.facts import Facts
from booking.models import Appointment, Invitation, Registration
from centers.models import Channel
from centers.vaccines import LICENCE, AgeRule, VaccineRules
from notifications.outbox import Medium
from priority import rules
from priority.openings import OpeningRule
from priority.rules import EVERYONE, CriterionRule, RegulationRules

Kinds = Collection[tuple[str, int]]  # vaccine code, contingent pk
LAPSED = Invitation.Closing.EXPIRED
EVERYBODY, NOBODY = Q(pk__isnull=False), Q(pk__in=[])


def in_line(*, now: datetime, facts: Facts) -> QuerySet[Registration]:
    """Everybody who waits for an invitation, with `level`, the next one first.

    Who let an invitation run out keeps the rank, and stands in the line again once she has asked for a new one
    (Invitation.Closing.RENEWED): else places would go again and again to people who do not want them.
    """
    today = clock.local_day(now)
    people = Registration.objects.filter(confirmed_at__isnull=False, withdrawn_at__isnull=True)
    # The same as `waiting()`, asked once for all instead of once per person: the plan stays good when the invitations
    # have just grown and the database has not counted them yet.
    held = Invitation.objects.filter(Q(accepted_at__isnull=True, closed_at__isnull=True) | Q(closed_reason=LAPSED))
    served = Appointment.objects.live()
    people = people.exclude(pk__in=held.order_by().values("registration"))
    people = people.exclude(pk__in=served.order_by().values("registration"))
    return people.annotate(level=level_on(today, facts)).order_by("level", "rank", "pk")


def stands_in(person: Registration) -> bool:
    """True when this person is in the line, as `in_line` has it."""
    waiting = Registration.objects.waiting().filter(pk=person.pk)
    return waiting.exists() and not person.invitations.filter(closed_reason=LAPSED).exists()


def candidates(online: Kinds, by_phone: Kinds = (), *, now: datetime, facts: Facts) -> QuerySet[Registration]:
    """Those in the line who, as far as a query can tell, may book one of these kinds of places.

    `by_phone`: kinds that only callers can have, so nobody who is written to by e-mail (booking/inviting.py).
    """
    span = _Span(tuple(_days(now, facts)), facts)
    found = _may_book(online, Channel.WEB, span, now=now)
    if by_phone:
        found |= _may_book(by_phone, Channel.PHONE, span, now=now) & ~Q(medium=Medium.EMAIL)
    return in_line(now=now, facts=facts).filter(found)


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


def turns(born: date, age: int) -> date:
    """The first day on which somebody born then has completed so many years of life; see `rules.age_on`."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:  # born on 29 February, and that year has none
        return date(born.year + age, 3, 1)


@dataclass(frozen=True)
class _Span:
    """The time in which first doses are given: today, the last day, and both sides of each change between them.

    Between two of these days people only grow older, which never makes a group worse: whoever is in a group at some
    time of the span is in it, or in a better one, on one of the days.
    """

    days: tuple[date, ...]
    facts: Facts

    def in_group(self, level: int) -> Q:
        """People who may be in this group or a better one on some day of the span; a few too many, never too few."""
        if level >= EVERYONE:
            return EVERYBODY
        latest, codes = date.min, set()
        for day in self.days:
            for rule in _in_force(rules.regulation_on(self.facts.regulations, day), day):
                if rule.level <= level and rule.min_age is None:
                    codes.add(rule.code)
                elif rule.level <= level and rule.min_age is not None:
                    latest = max(latest, born_by(rule.min_age, day))
        return Q(birth_date__lte=latest) | Q(criteria__overlap=sorted(codes))


def _in_force(regulation: RegulationRules, day: date) -> list[CriterionRule]:
    """The criteria that put somebody before others on that day."""
    if not regulation.grouped:
        return []
    return [rule for rule in regulation.criteria if rule.in_force(day) and rule.level != EVERYONE]


def _grounds(regulation: RegulationRules, day: date) -> Iterator[tuple[int, Q]]:
    """For each level, best first, what puts a person into it."""
    found = _in_force(regulation, day)
    for level in sorted({rule.level for rule in found}):
        same = [rule for rule in found if rule.level == level]
        claimed = [rule.code for rule in same if rule.min_age is None]
        aged = any_of(Q(birth_date__lte=born_by(rule.min_age, day)) for rule in same if rule.min_age is not None)
        yield level, aged | Q(criteria__overlap=claimed) if claimed else aged


def _days(now: datetime, facts: Facts) -> Iterator[date]:
    """The days of `_Span`, without those that have no regulation."""
    today = clock.local_day(now)
    last = today + timedelta(days=settings.HORIZON_DAYS)
    near = {day for day in facts.turning_days if today < day <= last}
    for day in sorted({today, last} | near | {day - timedelta(days=1) for day in near}):
        if any(
            one.valid_from <= day and (one.valid_until is None or day <= one.valid_until) for one in facts.regulations
        ):
            yield day


def _may_book(kinds: Kinds, channel: str, span: _Span, *, now: datetime) -> Q:
    """People for whom something is open in this way, and whom one of these kinds may fit."""
    openings = [one for one in span.facts.openings if one.in_force(now) and one.channel in ("", channel)]
    return any_of(_let_through(opening, span) for opening in openings) & any_of(_may_use(kind, span) for kind in kinds)


def _may_use(kind: tuple[str, int], span: _Span) -> Q:
    """People whose age and group may fit this vaccine and contingent."""
    vaccine_code, contingent_id = kind
    contingent = span.facts.contingents[contingent_id]
    found = any_of(_ages(span.facts.vaccines[vaccine_code], span.days[0], span.days[-1]))
    if contingent.min_birth_year is not None:
        found &= Q(birth_date__gte=date(contingent.min_birth_year, 1, 1))
    if contingent.max_birth_year is not None:
        found &= Q(birth_date__lte=date(contingent.max_birth_year, 12, 31))
    if contingent.max_level is not None:
        found &= span.in_group(contingent.max_level)
    return found


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
    """Old enough on the last day and not too old on the first one, by all rules."""
    condition = EVERYBODY
    for rule in ages:
        if rule.min_age is not None:
            condition &= Q(birth_date__lte=born_by(rule.min_age, end))
        if rule.max_age is not None:
            condition &= Q(birth_date__gt=born_by(rule.max_age + 1, start))
    return condition


def _let_through(opening: OpeningRule, span: _Span) -> Q:
    """Whom the opening lets through; its vaccine is left to `entitlement`."""
    found = span.in_group(opening.level) if opening.level is not None else EVERYBODY
    if opening.criterion:
        found &= Q(criteria__contains=[opening.criterion])
    if opening.birth_year_from is not None:
        found &= Q(birth_date__gte=date(opening.birth_year_from, 1, 1))
    if opening.birth_year_to is not None:
        found &= Q(birth_date__lte=date(opening.birth_year_to, 12, 31))
    if opening.district_ags:
        found &= Q(district_id=opening.district_ags)
    return found


def any_of(conditions: Iterable[Q]) -> Q:
    """One of the conditions; nobody when there is none."""
    return reduce(or_, conditions, NOBODY)
