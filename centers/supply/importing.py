"""A list of deliveries from a spreadsheet: read whole, or refused whole with every line that is wrong and why.

Five columns in any order, named in the first line: zentrum (its code), impfstoff, dosen, tag, stand; or in English
center, vaccine, doses, day, state. Semicolons or commas; UTF-8 with or without BOM, or Windows-1252.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.refusals import Refused
from centers.models import Center, Delivery, Vaccine
from centers.supply import services
from centers.supply.services import Content

MOST_LINES = 1000
MOST_CHARACTERS = 100_000
MOST_PROBLEMS = 20
COLUMNS = {
    "zentrum": "center", "center": "center", "impfstoff": "vaccine", "vaccine": "vaccine", "dosen": "doses",
    "doses": "doses", "tag": "day", "datum": "day", "day": "day", "date": "day", "stand": "state", "state": "state",
}  # fmt: skip
NEEDED = ("center", "vaccine", "doses", "day", "state")
GERMAN = {"center": "zentrum", "vaccine": "impfstoff", "doses": "dosen", "day": "tag", "state": "stand"}
STATES = {
    "erwartet": Delivery.State.EXPECTED, "expected": Delivery.State.EXPECTED, "bestätigt": Delivery.State.CONFIRMED,
    "confirmed": Delivery.State.CONFIRMED, "eingetroffen": Delivery.State.RECEIVED,
    "received": Delivery.State.RECEIVED,
}  # fmt: skip
SHAPES = ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y")


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery of the list, with its line in the file."""

    number: int
    center: Center
    vaccine: Vaccine
    content: Content


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line, and how it would be right."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Read:
    """Either all lines or what is wrong; with problems there are no lines."""

    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]


class _Wrong(Exception):
    """A line is wrong; str() says how."""


def decode(data: bytes) -> str:
    """The text of a file. Refused `file` for a workbook, something that is no text, and too much of it."""
    if data.startswith(b"PK"):
        raise Refused("file", _("This is a workbook. Please save the sheet as CSV and send that file."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise Refused("file", _("This file holds no readable text. Please save the sheet as CSV and send that file."))
    if len(text) > MOST_CHARACTERS:
        raise Refused("file", _("The list is too long. Please send at most %(most)s lines.") % {"most": MOST_LINES})
    return text


def read(text: str, *, on: date) -> Read:
    """Check every line as if it were entered on the day `on`. Nothing is written. Two queries."""
    known = _Known()
    lines, problems = [], []
    try:
        for number, row in _rows(text):
            try:
                lines.append(_line(number, row, known, on))
            except (_Wrong, Refused) as wrong:
                problems.append(Problem(number, str(wrong)))
    except _Wrong as wrong:
        problems.append(Problem(1, str(wrong)))
    except csv.Error:
        problems.append(Problem(len(lines) + 2, _("The quotation marks do not match. Please save the list again.")))
    if not lines and not problems:
        problems.append(Problem(1, _("There is no delivery in the list.")))
    problems += _twice(lines)
    if problems:
        return Read((), tuple(sorted(problems, key=lambda one: one.number)[:MOST_PROBLEMS]))
    return Read(tuple(lines), ())


class _Known:
    """Centers by code, vaccines by code and name; small letters, as people type them."""

    def __init__(self) -> None:
        self.centers = {one.code.casefold(): one for one in Center.objects.order_by("code")}
        self.vaccines: dict[str, Vaccine] = {}
        for one in Vaccine.objects.order_by("code"):
            self.vaccines |= {one.code.casefold(): one, one.name.casefold(): one}


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(line, value by column); blank lines are skipped."""
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") >= first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names = [COLUMNS.get(cell.strip().casefold(), "") for cell in next(reader, [])]
    missing = [GERMAN[name] for name in NEEDED if names.count(name) != 1]
    if missing:
        words = _("The first line must name the columns once each. Missing or twice: %(names)s.")
        raise _Wrong(words % {"names": ", ".join(missing)})
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if reader.line_num > MOST_LINES + 1:
            raise _Wrong(_("The list is too long. Please send at most %(most)s lines.") % {"most": MOST_LINES})
        yield reader.line_num, dict(zip(names, [cell.strip() for cell in cells], strict=False))


def _line(number: int, row: Mapping[str, str], known: _Known, on: date) -> Line:
    values = {name: row.get(name, "") for name in NEEDED}
    empty = [GERMAN[name] for name in NEEDED if not values[name]]
    if empty:
        raise _Wrong(_("Empty: %(names)s.") % {"names": ", ".join(empty)})
    center = known.centers.get(values["center"].casefold())
    if center is None:
        raise _Wrong(_("There is no center with the code “%(value)s”.") % {"value": values["center"][:40]})
    vaccine = known.vaccines.get(values["vaccine"].casefold())
    if vaccine is None:
        raise _Wrong(_("There is no vaccine “%(value)s”.") % {"value": values["vaccine"][:40]})
    content = Content(_doses(values["doses"]), _day(values["day"]), _state(values["state"]))
    services.check(center, content, on=on)
    return Line(number, center, vaccine, content)


def _doses(value: str) -> int:
    if re.fullmatch(r"\d{1,3}(\.\d{3})+", value, re.ASCII):
        value = value.replace(".", "")
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise _Wrong(_("“%(value)s” is no whole number of doses.") % {"value": value[:40]})
    return int(value)


def _day(value: str) -> date:
    for shape in SHAPES:
        try:
            return datetime.strptime(value, shape).date()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
    raise _Wrong(_("“%(value)s” is no day. Write it like 29.04.2021.") % {"value": value[:40]})


def _state(value: str) -> str:
    state = STATES.get(value.casefold())
    if state is None:
        raise _Wrong(_("“%(value)s” is none of erwartet, bestätigt, eingetroffen.") % {"value": value[:40]})
    return state


def _twice(lines: list[Line]) -> list[Problem]:
    """The same delivery on two lines is a slip more often than not."""
    seen: dict[object, int] = {}
    problems = []
    for line in lines:
        key = (line.center.pk, line.vaccine.pk, line.content)
        if key in seen:
            text = _("The same as line %(line)s. If both come, add their doses in one line.") % {"line": seen[key]}
            problems.append(Problem(line.number, text))
        seen.setdefault(key, line.number)
    return problems
