"""Who is calling? One line of typing becomes a question, and the question finds people.

A caller is looked for by two facts (name and birth date, birth date and postcode) or by one exact key: case number,
door code, telephone number, e-mail address. One fact alone finds nobody, because it would list strangers. Names are
compared by Registration.search_key: case, accents, ß, ä and ae do not matter, the beginning of a word is enough, and
each of two last names counts. Every question is answered by an index (benchmarks/search.py).
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

import phonenumbers
from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower

from booking import codes, identity, merged
from booking.models import Registration

LONGEST = 120  # characters that are looked at
MOST = 20  # hits that are shown
SHORTEST = 2  # letters of a name that say something
YOUNGEST = 5  # years; 3.2.20 is somebody of a hundred, and no infant
LOOSE = 3  # letters of a name that are worth looking for without the others


class Kind(Enum):
    """What was typed."""

    CASE_NUMBER = "case_number"
    DOOR_CODE = "door_code"
    EMAIL = "email"
    PHONE = "phone"
    NAME_AND_BIRTHDAY = "name_and_birthday"
    BIRTHDAY_AND_POSTCODE = "birthday_and_postcode"
    # Nobody is looked for by these: something is missing or wrong.
    NAME_ALONE = "name_alone"
    BIRTHDAY_ALONE = "birthday_alone"
    POSTCODE_ALONE = "postcode_alone"
    MISREAD = "misread"
    WRONG_DATE = "wrong_date"
    WRONG_EMAIL = "wrong_email"
    WRONG_PHONE = "wrong_phone"
    NOTHING = "nothing"


CODES = {Kind.CASE_NUMBER: codes.CASE_NUMBER_LENGTH, Kind.DOOR_CODE: codes.DOOR_CODE_LENGTH}
COMPLETE = {*CODES, Kind.EMAIL, Kind.PHONE, Kind.NAME_AND_BIRTHDAY, Kind.BIRTHDAY_AND_POSTCODE}


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, taken apart. `name` is as it was typed, `words` are its words as they are compared.

    `key` is the exact key; beside a name alone it is the code that the name might be (FRANKE).
    """

    kind: Kind
    key: str = ""
    name: str = ""
    words: tuple[str, ...] = ()
    birth_date: date | None = None
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Who was found: at most MOST, whoever still wants to come first. `loose`: nobody has the whole name.

    `searched` is False where the question was not complete, so that nobody was looked for.
    """

    query: Query
    searched: bool
    hits: tuple[Registration, ...] = ()
    more: bool = False
    loose: bool = False

    @property
    def exact(self) -> bool:
        """The one whose code was typed: her page opens at once."""
        return len(self.hits) == 1 and self.query.kind in CODES


# --- taking apart --------------------------------------------------------------------------------

_EMAIL = re.compile(r"[^\s,;<>@]+@[^\s,;<>@]+\.[^\s,;<>@]{2,}")
_MONTHS = ("jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez")
_ALSO = {"may": 5, "oct": 10, "dec": 12, "maerz": 3}
_PART = r"\s*[.,\-/]\s*"  # the comma is what the number pad of a German keyboard has for a dot
# 3.2.46, 3,2,46, 03/02/1946, 1946-02-03; 3 2 46 where no number stands before it; 03021946; 3. Februar 1946. Inside a
# telephone number no date begins.
_DATES = (
    re.compile(rf"(?<!\d)(?<!\d[./\-])(?P<d>\d{{1,2}}){_PART}(?P<m>\d{{1,2}}){_PART}(?P<y>\d{{4}}|\d{{2}})(?!\d)"),
    re.compile(r"(?<!\d)(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?!\d)"),
    re.compile(r"(?<![\d+/])(?<![\d/\-] )(?P<d>\d{1,2}) (?P<m>\d{1,2}) (?P<y>\d{4}|\d{2})(?![\d ]*\d)"),
    re.compile(r"(?<![\d+/])(?P<d>\d{2})(?P<m>\d{2})(?P<y>(?:19|20)\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})\.?\s*(?P<word>[^\W\d_]{3,9})\.?\s*(?P<y>\d{4}|\d{2})(?!\d)"),
)
_NUMBER = re.compile(r"\+?\(?\d[\d\s/().\-]*")
_POSTCODE_LENGTH = 5
_PHONE_SHORTEST = 6


def parse(text: str, *, today: date) -> Query:
    """Müller 3.2.46; 3.2.1946 Müller-Arnold Ursula; 03525 4471; u.mueller46@gmx.de; K7P 4XM 92P; 3.2.46 01587."""
    text = " ".join(text[:LONGEST].replace("\0", " ").split())
    return _as_code(text) or _as_email(text) or _as_facts(text, today)


def _as_code(text: str) -> Query | None:
    spelled = text.replace(" ", "").isalpha()  # may as well be a name
    for kind, length in CODES.items():
        try:
            code = codes.typed(text, length=length)
        except codes.Misread:
            return None if spelled else Query(Kind.MISREAD)
        if code and spelled:
            return Query(Kind.NAME_ALONE, key=code, name=text, words=identity.words(text))
        if code:
            return Query(kind, key=code)
    return None


def _as_email(text: str) -> Query | None:
    if "@" not in text:
        return None
    found = _EMAIL.search(text)
    return Query(Kind.EMAIL, key=found[0]) if found else Query(Kind.WRONG_EMAIL)


def _as_facts(text: str, today: date) -> Query:
    """Birth date, numbers and name, in any order."""
    wrong_date, born, text = _birth_date(text, today)
    numbers = [(found[0], re.sub(r"\D", "", found[0])) for found in _NUMBER.finditer(text)]
    postcode = next((digits for _, digits in numbers if len(digits) == _POSTCODE_LENGTH), "")
    phone = next((number for number, digits in numbers if len(digits) >= _PHONE_SHORTEST), "")
    name = " ".join(re.findall(r"[^\W\d_][^\s,;/\d]*", text))
    kind, key = _kind_of_facts(named=_says_something(name), born=born is not None, placed=bool(postcode)), ""
    if wrong_date:
        kind = Kind.WRONG_DATE
    elif phone:
        key = _phone(phone)
        kind = Kind.PHONE if key else Kind.WRONG_PHONE
    return Query(kind, key, name, identity.words(name), born, postcode)


def _kind_of_facts(*, named: bool, born: bool, placed: bool) -> Kind:
    if born and named:
        return Kind.NAME_AND_BIRTHDAY
    if born:
        return Kind.BIRTHDAY_AND_POSTCODE if placed else Kind.BIRTHDAY_ALONE
    if named:
        return Kind.NAME_ALONE
    return Kind.POSTCODE_ALONE if placed else Kind.NOTHING


def _says_something(name: str) -> bool:
    return any(len(word) >= SHORTEST for word in identity.words(name))


def _birth_date(text: str, today: date) -> tuple[bool, date | None, str]:
    """Whether a date was typed that is none, the date, and the text without it."""
    for pattern in _DATES:
        for found in pattern.finditer(text):
            month = _month(found)
            if month is None:
                continue
            rest = f"{text[: found.start()]} {text[found.end() :]}"
            born = _day(int(found["y"]), month, int(found["d"]), today)
            return born is None, born, rest
    return False, None, text


def _month(found: re.Match[str]) -> int | None:
    """The number of the month; None where the word is none, so that this is no date."""
    parts = found.groupdict()
    if "word" not in parts:
        return int(parts["m"])
    word = identity.name(parts["word"])
    if word in _ALSO:
        return _ALSO[word]
    return next((number for number, short in enumerate(_MONTHS, start=1) if word.startswith(short)), None)


def _day(year: int, month: int, day: int, today: date) -> date | None:
    """Two digits of a year are the last such year whose children may be vaccinated; nobody is older than 120 years."""
    if year < 100:
        year += today.year // 100 * 100
        year -= 100 if year > today.year - YOUNGEST else 0
    try:
        born = date(year, month, day)
    except ValueError:
        return None
    return born if today.year - 120 <= year and born <= today else None


def _phone(text: str) -> str:
    """The number as it is stored, "" where it can be none. Without area code it is nobody's."""
    try:
        number = phonenumbers.parse(text, settings.PHONENUMBER_DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return ""
    local = not text.lstrip(" (").startswith(("0", "+"))
    if local or not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# --- finding -------------------------------------------------------------------------------------


def run(query: Query) -> Answer:
    """Look for people, where the question is complete."""
    if query.kind is Kind.NAME_ALONE and query.key:
        return _perhaps_a_code(query)
    if query.kind not in COMPLETE:
        return Answer(query, searched=False)
    found = _found(people(query))
    if query.kind in CODES:  # the code on a paper of before opens who is left
        found = tuple(map(merged.who_is_left, found))
    if not found and query.kind is Kind.NAME_AND_BIRTHDAY:
        similar = _found(loosely(query))
        return Answer(query, True, similar[:MOST], more=len(similar) > MOST, loose=bool(similar))
    return Answer(query, True, found[:MOST], more=len(found) > MOST)


def _perhaps_a_code(query: Query) -> Answer:
    """FRANKE is a name; it is a door code only if there is one."""
    for kind, length in CODES.items():
        if len(query.key) == length:
            found = _found(people(replace(query, kind=kind)))
            if found:
                return Answer(replace(query, kind=kind), True, tuple(map(merged.who_is_left, found)))
    return Answer(query, searched=False)


def people(query: Query) -> QuerySet[Registration]:
    """Who fits a complete question; withdrawn people too."""
    everybody = Registration.objects.all()
    match query.kind:
        case Kind.CASE_NUMBER:
            return everybody.filter(case_number=query.key)
        case Kind.DOOR_CODE:
            return everybody.filter(door_code=query.key)
        case Kind.EMAIL:
            # The index leaves out who has none, and asks to be told so.
            return everybody.alias(address=Lower("email")).filter(address=query.key.lower()).exclude(email="")
        case Kind.PHONE:
            return _narrowed(everybody.filter(phone=query.key).exclude(phone=""), query)
        case _:
            return _narrowed(everybody, query)


def loosely(query: Query) -> QuerySet[Registration]:
    """Who was born on that day and has one of the words: a maiden name, or a name that was heard wrong."""
    some = Q(pk__in=[])
    for word in query.words:
        if len(word) >= LOOSE:
            some |= Q(search_key__contains=f" {word}")
    return _born(Registration.objects.filter(some), query)


def _narrowed(found: QuerySet[Registration], query: Query) -> QuerySet[Registration]:
    """Those who have every further fact as well; a name also where it is written in one word or in several."""
    found = _born(found, query)
    if query.postcode:
        found = found.filter(postcode=query.postcode)
    if not query.words:
        return found
    every = Q(*(Q(search_key__contains=f" {word}") for word in query.words))
    in_one = " " + " ?".join("".join(query.words))
    return found.filter(every | Q(search_key__regex=in_one))


def _born(found: QuerySet[Registration], query: Query) -> QuerySet[Registration]:
    return found.filter(birth_date=query.birth_date) if query.birth_date else found


def _found(people: QuerySet[Registration]) -> tuple[Registration, ...]:
    """One more than is shown, so that it can be said that there are more."""
    still_coming_first = (F("withdrawn_at").asc(nulls_first=True), "last_name", "first_name", "pk")
    return tuple(people.order_by(*still_coming_first)[: MOST + 1])
