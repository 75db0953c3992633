"""Where a booked dose may be moved to while the others stay where they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from booking import availability, clock, entitlement, facts
from booking.claims import Target
from booking.entitlement import Scope, Window
from booking.models import Appointment, Registration
from centers import vaccines
from centers.vaccines import Interval


@dataclass(frozen=True, slots=True)
class Possible:
    """The first and last day that the rules allow, and the windows inside, for availability's lists.

    Only at the center and with the vaccine of the series. `scope` asks for no second dose: it stays where it is.
    """

    center_id: int
    vaccine_code: str
    first_day: date
    last_day: date
    scope: Scope

    def contains(self, slot: Target) -> bool:
        return slot.center_id == self.center_id and self.scope.covers(
            slot.vaccine_id, slot.contingent_id, slot.starts_at
        )

    def in_words(self) -> str:
        """Why another day is refused, with the dates."""
        if not self.scope.windows:
            return _("This appointment cannot be moved alone. Please move both appointments.")
        return _("This appointment can be moved to a day from %(first)s to %(last)s, at the same center.") % {
            "first": date_format(self.first_day, "DATE_FORMAT"),
            "last": date_format(self.last_day, "DATE_FORMAT"),
        }


def possible(
    registration: Registration, standing: Sequence[Appointment], dose_number: int, *, channel: str, now: datetime
) -> Possible:
    """The days for this dose; `standing` is the person's live series with slots (appointments.series_of)."""
    mine = next(one for one in standing if one.dose_number == dose_number)
    known = facts.load()
    if dose_number == 1:
        person = entitlement.person(registration)
        windows = list(entitlement.scope(person, channel=channel, now=now, facts=known).windows)
        if len(standing) > 1:
            windows = _before(windows, clock.local_day(standing[1].slot.starts_at))
    else:
        first_day = clock.local_day(standing[0].slot.starts_at)
        distance = vaccines.interval(known.vaccines[mine.slot.vaccine_id], first_day)
        windows = _after(entitlement.seconds(channel=channel, now=now, facts=known), first_day, distance)
    windows = [
        Window(one.vaccine_code, one.contingent_id, one.from_at, one.until_at, None)
        for one in windows
        if one.vaccine_code == mine.slot.vaccine_id
    ]
    days = [clock.local_day(one.from_at) for one in windows]
    ends = [clock.local_day(one.until_at - timedelta.resolution) for one in windows]
    return Possible(
        center_id=mine.slot.center_id,
        vaccine_code=mine.slot.vaccine_id,
        first_day=min(days, default=clock.local_day(now)),
        last_day=_last_day(ends, mine.slot.center.last_day, now),
        scope=Scope(tuple(windows), (), entitlement.Decision()),
    )


def _before(windows: Sequence[Window], second_day: date) -> list[Window]:
    """Dose 1 so that the standing dose 2 stays inside the interval of dose 1's new day."""
    found = []
    for window in windows:
        if window.interval is None:
            continue
        longest = window.interval.max_days
        low = window.from_at if longest is None else clock.start_of(second_day - timedelta(days=longest))
        high = clock.end_of(second_day - timedelta(days=window.interval.min_days))
        found += _cut(window, low, high)
    return found


def _after(windows: Sequence[Window], first_day: date, distance: Interval | None) -> list[Window]:
    """Dose 2 inside the interval of the rule that holds on the day of dose 1."""
    if distance is None:
        return []
    low = clock.start_of(first_day + timedelta(days=distance.min_days))
    high = clock.end_of(availability.last_second_day(first_day, distance))
    return [part for window in windows for part in _cut(window, low, high)]


def _cut(window: Window, low: datetime, high: datetime) -> list[Window]:
    from_at, until_at = max(window.from_at, low), min(window.until_at, high)
    if from_at >= until_at:
        return []
    return [Window(window.vaccine_code, window.contingent_id, from_at, until_at, None)]


def _last_day(ends: Sequence[date], center_ends: date | None, now: datetime) -> date:
    last = max(ends, default=clock.local_day(now))
    return last if center_ends is None else min(last, center_ends)
