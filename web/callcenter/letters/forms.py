"""What somebody at the printer types: a day, a case number, why a letter came back."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from booking import codes
from web.forms import Form, PlainTextField

# What the post writes on a letter that it brings back; the words are kept with the message.
REASONS = [
    ("unknown", _("not known at this address")),
    ("moved", _("moved, no new address")),
    ("refused", _("not accepted")),
    ("other", _("something else")),
]


class CaseNumberField(PlainTextField):
    """A case number as it stands on the letter, with or without its check character; cleaned without it."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Case number"),
            help_text=_("It stands on the letter, on the right beside the address."),
            max_length=20,
            error_messages={"required": _("Please type the case number.")},
        )

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        try:
            found = codes.typed(text, length=codes.CASE_NUMBER_LENGTH)
        except codes.Misread:
            words = gettext("This number cannot be right: its last character does not fit the others.")
            raise ValidationError(words, code="misread") from None
        if text and not found:
            raise ValidationError(gettext("A case number looks like K7P 4XM 92P."), code="invalid")
        return found


class PrintedForm(Form):
    """On which day the letters of a batch go to the post."""

    posted_on = forms.DateField(
        label=_("To the post on"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"],
        error_messages={
            "required": _("Please give the day."),
            "invalid": _("Please give the day like 29.04.2021."),
        },
    )

    def __init__(self, data: Any = None, *, batch: UUID, proposed: date) -> None:
        super().__init__(data, auto_id=f"id_{batch}_%s", initial={"posted_on": proposed})


class AgainForm(Form):
    """Whose letter is damaged."""

    case_number = CaseNumberField()

    def __init__(self, data: Any = None, *, batch: UUID) -> None:
        super().__init__(data, auto_id=f"id_{batch}_%s")


class ReturnedForm(Form):
    """Whose letter came back, and why."""

    case_number = CaseNumberField()
    reason = forms.ChoiceField(label=_("What the post says"), choices=REASONS)
