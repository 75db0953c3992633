"""Writing checked entries as rows: add what is new, correct words, refuse to edit a rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Field, Model

from reference.files import Entry

ADD_INSTEAD = "Rules are never edited, only added: add one with a later date, see docs/rules.md."

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Fact(Generic[Row]):
    """A row that is to be in the database, and the entry that says so."""

    entry: Entry
    row: Row


@dataclass(frozen=True, slots=True)
class Tally:
    """What writing one kind of facts did."""

    kind: str
    added: int
    corrected: int
    kept: int
    # rows that differ and stay as they are, because the office may have changed them
    total: int


def store(
    facts: Iterable[Fact[Row]],
    *,
    model: type[Row],
    key: tuple[str, ...],
    words: frozenset[str],
    ours_to_change: bool = True,
) -> Tally:
    """Add the rows that are not there yet and correct `words` of the others; must run in a transaction.

    A row that differs in anything else is refused (Broken, with its line): except that an open end (`valid_until`,
    `ends_on`) may be closed, because a later rule did that. With `ours_to_change=False` rows that are there are left
    alone. Rows that are in the database only stay.
    """
    facts = list(facts)
    there = {_key(row, key): row for row in model._default_manager.all()}
    new: list[Row] = []
    corrected = kept = 0
    for fact in facts:
        row = there.get(_key(fact.row, key))
        if row is None:
            new.append(fact.row)
            continue
        fact.row.pk = row.pk
        different = _different(row, fact.row)
        if not different:
            continue
        if not ours_to_change:
            kept += 1
            continue
        _refuse_an_edited_rule(fact, row, different - words)
        for name in different:
            setattr(row, name, getattr(fact.row, name))
        row.save(update_fields=different)
        corrected += 1
    model._default_manager.bulk_create(new)
    return Tally(str(model._meta.verbose_name_plural), len(new), corrected, kept, len(facts))


def _key(row: Model, names: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in names)


def _different(old: Model, new: Model) -> set[str]:
    # What is not editable (a public id) is the database's own, and in no file.
    fields = (f for f in old._meta.concrete_fields if isinstance(f, Field) and not f.primary_key and f.editable)
    return {field.attname for field in fields if getattr(old, field.attname) != getattr(new, field.attname)}


def _refuse_an_edited_rule(fact: Fact[Row], row: Row, names: set[str]) -> None:
    for name in sorted(names):
        old, new = getattr(row, name), getattr(fact.row, name)
        if name in {"valid_until", "ends_on"} and old is None:
            continue
        raise fact.entry.broken(f"{row}: {name} would change from {old} to {new}", ADD_INSTEAD)
