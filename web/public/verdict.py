"""What the check answers: is it this person's turn, why, and what to bring. Nothing is stored.

The judgement is `entitlement.scope`, the same that lists and bookings use; this module turns it into words.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from booking import availability, clock, entitlement
from booking.entitlement import Person, Scope
from booking.facts import Facts
from centers.models import Channel
from centers.vaccines import LICENCE
from priority import rules
from priority.models import Evidence
from priority.rules import EVERYONE, Assessment, Reason, RegulationRules
from web.public.forms.check import english


@dataclass(frozen=True)
class Verdict:
    """`kind`: "now" (may book, places are free), "full" (may book, no place is free), "later" (her group waits),
    "nothing" (no priority, and not everybody may book yet), "child" (no vaccine is licensed at this age)."""

    kind: str
    birth_date: date
    age: int
    on: date
    today: date
    assessment: Assessment
    regulation: RegulationRules
    evidence: tuple[str, ...] = ()
    open_centers: int = 0
    all_centers: int = 0
    youngest: int | None = None
    birthday: tuple[date, int] | None = None

    @property
    def group(self) -> str:
        """The group in words."""
        return group_name(self.level) if self.regulation.grouped else _("Everybody is entitled")

    @property
    def level(self) -> int:
        return self.assessment.level

    @property
    def reasons(self) -> list[tuple[str, Reason]]:
        """Every reason as a sentence, best first."""
        return [(reason.text_en if english() else reason.text_de, reason) for reason in self.assessment.reasons]

    @property
    def by_age(self) -> bool:
        """True when the best reason is the age: then the day is explained."""
        return bool(self.assessment.reasons) and self.assessment.reasons[0].code in {
            rule.code for rule in self.regulation.criteria if rule.min_age is not None
        }

    @property
    def turns(self) -> int | None:
        """The age that the best reason asks for, when she reaches it only by `on`; None when she has it today."""
        best = self.assessment.reasons[0].code if self.assessment.reasons else ""
        needed = next((rule.min_age for rule in self.regulation.criteria if rule.code == best), None)
        return needed if needed is not None and self.age < needed else None

    @property
    def settled(self) -> bool:
        """True when no further question could change the answer."""
        return self.kind in {"now", "full", "child"} or not self.regulation.asked(self.today)


def judge(birth_date: date, answers: Collection[str], *, now: datetime, facts: Facts) -> Verdict:
    """The verdict for somebody who would register online at `now`."""
    today = clock.local_day(now)
    person = Person(birth_date, frozenset(answers), "")
    scope = entitlement.scope(person, channel=Channel.WEB, now=now, facts=facts)
    # A birthday inside the booking horizon opens appointments from that day on: judged by the day, not by today.
    on = max(today, clock.local_day(min(window.from_at for window in scope.windows))) if scope.windows else today
    regulation = rules.regulation_on(facts.regulations, on)
    assessment = rules.assess(person.answers, birth_date, on, regulation)
    offers = availability.earliest_by_center(scope) if scope.windows else []
    free = sum(offer.starts_at is not None for offer in offers)
    return Verdict(
        kind=_kind(scope, assessment, free, person, now, facts),
        birth_date=birth_date,
        age=rules.age_on(birth_date, today),
        on=on,
        today=today,
        assessment=assessment,
        regulation=regulation,
        evidence=papers(assessment),
        open_centers=free,
        all_centers=len(offers),
        youngest=youngest(facts, today),
        birthday=_next_birthday(person, today, assessment.level, facts),
    )


def _kind(scope: Scope, assessment: Assessment, free: int, person: Person, now: datetime, facts: Facts) -> str:
    if scope.windows:
        return "now" if free else "full"
    if too_young(person.birth_date, clock.local_day(now), facts):
        return "child"
    if _released(assessment.level, person, now, facts):
        return "full"
    grouped = rules.regulation_on(facts.regulations, clock.local_day(now)).grouped
    return "nothing" if grouped and assessment.level == EVERYONE else "later"


def _released(level: int, person: Person, now: datetime, facts: Facts) -> bool:
    """True when an opening is for this person, though no place is: no contingent, a paused vaccine."""
    return any(
        opening.in_force(now)
        and opening.channel in {"", Channel.WEB}
        and opening.fits_person(
            level=level, answers=person.answers, birth_date=person.birth_date, district_ags=person.district_ags
        )
        for opening in facts.openings
    )


def too_young(birth_date: date, on: date, facts: Facts) -> bool:
    """True when no vaccine is licensed at this age; a pause or a recommendation does not count here."""
    lowest = youngest(facts, on)
    return lowest is not None and rules.age_on(birth_date, on) < lowest


def youngest(facts: Facts, on: date) -> int | None:
    """The lowest age at which any vaccine is licensed on that day."""
    ages = []
    for vaccine in facts.vaccines.values():
        past = [rule for rule in vaccine.age_rules if rule.basis == LICENCE and rule.valid_from <= on]
        if past:
            ages.append(max(past, key=lambda rule: rule.valid_from).min_age or 0)
    return min(ages, default=None)


def _next_birthday(person: Person, today: date, level: int, facts: Facts) -> tuple[date, int] | None:
    """The day inside the booking horizon on which age alone brings a better group, and that group.

    None, too, when the rules of that day are not known yet.
    """
    last = today + timedelta(days=settings.HORIZON_DAYS)
    for year in (today.year, today.year + 1):
        day = _birthday_in(person.birth_date, year)
        if today < day <= last:
            try:
                regulation = rules.regulation_on(facts.regulations, day)
            except rules.NoRegulation:
                return None
            better = rules.assess(person.answers, person.birth_date, day, regulation).level
            if better < level:
                return day, better
    return None


def _birthday_in(birth_date: date, year: int) -> date:
    try:
        return birth_date.replace(year=year)
    except ValueError:  # 29 February, in a year without it
        return date(year, 3, 1)


def papers(assessment: Assessment) -> tuple[str, ...]:
    """What to bring, in words: the papers for the best reasons, then what everybody brings."""
    known = Evidence.objects.in_bulk(assessment.evidence)
    proofs = [
        known[code].label_en if english() else known[code].label_de for code in assessment.evidence if code in known
    ]
    return (*proofs, _("Your health insurance card"), _("Your vaccination record, if you have one"))


def group_name(level: int) -> str:
    """The group in words."""
    return {
        1: _("Group 1: highest priority"),
        2: _("Group 2: high priority"),
        3: _("Group 3: increased priority"),
    }.get(level, _("Group 4: everybody else"))
