"""The two questions of the check: when were you born, and what applies to you?"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from priority.rules import CriterionRule
from web.forms import BirthDateField, Form, Tile

# Kinds in the order in which they are asked, with the question, its hint and the accordion's title.
Words = str | Promise
KINDS: dict[str, tuple[Words, Words, Words]] = {
    "care": (
        _("Care and shelters"),
        _("Where do you live or who cares for you?"),
        _("If you work there, please look under “Occupation”."),
    ),
    "occupation": (
        pgettext_lazy("kind of criterion", "Occupation"),
        _("Where do you work?"),
        _("Your employer confirms it on a form."),
    ),
    "illness": (
        pgettext_lazy("kind of criterion", "Illness"),
        _("Is your illness on one of the lists?"),
        _("Your doctor writes a certificate. You show it only at the vaccination center."),
    ),
    "contact": (
        pgettext_lazy("kind of criterion", "Contact person"),
        _("Are you a close contact of somebody?"),
        _("The person you care for, or the pregnant person, confirms it with a signature."),
    ),
    "other": (
        pgettext_lazy("kind of criterion", "Life and work"),
        _("Does this apply to you?"),
        "",
    ),
}


class BirthForm(Form):
    """Question 1."""

    birth_date = BirthDateField(label=_("Your date of birth"), help_text=_("For example 14 3 1938"))


class CriteriaForm(Form):
    """Question 2: one group of boxes per kind, and "nothing of this" to say that none was overlooked.

    `asked` are the criteria that the regulation in force lets a form ask for. Codes only; an illness is never named.
    """

    none = forms.BooleanField(label=_("Nothing of this applies to me"), required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, asked: Iterable[CriterionRule], **options: Any
    ) -> None:
        chosen = frozenset(options.pop("chosen", ()))
        super().__init__(data, **options)
        by_kind: dict[str, list[CriterionRule]] = {}
        for rule in asked:
            by_kind.setdefault(rule.kind, []).append(rule)
        for kind, (_title, question, hint) in KINDS.items():
            if rules := by_kind.get(kind):
                self.fields[kind] = forms.MultipleChoiceField(
                    label=str(question),
                    help_text=str(hint),
                    required=False,
                    widget=forms.CheckboxSelectMultiple,
                    choices=[(rule.code, tile(rule)) for rule in rules],
                    initial=[rule.code for rule in rules if rule.code in chosen],
                    error_messages={"invalid_choice": _("This choice does not exist any more. Please choose again.")},
                )
        self.order_fields([*KINDS, "none"])

    def groups(self) -> list[dict[str, Any]]:
        """For the template: each kind with its title, its field, and whether it stands open."""
        return [
            {"kind": kind, "title": KINDS[kind][0], "field": self[kind], "open": bool(_ticked(self[kind]))}
            for kind in KINDS
            if kind in self.fields
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        found = self.chosen()
        if not found and not cleaned["none"]:
            text = _("Please tick what applies to you, or “Nothing of this applies to me”.")
            self.add_error("none", ValidationError(text, code="nothing"))
        elif found and cleaned["none"]:
            text = _("You have ticked something above and “Nothing of this”. Please take one of the two back.")
            self.add_error("none", ValidationError(text, code="both"))
        return cleaned

    def chosen(self) -> frozenset[str]:
        """The codes ticked."""
        return frozenset(code for kind in KINDS if kind in self.fields for code in self.cleaned_data.get(kind, ()))


class CarriedForm(Form):
    """What the check hands on in hidden fields: never in a URL, never in a cookie."""

    birth_date = BirthDateField()
    criteria = forms.MultipleChoiceField(required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, asked: Iterable[CriterionRule], **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.fields["criteria"].choices = [(rule.code, rule.code) for rule in asked]


def tile(rule: CriterionRule) -> Tile:
    """The criterion as a box to tick, in the language of the page."""
    if english():
        return Tile(rule.label_en, rule.hint_en)
    return Tile(rule.label_de, rule.hint_de)


def english() -> bool:
    """True when the page speaks English."""
    return (get_language() or "de").startswith("en")


def _ticked(bound: BoundField) -> Collection[str]:
    return bound.value() or ()
