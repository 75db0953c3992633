"""Writing the audit trail. Reading it is a staff surface of its own."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from accounts.models import AuditEvent, User


def record(
    action: str,
    *,
    subject: UUID | None,
    by: User | None,
    now: datetime,
    reason: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """Append one event; call it in the transaction of the deed it tells of.

    `action` is `<noun>.<verb in the past>` ("registration.confirmed"); `by=None` is the citizen or a clock.
    `details` must be free of personal data: the trail outlives the person's rows.
    """
    AuditEvent.objects.create(
        action=action, subject=subject, actor=by, at=now, reason=reason, details=dict(details or {})
    )
