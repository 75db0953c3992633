"""Whose day passed while her session was suspended: how many there are, and where they are cared for."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, Max, Min
from django.urls import reverse

from booking.changes import wish as wishes
from booking.changes.wish import Kind
from booking.models import Change
from centers.models import Center


@dataclass(frozen=True)
class Overtaken:
    """So many people wait for word; `url` has the form that closes their days filled in."""

    people: int
    url: str


def overtaken(center: Center, *, now: datetime, of: Change | None = None) -> Overtaken | None:
    """At this center, or in the sessions of one change; None when nobody waits. One query.

    Only the days that have passed are filled in: what is suspended for the days to come stays so.
    """
    found = wishes.overtaken(center, now=now, of=of).aggregate(
        people=Count("registration", distinct=True), first=Min("slot__session__date"), last=Max("slot__session__date")
    )
    if not found["people"]:
        return None
    asked = {"was": Kind.CLOSE, "von": found["first"], "bis": found["last"]}
    return Overtaken(found["people"], f"{reverse('centeradmin:changes')}?{urlencode(asked)}")
