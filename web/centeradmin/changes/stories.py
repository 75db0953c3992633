"""What happened to single people, by their case number, and where they went."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from booking import clock, codes
from booking.models import Case, Change
from centers.models import Center, Slot
from web.centeradmin.changes import words


@dataclass(frozen=True)
class Story:
    """One line: when, whose case, and what happened in words."""

    at: datetime
    case_number: str
    text: str


@dataclass(frozen=True)
class Destination:
    """A center to which people were moved, with the first and the last of their new days, as far as they are known."""

    name: str
    people: int
    first: date | None
    last: date | None


Slots = dict[int, tuple[datetime, int, str]]  # start, center, its name; a start time may be gone by now


def latest(change: Change, number: int) -> list[Story]:
    """The last people that were cared for, newest first. Two queries."""
    done = change.cases.exclude(outcome=Case.Outcome.WAITING).select_related("registration")
    cases = list(done.order_by("-done_at", "-pk")[:number])
    slots = slots_of(cases)
    return [
        Story(case.done_at, codes.spoken(case.registration.case_number), _told(case, change, slots))
        for case in cases
        if case.done_at
    ]


def slots_of(cases: Iterable[Case]) -> Slots:
    """Every start time that the cases name, in one query."""
    pks = {pk for case in cases for side in ("from", "to") for pk in case.details.get(side, {}).values()}
    rows = Slot.objects.filter(pk__in=pks).values_list("pk", "starts_at", "center", "center__name")
    return {pk: (starts_at, center, name) for pk, starts_at, center, name in rows}


def destinations(change: Change) -> list[Destination]:
    """Where people were moved to, the own center first, then by number."""
    moved = list(change.cases.filter(outcome=Case.Outcome.MOVED).only("details"))
    slots = slots_of(moved)
    days: dict[int, list[date]] = defaultdict(list)
    people = Counter(case.details["center"] for case in moved)
    for case in moved:
        known = [clock.local_day(slots[pk][0]) for pk in case.details["to"].values() if pk in slots]
        days[case.details["center"]] += sorted(known)[:1]
    names = dict(Center.objects.filter(pk__in=people).values_list("pk", "name"))
    found = [
        (pk, Destination(names[pk], number, min(days[pk], default=None), max(days[pk], default=None)))
        for pk, number in people.items()
    ]
    ordered = sorted(found, key=lambda one: (one[0] != change.center_id, -one[1].people, one[1].name))
    return [one for _pk, one in ordered]


def _told(case: Case, change: Change, slots: Slots) -> str:
    plain = {
        Case.Outcome.KEPT: _("kept: the appointment stands without a place"),
        Case.Outcome.CANCELLED: _("cancelled and invited again"),
        Case.Outcome.GONE: _("no longer concerned: moved or cancelled by the person herself"),
    }
    if "taken_over_by" in case.details:
        return _("cared for by a later change")
    if case.outcome in plain:
        return plain[Case.Outcome(case.outcome)]
    before, after = case.details["from"], case.details["to"]
    dose = min(after)
    values: dict[str, Any] = {"old": _moment(slots, before[dose]), "new": _moment(slots, after[dose])}
    text = _("moved from %(old)s to %(new)s") % values
    if case.details["center"] != change.center_id and after[dose] in slots:
        text = _("moved from %(old)s to %(center)s, %(new)s") % {**values, "center": slots[after[dose]][2]}
    if case.details.get("drawn") and len(after) > 1:
        text += ", " + _("2nd vaccination goes along to %(day)s") % {"day": _moment(slots, after[max(after)])}
    if case.details.get("tries", 1) > 1:
        text += ", " + _("the first place found had just gone")
    return text


def _moment(slots: Slots, pk: int) -> str:
    if pk not in slots:
        return _("a start time that is gone")
    local = timezone.localtime(slots[pk][0])
    return f"{words.short_day(local.date())} {local:%H:%M}"
