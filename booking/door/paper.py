"""Reading paper packs: whether there is one, from when, and for which days one is due."""

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from booking import clock
from booking.models import PaperPack
from centers.models import Center, Session

EVERY = timedelta(hours=1)
AHEAD = (0, 1)  # today and tomorrow


def newest(center_id: int, day: date) -> PaperPack | None:
    """The pack of that day without its PDF, or None."""
    return PaperPack.objects.filter(center=center_id, day=day).defer("content").first()


def made_at(center_id: int, day: date) -> datetime | None:
    """The moment that the newest pack shows, or None where there is none yet."""
    return PaperPack.objects.filter(center=center_id, day=day).values_list("made_at", flat=True).first()


def due(*, now: datetime) -> list[tuple[Center, date]]:
    """Centers and days (today and tomorrow, where a session is) whose pack is missing or was last checked an hour ago.

    Missing ones first, then the oldest. Beat asks every minute, so an hour in which nobody asked is made up for.
    """
    found: list[tuple[Center, date]] = []
    for ahead in AHEAD:
        day = clock.local_day(now) + timedelta(days=ahead)
        fresh = PaperPack.objects.filter(center=OuterRef("pk"), day=day, checked_at__gt=now - EVERY)
        opened = Session.objects.filter(~Q(state=Session.State.DRAFT), center=OuterRef("pk"), date=day)
        centers = Center.objects.filter(Exists(opened), ~Exists(fresh)).order_by("pk")
        found += [(center, day) for center in centers]
    return sorted(found, key=lambda one: one[1])
