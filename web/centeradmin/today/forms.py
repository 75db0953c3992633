"""What is typed at the door. The rules are the service's; a form only cleans."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from booking import clock
from booking.door import checks, words
from booking.enrolment import NEEDS, Details
from booking.models import Registration
from booking.services.door import Injection, Overruling
from web.forms import BirthDateField, BirthDateWidget, EmailField, Form, NameField, PlainTextField, PostcodeField

SMALL_HOURS = time(6)  # until then a time belongs to the evening before, when that is where the arrival was


class ClockField(forms.Field):
    """A time of day as people type it: 10:39, 10.39, 1039, 9 Uhr."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Please enter the time, for example 10:39."),
        "clock": _("Please enter the time as hours and minutes, for example 10:39."),
    }

    def __init__(self, *, max_length: int = 20, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs["maxlength"] = max_length

    def to_python(self, value: Any) -> time | None:
        if value in self.empty_values:
            return None
        found = re.fullmatch(r"\s*(\d{1,2})(?:\s*[:.h]?\s*(\d{2}))?\s*(?:uhr)?\s*", str(value).lower(), re.ASCII)
        if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
            raise ValidationError(self.error_messages["clock"], code="clock")
        return time(int(found[1]), int(found[2] or 0))


def moment_after(start: datetime, typed: time) -> datetime:
    """That time of day on the local day of `start`; in the small hours of the next day when it would lie before it."""
    day = clock.local_day(start)
    at = datetime.combine(day, typed, tzinfo=clock.ZONE)
    if at >= start.replace(second=0, microsecond=0) or typed >= SMALL_HOURS:
        return at
    return datetime.combine(day + timedelta(days=1), typed, tzinfo=clock.ZONE)


class VaccinationForm(Form):
    """§ 22 IfSG: product, batch, time, and who answers for it. The batch number is judged by the service."""

    vaccine = forms.ChoiceField(label=_("Vaccine"))
    batch_number = forms.CharField(
        label=_("Batch number"), max_length=60,
        error_messages={"required": _("Please enter the batch number as it stands on the vial.")},
    )  # fmt: skip
    time = ClockField(label=_("Time"), max_length=20)
    responsible = PlainTextField(label=_("Physician in charge"), max_length=120)

    def __init__(self, *args: Any, vaccines: list[tuple[str, str]], came_at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["vaccine"].choices = vaccines
        self.came_at = came_at
        # Batch numbers and names of today are offered by lists in the page.
        self.fields["batch_number"].widget.attrs |= {"list": "chargen", "autocomplete": "off", "spellcheck": "false"}
        self.fields["responsible"].widget.attrs |= {"list": "verantwortlich"}
        self.fields["time"].widget.attrs |= {"autocomplete": "off", "inputmode": "numeric"}

    def injection(self) -> Injection:
        typed = self.cleaned_data
        return Injection(
            vaccine_code=typed["vaccine"],
            batch_number=typed["batch_number"],
            responsible=typed["responsible"],
            given_at=moment_after(self.came_at, typed["time"]),
        )


class PlainDate(BirthDateWidget):
    """Somebody else's birth date: the browser's own is no help."""

    autocomplete = False


class CodeForm(Form):
    """A registered person at the door, by the code on her paper."""

    code = PlainTextField(
        label=_("Code on her paper"), max_length=20, error_messages={"required": _("Please enter the code.")}
    )


class PersonForm(Form):
    """The same without the paper: full name and birth date as on the ID card."""

    first_name = NameField(label=_("First name"), required=False, max_length=80)
    last_name = NameField(label=_("Last name"), max_length=80)
    birth_date = BirthDateField(label=_("Date of birth"), widget=PlainDate)


class CameForm(Form):
    """What a blank form of a paper day says besides: when she came, her papers, and what a physician decided."""

    arrived = ClockField(label=_("Arrived at"), max_length=20)
    papers = forms.BooleanField(label=_("All papers that are asked for are ticked on the form"), required=False)
    physician = PlainTextField(label=_("Who decided"), max_length=120, required=False)
    decided = PlainTextField(label=_("Why"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        for name, other in (("physician", "decided"), ("decided", "physician")):
            if name in typed and not typed[name] and typed.get(other):
                self.add_error(name, _("Please enter who decided and why: both are kept with the vaccination."))
        return typed

    def overruling(self) -> Overruling | None:
        physician, reason = self.cleaned_data["physician"], self.cleaned_data["decided"]
        return Overruling(checks=checks.OVERRULABLE, physician=physician, reason=reason) if reason else None

    def at(self, day: date) -> datetime:
        return datetime.combine(day, self.cleaned_data["arrived"], tzinfo=clock.ZONE)


class NewForm(Form):
    """A person who is not registered yet: as much as the law needs."""

    first_name = NameField(label=_("First name"), required=False, max_length=80)
    last_name = NameField(label=_("Last name"), max_length=80)
    birth_date = BirthDateField(label=_("Date of birth"), widget=PlainDate)
    street = PlainTextField(label=_("Street and number"), max_length=120)
    postcode = PostcodeField(label=_("Postcode"))
    town = PlainTextField(label=_("Town"), max_length=80)
    phone = PlainTextField(label=_("Telephone"), required=False, max_length=40)
    email = EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=Registration.Language.choices)
    criteria = forms.MultipleChoiceField(
        label=_("Reason besides age"), required=False, widget=forms.CheckboxSelectMultiple
    )
    needs = forms.MultipleChoiceField(label=_("Needs"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, criteria: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["criteria"].choices = criteria
        self.fields["needs"].choices = [(need, words.need(need)) for need in sorted(NEEDS)]
        for name in ("postcode", "email"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def details(self) -> Details:
        typed = dict(self.cleaned_data)
        for name in ("criteria", "needs"):
            typed[name] = frozenset(typed[name])
        return Details(**typed)
