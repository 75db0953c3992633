"""A line of the paper, typed: quickly, by keyboard, forgiving about how a time is written."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from booking import clock
from booking.door import checks
from booking.door.day_list import Row
from booking.models import Appointment, Deferral
from booking.services.afterwards import CAME, GIVEN, OPEN, Entry
from booking.services.door import BATCH_NUMBER, Injection, Overruling
from web.centeradmin.today.forms import ClockField, moment_after
from web.forms import Form, PlainTextField

CLOCK = partial(forms.TextInput, attrs={"inputmode": "numeric", "autocomplete": "off", "size": 5})
INPUT, SELECT = "kern-form-input__input", "kern-form-input__select"


class PresetForm(Form):
    """What holds for the whole paper: who answers for the doses, and one batch per vaccine."""

    responsible = PlainTextField(label=_("Physician who answers for the vaccinations"), max_length=120, required=False)
    papers = forms.BooleanField(
        label=_("On the paper all papers are ticked for everybody whom I enter as come"), required=False
    )

    def __init__(self, data: Any = None, *, rows: Iterable[Row], initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        for code, name in sorted({(row.vaccine_code, row.vaccine_name) for row in rows}):
            self.fields[f"batch_{code}"] = forms.CharField(
                label=gettext("Batch of %(vaccine)s") % {"vaccine": name},
                required=False,
                widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
            )
        for field in self.fields.values():
            field.widget.attrs["class"] = _css(field)

    def clean(self) -> dict[str, Any]:
        for name in [name for name in self.cleaned_data if name.startswith("batch_")]:
            self.cleaned_data[name] = batch = self.cleaned_data[name].strip().upper()
            if batch and not BATCH_NUMBER.fullmatch(batch):
                text = gettext("Please compare the batch with the vial: 3 to 20 letters, digits or hyphens, no blanks.")
                self.add_error(name, text)
        return self.cleaned_data

    def batches(self) -> dict[str, str]:
        """Batch by code of the vaccine; of what was wrong nothing."""
        found = {name.removeprefix("batch_"): value for name, value in self.cleaned_data.items() if "batch_" in name}
        return {code: batch for code, batch in found.items() if batch}


class LineForm(Form):
    """What the paper says about one person. An empty outcome leaves her as she is."""

    outcome = forms.ChoiceField(label=_("What was"), required=False)
    papers = forms.BooleanField(label=_("Papers seen"), required=False)
    arrived = ClockField(label=pgettext_lazy("person", "here"), required=False, widget=CLOCK())
    given = ClockField(label=pgettext_lazy("time of the vaccination", "given"), required=False, widget=CLOCK())
    batch = forms.CharField(
        label=_("Batch"), required=False, max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "size": 10}),
    )  # fmt: skip
    decided = PlainTextField(label=_("Why the physician decided so"), max_length=200, required=False)

    def __init__(self, data: Any = None, *, row: Row, day: date) -> None:
        super().__init__(data, prefix=row.appointment.hex)
        self.row, self.day = row, day
        # As it was when it was typed: a colleague may have gone on meanwhile, and nothing typed may be lost for it.
        posted = (data or {}).get(f"{self.prefix}-seen_as", "")
        here = (posted if posted in OPEN else row.state) == Appointment.Status.ARRIVED
        self.fields["outcome"].choices = outcomes(here=here)
        if here:
            del self.fields["arrived"], self.fields["papers"]
        if not row.problem:
            del self.fields["decided"]
        for field in self.fields.values():
            field.widget.attrs["class"] = _css(field)

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if "outcome" in values and not values["outcome"] and any(values.get(name) for name in TYPED):
            self.add_error("outcome", gettext("Please choose what was: other fields are filled in."))
        if values.get("outcome") == GIVEN and "given" in values and values["given"] is None:
            self.add_error("given", gettext("Please enter the time of the vaccination."))
        arrived, given = self._at(values.get("arrived")), values.get("given")
        if arrived and given and moment_after(arrived, given) < arrived:
            self.add_error("given", gettext("The vaccination cannot be before the arrival."))
        return values

    def entry(self, preset: PresetForm) -> Entry | None:
        """The line for the service; None where nothing was chosen. Adds an error where the batch or a name is missing.

        Call it after `is_valid()` of both.
        """
        values = self.cleaned_data
        if not values["outcome"]:
            return None
        arrived_at = self._at(values.get("arrived"))
        came_at = arrived_at or self.row.arrived_at or self.row.starts_at
        given = moment_after(came_at, values["given"]) if values["outcome"] == GIVEN else None
        batch = values["batch"] or preset.batches().get(self.row.vaccine_code, "")
        if given and not batch:
            self.add_error("batch", gettext("Please enter the batch, here or above for all."))
        responsible = preset.cleaned_data.get("responsible", "")
        if (given or values.get("decided")) and not responsible:
            self.add_error(None, gettext("Please enter above which physician answers for the vaccinations."))
        if self.errors:
            return None
        return Entry(
            appointment=self.row.appointment,
            seen_as=self.data.get(f"{self.prefix}-seen_as", ""),
            outcome=values["outcome"],
            papers=frozenset(self.row.evidence if preset.cleaned_data["papers"] or values.get("papers") else ()),
            arrived_at=arrived_at,
            injection=_injection(self.row, batch, responsible, given),
            overruling=_decided(responsible, values.get("decided", "")),
        )

    def _at(self, at: time | None) -> datetime | None:
        return datetime.combine(self.day, at, tzinfo=clock.ZONE) if at else None


TYPED = ("arrived", "given", "batch", "decided")


def outcomes(*, here: bool) -> list[tuple[str, str]]:
    """What can be chosen for her, the most frequent first: one letter chooses it. `here`: she has arrived already."""
    came = [] if here else [(CAME, gettext("came, not vaccinated yet"))]
    home = [
        (value, gettext("sent home: %(reason)s") % {"reason": label}) for value, label in Deferral.Reason.choices
    ]  # fmt: skip
    return [("", "–"), (GIVEN, pgettext("outcome", "vaccinated")), *came, *home]


def _injection(row: Row, batch: str, responsible: str, given_at: datetime | None) -> Injection | None:
    if given_at is None:
        return None
    return Injection(vaccine_code=row.vaccine_code, batch_number=batch, responsible=responsible, given_at=given_at)


def _decided(physician: str, reason: str) -> Overruling | None:
    if not reason:
        return None
    return Overruling(checks=checks.OVERRULABLE, physician=physician, reason=reason)


def _css(field: forms.Field) -> str:
    if isinstance(field, forms.BooleanField):
        return "kern-form-check__checkbox"
    return SELECT if isinstance(field, forms.ChoiceField) else INPUT
