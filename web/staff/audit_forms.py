"""What the auditor asks the trail for."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.trail import Question
from centers.models import Center
from web.forms import Form

DAYS = 7  # shown where nothing was asked for
DATE = {"invalid": _("Please give the day as in 24.12.2021.")}
FIRST, LAST = date(2020, 1, 1), date(2099, 12, 31)
BEYOND = _("The trail begins in 2020. Please give a day between then and 2099.")
FORMATS = ["%Y-%m-%d", "%d.%m.%Y"]


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, required=False, input_formats=FORMATS, widget=widget, error_messages=DATE,
        validators=[MinValueValidator(FIRST, BEYOND), MaxValueValidator(LAST, BEYOND)],
    )  # fmt: skip


class UserField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django has no such argument when it runs
    """One account, named by its random id: a user name in an address would stand in logs and histories."""

    def __init__(self, **options: Any) -> None:
        words = {"invalid_choice": _("There is no such account. Please choose one from the list.")}
        super().__init__(User.objects.none(), to_field_name="public_id", error_messages=words, **options)

    def label_from_instance(self, obj: Model) -> str:
        return f"{obj.display_name} ({obj.username})" if isinstance(obj, User) else str(obj)

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError as error:  # not an id at all
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error


class TrailForm(Form):
    """Sent by GET, so that a question can be kept as an address."""

    von = _day(_("From"))
    bis = _day(_("To"))
    wer = UserField(label=_("Who"), required=False, empty_label=_("all"))
    was = forms.RegexField(
        r"^[a-z_.]+$", label=_("Action begins with"), required=False, max_length=60,
        error_messages={"invalid": _("Actions are written in small letters, as in “account.logged_in”.")},
    )  # fmt: skip
    objekt = forms.UUIDField(
        label=_("Object"),
        required=False,
        error_messages={"invalid": _("An object's number looks like 3f2b…-…, with 32 signs.")},
    )
    zentrum = forms.ModelChoiceField(
        Center.objects.none(), label=_("Center"), required=False, to_field_name="slug", empty_label=_("all")
    )

    def __init__(self, data: Any, *, now: datetime) -> None:
        today = timezone.localdate(now)
        self.span = (today - timedelta(days=DAYS - 1), today)
        if data is not None:
            days = {"von": self.span[0].isoformat(), "bis": self.span[1].isoformat()}
            data = {**days, **{name: value for name, value in data.items() if value}}
        super().__init__(data, initial={"von": self.span[0], "bis": self.span[1]})
        self.fields["zentrum"].queryset = Center.objects.order_by("name", "pk")
        self.fields["wer"].queryset = User.objects.order_by("last_name", "first_name", "username")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        start, end = self._days(data)
        if start > end:
            self.add_error("bis", _("The last day lies before the first."))
        return data

    def _days(self, data: dict[str, Any]) -> tuple[date, date]:
        return data.get("von") or self.span[0], data.get("bis") or self.span[1]

    def question(self) -> Question | None:
        """None when the form is wrong; without a form that was sent, the last days."""
        if self.is_bound and not self.is_valid():
            return None
        data = self.cleaned_data if self.is_bound else {}
        start, end = self._days(data)
        center, actor = data.get("zentrum"), data.get("wer")
        return Question(
            since=_midnight(start), until=_midnight(end + timedelta(days=1)), actor=actor.pk if actor else None,
            action=data.get("was", ""), subject=data.get("objekt"), center=center.slug if center else "",
            center_id=center.public_id if center else None,
        )  # fmt: skip

    def asked(self) -> dict[str, str]:
        """The question as it stands in the address and in the trail: ids in place of names."""
        data = self.cleaned_data if self.is_bound and self.is_valid() else {}
        start, end = self._days(data)
        center, actor, subject = data.get("zentrum"), data.get("wer"), data.get("objekt")
        parts = {
            "von": start.isoformat(), "bis": end.isoformat(), "wer": str(actor.public_id) if actor else "",
            "was": data.get("was", ""), "objekt": _text(subject), "zentrum": center.slug if center else "",
        }  # fmt: skip
        return {name: value for name, value in parts.items() if value}


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _text(subject: UUID | None) -> str:
    return str(subject) if subject else ""
