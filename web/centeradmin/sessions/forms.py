"""One form per page of the wizard. They clean values and ask the pure rules; `answers()` is what the draft keeps."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused
from centers import facts
from centers.models import Center, Contingent, Vaccine
from centers.sessions import checks, days, grid
from centers.sessions.days import Candidate
from centers.sessions.grid import Hours
from web.centeradmin.sessions.fields import ClockField
from web.centeradmin.supply.forms import DayField, NumberField
from web.forms import Form, Tile

SINGLE, WEEKLY = "single", "weekly"


def not_optional(form: Form, *names: str) -> None:
    """Draw these fields without "(optional)": they are needed as soon as the answer above them asks for them."""
    for name in names:
        form.fields[name].required = True


class DaysForm(Form):
    """A single day, or every week between two dates."""

    NEEDED = ("date", "first", "until")  # each for one of the answers

    mode = forms.ChoiceField(
        label=_("When?"),
        choices=[(SINGLE, _("On one day")), (WEEKLY, _("Every week"))],
        widget=forms.RadioSelect,
        initial=SINGLE,
    )
    date = DayField(label=_("Day"), required=False)
    first = DayField(label=_("From"), required=False)
    until = DayField(label=_("Until and including"), required=False)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On these weekdays"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    on_holidays = forms.BooleanField(label=_("Open on public holidays too"), required=False)
    in_school_holidays = forms.BooleanField(label=_("Open in the school holidays too"), required=False)

    def __init__(self, *args: Any, center: Center, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.center, self.now = center, now
        self.found: tuple[date, ...] = ()
        if not self.is_bound:
            not_optional(self, *self.NEEDED)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        wanted = {SINGLE: ("date",), WEEKLY: ("first", "until")}
        for name in wanted.get(values.get("mode", ""), ()):
            if not values.get(name) and name not in self.errors:
                self.add_error(name, gettext("Please give the day."))
        if not self.errors:
            self._find(values)
        not_optional(self, *self.NEEDED)
        return values

    def _find(self, values: Mapping[str, Any]) -> None:
        single = values["mode"] == SINGLE
        names = {"past": "date" if single else "first", "center_days": "date" if single else "until"}
        try:
            self.found = (
                (values["date"],) if single else days.weekly(values["first"], values["until"], values["weekdays"])
            )
            checks.check_days(self.center, self.found, now=self.now)
        except Refused as refusal:
            self.add_error(names.get(refusal.code, refusal.code), str(refusal))

    def answers(self) -> dict[str, Any]:
        """The pattern, and the days that it proposes."""
        values = self.cleaned_data
        pattern = {name: _plain(values[name]) for name in self.fields}
        chosen = list(self.found)
        if values["mode"] == WEEKLY:
            land = days.land_of(self.center.district_id)
            chosen = [
                one.day
                for one in days.candidates(self.found, land=land, language="de")
                if (values["on_holidays"] or not one.holiday) and (values["in_school_holidays"] or not one.school)
            ]
        return {"pattern": pattern, "days": [day.isoformat() for day in chosen]}


class DatesForm(Form):
    """Which of the days: each with what speaks against it."""

    days = forms.MultipleChoiceField(
        label=_("On these days"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one day.")},
    )

    def __init__(self, *args: Any, candidates: Sequence[Candidate], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["days"].choices = [
            (one.day.isoformat(), Tile(checks.short_day(one.day), one.against)) for one in candidates
        ]

    def answers(self) -> dict[str, Any]:
        return {"days": sorted(self.cleaned_data["days"])}


class TimesForm(Form):
    """From when to when, how long one takes, how many at once, and the break."""

    starts = ClockField(label=_("Begins"))
    ends = ClockField(label=_("Ends"))
    break_starts = ClockField(label=_("Break from"), required=False)
    break_ends = ClockField(label=_("Break until"), required=False)
    minutes = NumberField(label=_("Minutes per vaccination"))
    lines = NumberField(label=_("Lines"))
    first_line = NumberField(label=_("First line"))

    def __init__(self, *args: Any, days: Sequence[date], now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.days, self.now = days, now

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                self._check(values)
            except Refused as refusal:
                name = {"clocks": "starts", "past": "date"}.get(refusal.code, refusal.code)
                self.add_error(name if name in self.fields else None, str(refusal))
        return values

    def _check(self, values: Mapping[str, Any]) -> None:
        hours = Hours(*(values[name] for name in ("starts", "ends", "minutes", "break_starts", "break_ends")))
        grid.start_times(hours)
        grid.check_lines(values["lines"])
        if values["first_line"] < 1 or values["first_line"] + values["lines"] - 1 > grid.MOST_LINES:
            words = gettext("Lines are counted from 1 to %(most)s. Please choose another first line.")
            raise Refused("first_line", words % {"most": grid.MOST_LINES})
        for day in self.days:
            checks.check_future(day, grid.instants(hours, day)[0], now=self.now)

    def answers(self) -> dict[str, Any]:
        return {"times": {name: _plain(value) for name, value in self.cleaned_data.items()}}


class VaccineForm(Form):
    """With what."""

    vaccine = forms.ChoiceField(label=_("With which vaccine?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, vaccines: Sequence[Vaccine], days: Sequence[date], **options: Any) -> None:
        super().__init__(*args, **options)
        self.vaccines, self.days = {one.pk: one for one in vaccines}, days
        self.fields["vaccine"].choices = [(one.pk, Tile(one.name, _vaccine_words(one))) for one in vaccines]

    def clean_vaccine(self) -> str:
        code: str = self.cleaned_data["vaccine"]
        try:
            checks.check_vaccine(self.vaccines[code], self.days, facts.vaccines()[code])
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return code

    def answers(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class SharesForm(Form):
    """For whom the places are: a row for every contingent, in places or in percent, that adds up."""

    PLACES, PERCENT = "places", "percent"
    unit = forms.ChoiceField(
        label=_("Give the shares as"),
        choices=[(PLACES, _("Places")), (PERCENT, _("Percent"))],
        widget=forms.RadioSelect,
        initial=PLACES,
    )

    def __init__(self, *args: Any, contingents: Sequence[Contingent], total: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.contingents, self.total = contingents, total
        for one in contingents:
            self.fields[self.name_of(one)] = NumberField(label=one.name, required=False)

    @staticmethod
    def name_of(contingent: Contingent) -> str:
        return f"share-{contingent.code}"

    def numbers(self) -> list[int]:
        """What is typed so far; what is not a number counts as 0."""
        found = []
        for one in self.contingents:
            value = self.cleaned_data.get(self.name_of(one)) if self.is_bound else self.initial.get(self.name_of(one))
            found.append(int(value or 0))
        return found

    def in_percent(self) -> bool:
        unit = self.data.get("unit") if self.is_bound else self.initial.get("unit")
        return unit == self.PERCENT

    def places(self) -> tuple[int, ...]:
        """Places per share; percents that are not 100 together give away less or more than there is."""
        numbers = self.numbers()
        if not self.in_percent() or any(one < 0 for one in numbers):
            return tuple(numbers)
        whole = sum(numbers)
        return grid.by_weight(self.total * whole // 100, numbers)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if self.errors:
            return values
        try:
            if self.in_percent() and (whole := sum(self.numbers())) != 100:
                words = gettext("The shares are %(sum)s percent together. They must be 100.")
                raise Refused("shares", words % {"sum": whole})
            grid.check_sum(self.total, self.places())
        except Refused as refusal:
            self.add_error(None, str(refusal))
        return values

    def answers(self) -> dict[str, Any]:
        shares = zip(self.contingents, self.places(), strict=True)
        typed = {one.code: number for one, number in zip(self.contingents, self.numbers(), strict=True)}
        return {
            "shares": {one.code: places for one, places in shares},
            "typed": {"unit": self.PERCENT if self.in_percent() else self.PLACES, "numbers": typed},
        }


class WhenForm(Form):
    """When people may book: at once, at a set time, or later by hand."""

    NOW, AT, DRAFT = "now", "at", "draft"
    when = forms.ChoiceField(label=_("When may people book?"), widget=forms.RadioSelect)
    on = DayField(label=_("Day"), required=False)
    clock = ClockField(label=_("Time of day"), required=False)

    def __init__(self, *args: Any, may_publish: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [
            (self.NOW, Tile(_("Now"), _("The places can be seen and booked at once."))),
            (self.AT, Tile(_("At a set time"), _("Until then they stay drafts. Supply is asked once more."))),
            (self.DRAFT, Tile(_("Not yet"), _("They stay drafts until somebody publishes them."))),
        ]
        self.fields["when"].choices = choices if may_publish else choices[-1:]
        if not self.is_bound:
            not_optional(self, "on", "clock")

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("when") == self.AT:
            for name, text in (("on", gettext("Please give the day.")), ("clock", gettext("Please give a time."))):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, text)
        not_optional(self, "on", "clock")
        return values

    def moment(self) -> datetime | None:
        """The set time as a moment, None for the other answers; Refused in the hour that the clocks skip or repeat."""
        values = self.cleaned_data
        if values["when"] != self.AT:
            return None
        return grid.moment(values["on"], values["clock"])


def _vaccine_words(vaccine: Vaccine) -> str:
    return gettext("%(maker)s, %(doses)s doses per vial") % {"maker": vaccine.maker, "doses": vaccine.doses_per_vial}


def _plain(value: object) -> object:
    """As JSON keeps it."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else value
