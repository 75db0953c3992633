"""The list from which an agent picks a place by arrows and Enter: one time for each day, or all times of one day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from booking import availability, clock
from booking.availability import DayOffer, TimeOffer
from booking.entitlement import Scope
from centers.models import Center

DAYS_AT_ONCE = 9
CENTER, DAY, SLOT = "zentrum", "tag", "slot"


@dataclass(frozen=True)
class Asked:
    """What the filter says; nonsense counts as not asked. No personal data stands in the address."""

    center: str = ""
    day: date | None = None

    @classmethod
    def of(cls, sent: Any) -> "Asked":
        try:
            day: date | None = date.fromisoformat(sent.get(DAY, ""))
        except ValueError:
            day = None
        return cls(sent.get(CENTER, ""), day)


@dataclass(frozen=True)
class Found:
    """The days that can be had, and the times that are listed; the first one is chosen beforehand."""

    days: Sequence[DayOffer]
    times: Sequence[TimeOffer]
    day: date | None


def look(scope: Scope, center_id: int, *, near: datetime, day: date | None, but: datetime | None = None) -> Found:
    """All times of the day that was asked for; else of each of the days around `near` the time nearest to its hour.

    `but` is the time at which she stands there already.
    """
    days = availability.days(scope, center_id)
    if day is not None and any(one.day == day for one in days):
        listed = [one for one in availability.times(scope, center_id, day) if one.starts_at != but]
        return Found(days, listed, day)
    wanted = clock.local_day(near)
    around = sorted(days, key=lambda one: (abs(one.day - wanted), one.day))[:DAYS_AT_ONCE]
    found: list[TimeOffer] = []
    for one in around:
        free = [time for time in availability.times(scope, center_id, one.day) if time.starts_at != but]
        if free:
            found.append(min(free, key=lambda time: (_apart(time.starts_at, near), time.starts_at)))
    return Found(days, found, None)


def center_of(slug: str, among: Sequence[int]) -> Center | None:
    """The listed center of that name, or the first one that has something free."""
    listed = Center.objects.filter(listed=True)
    return listed.filter(slug=slug).first() or listed.filter(pk__in=among[:1]).first()


def pressed(sent: Any) -> int | None:
    """The slot that was chosen; None for anything that cannot be one."""
    text = sent.get(SLOT, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _apart(one: datetime, other: datetime) -> timedelta:
    """Between two times of day on the center's clock."""
    here, there = (at.astimezone(clock.ZONE) for at in (one, other))
    return abs(timedelta(hours=here.hour - there.hour, minutes=here.minute - there.minute))
