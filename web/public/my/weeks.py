"""Lists of days in the order people plan: this week, next week, the week of 8 March."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Generic, TypeVar

from django.utils.translation import gettext

from web.templatetags.impftermin import day_month

Row = TypeVar("Row")


@dataclass(frozen=True)
class Group(Generic[Row]):
    """Rows under one heading; `id` ties heading and section together."""

    id: str
    title: str
    rows: Sequence[Row]


def monday_of(day: date) -> date:
    """The Monday of that day's week."""
    return day - timedelta(days=day.weekday())


def title(monday: date, today: date) -> str:
    """The heading of one week, seen from `today`."""
    away = (monday - monday_of(today)).days
    if away == 0:
        return gettext("This week")
    if away == 7:
        return gettext("Next week")
    return gettext("Week of %(day)s") % {"day": day_month(monday)}


def grouped(rows: Iterable[Row], *, day: Callable[[Row], date], today: date) -> list[Group[Row]]:
    """Rows, already in order of their day, under the week they fall into."""
    return [
        Group(f"w{monday:%Y%m%d}", title(monday, today), list(found))
        for monday, found in groupby(rows, key=lambda row: monday_of(day(row)))
    ]


def paged(groups: Sequence[Group[Row]], start: str, *, size: int) -> dict[str, object]:
    """`size` weeks from the one named by `start` (?ab=w20210222); the first ones when there is no such week."""
    ids = [group.id for group in groups]
    begin = ids.index(start) if start in ids else 0
    later, earlier = begin + size, max(0, begin - size)
    return {
        "groups": groups[begin:later],
        "earlier_url": f"?ab={ids[earlier]}" if begin else "",
        "later_url": f"?ab={ids[later]}" if later < len(ids) else "",
    }
