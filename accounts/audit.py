"""Writing the audit trail. Reading it: accounts/trail.py, and the auditor's page in web/staff/audit.py.

Looking at data of people is an event as well ("day_list.read"), and so is searching for them: the number of hits, never
the words. What happened at a center names it, so that it can be asked for: as the subject (`center.public_id`), or,
where the subject is somebody, by `details={"center": center.slug}`.
"""

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
