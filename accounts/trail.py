"""Reading the audit trail: newest first, by what the auditor asks for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import AuditEvent


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
    """The events of a time span, newest first; rows are numbered in the order in which they are written."""
    found = AuditEvent.objects.filter(at__gte=question.since, at__lt=question.until)
    if question.actor is not None:
        found = found.filter(actor=question.actor)
    if question.action:
        found = found.filter(action__startswith=question.action)
    if question.subject is not None:
        found = found.filter(subject=question.subject)
    if question.center:
        found = found.filter(Q(details__center=question.center) | Q(subject=question.center_id))
    return found.select_related("actor").order_by("-pk")


def newest(subject: UUID, actions: Collection[str]) -> datetime | None:
    """When one of these last happened to `subject`."""
    found = AuditEvent.objects.filter(subject=subject, action__in=actions).order_by("-at")
    return found.values_list("at", flat=True).first()


def page(question: Question, *, before: int | None, size: int) -> tuple[Sequence[AuditEvent], int | None]:
    """`size` events older than the row `before`, and the mark of the next page (None at the end)."""
    found = events(question)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: size + 1])
    return rows[:size], rows[size - 1].pk if len(rows) > size else None
