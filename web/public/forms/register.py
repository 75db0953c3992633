"""The pages of the registration: person, contact. Each cleans its own values and stops there."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from booking import enrolment
from booking.models import Registration
from web.forms import (
    BirthDateField,
    EmailField,
    Form,
    NameField,
    PlainTextField,
    PostcodeField,
    Tile,
    clean_text,
    too_long,
)

LONGEST_PHONE = 40
NEEDS = [
    ("wheelchair", _("I come with a wheelchair or walker")),
    ("companion", _("I bring somebody who helps me")),
    ("sign_language", _("I need sign language")),
]
LANGUAGES = [(code, Tile(name, language=code)) for code, name in Registration.Language.choices]


class PhoneField(PhoneNumberField):
    """A number as people write it, with or without +49; shown again as typed when it cannot be one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(region="DE", **options)
        self.error_messages["invalid"] = _("Please enter the number with its area code, for example 0351 123456.")
        self.widget.attrs.update({"autocomplete": "tel", "inputmode": "tel"})

    def to_python(self, value: Any) -> Any:
        text = clean_text(str(value)) if value else ""
        if len(text) > LONGEST_PHONE:
            raise ValidationError(too_long(len(text), LONGEST_PHONE), code="max_length")
        if text and not enrolment.has_area_code(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text)


class PersonForm(Form):
    """Who is vaccinated. Papers with one name only are common: it goes into the last name."""

    first_name = NameField(
        label=_("First name"),
        max_length=80,
        required=False,
        autocomplete="given-name",
        help_text=_("Leave it empty if there is only one name on the identity card."),
    )
    last_name = NameField(
        label=_("Last name"),
        max_length=80,
        autocomplete="family-name",
        error_messages={"required": _("Please enter the last name.")},
    )
    birth_date = BirthDateField(label=_("Date of birth"), help_text=_("For example 14 3 1938"))
    street = PlainTextField(
        label=_("Street and house number"),
        max_length=120,
        autocomplete="street-address",
        error_messages={"required": _("Please enter street and house number.")},
    )
    postcode = PostcodeField(label=_("Postcode"))
    town = PlainTextField(
        label=_("Town"),
        max_length=80,
        autocomplete="address-level2",
        error_messages={"required": _("Please enter the town.")},
    )


class ContactForm(Form):
    """How to reach the person. One way is enough, and several people may share it."""

    email = EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("We send your link and your confirmation there."),
    )
    phone = PhoneField(
        label=_("Telephone or mobile"),
        required=False,
        help_text=_("For a call if something changes."),
    )
    needs = forms.MultipleChoiceField(
        label=_("What should we know for your appointment?"),
        help_text=_("All of this is optional."),
        required=False,
        choices=NEEDS,
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(
        label=_("In which language shall we write to you?"),
        choices=LANGUAGES,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose the language."),
            "invalid_choice": _("Please choose one of the languages shown."),
        },
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not {"email", "phone"} & self.errors.keys() and not cleaned.get("email") and not cleaned.get("phone"):
            text = _("Without e-mail and telephone it works by telephone: please call us. Nothing was sent off yet.")
            self.add_error("email", ValidationError(text, code="no_contact"))
        return cleaned


class EmailForm(Form):
    """Another address for a registration that waits for its confirmation."""

    email = EmailField(label=_("New e-mail address"), help_text=_("We send your link there straight away."))
