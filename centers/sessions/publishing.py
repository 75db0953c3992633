"""Letting people book: drafts become published sessions, now or at a set time, as far as supply covers them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from centers import facts
from centers.models import Center, Session
from centers.sessions import checks, grid, plans
from centers.sessions.grid import ZONE
from centers.sessions.locks import drafts_of
from centers.supply import cover, stock
from centers.supply.cover import Cover

AT_A_TIME = 50  # sessions in one statement


class Scope(StrEnum):
    """Which of the new sessions shall be opened."""

    NONE = "none"
    COVERED = "covered"  # from the first day on, as far as supply reaches
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Opening:
    """How new sessions are opened: `at` None is at once. `reason` is a planner's, for places beyond supply."""

    scope: Scope = Scope.NONE
    at: datetime | None = None
    reason: str = ""


def open_new(center: Center, blocks: Sequence[UUID], *, opening: Opening, by: User, now: datetime) -> tuple[UUID, ...]:
    """Open those of the new blocks that `opening` means; which they are. For services that hold the center already."""
    if opening.scope == Scope.NONE:
        return ()
    rows = drafts_of(center, blocks)
    if opening.scope == Scope.COVERED:
        rows = _covered(center, rows, now=now)
    if opening.at is None:
        _publish(center, rows, by=by, now=now, reason=opening.reason)
    else:
        _wait(center, rows, at=opening.at, by=by, now=now, reason=opening.reason)
    return tuple(plans.blocks(rows))


@transaction.atomic
def publish(center: Center, blocks: Sequence[UUID], *, by: User, now: datetime, reason: str = "") -> None:
    """Open drafts for booking, all of these or none. Refused `not_covered` with the numbers when vaccine is missing.

    A planner may give a `reason` and publish all the same; it is kept with the sessions. Two people at once: the second
    is Refused `published`.
    """
    stock.lock(center)
    _publish(center, drafts_of(center, blocks), by=by, now=now, reason=reason)


@transaction.atomic
def publish_at(
    center: Center, blocks: Sequence[UUID], *, at: datetime | None, by: User, now: datetime, reason: str = ""
) -> None:
    """Let drafts open by themselves at a time; None takes the time back. Supply is asked when the time has come.

    With a planner's `reason` it is not asked then.
    """
    stock.lock(center)
    _wait(center, drafts_of(center, blocks), at=at, by=by, now=now, reason=reason)


def publish_due(*, now: datetime) -> int:
    """Open what has waited for its time; how many blocks. Safe to run twice, at once, and late.

    Each center, vaccine, time and reason is a transaction of its own. Where vaccine is missing, or a day has become
    impossible, the sessions stay drafts without a time, and the audit trail says why.
    """
    due = (
        Session.objects.filter(publish_at__lte=now)
        .order_by("center_id", "vaccine_id", "publish_at", "uncovered_reason")
        .values("center_id", "vaccine_id", "publish_at", "uncovered_reason")
        .distinct()
    )
    return sum(_publish_group(group, now=now) for group in list(due))


def covers(center: Center, rows: Iterable[Session], *, now: datetime) -> list[Cover]:
    """Is there vaccine for these sessions? One answer per vaccine."""
    ordered = sorted(rows, key=lambda row: (row.vaccine_id, row.date, row.pk))
    found = []
    for _vaccine, same in groupby(ordered, key=lambda row: row.vaccine_id):
        group = list(same)
        plan = plans.places_per_day(group)
        found.append(cover.check(center, group[0].vaccine, plan, on=_today(now)))
    return found


def _publish(center: Center, rows: list[Session], *, by: User | None, now: datetime, reason: str = "") -> None:
    """Locked drafts become published; without `by` it was the clock, and supply must cover them."""
    _still_possible(center, rows, now=now)
    kept = {found.vaccine.pk: _require(found, by=by, reason=reason) for found in covers(center, rows, now=now)}
    for vaccine, beyond in kept.items():
        same = [row for row in rows if row.vaccine_id == vaccine]
        _open(same, uncovered_by=by if beyond else None, uncovered_reason=beyond)
    _record("session.published", rows, by=by, now=now, reason=max(kept.values(), default=""))


def _open(rows: Sequence[Session], **beyond: object) -> None:
    """Publish; a few at a time, as the database opens every single slot in the same statement."""
    for start in range(0, len(rows), AT_A_TIME):
        Session.objects.filter(pk__in=[row.pk for row in rows[start : start + AT_A_TIME]]).update(
            state=Session.State.PUBLISHED, publish_at=None, version=F("version") + 1, **beyond
        )


def _require(found: Cover, *, by: User | None, reason: str) -> str:
    if by is not None:
        return cover.require(found, by=by, reason=reason)
    if not found.covered:
        raise Refused("not_covered", cover.words(found))
    return ""


def _wait(
    center: Center, rows: list[Session], *, at: datetime | None, by: User, now: datetime, reason: str = ""
) -> None:
    if at is not None and at <= now:
        raise Refused("publish_at", gettext("That time has passed. Choose a later one, or publish now."))
    first = min(_begins(row) for row in rows)
    if at is not None and at >= first:
        raise Refused("publish_at", gettext("At that time the first session has begun already. Choose an earlier one."))
    if at is not None:
        _still_possible(center, rows, now=now)
    beyond = [cover.require(found, by=by, reason=reason) for found in covers(center, rows, now=now)] if reason else []
    kept = max(beyond, default="")
    Session.objects.filter(pk__in=[row.pk for row in rows]).update(
        publish_at=at, version=F("version") + 1, uncovered_by=by if kept else None, uncovered_reason=kept
    )
    words = {"publish_at": at.isoformat() if at else None}
    _record("session.time_set", rows, by=by, now=now, reason=kept, words=words)


@transaction.atomic
def _publish_group(group: Mapping[str, Any], *, now: datetime) -> int:
    """`group`: the values by which its sessions are found."""
    center = Center.objects.get(pk=group["center_id"])
    stock.lock(center)
    rows = list(
        Session.objects.select_for_update(of=("self",), no_key=True)
        .filter(**group, state=Session.State.DRAFT)
        .select_related("center", "vaccine", "contingent")
        .order_by("date", "starts", "pk")
    )
    if not rows:  # another worker was here
        return 0
    try:
        if group["uncovered_reason"]:
            _publish_beyond(center, rows, now=now)
        else:
            _publish(center, rows, by=None, now=now)
    except Refused as refusal:
        Session.objects.filter(pk__in=[row.pk for row in rows]).update(publish_at=None, version=F("version") + 1)
        _record("session.stayed_draft", rows, by=None, now=now, reason=str(refusal))
        return 0
    return len(plans.blocks(rows))


def _publish_beyond(center: Center, rows: list[Session], *, now: datetime) -> None:
    """A planner has given the reason when the time was set; it is kept as it is."""
    _still_possible(center, rows, now=now)
    _open(rows)
    _record("session.published", rows, by=None, now=now, reason=rows[0].uncovered_reason)


def _covered(center: Center, rows: list[Session], *, now: datetime) -> list[Session]:
    """Those up to the last day that supply covers, for each vaccine; Refused when not even the first day is."""
    found = covers(center, rows, now=now)
    until = {one.vaccine.pk: _last_covered(one) for one in found}
    kept = [row for row in rows if row.date <= until[row.vaccine_id]]
    if not kept:
        raise Refused("not_covered", " ".join(cover.words(one) for one in found))
    return kept


def _last_covered(found: Cover) -> date:
    if found.covered:
        return date.max
    return found.covered_until or date.min


def _still_possible(center: Center, rows: Iterable[Session], *, now: datetime) -> None:
    """The draft may be old: its day may be over, or its vaccine paused since."""
    rules = facts.vaccines()
    for row in rows:
        checks.check_days(center, [row.date], now=now)
        checks.check_future(row.date, _begins(row), now=now)
        checks.check_vaccine(row.vaccine, [row.date], rules[row.vaccine_id])


def _begins(row: Session) -> datetime:
    return grid.instants(plans.hours_of(row), row.date)[0]


def _today(now: datetime) -> date:
    return now.astimezone(ZONE).date()


def _record(
    action: str,
    rows: Sequence[Session],
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    words: Mapping[str, object] | None = None,
) -> None:
    blocks = plans.blocks(rows)
    details = {
        "blocks": [str(block) for block in blocks],
        "days": sorted({same[0].date.isoformat() for same in blocks.values()}),
        "before": {"state": "draft"},
        "after": {"state": "published" if action == "session.published" else "draft", **(words or {})},
    }
    audit.record(action, subject=rows[0].center.public_id, by=by, now=now, reason=reason[:200], details=details)
