"""Who is the same person? A key that ignores how a name or street happens to be spelled.

Registrations carry no insurance number and no account, so a person is name, birth date and address (domain.md §8,
row 20). Forgotten accents, ä or ae, ß or ss, hyphens, apostrophes, spaces and "Straße" or "Str." must not make a second
person; a different first name, birth date or house number must.

The price: whoever moves or writes another first name ("Hans" instead of "Hans Peter") counts as another person, and
two people of one household, born on the same day, whose names differ by nothing but "ae" and "a" count as one. The
first is found by staff when the person comes; the second has not been met, while "Müller, Mueller, Muller" is daily.
"""

import hashlib
import re
import unicodedata
from datetime import date

# Letters that Unicode does not take apart, as people without that key type them.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "a", "œ": "o", "ı": "i", "ħ": "h", "ŧ": "t"}
)
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘´`ʼ"))
# ä, ae and a forgotten umlaut become one letter. The accent is gone by then, so that only "ae" is left to fold.
_UMLAUTS = re.compile(r"([aou])e+")
_STREET = re.compile(r"strasse\b|strasse(?=\d)|strase\b")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)[^a-z0-9]+(?=\d)")
_VERSION = "1"  # a change of these rules needs a new number, and a migration that writes the keys again


def key(*, first_name: str, last_name: str, birth_date: date, street: str, postcode: str) -> str:
    """The person's key: 64 hexadecimal digits, equal for the same person however she was spelled."""
    parts = (_VERSION, name(first_name), name(last_name), birth_date.isoformat(), address(street), name(postcode))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def name(text: str) -> str:
    """The letters and digits of a name, without case, accents and German spelling variants.

    A name without any letter or digit stays as it was typed, so that two of them do not become one person.
    """
    plain = _plain(text)
    return _UMLAUTS.sub(r"\1", "".join(filter(str.isalnum, plain))) or plain or text.strip()


def words(text: str) -> tuple[str, ...]:
    """The words of a name as they are searched for: what the SQL function search_key makes of it, taken apart.

    Apostrophes vanish ("O'Neill" is one word), everything else that is no letter or digit parts words.
    """
    plain = _plain(text.translate(_APOSTROPHES)).translate(_APOSTROPHES)
    return tuple(_UMLAUTS.sub(r"\1", "".join(x if x.isalnum() else " " for x in plain)).split())


def address(text: str) -> str:
    """Street and house number; "Hauptstraße 5 a" is "Haupt-Str. 5A", but 5-7 is not 57."""
    plain = _STREET.sub("str", _BETWEEN_NUMBERS.sub("/", _plain(text)))
    kept = "".join(letter for letter in plain if letter.isalnum() or letter == "/")
    return _UMLAUTS.sub(r"\1", kept) or plain or text.strip()


def _plain(text: str) -> str:
    """Small letters without accents. Folding comes after taking apart and again before the end: İ and ſ need both."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold().strip()
