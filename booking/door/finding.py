"""Who was meant by what somebody read in, typed or half typed at the door.

Among the people of the center everything counts: part of a name is enough, and letters that look alike are forgiven. Of
people of other centers only those are found who show their code, or whose full name and birth date are typed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from booking import codes, identity, merged
from booking.door.day_list import Row
from booking.models import Appointment, Registration

LONGEST = 120  # characters that are looked at
NEAR = timedelta(days=120)  # how far before and after today people of the center are looked for
SHORTEST = 2  # letters of a name
# What is taken for one another on paper, in a hurry, or by a scanner that believes in another keyboard (Y and Z).
_ALIKE = str.maketrans({"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "J": "1", "7": "1", "S": "5", "B": "8",
                        "Z": "2", "Y": "2", "V": "U", "G": "6"})  # fmt: skip
_DATE = re.compile(r"\b(\d{1,2})[.\-/ ]\s*(\d{1,2})[.\-/ ]\s*(\d{4}|\d{2})\b|\b(\d{2})(\d{2})(\d{4})\b")


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, taken apart: a code if it can be one, else words of a name and a birth date.

    A code stays as it was typed, with or without check character: what looks alike is forgiven in both.
    """

    code: str
    words: tuple[str, ...]
    birth_date: date | None

    @property
    def empty(self) -> bool:
        return not (self.code or self.words or self.birth_date)


def parse(text: str, *, today: date) -> Query:
    """7H4 K2M2, 7h4k2m; Hänel 12.02.1949; Erika Schubert; 12.2.49."""
    text = text[:LONGEST]
    code = codes.plain(text)
    found = _DATE.search(text)
    born = _birth_date(found, today) if found else None
    rest = text.replace(found[0], " ") if found and born else text
    words = tuple(word for word in (identity.name(part) for part in re.split(r"[\s,;]+", rest)) if word)
    is_code = len(code) - codes.DOOR_CODE_LENGTH in (0, 1) and code.isalnum() and code.isascii()
    return Query(code if is_code else "", words, born)


def among(rows: Sequence[Row], query: Query) -> list[Row]:
    """The rows that are meant: by the very code, by one that looks like it, else by name and birth date."""
    if query.code:
        exact = [row for row in rows if query.code in _forms(row.door_code)]
        alike = [row for row in rows if _folded(query.code) in map(_folded, _forms(row.door_code))]
        if exact or alike:
            return exact or alike
    if not query.birth_date and max(map(len, query.words), default=0) < SHORTEST:
        return []
    return [row for row in rows if _fits(query, row.first_name, row.last_name, row.birth_date)]


def by_code(query: Query) -> Registration | None:
    """Whoever shows this code, wherever she belongs; who is left, where the paper is of one that was merged."""
    try:
        code = codes.typed(query.code, length=codes.DOOR_CODE_LENGTH)
    except codes.Misread:
        return None
    found = Registration.objects.filter(door_code=code).first() if code else None
    return merged.who_is_left(found) if found else None


def by_old_paper(rows: Sequence[Row], query: Query) -> list[Row]:
    """The rows of who is left, where the paper shows the code of a registration that was merged into hers."""
    left = by_code(query) if query.code else None
    return [row for row in rows if left is not None and row.person == left.public_id]


def by_identity(*, first_name: str, last_name: str, birth_date: date) -> list[Registration]:
    """Registered people of this full name and birth date, in every spelling; mostly one or none."""
    names = (identity.name(first_name), identity.name(last_name))
    born = Registration.objects.filter(birth_date=birth_date, withdrawn_at__isnull=True).order_by("pk")
    return [one for one in born if (identity.name(one.first_name), identity.name(one.last_name)) == names]


def other_days(center_id: int, query: Query, *, today: date) -> list[Appointment]:
    """Live appointments of this center on other days, of who has this birth date and, if typed, this name."""
    if query.birth_date is None:
        return []
    near = Appointment.objects.live().filter(
        slot__session__center=center_id, slot__session__date__range=(today - NEAR, today + NEAR),
        registration__birth_date=query.birth_date,
    )  # fmt: skip
    found = near.exclude(slot__session__date=today).select_related("registration", "slot").order_by("slot__starts_at")
    return [
        one
        for one in found[:50]
        if _fits(query, one.registration.first_name, one.registration.last_name, one.registration.birth_date)
    ]


def of_center(center_id: int, registration: Registration) -> list[Appointment]:
    """What this person has or had at this center, in the order of time."""
    mine = Appointment.objects.filter(registration=registration, slot__session__center=center_id)
    return list(mine.select_related("slot__vaccine", "slot__session").order_by("slot__starts_at", "pk"))


def _fits(query: Query, first_name: str, last_name: str, birth_date: date) -> bool:
    if query.birth_date and query.birth_date != birth_date:
        return False
    parts = [identity.name(part) for part in re.split(r"[\s-]+", f"{first_name} {last_name}")]
    parts += [identity.name(first_name), identity.name(last_name)]
    return all(any(part.startswith(word) for part in parts) for word in query.words)


def _forms(code: str) -> tuple[str, str]:
    """As the QR code and papers of before have it, and as it is shown now."""
    return code, codes.checked(code)


def _folded(code: str) -> str:
    return code.translate(_ALIKE)


def _birth_date(found: re.Match[str], today: date) -> date | None:
    day, month, year = (int(part) for part in (found.groups()[:3] if found[1] else found.groups()[3:]))
    if year < 100:
        year += 1900 if year > today.year % 100 else 2000
    try:
        return date(year, month, day)
    except ValueError:
        return None
