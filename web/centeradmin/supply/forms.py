"""What somebody types about supply: days, doses, reasons. What is possible is asked in the service."""

import re
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from centers.models import Delivery, Vaccine
from web.forms import Form, PlainTextField, Tile

STATES = [
    (Delivery.State.EXPECTED, Tile(_("expected"), _("Announced, may still change. Does not count for new sessions."))),
    (Delivery.State.CONFIRMED, Tile(_("confirmed"), _("Firmly promised. Counts from its day on."))),
    (Delivery.State.RECEIVED, Tile(_("received"), _("It is there, counted and in the refrigerator."))),
]


class DayField(forms.DateField):
    """A day of the calendar: the browser's own picker, or typed as 29.4.2021."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            input_formats=["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"],
            error_messages={
                "required": _("Please give the day."),
                "invalid": _("Please give the day like 29.04.2021."),
            },
            **options,
        )

    def to_python(self, value: Any) -> date | None:
        """Days of this century only: a slip like 0202 is no year."""
        day = super().to_python(value.strip() if isinstance(value, str) else value)
        if day and not 2000 <= day.year <= 2099:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class NumberField(forms.CharField):
    """A whole number, also with the thousands marked: 1.170."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Please give a number."),
        "invalid": _("Please give a whole number, for example 390."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "numeric"}), **options)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        text = re.sub(r"^(-?\d{1,3})([.\u00a0\u202f ]\d{3})+$", lambda found: re.sub(r"[^\d-]", "", found[0]), text)
        if not re.fullmatch(r"-?[0-9]{1,9}", text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(text)


class VaccineField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for the stubs only
    """One of the vaccines, by name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Vaccine"),
            queryset=Vaccine.objects.order_by("name", "code"),
            empty_label=_("Please choose"),
            error_messages={
                "required": _("Please choose a vaccine."),
                "invalid_choice": _("Please choose a vaccine."),
            },
            **options,
        )


class _Again(Form):
    """`again` is shown after the service has asked whether this is a second one."""

    again = forms.BooleanField(label=_("Yes, this is a second one"), required=False)

    @property
    def asks_again(self) -> bool:
        return self.has_error("__all__", "again")


class ChangeForm(Form):
    """A delivery, new or as it should be."""

    doses = NumberField(label=_("Doses"))
    due_on = DayField(label=_("Day on which it comes or came"))
    state = forms.ChoiceField(label=_("How sure is it?"), choices=STATES, widget=forms.RadioSelect)
    note = PlainTextField(
        label=_("Note"), required=False, help_text=_("For colleagues, for example the batch. No names.")
    )


class DeliveryForm(_Again, ChangeForm):
    """A delivery that is not known yet."""

    vaccine = VaccineField()
    field_order = ("vaccine", "doses", "due_on", "state", "note", "again")


class ReceiveForm(Form):
    """What came, and when."""

    doses = NumberField(label=_("Doses that came"))
    on = DayField(label=_("Day on which they came"))


class ReasonForm(Form):
    """Why it will not come."""

    reason = PlainTextField(label=_("Why will it not come?"), error_messages={"required": _("Please say why.")})


class WasteForm(_Again):
    """Doses that are lost."""

    vaccine = VaccineField()
    doses = NumberField(label=_("Lost doses"))
    on = DayField(label=_("Day"))
    reason = PlainTextField(
        label=_("What happened?"),
        help_text=_("For example: vial broken, too warm, left over in the evening"),
        error_messages={"required": _("Please say what happened.")},
    )
    field_order = ("vaccine", "doses", "on", "reason", "again")


class ReserveForm(Form):
    """A rule of holding back, from a day on."""

    vaccine = VaccineField()
    valid_from = DayField(label=_("For deliveries from"))
    percent = NumberField(label=_("Percent of each delivery"))
    note = PlainTextField(label=_("Note"), required=False, help_text=_("Who decided it, and where it is written"))
