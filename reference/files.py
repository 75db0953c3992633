"""YAML and CSV files as entries that know their line, read key by key.

A file is checked as a whole before anybody writes anything: what is missing, of the wrong kind, unknown or written
twice raises Broken. Entries are read with `text`, `integer`, `day` and so on; `end()` refuses what nobody asked for.
"""

import csv
import io
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

EXPORT_AS_UTF8 = "Save it as UTF-8 (in a spreadsheet: CSV UTF-8)."


class Broken(Exception):
    """A fact file cannot be used. str() is one line for the operator: where, what, and what to do."""

    def __init__(self, file: str, line: int, reason: str, cure: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}. {cure}")
        self.file, self.line, self.reason, self.cure = file, line, reason, cure


@dataclass
class Entry:
    """One mapping of a YAML file or one row of a CSV file, at its line."""

    file: str
    line: int
    values: dict[str, object]
    _read: set[str] = field(default_factory=set)

    def broken(self, reason: str, cure: str) -> Broken:
        """The refusal to raise for this entry."""
        return Broken(self.file, self.line, reason, cure)

    def has(self, key: str) -> bool:
        """True when the key is there and not empty."""
        return self._take(key) is not None

    def text(self, key: str, *, longest: int, default: str | None = None) -> str:
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (not value.strip() and default is None):
            raise self._wrong(key, value, "a text")
        value = " ".join(value.split())
        if len(value) > longest:
            raise self.broken(f"{key} has {len(value)} characters", f"Shorten it to {longest}.")
        return value

    def code(self, key: str, *, longest: int = 30) -> str:
        """A name for machines: letters, digits, _ and -."""
        value = self.text(key, longest=longest)
        if not value.replace("_", "").replace("-", "").isalnum() or not value.isascii():
            raise self.broken(f"{key} is {value!r}", "Use letters, digits, _ and - only.")
        return value

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.text(key, longest=60)
        if value not in allowed:
            raise self.broken(f"{key} is {value!r}", f"Use one of: {', '.join(allowed)}.")
        return value

    def integer(self, key: str, *, low: int, high: int) -> int:
        value = self.integer_or_none(key, low=low, high=high)
        if value is None:
            raise self._wrong(key, None, "a whole number")
        return value

    def integer_or_none(self, key: str, *, low: int, high: int) -> int | None:
        value = self._take(key)
        if value is None:
            return None
        if isinstance(value, str) and value.strip().isdecimal():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(key, value, "a whole number")
        if not low <= value <= high:
            raise self.broken(f"{key} is {value}", f"It must lie between {low} and {high}.")
        return value

    def number_or_none(self, key: str, *, low: float, high: float) -> float | None:
        value = self._take(key)
        if value is None:
            return None
        try:
            number = float(value) if isinstance(value, int | float | str) else None
        except ValueError:
            number = None
        if number is None:
            raise self._wrong(key, value, "a number with a point, like 51.05")
        if not low <= number <= high:
            raise self.broken(f"{key} is {number}", f"It must lie between {low} and {high}.")
        return number

    def boolean(self, key: str, *, default: bool | None = None) -> bool:
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, bool):
            raise self._wrong(key, value, "true or false")
        return value

    def day(self, key: str) -> date:
        value = self.day_or_none(key)
        if value is None:
            raise self._wrong(key, None, "a date like 2021-02-08")
        return value

    def day_or_none(self, key: str) -> date | None:
        value = self._take(key)
        if value is None:
            return None
        if type(value) is not date:
            raise self._wrong(key, value, "a date like 2021-02-08")
        return value

    def codes(self, key: str) -> list[str]:
        """A list of texts; [] when the key is missing."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._wrong(key, value, "a list like [ID, MED]")
        return list(value)

    def entries(self, key: str) -> list["Entry"]:
        """A list of mappings; [] when the key is missing."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, Entry) for one in value):
            raise self._wrong(key, value, "a list of entries that begin with '- '")
        return list(value)

    def entry(self, key: str) -> "Entry":
        value = self._take(key)
        if not isinstance(value, Entry):
            raise self._wrong(key, value, "a block of keys and values")
        return value

    def keys(self) -> list[str]:
        """Every key of a mapping whose keys are data, like regulation codes; counts them as read."""
        self._read.update(self.values)
        return list(self.values)

    def end(self) -> None:
        """Refuse keys that nobody asked for: most are misspelt, and would else count for nothing."""
        unknown = sorted(set(self.values) - self._read)
        if unknown:
            raise self.broken(f"unknown: {', '.join(unknown)}", f"Known here: {', '.join(sorted(self._read))}.")

    def over(self, base: "Entry") -> "Entry":
        """This entry with what `base` says wherever this one is silent, at this entry's line."""
        return Entry(self.file, self.line, {**base.values, **self.values})

    def _take(self, key: str) -> object:
        self._read.add(key)
        return self.values.get(key)

    def _wrong(self, key: str, value: object, wanted: str) -> Broken:
        shown = "is missing" if value is None else f"is {value!r}"
        return self.broken(f"{key} {shown}", f"It must be {wanted}.")


def read_yaml(path: Path) -> Entry:
    """The file's top mapping; raises Broken when it is not one."""
    loader = _Loader(_text(path))
    loader.name = path.name
    try:
        top = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Broken(path.name, line, str(error.problem), "Mend the YAML; see docs/rules.md.") from None
    except (yaml.YAMLError, ValueError) as error:
        raise Broken(path.name, 1, " ".join(str(error).split()), "Mend the YAML; see docs/rules.md.") from None
    finally:
        loader.dispose()
    if not isinstance(top, Entry):
        raise Broken(path.name, 1, "the file holds no keys", "Restore it from the repository.")
    return top


def read_csv(path: Path, *, columns: tuple[str, ...]) -> list[Entry]:
    """The file's rows. Separated by commas, first line the columns' names; an empty cell counts as missing."""
    lines = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    entries: list[Entry] = []
    try:
        head = next(lines, [])
        if tuple(head) != columns:
            raise Broken(path.name, 1, f"the first line is {','.join(head)!r}", f"It must be {','.join(columns)}.")
        for cells in lines:
            if not cells:
                continue
            if len(cells) != len(columns):
                raise Broken(
                    path.name,
                    lines.line_num,
                    f"{len(cells)} cells instead of {len(columns)}",
                    "Separate by commas; put a text with a comma into double quotes.",
                )
            values: dict[str, object] = {name: cell for name, cell in zip(columns, cells, strict=True) if cell != ""}
            entries.append(Entry(path.name, lines.line_num, values))
    except csv.Error as error:
        raise Broken(path.name, lines.line_num, str(error), "Close the double quotes.") from None
    return entries


def unique(entries: Iterator[tuple[Hashable, Entry]]) -> None:
    """Refuse the second entry with a key that was there before."""
    first: dict[Hashable, int] = {}
    for key, entry in entries:
        if key in first:
            shown = " ".join(map(str, key)) if isinstance(key, tuple) else str(key)
            raise entry.broken(f"{shown} is there twice", f"It also stands in line {first[key]}; remove one.")
        first[key] = entry.line


def _text(path: Path) -> str:
    """The file as text. A byte order mark is dropped, Windows line ends are taken; only UTF-8 is read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Broken(path.name, 1, error.strerror or "cannot be read", "Restore it from the repository.") from None
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Broken(path.name, line, f"byte 0x{data[error.start]:02x} is not UTF-8", EXPORT_AS_UTF8) from None
    if "\0" in text:
        raise Broken(path.name, text.count("\n", 0, text.index("\0")) + 1, "a NUL character", EXPORT_AS_UTF8)
    return text


class _Loader(yaml.SafeLoader):
    """SafeLoader whose mappings become entries with a line and whose keys stand once."""

    name: str

    def construct_entry(self, node: yaml.MappingNode) -> Entry:
        line = node.start_mark.line + 1
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str):
                raise Broken(self.name, key_node.start_mark.line + 1, "a key is not a plain word", "Use a word.")
            if key in values:
                raise Broken(self.name, key_node.start_mark.line + 1, f"{key} is there twice", "Remove one.")
            values[key] = self.construct_object(value_node, deep=True)
        return Entry(self.name, line, values)

    def construct_day(self, node: yaml.ScalarNode) -> date:
        try:
            return date.fromisoformat(node.value)
        except ValueError:
            raise Broken(
                self.name, node.start_mark.line + 1, f"{node.value} is no date", "Write it like 2021-02-08."
            ) from None


_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_entry)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_day)
