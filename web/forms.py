"""Fields shared by all forms: they clean what people really type, and say what to do when they cannot.

A form cleans values and stops there; whether somebody is entitled is asked elsewhere.
"""

import calendar
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

LONGEST_LIFE = 120
DJANGO_REQUIRED = forms.Field.default_error_messages["required"]
# Left behind by copying from a PDF or a web page: nobody sees them, so nobody is asked about them.
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
# Zero-width joiners belong to the spelling of Persian and Indian names.
JOINERS = "\u200c\u200d"
BROKEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
NAME_MARKS = " '’‘ʼʻ`´-‐‑–.,/()·"


@dataclass(frozen=True)
class Tile:
    """A choice's label with the consequence under it; usable wherever `choices` takes a label.

    `language` is set when the label is not in the language of the page ("English", "Deutsch").
    """

    label: str | Promise
    hint: str | Promise = ""
    language: str = ""

    def __str__(self) -> str:
        return str(self.label)


class Form(forms.Form):
    """No `required` attribute: the browser's bubbles cannot be read aloud reliably and hide our own texts."""

    use_required_attribute = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField) and field.error_messages["required"] == DJANGO_REQUIRED:
                field.error_messages["required"] = _("Please choose an answer.")


def clean_text(value: str, *, multiline: bool = False) -> str:
    """Text in one normal form (NFC), without what cannot be seen; ValidationError for control characters.

    Refused are NUL and other control characters, unpaired surrogates, and marks that turn the reading
    direction: in a list they could make one name look like another.
    """
    text = unicodedata.normalize("NFC", value.translate(INVISIBLE))
    if not multiline:
        text = " ".join(text.replace("\u00a0", " ").split(" ")).strip()
    kept = "\n\r" if multiline else ""
    for character in text:
        if character not in JOINERS + kept and unicodedata.category(character) in BROKEN:
            raise ValidationError(
                _("This contains a character that cannot be shown. Please type it again instead of pasting it."),
                code="control",
            )
    return text


class PlainTextField(forms.CharField):
    """One line of text: street, town. O'Brien, Nguyễn Thị and Šołta pass; spaces are tidied."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Please fill in this field."),
        "symbol": _("“%(found)s” cannot be printed on your papers. Please leave it out."),
    }

    def __init__(self, *, max_length: int = 200, autocomplete: str = "off", **options: Any) -> None:
        super().__init__(strip=False, **options)
        self.longest = max_length
        self.widget.attrs.setdefault("autocomplete", autocomplete)

    def to_python(self, value: Any) -> str:
        """The cleaned text, or '' for nothing."""
        text = clean_text(str(value)) if value not in self.empty_values else ""
        if len(text) > self.longest:
            raise ValidationError(too_long(len(text), self.longest), code="max_length")
        self.check_characters(text)
        return re.sub(r" {2,}", " ", text)

    def check_characters(self, text: str) -> None:
        found = next((c for c in text if unicodedata.category(c) in {"So", "Sk"} and c not in NAME_MARKS), None)
        if found:
            raise ValidationError(self.error_messages["symbol"] % {"found": found}, code="symbol")


class NameField(PlainTextField):
    """A name as on the identity card: letters of any script; one word is enough."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "letters": _("A name needs at least one letter."),
        "symbol": _("“%(found)s” cannot stand in a name here. Please write the name as on the identity card."),
    }

    def __init__(self, *, max_length: int = 100, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)
        self.widget.attrs.setdefault("autocapitalize", "words")
        self.widget.attrs.setdefault("spellcheck", "false")

    def check_characters(self, text: str) -> None:
        for character in text:
            if unicodedata.category(character)[0] not in "LMN" and character not in NAME_MARKS + JOINERS:
                raise ValidationError(self.error_messages["symbol"] % {"found": character}, code="symbol")
        if text and not any(character.isalpha() for character in text):
            raise ValidationError(self.error_messages["letters"], code="letters")


class EmailField(forms.EmailField):
    """An address that can receive our mail; a slip of the finger is named with what was probably meant."""

    default_error_messages: ClassVar[dict[str, Any]] = {"required": _("Please enter your e-mail address.")}

    def __init__(self, *, max_length: int = 254, **options: Any) -> None:
        super().__init__(max_length=None, **options)
        self.longest = max_length
        for name, value in {"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}.items():
            self.widget.attrs.setdefault(name, value)

    def to_python(self, value: Any) -> str:
        text = clean_text(str(value)) if value not in self.empty_values else ""
        if len(text) > self.longest:
            raise ValidationError(too_long(len(text), self.longest), code="max_length")
        return text

    def run_validators(self, value: Any) -> None:
        try:
            super().run_validators(value)
        except ValidationError as error:
            raise ValidationError(self.explain(value), code="invalid") from error

    def explain(self, value: str) -> str:
        guess = re.sub(r"\s+", "", value).replace(",", ".").replace("..", ".").strip(".;:<>")
        guess = re.sub(r"\(at\)|\[at\]|@{2,}", "@", guess, flags=re.IGNORECASE)
        guess = re.sub(r"@([a-z0-9-]*[a-z0-9])(de|com|net)$", r"@\1.\2", guess, flags=re.IGNORECASE)
        text = gettext("An e-mail address looks like name@example.org.")
        try:
            super().run_validators(guess)
        except ValidationError:
            return text
        return f"{text} {did_you_mean(guess)}" if guess != value else text


class PostcodeField(forms.CharField):
    """A German postcode: five digits. `D-01796` and `01 796` are understood."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Please enter the postcode."),
        "digits": _("A postcode has 5 digits."),
        "foreign": _("Please enter a German postcode with 5 digits."),
        "unknown": _("There is no such postcode. Please compare it with your identity card."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=True, **options)
        for name, value in {"autocomplete": "postal-code", "inputmode": "numeric"}.items():
            self.widget.attrs.setdefault(name, value)

    def to_python(self, value: Any) -> str:
        if value in self.empty_values:
            return ""
        text = re.sub(r"^(DE?)[ -]+(?=\d)", "", clean_text(str(value)), flags=re.IGNORECASE).replace(" ", "")
        if not re.fullmatch(r"[0-9]+", text):
            raise ValidationError(self.error_messages["foreign"], code="foreign")
        if len(text) != 5:
            guess = f" {did_you_mean('0' + text)}" if re.fullmatch(r"[1-9][0-9]{3}", text) else ""
            raise ValidationError(f"{self.error_messages['digits']}{guess}", code="digits")
        if text < "01001" or text > "99998":
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return text


class BirthDateWidget(forms.Widget):
    """Three short inputs: quicker and surer than a calendar for a day long ago."""

    parts = (("day", _("Day")), ("month", _("Month")), ("year", _("Year")))
    use_fieldset = True
    autocomplete = True

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> tuple[str, str, str]:
        """What was typed, as typed. A whole date in the first input is taken apart."""
        day, month, year = (str(data.get(f"{name}_{part}", "") or "") for part, _label in self.parts)
        whole = re.fullmatch(r"\s*(\d{1,2})[.\-/ ]+(\d{1,2})[.\-/ ]+(\d{4})\s*", day)
        if whole and not month.strip() and not year.strip():
            return whole[1], whole[2], whole[3]
        return day, month, year

    def value_omitted_from_data(self, data: Mapping[str, Any], files: object, name: str) -> bool:
        return not any(f"{name}_{part}" in data for part, _label in self.parts)

    def decompress(self, value: date | tuple[str, str, str] | None) -> tuple[str, str, str]:
        """The three texts to show; whatever was typed comes back, short of a flood."""
        if isinstance(value, date):
            return str(value.day), str(value.month), str(value.year)
        if not value:
            return "", "", ""
        day, month, year = (re.sub(r"[\x00-\x1f]", "", part)[:20] for part in value)
        return day, month, year

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return f"{id_}_day" if id_ else id_


class BirthDateField(forms.Field):
    """A birth date from day, month and year. Errors carry `params["parts"]`: the inputs they speak of."""

    widget = BirthDateWidget
    default_error_messages: ClassVar[dict[str, Any]] = {"required": _("Please enter the date of birth.")}

    def clean(self, value: Any) -> date | None:
        """The date, or None when nothing was typed and nothing is required."""
        typed = tuple(part.strip() for part in value or ("", "", ""))
        if not any(typed):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        return _birth_date(*typed, today=timezone.localdate())

    def has_changed(self, initial: Any, data: Any) -> bool:
        widget = BirthDateWidget()
        return widget.decompress(initial) != widget.decompress(data)


def too_long(length: int, longest: int) -> str:
    """The text for something that does not fit."""
    return gettext("At most %(longest)s characters fit here; these are %(length)s.") % {
        "longest": longest,
        "length": length,
    }


def did_you_mean(guess: object) -> str:
    """The end of an error text that helps."""
    return gettext("Did you mean %(guess)s?") % {"guess": guess}


def _wrong(text: str, *parts: str) -> ValidationError:
    return ValidationError("%(text)s", code="invalid", params={"text": text, "parts": parts})


def _joined(text: str, guess: str) -> str:
    return f"{text} {guess}".strip()


def _birth_date(day: str, month: str, year: str, *, today: date) -> date:
    missing = [name for name, part in (("day", day), ("month", month), ("year", year)) if not part]
    if missing:
        names = {"day": gettext("the day"), "month": gettext("the month"), "year": gettext("the year")}
        joined = gettext(" and ").join(names[part] for part in missing)
        raise _wrong(gettext("Please add %(missing)s of birth.") % {"missing": joined}, *missing)
    number = _year(year, today=today)
    return _check_past(_assemble(_number(day, "day"), _month(month), number), today=today)


def _number(text: str, part: str) -> int:
    """The number somebody typed: 14, 14., 03; digits of every script."""
    digits = text.rstrip(".")
    if not digits.isdecimal() or len(digits) > 2:
        raise _wrong(
            gettext("Please give the day as a number from 1 to 31.")
            if part == "day"
            else gettext("Please give the month as a number from 1 to 12."),
            part,
        )
    return int(digits)


def _month(text: str) -> int:
    """A month as a number or by its German or English name (März, Mrz., March)."""
    word = unicodedata.normalize("NFC", text).casefold().rstrip(".")
    named = next((number for number, names in enumerate(MONTHS, start=1) if word in names), None)
    return named or _number(text, "month")


MONTHS = (
    ("jan", "januar", "jänner", "january"),
    ("feb", "februar", "february"),
    ("mär", "mrz", "märz", "maerz", "mar", "march"),
    ("apr", "april"),
    ("mai", "may"),
    ("jun", "juni", "june"),
    ("jul", "juli", "july"),
    ("aug", "august"),
    ("sep", "sept", "september"),
    ("okt", "oktober", "oct", "october"),
    ("nov", "november"),
    ("dez", "dezember", "dec", "december"),
)


def _year(text: str, *, today: date) -> int:
    if not text.isdecimal() or len(text) not in (2, 4):
        raise _wrong(gettext("Please give the year with 4 digits, for example 1938."), "year")
    year = int(text)
    if len(text) == 2:
        # Two digits can mean two people; we only guess aloud.
        guess = 1900 + year if year > today.year % 100 else 2000 + year
        raise _wrong(_joined(gettext("Please give the year with 4 digits."), did_you_mean(guess)), "year")
    if year > today.year:
        meant = did_you_mean(year - 100) if today.year - LONGEST_LIFE <= year - 100 <= today.year else ""
        raise _wrong(_joined(gettext("The date of birth is in the future."), meant), "year")
    if year < today.year - LONGEST_LIFE:
        meant = did_you_mean(year + 100) if year + 100 <= today.year and year >= 1800 else ""
        text = gettext("The year is more than %(years)s years ago.") % {"years": LONGEST_LIFE}
        raise _wrong(_joined(text, meant), "year")
    return year


def _assemble(day: int, month: int, year: int) -> date:
    if not 1 <= month <= 12:
        if 1 <= day <= 12 and 1 <= month <= 31:
            guess = did_you_mean(f"{month}.{day}.{year}")
            text = gettext("There is no month %(month)s.") % {"month": month}
            raise _wrong(_joined(text, guess), "day", "month")
        raise _wrong(gettext("Please give the month as a number from 1 to 12."), "month")
    if not 1 <= day <= 31:
        raise _wrong(gettext("Please give the day as a number from 1 to 31."), "day")
    length = calendar.monthrange(year, month)[1]
    if day > length:
        raise _wrong(gettext("That month had only %(days)s days.") % {"days": length}, "day")
    return date(year, month, day)


def _check_past(born: date, *, today: date) -> date:
    if born > today:
        raise _wrong(gettext("The date of birth is in the future."), "day", "month")
    return born
