"""A week once more: what the sessions of one week would be in another."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from accounts.refusals import Refused
from centers.models import Center, Session
from centers.sessions import checks, days, plans
from centers.sessions.checks import Around, Overlap
from centers.sessions.days import Candidate
from centers.sessions.plans import Plan


@dataclass(frozen=True)
class Copy:
    """One block of the old week as a plan for its day in the new one.

    `refusal` says why it cannot be, `overlaps` what somebody would have to confirm; each may be empty. `candidate` is
    the new day with what speaks against it.
    """

    source: UUID
    plan: Plan
    candidate: Candidate
    refusal: str
    overlaps: tuple[Overlap, ...]

    @property
    def day(self) -> date:
        return self.plan.days[0]

    @property
    def proposed(self) -> bool:
        return self.candidate.proposed and not self.refusal


def week_copies(center: Center, *, source: date, target: date, language: str, now: datetime) -> list[Copy]:
    """Every block of the week of `source` that is not closed, in the week of `target`; both are Mondays.

    Capacity as it was opened, not what is free. Nothing is written. Six queries.
    """
    rows = (
        Session.objects.filter(center=center, date__gte=source, date__lt=source + timedelta(days=7))
        .exclude(state=Session.State.CLOSED)
        .select_related("center", "vaccine", "contingent")
    )
    land = days.land_of(center.district_id)
    beside = checks.around(center, [target + timedelta(days=number) for number in range(7)])
    later = target - source
    found = []
    for block, same in plans.blocks(rows).items():
        old = plans.plan_of(same)
        plan = replace(old, days=(old.days[0] + later,))
        (candidate,) = days.candidates(plan.days, land=land, language=language)
        found.append(_copy(block, plan, candidate, beside, now=now))
    return found


def _copy(block: UUID, plan: Plan, candidate: Candidate, beside: Around, *, now: datetime) -> Copy:
    try:
        checks.check(plan, beside, now=now)
    except Refused as refusal:
        return Copy(block, plan, candidate, str(refusal), ())
    return Copy(block, plan, candidate, "", tuple(checks.overlaps(plan, beside)))
