"""What shall be changed. All but the reason is in the address: a preview can be reloaded, other pages fill in days."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from booking.changes.wish import Kind, Wish
from centers.models import Center, Session, Vaccine
from centers.sessions.grid import MOST_LINES
from centers.supply.cover import REASON_LENGTH
from web.centeradmin.changes import words
from web.centeradmin.sessions.fields import ClockField
from web.centeradmin.supply.forms import DayField, NumberField
from web.forms import Form, PlainTextField, Tile

KINDS = [
    (
        Kind.SUSPEND,
        Tile(_("Suspend"), _("Every appointment stands, new ones are not given.")),
    ),
    (Kind.CLOSE, Tile(_("Close"), _("The people are moved, kept or cancelled, as you decide on the next page."))),
    (Kind.REINSTATE, Tile(_("Put back"), _("Suspended places open again; closed ones up to 48 hours later."))),
    (Kind.RESHAPE, Tile(_("Change lines or times"), _("Of one session. Who loses a place is moved or kept."))),
    (
        Kind.LAST_DAY,
        Tile(_("Close the center for good"), _("No places and no second doses after its last day.")),
    ),
]
NEEDS_DAYS = (Kind.SUSPEND, Kind.CLOSE, Kind.REINSTATE)


class ChangeForm(Form):
    """`center` and `now` say which sessions can be chosen. Valid, it knows its `wish`."""

    was = forms.ChoiceField(label=_("What do you want to do?"), choices=KINDS, widget=forms.RadioSelect)
    sitzung = forms.ChoiceField(
        label=_("One session"), required=False, help_text=_("Or leave it open, and give the days below.")
    )
    von = DayField(label=_("From"), required=False)
    bis = DayField(label=_("Until, including this day"), required=False)
    impfstoff = forms.ChoiceField(label=_("Only this vaccine"), required=False)
    linien = NumberField(label=_("Lines from now on"), required=False)
    beginn = ClockField(label=_("New start"), required=False)
    ende = ClockField(label=_("New end"), required=False)
    letzter_tag = DayField(label=_("Last day of the center"), required=False)
    grund = PlainTextField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Everybody concerned reads it, word for word."),
    )
    aenderung = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, center: Center, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.center, self.now = center, now
        self.blocks = {str(one.block): one for one in _upcoming(center, now)}
        self.fields["sitzung"].choices = [("", _("all sessions of the days below")), *_by_day(self.blocks.values())]
        names = Vaccine.objects.order_by("name").values_list("pk", "name")
        self.fields["impfstoff"].choices = [("", _("all vaccines")), *names]

    def clean_letzter_tag(self) -> date | None:
        day: date | None = self.cleaned_data["letzter_tag"]
        if day is not None and day < max(timezone.localdate(self.now), self.center.first_day):
            self.add_error("letzter_tag", _("The last day cannot lie in the past, or before the first one."))
        return day

    def clean_linien(self) -> int | None:
        lines: int | None = self.cleaned_data["linien"]
        if lines is not None and not 1 <= lines <= MOST_LINES:
            text = gettext("Please give a number of lines from 1 to %(most)d.") % {"most": MOST_LINES}
            self.add_error("linien", text)
        return lines

    def clean(self) -> dict[str, Any]:
        """Each kind needs its own fields; what it does not need is passed over."""
        data = super().clean() or self.cleaned_data
        kind = data.get("was")
        if kind in NEEDS_DAYS and not data.get("sitzung") and not data.get("aenderung"):
            self._check_days(data)
        if kind == Kind.RESHAPE:
            self._check_shape(data)
        if kind == Kind.LAST_DAY and not data.get("letzter_tag") and "letzter_tag" not in self.errors:
            self.add_error("letzter_tag", _("Please give the last day on which the center is open."))
        return data

    def wish(self) -> Wish:
        """What a valid form asks for."""
        data = self.cleaned_data
        kind = data["was"]
        if kind == Kind.LAST_DAY:
            return Wish(kind, last_day=data["letzter_tag"])
        block = UUID(data["sitzung"]) if data["sitzung"] else None
        if kind == Kind.RESHAPE:
            return Wish(kind, block=block, lines=data["linien"], starts=data["beginn"], ends=data["ende"])
        if block is not None:
            return Wish(kind, block=block)
        if data["aenderung"]:
            return Wish(kind, of=data["aenderung"])
        return Wish(kind, first=data["von"], last=data["bis"] or data["von"], vaccine=data["impfstoff"])

    def _check_days(self, data: dict[str, Any]) -> None:
        first, last = data.get("von"), data.get("bis")
        if first is None and "von" not in self.errors:
            self.add_error("von", _("Please choose a session, or give the day from which it counts."))
        if first is not None and last is not None and last < first:
            self.add_error("bis", _("The last day lies before the first. Please swap or correct the dates."))

    def _check_shape(self, data: dict[str, Any]) -> None:
        if not data.get("sitzung") and "sitzung" not in self.errors:
            self.add_error("sitzung", _("Please choose the session whose lines or times change."))
        shape = ("linien", "beginn", "ende")
        if not any(data.get(name) for name in shape) and not any(name in self.errors for name in shape):
            self.add_error("linien", _("Please give the new number of lines, the new start or the new end."))
        if data.get("beginn") and data.get("ende") and data["ende"] <= data["beginn"]:
            self.add_error("ende", _("The session would end before it starts. Please swap or correct the times."))


class BeyondForm(Form):
    """Why a planner opens places without vaccine."""

    trotzdem = PlainTextField(
        label=_("Reason for opening places beyond supply"), required=False, max_length=REASON_LENGTH
    )


def _upcoming(center: Center, now: datetime) -> list[Session]:
    """One session of each block that can still be changed, in the order of time."""
    found = Session.objects.filter(
        center=center,
        date__gte=timezone.localdate(now),
        state__in=[Session.State.PUBLISHED, Session.State.SUSPENDED, Session.State.CLOSED],
    )
    blocks: dict[UUID, Session] = {}
    for session in found.select_related("vaccine").order_by("date", "starts", "pk"):
        blocks.setdefault(session.block, session)
    return list(blocks.values())


def _by_day(sessions: Iterable[Session]) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (words.day(day), [(str(one.block), words.session(one)) for one in listed])
        for day, listed in groupby(sessions, key=lambda one: one.date)
    ]
