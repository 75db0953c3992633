"""The regulations as they stand in the project's data file, without a database."""

from functools import cache

from priority import facts, loading
from priority.rules import RegulationRules


@cache
def regulations() -> dict[str, RegulationRules]:
    """Every regulation by its letter, oldest first."""
    read = loading.read()
    return {
        fact.row.code: facts.as_rules(fact.row, [one.row for one in read.criteria if one.row.regulation is fact.row])
        for fact in read.regulations
    }
