"""What somebody types before a list leaves the house."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from web.forms import Form, PlainTextField

REACH = timedelta(days=120)


class ExportForm(Form):
    """Which day, and what for."""

    day = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d", "%d.%m.%Y"],
        error_messages={
            "required": _("Please give the day."),
            "invalid": _("Please give the day like 29.04.2021."),
        },
    )
    reason = PlainTextField(
        label=_("What do you need the file for?"),
        help_text=_("It is kept on record with your name. Please write nothing about a person."),
        error_messages={"required": _("Please say what you need the file for: without a reason it is not given out.")},
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"day": today})
        self.today = today

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if abs(day - self.today) > REACH:
            text = gettext("Please choose a day at most %(days)s days away.")
            raise ValidationError(text % {"days": REACH.days}, code="far")
        return day

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if len(reason) < 5:
            raise ValidationError(gettext("Please say it in a few words, for example “list for the shift plan”."))
        return reason
