"""What an agent should know before the next call: what holds today, and who waits to be called back."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, F, Min, Sum
from django.urls import reverse
from django.utils.formats import number_format

from booking import earliest
from booking.services import call_backs
from centers.models import Channel, Session, Slot
from notifications.models import Message
from web.access import TABLE

KEPT_SECONDS = 30  # figures over all centers need not be newer
SLOW_LANES = 3  # so many providers are named
CALL_BACKS = "callcenter:call_backs"


@dataclass(frozen=True)
class Hints:
    """`slow` are the providers that put us off; `oldest_minutes` tells of the call-back that waits longest."""

    letter_from: date
    letter_days: int
    slow: list[str]
    places: int
    centers: int
    call_backs: int
    oldest_minutes: int
    call_backs_url: str

    @property
    def places_in_words(self) -> str:
        """1.284"""
        return number_format(self.places, force_grouping=True)


def read(*, now: datetime) -> Hints:
    found = call_backs.waiting(now).aggregate(number=Count("pk"), oldest=Min("created_at"))
    return Hints(
        letter_from=earliest.first_day_by_letter(now),
        letter_days=settings.LETTER_DAYS,
        call_backs=found["number"],
        oldest_minutes=int((now - found["oldest"]).total_seconds() // 60) if found["oldest"] else 0,
        call_backs_url=reverse(CALL_BACKS) if CALL_BACKS in TABLE else "",
        **_figures(now),
    )


def _figures(now: datetime) -> dict[str, Any]:
    """Counted once for all agents."""
    kept: dict[str, Any] | None = cache.get("calls.hints")
    if kept is None:
        kept = {"slow": _slow_lanes(), **_phone_places(now)}
        cache.set("calls.hints", kept, KEPT_SECONDS)
    return kept


def _slow_lanes() -> list[str]:
    """The providers that have put us off most often, by name."""
    deferred = Message.objects.filter(state=Message.State.DEFERRED, medium=Message.Medium.EMAIL)
    counted = deferred.values("lane").annotate(number=Count("pk")).order_by("-number", "lane")[:SLOW_LANES]
    return sorted(row["lane"] for row in counted)


def _phone_places(now: datetime) -> dict[str, int]:
    """How many places callers may have, and in how many centers."""
    free = Slot.objects.open(now).filter(
        contingent__channels__contains=[Channel.PHONE], session__state=Session.State.PUBLISHED
    )
    found = free.aggregate(places=Sum(F("capacity") - F("booked")), centers=Count("center", distinct=True))
    return {"places": found["places"] or 0, "centers": found["centers"]}
