"""What the auditor asks the trail for."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.trail import Question
from centers.models import Center
from web.forms import Form, PlainTextField

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


class TrailForm(Form):
    """Sent by GET, so that a question can be kept as an address."""

    von = _day(_("From"))
    bis = _day(_("To"))
    wer = PlainTextField(label=_("User name"), required=False)
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

    def clean_wer(self) -> User | None:
        typed = self.cleaned_data["wer"]
        if not typed:
            return None
        found = User.objects.filter(username__iexact=typed).first()
        if found is None:
            raise forms.ValidationError(_("There is no account with this user name."))
        return found

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
        """The question as it stands in the address."""
        data = self.cleaned_data if self.is_bound and self.is_valid() else {}
        start, end = self._days(data)
        center, actor, subject = data.get("zentrum"), data.get("wer"), data.get("objekt")
        parts = {
            "von": start.isoformat(), "bis": end.isoformat(), "wer": actor.username if actor else "",
            "was": data.get("was", ""), "objekt": _text(subject), "zentrum": center.slug if center else "",
        }  # fmt: skip
        return {name: value for name, value in parts.items() if value}

    def noted(self) -> dict[str, str]:
        """The question as the trail keeps it: ids in place of names."""
        asked = self.asked()
        if "wer" in asked:
            asked["wer"] = str(self.cleaned_data["wer"].public_id)
        return asked


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _text(subject: UUID | None) -> str:
    return str(subject) if subject else ""
