"""Reading the audit trail: newest first, by what the auditor asks for."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import AuditEvent

AT_A_TIME = 1000  # rows of a file that are read, and kept in memory, at once


@dataclass(frozen=True)
class Question:
    """What to look for; empty parts ask for nothing. `actor` is a user's pk, `action` the beginning of an action."""

    since: datetime
    until: datetime
    actor: int | None = None
    action: str = ""
    subject: UUID | None = None
    center: str = ""  # slug; events name it in details["center"]
    center_id: UUID | None = None  # the same center as the subject of an event


def events(question: Question) -> QuerySet[AuditEvent]:
    """The events of a time span, newest first; of one moment the row that was written last."""
    found = AuditEvent.objects.filter(at__gte=question.since, at__lt=question.until)
    if question.actor is not None:
        found = found.filter(actor=question.actor)
    if question.action:
        found = found.filter(action__startswith=question.action)
    if question.subject is not None:
        found = found.filter(subject=question.subject)
    if question.center:
        found = found.filter(Q(details__center=question.center) | Q(subject=question.center_id))
    return found.select_related("actor").order_by("-at", "-pk")


def newest(subject: UUID, actions: Collection[str]) -> datetime | None:
    """When one of these last happened to `subject`."""
    found = AuditEvent.objects.filter(subject=subject, action__in=actions).order_by("-at")
    return found.values_list("at", flat=True).first()


def page(question: Question, *, before: int | None, size: int) -> tuple[Sequence[AuditEvent], int | None]:
    """`size` events older than the row `before`, and the mark of the next page (None at the end)."""
    last = AuditEvent.objects.filter(pk=before).first() if before is not None else None
    rows = list(_older(events(question), last)[: size + 1])
    return rows[:size], rows[size - 1].pk if len(rows) > size else None


def stream(question: Question, *, most: int) -> tuple[int, Iterator[AuditEvent]]:
    """How many events there are, up to `most`, and the events themselves; what is written from now on is not in them.

    They are read in many short statements: each one is well below the timeouts, and holds no transaction and no cursor
    while a slow line takes the file.
    """
    number = events(question).order_by()[:most].count()
    newest_one = events(question).first()
    return number, _streamed(question, newest_one, number)


def _streamed(question: Question, newest_one: AuditEvent | None, number: int) -> Iterator[AuditEvent]:
    last = newest_one
    if last is not None and number:
        yield last
        number -= 1
    while last is not None and number > 0:
        rows = list(_older(events(question), last)[: min(AT_A_TIME, number)])
        yield from rows
        number -= len(rows)
        last = rows[-1] if rows else None


def _older(found: QuerySet[AuditEvent], last: AuditEvent | None) -> QuerySet[AuditEvent]:
    """What stands behind this event. The first condition says where in the index that begins."""
    if last is None:
        return found
    return found.filter(at__lte=last.at).filter(Q(at__lt=last.at) | Q(pk__lt=last.pk))
