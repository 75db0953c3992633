"""What is written into the trail when somebody reads or searches here, and what a colleague has just read.

A page that asks for its list again every few seconds is one reading: opening it is written down, refreshing it is not.
Searching while typing is one search as long as it goes on; one that was sent off always counts.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from accounts import audit
from accounts.models import AuditEvent, User
from booking.door.day_list import short_name
from centers.models import Center
from web.centeradmin.today.listing import clocked

READ, SEARCHED, OPENED = "day_list.read", "day_list.searched", "appointment.read"
PRINTED = "confirmation.read"
READING = timedelta(minutes=30)
TYPING = timedelta(seconds=10)
BESIDE = timedelta(minutes=15)


def read_list(center: Center, day: date, *, by: User, now: datetime) -> None:
    audit.record(READ, subject=center.public_id, by=by, now=now, details={"day": day.isoformat()})


def read_on(center: Center, day: date, *, by: User, now: datetime) -> None:
    """The list was asked for again: part of a reading that is on record, else a reading of its own."""
    recent = AuditEvent.objects.filter(actor=by, at__gt=now - READING, action=READ, subject=center.public_id)
    if not recent.filter(details__day=day.isoformat()).exists():
        read_list(center, day, by=by, now=now)


def searched(center: Center, hits: int, *, typing: bool, by: User, now: datetime) -> None:
    if typing:
        recent = AuditEvent.objects.filter(actor=by, at__gt=now - TYPING, action=SEARCHED, subject=center.public_id)
        if recent.exists():
            return
    audit.record(SEARCHED, subject=center.public_id, by=by, now=now, details={"hits": hits})


def opened(person: UUID, center: Center, *, by: User, now: datetime) -> None:
    audit.record(OPENED, subject=person, by=by, now=now, details={"center": center.slug})


def printed(person: UUID, center: Center, *, by: User, now: datetime) -> None:
    """Her confirmation leaves the house."""
    audit.record(PRINTED, subject=person, by=by, now=now, details={"center": center.slug})


def beside(person: UUID, *, by: User, now: datetime) -> tuple[str, str] | None:
    """Which colleague opened the same person some minutes ago, and when."""
    seen = AuditEvent.objects.filter(subject=person, action=OPENED, at__gt=now - BESIDE, at__lte=now)
    last = seen.exclude(actor=by).exclude(actor=None).select_related("actor").order_by("-at", "-pk").first()
    if last is None or last.actor is None:
        return None
    return short_name(last.actor.first_name, last.actor.last_name, last.actor.username), clocked(last.at)
