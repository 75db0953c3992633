"""Who stands where in the line, and why: the Coronavirus-Impfverordnung as data, judged by one pure function.

Nothing here reads a clock or a database. A rule is data with dates; what a person answered and the day of
the appointment go in, a group with its reasons comes out. The data are `priority/data/regulations.yaml`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain

EVERYONE = 4  # the group of all who are entitled without any priority, § 1 Absatz 2 Nummer 4


class NoRegulation(LookupError):
    """No regulation is in force on that day: the facts are not loaded, or the day is before the first one."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One criterion that applies to the person, in the words of the regulation in force.

    `label_*` is the text of the tick-box, `text_*` the same as a sentence ("Sie arbeiten in einem Pflegeheim").
    """

    code: str
    level: int
    paragraph: str
    label_de: str
    label_en: str
    evidence: tuple[str, ...]
    text_de: str = ""
    text_en: str = ""


@dataclass(frozen=True)
class CriterionRule:
    """One criterion of one regulation. `valid_from` and `valid_until` are days inside it, both included."""

    code: str
    level: int
    kind: str
    min_age: int | None
    paragraph: str
    label_de: str
    label_en: str
    evidence: tuple[str, ...]
    max_contacts: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    hint_de: str = ""
    hint_en: str = ""
    text_de: str = ""
    text_en: str = ""
    askable: bool = True

    def in_force(self, on: date) -> bool:
        """True when the criterion counts on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on <= self.valid_until
        )

    @cached_property
    def reason(self) -> Reason:
        return Reason(
            code=self.code,
            level=self.level,
            paragraph=self.paragraph,
            label_de=self.label_de,
            label_en=self.label_en,
            evidence=self.evidence,
            text_de=self.text_de or self.label_de,
            text_en=self.text_en or self.label_en,
        )


@dataclass(frozen=True)
class RegulationRules:
    """One dated version of the regulation. `criteria` stand in the order in which reasons are named."""

    code: str
    name: str
    valid_from: date
    valid_until: date | None
    grouped: bool
    criteria: tuple[CriterionRule, ...]

    @cached_property
    def everyone(self) -> CriterionRule:
        """The criterion that needs no answer: all others who are entitled."""
        return next(rule for rule in self.criteria if rule.level == EVERYONE)

    # What a person may claim is looked up by code; age is never claimed, it follows from the birth date.
    # The number is the place in the list of reasons: best level first, then the order of the regulation.
    @cached_property
    def ranked(self) -> tuple[CriterionRule, ...]:
        return tuple(sorted(self.criteria, key=lambda rule: rule.level))

    @cached_property
    def claims(self) -> dict[str, int]:
        ranked = enumerate(self.ranked)
        return {rule.code: place for place, rule in ranked if rule.min_age is None and rule.level != EVERYONE}

    @cached_property
    def ages(self) -> tuple[tuple[int, int], ...]:
        """Least age and place, the best one first."""
        return tuple((rule.min_age, place) for place, rule in enumerate(self.ranked) if rule.min_age is not None)

    def asked(self, on: date) -> tuple[CriterionRule, ...]:
        """The criteria a form may ask for on that day, in order; nothing when there are no groups."""
        if not self.grouped:
            return ()
        return tuple(rule for rule in self.criteria if rule.askable and rule.in_force(on))


@dataclass(frozen=True, slots=True)
class Assessment:
    """The group (1 = highest), every reason, best first, and what to bring for the best ones."""

    level: int
    reasons: tuple[Reason, ...]
    evidence: tuple[str, ...]


def age_on(birth_date: date, on: date) -> int:
    """Completed years of life on that day.

    A year of life is completed at the end of the day before the birthday (§ 187 Absatz 2, § 188 Absatz 2 BGB).
    Who was born on 29 February completes it, in a year without that day, at the end of 28 February
    (§ 188 Absatz 3 BGB) and so is a year older from 1 March on. Before the birth the result is negative.
    """
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def regulation_on(regulations: Iterable[RegulationRules], on: date) -> RegulationRules:
    """The regulation in force on that day; NoRegulation when there is none."""
    for regulation in regulations:
        if regulation.valid_from <= on and (regulation.valid_until is None or on <= regulation.valid_until):
            return regulation
    raise NoRegulation(f"No regulation is in force on {on:%Y-%m-%d}. Load them with: manage.py load_reference")


def assess(answers: Collection[str], birth_date: date, on: date, regulation: RegulationRules) -> Assessment:
    """The person's group on that day under that regulation, and why.

    The best level wins and all reasons stay. Codes that this regulation does not know, or not on that day, count
    for nothing: so a claim made under an older version never raises an error and has the level of this version.
    Age comes from the birth date alone, and the best age is the only one named: who is 80 is not told that 70 would
    do. Who has no reason, and everybody under a regulation without groups, is in group 4. Evidence is what proves the
    best level: the union over its reasons, in their order.
    """
    if not regulation.grouped:
        return _everyone(regulation)
    age, ranked, claims = age_on(birth_date, on), regulation.ranked, regulation.claims
    found = {claims[code] for code in answers if code in claims and ranked[claims[code]].in_force(on)}
    for min_age, place in regulation.ages:
        if age >= min_age and ranked[place].in_force(on):
            found.add(place)
            break
    if not found:
        return _everyone(regulation)
    reasons = tuple([ranked[place].reason for place in sorted(found)])
    level = reasons[0].level
    best = [reason.evidence for reason in reasons if reason.level == level]
    return Assessment(level, reasons, best[0] if len(best) == 1 else tuple(dict.fromkeys(chain.from_iterable(best))))


def _everyone(regulation: RegulationRules) -> Assessment:
    reason = regulation.everyone.reason
    return Assessment(EVERYONE, (reason,), reason.evidence)
