"""What an agent types about a person. Forms clean values and stop there."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking import wording
from booking.earliest import Wish
from booking.models import Registration
from booking.services.correcting import Person
from booking.services.notes import LONGEST
from booking.services.registrations import Contact
from notifications.outbox import Medium
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
from web.public.forms.register import PhoneField

NEEDS = (
    ("wheelchair", _("Wheelchair, or cannot walk far")),
    ("companion", _("Somebody accompanies her")),
    ("sign_language", _("Sign language")),
)


class NoteForm(Form):
    """How to serve her; nothing about health."""

    text = forms.CharField(
        label=_("Note"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example “step-free”, “call after 5 pm”. Please write nothing about health."),
        error_messages={"required": _("Please write something.")},
    )

    def clean_text(self) -> str:
        text = clean_text(self.cleaned_data["text"], multiline=True).strip()
        if len(text) > LONGEST:
            raise forms.ValidationError(too_long(len(text), LONGEST))
        if not text:
            raise forms.ValidationError(_("Please write something."))
        return text


class NumberForm(Form):
    """The case number of somebody else, as it is read out."""

    case_number = forms.CharField(
        label=_("Case number of the other person"),
        max_length=40,
        help_text=_("For example K7P 4XM 92P"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Please type the case number.")},
    )

    def clean_case_number(self) -> str:
        return clean_text(self.cleaned_data["case_number"])


class PersonForm(Form):
    """Who she is, where she lives, and how she is reached."""

    first_name = NameField(label=_("First name"), max_length=80, required=False)
    last_name = NameField(
        label=_("Last name"), max_length=80, error_messages={"required": _("Please enter the last name.")}
    )
    birth_date = BirthDateField(label=_("Date of birth"))
    street = PlainTextField(
        label=_("Street and house number"),
        max_length=120,
        error_messages={"required": _("Please enter street and house number.")},
    )
    postcode = PostcodeField(label=_("Postcode"))
    town = PlainTextField(label=_("Town"), max_length=80, error_messages={"required": _("Please enter the town.")})
    email = EmailField(label=_("E-mail address"), required=False, help_text=_("Please have it spelled."))
    phone = PhoneField(label=_("Telephone or mobile"), required=False)
    medium = forms.ChoiceField(
        label=_("How do we write to her?"),
        choices=[
            (Medium.EMAIL, Tile(_("by e-mail"))),
            (Medium.SMS, Tile(_("by SMS"), _("needs a mobile number"))),
            (Medium.LETTER, Tile(_("by letter"), _("takes some days"))),
        ],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Please choose from what is offered.")},
    )
    large_print = forms.BooleanField(label=_("Large print"), required=False)
    language = forms.ChoiceField(
        label=_("Language of what we write"),
        choices=[(code, Tile(label, language=code)) for code, label in Registration.Language.choices],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Please choose from what is offered.")},
    )
    needs = forms.MultipleChoiceField(
        label=_("What should the staff know?"), choices=NEEDS, required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Please choose from what is offered.")},
    )  # fmt: skip

    def person(self) -> Person:
        names = ("first_name", "last_name", "birth_date", "street", "postcode", "town")
        return Person(**{name: self.cleaned_data[name] for name in names})

    def contact(self) -> Contact:
        values = self.cleaned_data
        return Contact(
            email=values["email"],
            phone=str(values["phone"] or ""),
            language=values["language"],
            needs=frozenset(values["needs"]),
            medium=values["medium"],
            large_print=values["large_print"],
        )


def stored(person: Registration) -> dict[str, Any]:
    """What the form shows first."""
    names = (
        "first_name", "last_name", "birth_date", "street", "postcode", "town", "email", "medium", "large_print",
        "language",
    )  # fmt: skip
    values = {name: getattr(person, name) for name in names}
    values["phone"] = wording.phone(person.phone)
    values["needs"] = [need for need, _label in NEEDS if getattr(person, f"needs_{need}")]
    return values


class EndForm(Form):
    """What to give up: the appointments, or everything. Nothing is chosen beforehand."""

    ONLY, WISH, ELSEWHERE, DIED = "nur", "wunsch", "geimpft", "gestorben"

    was = forms.ChoiceField(
        label=_("What does the caller want?"),
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Please choose one of the reasons shown.")),
    )

    def __init__(self, *args: Any, may_cancel: bool, ended: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        died = (self.DIED, Tile(_("She has died"), _("No message leaves any more, and the places are given back.")))
        choices = [died] if ended else [*self._giving_up(may_cancel=may_cancel), died]
        self.fields["was"].choices = choices

    def _giving_up(self, *, may_cancel: bool) -> list[tuple[str, Tile]]:
        only = (
            self.ONLY,
            Tile(_("Cancel the appointments only"), _("The registration and her rank stay; she can book again.")),
        )
        rest = [
            (self.WISH, Tile(_("End the registration"), _("She does not want an appointment any more."))),
            (self.ELSEWHERE, Tile(_("Vaccinated elsewhere"), _("The registration ends; no more invitations."))),
        ]
        return [only, *rest] if may_cancel else rest


class WishForm(Form):
    """What the caller can do. Comes by GET; what makes no sense is left out without a word."""

    tage = forms.ChoiceField(
        label=_("Days"),
        choices=[("", _("every day")), ("mo-fr", _("Monday to Friday")), ("sa-so", _("weekend"))],
        required=False,
    )
    zeit = forms.ChoiceField(
        label=_("Time of day"),
        choices=[("", _("all day")), ("am", _("in the morning")), ("pm", _("from noon"))],
        required=False,
    )
    umkreis = forms.ChoiceField(
        label=_("How far"),
        choices=[("", _("no matter")), *((radius, f"{radius}\u00a0km") for radius in ("20", "40", "80"))],
        required=False,
    )
    stufenfrei = forms.BooleanField(label=_("step-free only"), required=False)
    code = forms.BooleanField(label=_("She writes the code down on the telephone"), required=False)

    def chosen(self) -> tuple[Wish, bool]:
        """The wish, and whether she needs no letter."""
        self.full_clean()
        values = self.cleaned_data
        radius = values.get("umkreis")
        wish = Wish(
            weekdays=values.get("tage", ""),
            half=values.get("zeit", ""),
            within_km=int(radius) if radius else None,
            step_free=values.get("stufenfrei", False),
        )
        return wish, values.get("code", False)
