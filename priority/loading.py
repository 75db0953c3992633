"""Loading `priority/data/regulations.yaml`: check it as a whole, then add what is not there yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from priority.models import Criterion, Evidence, Regulation
from reference.files import Entry, read_yaml, unique
from reference.rows import Fact, Tally, store

DATA = Path(__file__).resolve().parent / "data"
KINDS = tuple(Criterion.Kind.values)
WORDS = ("label_de", "label_en", "hint_de", "hint_en", "text_de", "text_en")


@dataclass(frozen=True)
class Rules:
    """The file, checked: unsaved rows, each with the entry it came from."""

    regulations: list[Fact[Regulation]]
    evidence: list[Fact[Evidence]]
    criteria: list[Fact[Criterion]]


def read(folder: Path = DATA, *, shift_days: int = 0) -> Rules:
    """Read and check the regulations; Broken with file, line, reason and cure. Nothing is written."""
    top = read_yaml(folder / "regulations.yaml")
    shift = timedelta(days=shift_days)
    regulations = [Fact(entry, _regulation(entry, shift)) for entry in top.entries("regulations")]
    evidence = [Fact(entry, _evidence(entry)) for entry in top.entries("evidence")]
    unique((fact.row.code, fact.entry) for fact in regulations)
    unique((fact.row.code, fact.entry) for fact in evidence)
    criteria = list(_criteria(top.entries("criteria"), regulations, shift))
    top.end()
    _check_periods(top, regulations)
    for fact in regulations:
        ours = [one for one in criteria if one.row.regulation is fact.row]
        _check_regulation(fact, ours, {one.row.code for one in evidence})
    return Rules(regulations, evidence, criteria)


def write(rules: Rules) -> list[Tally]:
    """Add and correct; Broken when a rule that is there would be edited. Runs inside the caller's transaction."""
    tallies = [
        store(
            rules.evidence,
            model=Evidence,
            key=("code",),
            words=frozenset({"label_de", "label_en", "hint_de", "hint_en", "paragraph"}),
        ),
        store(
            rules.regulations,
            model=Regulation,
            key=("code",),
            words=frozenset({"name", "source", "summary_de", "summary_en"}),
        ),
    ]
    for fact in rules.criteria:
        fact.row.regulation = fact.row.regulation  # now saved: takes over its key
    tallies.append(
        store(
            rules.criteria,
            model=Criterion,
            key=("regulation_id", "code"),
            words=frozenset({"position", "note", *WORDS}),
        )
    )
    return tallies


def _regulation(entry: Entry, shift: timedelta) -> Regulation:
    until = entry.day_or_none("valid_until")
    row = Regulation(
        code=entry.code("code", longest=20),
        name=entry.text("name", longest=120),
        valid_from=entry.day("valid_from") + shift,
        valid_until=until + shift if until else None,
        grouped=entry.boolean("grouped"),
        shift_days=shift.days,
        source=entry.text("source", longest=200),
        summary_de=entry.text("summary_de", longest=500),
        summary_en=entry.text("summary_en", longest=500),
    )
    entry.end()
    return row


def _evidence(entry: Entry) -> Evidence:
    row = Evidence(
        code=entry.code("code", longest=10),
        label_de=entry.text("label_de", longest=200),
        label_en=entry.text("label_en", longest=200),
        hint_de=entry.text("hint_de", longest=300, default=""),
        hint_en=entry.text("hint_en", longest=300, default=""),
        paragraph=entry.text("paragraph", longest=120),
    )
    entry.end()
    return row


def _criteria(entries: list[Entry], regulations: list[Fact[Regulation]], shift: timedelta) -> Iterator[Fact[Criterion]]:
    by_code = {fact.row.code: fact.row for fact in regulations}
    unique((entry.code("code"), entry) for entry in entries)
    for position, base in enumerate(entries, start=1):
        versions = base.entry("in")
        for code in versions.keys():  # noqa: SIM118 - not a mapping: counts the keys as read
            if code not in by_code:
                raise versions.broken(f"regulation {code} is unknown", f"Known: {', '.join(by_code)}.")
            entry = versions.entry(code).over(base)
            entry.entry("in")
            yield Fact(entry, _criterion(entry, by_code[code], position, shift))


def _criterion(entry: Entry, regulation: Regulation, position: int, shift: timedelta) -> Criterion:
    kind = entry.one_of("kind", KINDS)
    row = Criterion(
        regulation=regulation,
        code=entry.code("code"),
        position=position,
        level=entry.integer("level", low=1, high=4),
        kind=kind,
        askable=entry.boolean("askable", default=True),
        min_age=entry.integer_or_none("min_age", low=0, high=120),
        paragraph=entry.text("paragraph", longest=120),
        evidence=entry.codes("evidence"),
        covers=entry.codes("covers"),
        part_of=entry.text("part_of", longest=30, default=""),
        max_contacts=entry.integer_or_none("max_contacts", low=1, high=9),
        valid_from=_moved(entry.day_or_none("valid_from"), shift),
        valid_until=_moved(entry.day_or_none("valid_until"), shift),
        note=entry.text("note", longest=300, default=""),
        **_words(entry),
    )
    entry.end()
    return row


def _words(entry: Entry) -> dict[str, str]:
    longest = {"label": 300, "hint": 700, "text": 300}
    return {
        name: entry.text(name, longest=longest[name[:-3]], default=None if name.startswith("label") else "")
        for name in WORDS
    }


def _moved(day: date | None, shift: timedelta) -> date | None:
    return day + shift if day else None


def _check_periods(top: Entry, regulations: list[Fact[Regulation]]) -> None:
    if not regulations:
        raise top.broken("there is no regulation", "Restore the file from the repository.")
    in_order = sorted(regulations, key=lambda fact: fact.row.valid_from)
    for fact in in_order:
        if fact.row.valid_until and fact.row.valid_until < fact.row.valid_from:
            raise fact.entry.broken(f"{fact.row.code} ends before it begins", "Put the two dates in order.")
    for earlier, later in pairwise(in_order):
        end = earlier.row.valid_until
        if end is None or end >= later.row.valid_from:
            raise later.entry.broken(
                f"{later.row.code} begins while {earlier.row.code} is in force",
                f"Let {earlier.row.code} end the day before.",
            )


def _check_regulation(fact: Fact[Regulation], criteria: list[Fact[Criterion]], evidence: set[str]) -> None:
    regulation = fact.row
    everyone = [one for one in criteria if one.row.level == 4]
    if len(everyone) != 1:
        raise fact.entry.broken(
            f"{regulation.code} has {len(everyone)} criteria of level 4", "It needs exactly one, for everyone."
        )
    codes = {one.row.code: one.row for one in criteria}
    for one in criteria:
        for check in (_check_kind, _check_days, _check_one_by_one):
            check(one)
        _check_names(one, codes, evidence)
        _fill_hint(one.row, codes)
        if not regulation.grouped and one.row.level != 4:
            raise one.entry.broken(f"{regulation.code} knows no groups", "Leave it out there, or set grouped: true.")


def _check_kind(one: Fact[Criterion]) -> None:
    row = one.row
    if (row.kind == Criterion.Kind.AGE) != (row.min_age is not None):
        raise one.entry.broken(f"{row.code}: min_age and kind do not fit", "Give min_age to kind age, and only there.")
    if (row.kind == Criterion.Kind.CONTACT) != (row.max_contacts is not None):
        raise one.entry.broken(f"{row.code}: max_contacts and kind do not fit", "Give it to kind contact, only there.")
    if row.askable and row.kind == Criterion.Kind.AGE:
        raise one.entry.broken(
            f"{row.code} is an age and askable", "Set askable: false; age follows from the birth date."
        )
    if row.askable and row.kind == Criterion.Kind.ILLNESS and not row.covers and "MEDX" not in row.evidence:
        raise one.entry.broken(
            f"{row.code} would ask for a diagnosis", "Set askable: false and name it in `covers` of a list."
        )


def _check_days(one: Fact[Criterion]) -> None:
    row, regulation = one.row, one.row.regulation
    for day in (row.valid_from, row.valid_until):
        if day and (day < regulation.valid_from or (regulation.valid_until and day > regulation.valid_until)):
            raise one.entry.broken(f"{row.code}: {day} lies outside {regulation.code}", "Give a day inside it.")
    if row.valid_from and row.valid_until and row.valid_until < row.valid_from:
        raise one.entry.broken(f"{row.code} ends before it begins", "Put the two dates in order.")


def _check_one_by_one(one: Fact[Criterion]) -> None:
    if not one.row.evidence:
        raise one.entry.broken(f"{one.row.code} has no evidence", "Name at least one, like [ID].")
    if not one.row.paragraph.startswith("§ "):
        raise one.entry.broken(f"{one.row.code}: paragraph {one.row.paragraph!r}", "Begin it with '§ '.")


def _check_names(one: Fact[Criterion], codes: dict[str, Criterion], evidence: set[str]) -> None:
    for name in one.row.evidence:
        if name not in evidence:
            raise one.entry.broken(f"evidence {name} is unknown", f"Known: {', '.join(sorted(evidence))}.")
    for name in (*one.row.covers, *filter(None, [one.row.part_of])):
        if name not in codes:
            raise one.entry.broken(f"{one.row.code} names {name}, which is not in {one.row.regulation.code}", "Add it.")
        if codes[name].level != one.row.level:
            raise one.entry.broken(f"{one.row.code} and {name} have different levels", "Give them the same.")


def _fill_hint(row: Criterion, codes: dict[str, Criterion]) -> None:
    """A list that is asked as one question spells out what stands on it."""
    if row.covers and not row.hint_de:
        row.hint_de = _sentence(codes[name].label_de for name in row.covers)
        row.hint_en = _sentence(codes[name].label_en for name in row.covers)


def _sentence(parts: Iterator[str]) -> str:
    joined = "; ".join(parts)
    return joined[:1].upper() + joined[1:]
