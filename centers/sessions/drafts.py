"""The wizard's draft: what a manager has filled in so far for new sessions at a center. Survives a new login."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.db import transaction

from accounts.models import User
from centers.models import Center, Contingent, SessionDraft, Vaccine
from centers.sessions.grid import Hours
from centers.sessions.plans import Plan, Share

STEPS = ("days", "times", "vaccine", "shares")


def find(owner: User, center: Center) -> SessionDraft | None:
    return SessionDraft.objects.filter(owner=owner, center=center).first()


@transaction.atomic
def keep(*, center: Center, answers: Mapping[str, object], by: User, now: datetime) -> SessionDraft:
    """Keep the answers of one page, by their names; those of other pages stay, also when sent from a second window."""
    draft, _made = SessionDraft.objects.get_or_create(owner=by, center=center, defaults={"saved_at": now})
    draft = SessionDraft.objects.select_for_update().get(pk=draft.pk)
    draft.data = {**draft.data, **answers}
    draft.saved_at = now
    draft.save(update_fields=["data", "saved_at"])
    return draft


def drop(*, center: Center, by: User) -> None:
    """Throw the draft away. Again: nothing happens."""
    SessionDraft.objects.filter(owner=by, center=center).delete()


def fingerprint(draft: SessionDraft) -> str:
    """What somebody has looked at when she says yes; another window may change it meanwhile."""
    text = json.dumps(draft.data, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def days_of(data: Mapping[str, Any]) -> tuple[date, ...]:
    """The chosen days in order; none while the question is open."""
    return tuple(sorted(date.fromisoformat(day) for day in data.get("days", ())))


def hours_of(data: Mapping[str, Any]) -> Hours | None:
    """The hours; None while the question is open."""
    times = data.get("times")
    if not times:
        return None
    starts, ends, *rest = (_time(times[name]) for name in ("starts", "ends", "break_starts", "break_ends"))
    if starts is None or ends is None:
        return None
    return Hours(starts, ends, times["minutes"], *rest)


def plan_of(center: Center, data: Mapping[str, Any]) -> Plan | None:
    """The plan that the answers make; None before days, times and vaccine are there. Shares may still be missing."""
    days, hours = days_of(data), hours_of(data)
    vaccine = Vaccine.objects.filter(pk=data.get("vaccine", "")).first()
    if not days or hours is None or vaccine is None:
        return None
    given = data.get("shares", {})
    contingents = Contingent.objects.filter(code__in=given).order_by("pk")
    shares = tuple(Share(one, given[one.code]) for one in contingents)
    times = data["times"]
    return Plan(center, vaccine, days, hours, times["lines"], times["first_line"], shares)


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None
