"""What a visitor can send. Forms clean values and stop there; whether something may be had is asked elsewhere."""

import re
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from booking import wording
from booking.models import Registration
from web.forms import EmailField, Form, Tile
from web.public.forms.register import PhoneField

EARLIEST, NEAREST = "termin", "weg"
RADII = ("30", "60", "100")


class SlotForm(Form):
    """Which start time was pressed: the number of a tile, and nothing more. It grants nothing."""

    NUMBER = re.compile(r"\A[1-9][0-9]{0,17}\Z")  # fits a bigint

    slot = forms.RegexField(
        NUMBER,
        label=_("Time"),
        error_messages=dict.fromkeys(("required", "invalid"), _("Please choose one of the free times.")),
    )

    @classmethod
    def pressed(cls, request: HttpRequest) -> int | None:
        """The number; None for a GET and for what the form refuses. No form is built: in a rush most POSTs are good."""
        sent = request.POST.get("slot", "")
        return int(sent) if cls.NUMBER.match(sent) else None


class ListForm(Form):
    """How the list of centers is cut and ordered. Comes by GET; what makes no sense is left out without a word."""

    sortierung = forms.ChoiceField(
        label=_("What stands on top?"),
        choices=[(EARLIEST, _("Earliest appointment")), (NEAREST, _("Shortest way"))],
        required=False,
    )
    umkreis = forms.ChoiceField(
        label=_("How far at most?"),
        choices=[("", _("No matter how far")), *((radius, f"{radius}\u00a0km") for radius in RADII)],
        required=False,
    )
    stufenfrei = forms.BooleanField(label=_("Only centers without steps"), required=False)

    def chosen(self) -> tuple[str, int | None, bool]:
        """Order, radius in km or None, step-free only. Nonsense counts as not chosen."""
        self.full_clean()
        radius = self.cleaned_data.get("umkreis")
        step_free = bool(self.cleaned_data.get("stufenfrei"))
        return self.cleaned_data.get("sortierung") or EARLIEST, int(radius) if radius else None, step_free


class CancelForm(Form):
    """What to give up: the appointments, or the registration too. Nothing is chosen beforehand."""

    was = forms.ChoiceField(
        label=_("What would you like to do?"),
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Please choose what you would like to do.")),
    )

    ONLY, ALL, ELSEWHERE = "nur", "ganz", "geimpft"

    def __init__(self, *args: Any, may_cancel: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["was"].choices = self.with_appointments() if may_cancel else self.without_appointments()

    def with_appointments(self) -> list[tuple[str, Tile]]:
        return [
            (
                self.ONLY,
                Tile(
                    _("Cancel these appointments only"),
                    _("Your registration stays, and your place in the line. You can book again."),
                ),
            ),
            (
                self.ALL,
                Tile(
                    _("Cancel the appointments and end my registration"),
                    _("We will not write to you any more and delete your data later; see data protection."),
                ),
            ),
            (
                self.ELSEWHERE,
                Tile(
                    _("I have already been vaccinated elsewhere"),
                    _("We cancel the appointments and end the registration. You will get no more invitations."),
                ),
            ),
        ]

    def without_appointments(self) -> list[tuple[str, Tile]]:
        return [
            (
                self.ALL,
                Tile(
                    _("End my registration"),
                    _("We will not write to you any more and delete your data later; see data protection."),
                ),
            ),
            (
                self.ELSEWHERE,
                Tile(
                    _("I have already been vaccinated elsewhere"),
                    _("We end the registration. You will get no more invitations."),
                ),
            ),
        ]


class ContactForm(Form):
    """How we reach her and what she needs. One of e-mail and telephone is enough."""

    email = EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("Several people may use the same one."),
    )
    phone = PhoneField(label=_("Telephone"), required=False)
    language = forms.ChoiceField(
        label=_("In which language do we write to you?"),
        choices=[(code, Tile(label, language=code)) for code, label in Registration.Language.choices],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Please choose a language.")),
    )
    needs = forms.MultipleChoiceField(
        label=_("What should the staff know?"),
        choices=[
            ("wheelchair", _("I use a wheelchair or cannot walk far")),
            ("companion", _("Somebody accompanies me")),
            ("sign_language", _("I need sign language")),
        ],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Please choose from what is offered.")},
    )

    def clean(self) -> dict[str, Any]:
        """At least one way to reach the person."""
        cleaned = super().clean() or {}
        if not cleaned.get("email") and not cleaned.get("phone") and not {"email", "phone"} & set(self.errors):
            self.add_error("email", _("Please leave us an e-mail address or a telephone number."))
        return cleaned


def contact_of(registration: Registration) -> dict[str, Any]:
    """What the form shows first."""
    return {
        "email": registration.email,
        "phone": wording.phone(registration.phone),
        "language": registration.language,
        "needs": [need for need in NEEDS if getattr(registration, f"needs_{need}")],
    }


NEEDS = ("wheelchair", "companion", "sign_language")
