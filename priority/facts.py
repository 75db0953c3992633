"""The regulations and openings as the values that rules.py and openings.py judge."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from priority.models import Criterion, Opening, Regulation
from priority.openings import OpeningRule
from priority.rules import CriterionRule, RegulationRules

_CRITERION = [field.name for field in fields(CriterionRule)]


def regulations() -> tuple[RegulationRules, ...]:
    """Every regulation with its criteria, oldest first. Two queries."""
    criteria = defaultdict(list)
    # As plain values: these rows are read every second, and a model for each would cost three times as much.
    for row in Criterion.objects.order_by("regulation", "position").values("regulation_id", *_CRITERION):
        criteria[row.pop("regulation_id")].append(_criterion(row))
    return tuple(_rules(row, criteria[row.pk]) for row in Regulation.objects.order_by("valid_from"))


def as_rules(regulation: Regulation, criteria: Iterable[Criterion]) -> RegulationRules:
    """One regulation, saved or not, with its criteria in their order."""
    return _rules(regulation, [_criterion({name: getattr(row, name) for name in _CRITERION}) for row in criteria])


def _rules(regulation: Regulation, criteria: Iterable[CriterionRule]) -> RegulationRules:
    return RegulationRules(
        code=regulation.code,
        name=regulation.name,
        valid_from=regulation.valid_from,
        valid_until=regulation.valid_until,
        grouped=regulation.grouped,
        criteria=tuple(criteria),
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


def _criterion(values: dict[str, Any]) -> CriterionRule:
    return CriterionRule(**{**values, "evidence": tuple(values["evidence"])})
