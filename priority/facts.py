"""The regulations and openings as the values that rules.py and openings.py judge."""

from collections.abc import Iterable

from priority.models import Criterion, Opening, Regulation
from priority.openings import OpeningRule
from priority.rules import CriterionRule, RegulationRules


def regulations() -> tuple[RegulationRules, ...]:
    """Every regulation with its criteria, oldest first. Two queries."""
    rows = Regulation.objects.order_by("valid_from").prefetch_related("criteria")
    return tuple(as_rules(row, row.criteria.all()) for row in rows)


def as_rules(regulation: Regulation, criteria: Iterable[Criterion]) -> RegulationRules:
    """One regulation, saved or not, with its criteria in their order."""
    return RegulationRules(
        code=regulation.code,
        name=regulation.name,
        valid_from=regulation.valid_from,
        valid_until=regulation.valid_until,
        grouped=regulation.grouped,
        criteria=tuple(_criterion(row) for row in criteria),
    )


def openings() -> tuple[OpeningRule, ...]:
    """Every approved opening, past and future ones too, by opening time. One query."""
    rows = Opening.objects.filter(approved_by__isnull=False).order_by("opens_at", "pk")
    return tuple(
        OpeningRule(
            level=row.level,
            criterion=row.criterion,
            birth_year_from=row.birth_year_from,
            birth_year_to=row.birth_year_to,
            district_ags=row.district_ags,
            vaccine_code=row.vaccine_code,
            channel=row.channel,
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            name_de=row.name_de,
            name_en=row.name_en,
        )
        for row in rows
    )


def _criterion(row: Criterion) -> CriterionRule:
    return CriterionRule(
        code=row.code,
        level=row.level,
        kind=row.kind,
        min_age=row.min_age,
        paragraph=row.paragraph,
        label_de=row.label_de,
        label_en=row.label_en,
        evidence=tuple(row.evidence),
        max_contacts=row.max_contacts,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        hint_de=row.hint_de,
        hint_en=row.hint_en,
        text_de=row.text_de,
        text_en=row.text_en,
        askable=row.askable,
    )
