"""The form of a conversation: one box for each answer, in the order in which people say them."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.refusals import Refused
from booking import enrolment
from booking.earliest import Wish
from booking.enrolment import Details
from notifications.outbox import Medium
from priority.rules import CriterionRule
from web.forms import BirthDateField, EmailField, Form, NameField, PlainTextField
from web.public.forms.check import tile

BOX = "kern-form-input__input"
WHOLE = re.compile(r"(\d{1,2})[.\-/ ]+(\d{1,2})[.\-/ ]+(\d{2,4})|(\d{2})(\d{2})(\d{4})")
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
KM = {"20": 20, "50": 50, "": None}
NO_FIRST_NAME = "-"
FILTER = ("weekdays", "half", "within", "step_free")
LONGEST = 200  # characters of one answer that a draft keeps


class DateInOneBox(BirthDateField):
    """12.08.1948, 12.8.48, 12 8 1948, 12081948, or 1948-08-12."""

    widget = forms.TextInput  # type: ignore[assignment]  # one box in place of three

    def clean(self, value: Any) -> date | None:
        text = str(value or "").strip()
        if iso := ISO.fullmatch(text):
            return super().clean((iso[3], iso[2], iso[1]))
        found = WHOLE.fullmatch(text)
        if text and not found:
            raise ValidationError(_("Please type day, month and year, for example 12.08.1948."), code="invalid")
        return super().clean(_whole([part for part in found.groups() if part]) if found else ("", "", ""))


def _whole(parts: list[str]) -> list[str]:
    """46 can only be 1946, as in the search; 21 may be 1921 or 2021, so that the whole year is asked for."""
    day, month, year = parts
    century, of_now = divmod(timezone.localdate().year, 100)
    if len(year) == 2 and int(year) > of_now:
        year = f"{century - 1}{year}"
    return [day, month, year]


class PhonePostcodeField(forms.CharField):
    """Five digits; an address abroad cannot have them, and there is something to do about it."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value).replace(" ", "")
        if text and not re.fullmatch(r"[0-9]{5}", text):
            raise ValidationError(
                _(
                    "A German postcode has five digits. Who lives abroad is registered with the address in Germany at "
                    "which she stays or works; letters go there."
                ),
                code="invalid",
            )
        return text


class FirstNameField(NameField):
    """Half a name is asked for once more; a dash says that there is no other half."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": gettext_lazy("Please ask for the first name. Who has one name only: type a hyphen here."),
    }

    def check_characters(self, text: str) -> None:
        if text != NO_FIRST_NAME:
            super().check_characters(text)


class NewForm(Form):
    """What is asked of a caller; required are eight answers. `asked` are the criteria of the regulation in force."""

    birth_date = DateInOneBox(label=gettext_lazy("Date of birth"))
    postcode = PhonePostcodeField(label=gettext_lazy("Postcode"), max_length=12)
    criteria = forms.MultipleChoiceField(
        label=gettext_lazy("Reasons"), required=False, widget=forms.CheckboxSelectMultiple
    )
    first_name = FirstNameField(label=gettext_lazy("First name"), max_length=80)
    last_name = NameField(label=gettext_lazy("Last name"), max_length=80)
    other_person = forms.BooleanField(label=gettext_lazy("No, this is another person"), required=False)
    street = PlainTextField(label=gettext_lazy("Street and number"), max_length=120)
    town = PlainTextField(label=gettext_lazy("Town"), max_length=80)
    medium = forms.ChoiceField(label=gettext_lazy("Way of the papers"), widget=forms.RadioSelect)
    code_told = forms.BooleanField(
        label=gettext_lazy("She writes down the door code on the telephone: sooner is possible"), required=False
    )
    large_print = forms.BooleanField(label=gettext_lazy("Large print"), required=False)
    phone = PlainTextField(label=gettext_lazy("Telephone"), max_length=40, required=False)
    email = EmailField(label=gettext_lazy("E-mail"), required=False)
    consent = forms.BooleanField(
        label=gettext_lazy("Read out and agreed"),
        error_messages={
            "required": gettext_lazy("Without her consent nothing is stored. Please read the sentence out."),
        },
    )

    def __init__(self, data: Mapping[str, Any] | None, *, asked: Iterable[CriterionRule], sms: bool) -> None:
        super().__init__(data)
        self.fields["criteria"].choices = [(rule.code, tile(rule).label) for rule in asked]
        ways = [(Medium.LETTER, _("Letter")), (Medium.SMS, _("SMS")), (Medium.EMAIL, _("E-mail"))]
        self.fields["medium"].choices = [way for way in ways if sms or way[0] != Medium.SMS]
        for name, field in self.fields.items():
            if isinstance(field.widget, forms.TextInput | forms.EmailInput):
                field.widget.attrs |= {"class": BOX, "autocomplete": "off"}
            if field.required:
                field.widget.attrs["aria-required"] = "true"
            if name in {"birth_date", "postcode"}:
                field.widget.attrs["inputmode"] = "numeric"

    def clean_first_name(self) -> str:
        """A dash says that she has one name alone."""
        name: str = self.cleaned_data["first_name"]
        return "" if name == NO_FIRST_NAME else name

    def clean(self) -> dict[str, Any]:
        """What belongs together: the way of the papers has to reach her."""
        super().clean()
        cleaned = self.cleaned_data
        for name, checked in (("phone", enrolment.check_phone), ("email", enrolment.check_email)):
            if name in cleaned:
                self._refused(name, lambda checked=checked, name=name: checked(cleaned[name]))
        if "medium" in cleaned and not {"phone", "email"} & set(self.errors):
            ways = {"email": cleaned.get("email", ""), "phone": cleaned.get("phone", "")}
            at = "email" if cleaned["medium"] == Medium.EMAIL else "phone"
            self._refused(at, lambda: enrolment.check_medium(cleaned["medium"], **ways))
        return cleaned

    def details(self) -> Details:
        """The caller as the services take her. Only of a valid form."""
        said = self.cleaned_data
        return Details(
            **{name: said[name] for name in ("first_name", "last_name", "birth_date", "street", "postcode", "town")},
            email=said["email"], phone=said["phone"], medium=said["medium"],
            large_print=said["large_print"], criteria=frozenset(said["criteria"]),
        )  # fmt: skip

    def _refused(self, name: str, check: Any) -> None:
        try:
            check()
        except Refused as reason:
            self.add_error(name, str(reason))


def typed(sent: Any) -> dict[str, Any]:
    """What a draft keeps of what was sent: every answer, also a wrong one; nothing else."""
    names = [*(name for name in NewForm.base_fields if name != "criteria"), *FILTER]
    kept: dict[str, Any] = {name: _storable(sent.get(name, ""))[:LONGEST] for name in names}
    return kept | {"criteria": [_storable(code)[:40] for code in sent.getlist("criteria")[:40]]}


def _storable(text: str) -> str:
    """The one character that PostgreSQL cannot keep is left out."""
    return text.replace("\x00", "")


def wish(draft: Mapping[str, Any]) -> Wish:
    """The filter of the list; 50 km to begin with."""
    return Wish(
        weekdays=draft.get("weekdays", ""),
        half=draft.get("half", ""),
        within_km=KM.get(draft.get("within", "50"), 50),
        step_free=bool(draft.get("step_free")),
    )
