"""What an agent reads out: dates as they are spoken, and a code letter by letter, in the words that people know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import dateformat, timezone
from django.utils.translation import gettext as _

from booking import codes, wording

LETTERS = {
    "A": "Anton", "B": "Berta", "C": "Cäsar", "D": "Dora", "E": "Emil", "F": "Friedrich", "G": "Gustav",
    "H": "Heinrich", "J": "Julius", "K": "Kaufmann", "M": "Martha", "N": "Nordpol", "P": "Paula", "Q": "Quelle",
    "R": "Richard", "S": "Samuel", "T": "Theodor", "U": "Ulrich", "V": "Viktor", "W": "Wilhelm", "X": "Xanthippe",
    "Y": "Ypsilon", "Z": "Zacharias",
}  # fmt: skip
GERMAN_DIGITS = ("null", "eins", "zwo", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
ENGLISH_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Sign:
    """One character, how it is said, and whether it is the one that checks the others."""

    character: str
    said: str
    checks: bool


def spell(code: str) -> Sequence[Sign]:
    """Every character of the code, with its check character at the end."""
    whole = codes.checked(code)
    return [Sign(one, _said(one), number == len(whole)) for number, one in enumerate(whole, start=1)]


def moment(instant: datetime) -> str:
    """Montag, dem 19. April, um 9 Uhr 20 / Monday 19 April at 9:20 am."""
    local = timezone.localtime(instant)
    if not wording.german():
        return f"{dateformat.format(local, 'l j F')} at {wording.time_of_day(instant)}"
    minutes = f" {local.minute}" if local.minute else ""
    return f"{dateformat.format(local, 'l')}, dem {dateformat.format(local, 'j. F')}, um {local.hour} Uhr{minutes}"


def repeated(text: str, code: str) -> bool:
    """Whether the caller has said the code back, with or without its last character."""
    try:
        return codes.typed(text, length=len(code)) == code
    except codes.Misread:
        return False


def _said(character: str) -> str:
    if character.isdecimal():
        return (GERMAN_DIGITS if wording.german() else ENGLISH_DIGITS)[int(character)]
    return _("as in %(word)s") % {"word": LETTERS[character]}
