"""Forms for a person with a link, or without it."""

import re
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from booking import codes
from web.forms import BirthDateField, Form, PlainTextField

# base64url of 256 bits
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class PasteForm(Form):
    """The link as copied from a mail that does not let itself be pressed."""

    link = PlainTextField(
        label=_("Your link"),
        max_length=500,
        help_text=_("It begins with https and stands in our e-mail or letter."),
        error_messages={"required": _("Please paste your link here.")},
    )

    def clean_link(self) -> str:
        """The token inside, whatever stands around it."""
        text = re.sub(r"\s+", "", self.cleaned_data["link"])
        path = re.split(r"[?#]", text, maxsplit=1)[0]
        found = next((part for part in reversed(path.split("/")) if TOKEN.fullmatch(part)), None)
        if found is None:
            raise ValidationError(
                _("This is not a whole link from us. Please copy it from the beginning to the end."), code="incomplete"
            )
        return found


class CodeForm(Form):
    """The code of a letter, in any hand; cleaned to the 12 characters that it consists of."""

    code = PlainTextField(
        label=_("Your code"),
        max_length=60,
        help_text=_("13 characters, beside the QR code. For example 7H4K 2MXP 9RDW Z."),
        error_messages={"required": _("Please type the code from the letter.")},
    )

    def clean_code(self) -> str:
        """Nothing is looked up: a code of nobody passes as one of somebody."""
        text = codes.plain(self.cleaned_data["code"])
        if strange := sorted(set(text) - set(codes.ALPHABET)):
            words = gettext(
                "“%(found)s” is in no code of ours: there is no 0, no 1, no I, no L and no O in it. "
                "Please compare this place with the letter."
            )
            raise ValidationError(words % {"found": strange[0]}, code="strange")
        if len(text) != codes.LINK_CODE_LENGTH + 1:
            words = gettext("The code has 13 characters, you have typed %(number)s. Please compare it with the letter.")
            raise ValidationError(words % {"number": len(text)}, code="length")
        try:
            return codes.typed(text, length=codes.LINK_CODE_LENGTH)
        except codes.Misread:
            words = gettext(
                "One of the characters is not right. Please compare them with the letter one by one. "
                "Easily mixed up: B and 8, S and 5, Z and 2, U and V."
            )
            raise ValidationError(words, code="misread") from None


class CaseNumberField(PlainTextField):
    """K7P 4XM 92P, with or without spaces, in small letters, and without the check character of newer messages."""

    default_error_messages: ClassVar = {
        "required": _("Please enter the case number."),
        "format": _("A case number has 9 characters, for example K7P 4XM 92P."),
        "misread": _("This case number cannot be right. Please compare it with our message, character by character."),
    }

    def clean(self, value: Any) -> str:
        try:
            text = codes.typed(super().clean(value), length=codes.CASE_NUMBER_LENGTH)
        except codes.Misread as wrong:
            raise ValidationError(self.error_messages["misread"], code="misread") from wrong
        if not text:
            raise ValidationError(self.error_messages["format"], code="format")
        return text


class NewLinkForm(Form):
    """Enough to send a new link to the contact we know; not enough to see anything."""

    case_number = CaseNumberField(
        label=_("Case number"),
        max_length=40,
        help_text=_("It stands in our messages. For example K7P 4XM 92P."),
    )
    birth_date = BirthDateField(label=_("Date of birth"), help_text=_("For example 14 3 1938"))


class VisitForm(Form):
    """The second half of the proof."""

    birth_date = BirthDateField(
        label=_("Date of birth of the person who is vaccinated"), help_text=_("For example 14 3 1938")
    )
