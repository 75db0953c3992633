"""Who is to be called back, and when she has time."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.models import Registration
from booking.services.call_backs import Wanted
from centers.models import Center
from web.forms import Form, NameField, PlainTextField
from web.public.forms.register import PhoneField


class NewForm(Form):
    """Name and number are enough."""

    name = NameField(label=_("Name"), max_length=160, error_messages={"required": _("Please enter the name.")})
    phone = PhoneField(
        label=_("Telephone"),
        help_text=_("Read it back to the caller, digit by digit."),
        error_messages={"required": _("Without a number nobody can call back. Please ask for it.")},
    )
    center = forms.ModelChoiceField(
        Center.objects.none(), label=_("Wanted center"), required=False, to_field_name="slug", empty_label=_("any")
    )
    times = PlainTextField(
        label=_("When can she come, when can she be reached?"),
        required=False,
        max_length=120,
        help_text=_("In her words, for example: only in the morning, not on Fridays"),
    )
    text = PlainTextField(
        label=_("What is it about?"), required=False, max_length=300, help_text=_("Nothing about her health.")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["center"].queryset = Center.objects.order_by("name", "pk")
        for name in ("name", "phone"):
            self.fields[name].widget.attrs["autocomplete"] = "off"  # it is the caller's, not the agent's

    def wanted(self, registration: Registration | None) -> Wanted:
        """A valid form as the service takes it."""
        data = self.cleaned_data
        return Wanted(data["name"], data["phone"], data["center"], data["times"], data["text"], registration)
