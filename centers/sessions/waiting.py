"""The drafts of a center: what waits to be published, block by block."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from centers.models import Center, Session
from centers.sessions import plans
from centers.sessions.grid import ZONE
from centers.sessions.plans import Plan


@dataclass(frozen=True)
class Waiting:
    """One block of drafts. `version` is what somebody saw who changes it; `opens_at` None: when somebody says so."""

    block: UUID
    plan: Plan
    version: int
    opens_at: datetime | None
    by: str
    rows: tuple[Session, ...]

    @property
    def day(self) -> date:
        return self.plan.days[0]

    @property
    def places(self) -> int:
        return self.plan.capacity.per_day


def drafts_at(center: Center, *, now: datetime) -> list[Waiting]:
    """From today on, by day and time. One query."""
    rows = _rows(center).filter(date__gte=now.astimezone(ZONE).date())
    return [_waiting(same) for same in plans.blocks(rows).values()]


def draft_at(center: Center, block: UUID) -> Waiting | None:
    """One of them; None when it is gone or was published."""
    rows = list(_rows(center).filter(block=block).order_by("pk"))
    return _waiting(rows) if rows else None


def _rows(center: Center) -> QuerySet[Session]:
    return Session.objects.filter(center=center, state=Session.State.DRAFT).select_related(
        "center", "vaccine", "contingent", "created_by"
    )


def _waiting(rows: list[Session]) -> Waiting:
    first = rows[0]
    by = (first.created_by.get_full_name() or first.created_by.get_username()) if first.created_by else ""
    version = max(row.version for row in rows)
    return Waiting(first.block, plans.plan_of(rows), version, first.publish_at, by, tuple(rows))
