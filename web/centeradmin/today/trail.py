"""What is written into the trail when somebody reads or searches here, and what a colleague has just read.

A page that asks for its list again every few seconds is one reading: opening it is written down, refreshing it is not.
A search that was sent off always counts. While typing, one that only goes on from a search on record is part of it:
with more letters of the same name it shows nothing that the first one did not show. Any other is a search of its own.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts import audit
from accounts.models import AuditEvent, User
from booking.door import finding
from booking.door.day_list import short_name
from booking.door.finding import SHORTEST, Query
from booking.models import Registration
from centers.models import Center
from web.access import user_of
from web.centeradmin.today.listing import clocked

READ, SEARCHED, OPENED = "day_list.read", "day_list.searched", "appointment.read"
PRINTED = "confirmation.read"
FOUND = "registration.found"
TYPED = "typed"
READING = timedelta(minutes=30)
TYPING = timedelta(minutes=1)
BESIDE = timedelta(minutes=15)


def read_list(center: Center, day: date, *, by: User, now: datetime) -> None:
    audit.record(READ, subject=center.public_id, by=by, now=now, details={"day": day.isoformat()})


def read_on(center: Center, day: date, *, by: User, now: datetime) -> None:
    """The list was asked for again: part of a reading that is on record, else a reading of its own."""
    recent = AuditEvent.objects.filter(actor=by, at__gt=now - READING, action=READ, subject=center.public_id)
    if not recent.filter(details__day=day.isoformat()).exists():
        read_list(center, day, by=by, now=now)


def searched(center: Center, hits: int, *, by: User, now: datetime) -> None:
    audit.record(SEARCHED, subject=center.public_id, by=by, now=now, details={"hits": hits})


def typed(request: HttpRequest, query: Query, hits: int, *, now: datetime) -> None:
    """A search while typing. The session keeps a seal of the words on record, and never the words."""
    words = "" if query.code or query.birth_date else " ".join(query.words)
    seal, until = request.session.get(TYPED, ("", 0.0))
    prefixes = (words[:length] for length in range(1, len(words) + 1))
    if now.timestamp() < until and any(_seal(request.center, part) == seal for part in prefixes):
        return
    searched(request.center, hits, by=user_of(request), now=now)
    if len(words) >= SHORTEST and max(map(len, query.words)) >= SHORTEST:
        request.session[TYPED] = (_seal(request.center, words), (now + TYPING).timestamp())


def found(person: Registration, center: Center, *, by: User, now: datetime) -> None:
    """Somebody was found by code or identity who has nothing at this center: she is named by her id."""
    if not finding.of_center(center.pk, person):
        audit.record(FOUND, subject=person.public_id, by=by, now=now, details={"center": center.slug})


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


def _seal(center: Center, words: str) -> str:
    return salted_hmac("today.typed", f"{center.pk}\0{words}", algorithm="sha256").hexdigest()[:32]
