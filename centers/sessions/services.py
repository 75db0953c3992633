"""Opening sessions: drafts for many days at once, changed and thrown away. Publishing is in `publishing`.

Everything that opens or publishes at a center first takes the center's row: one after the other, so that nobody's check
for overlaps or supply looks past somebody else's sessions.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import cast
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from centers.models import Center, Session, SessionDraft, Slot
from centers.sessions import checks, plans, publishing
from centers.sessions.locks import drafts_of
from centers.sessions.plans import Plan
from centers.sessions.publishing import Opening
from centers.supply import stock

BATCH = 5000  # rows per statement: each stays well below any statement timeout

# A hundred days are tens of thousands of slots, too many to make one by one while somebody waits.
INSERT = """
INSERT INTO centers_slot (session_id, center_id, vaccine_id, contingent_id, starts_at, capacity, booked, suspended)
SELECT session.id, session.center_id, session.vaccine_id, session.contingent_id, plan.starts_at, plan.places, 0, true
  FROM unnest(%s::bigint[], %s::timestamptz[], %s::int[]) AS plan(session_id, starts_at, places)
  JOIN centers_session AS session ON session.id = plan.session_id
"""


@dataclass(frozen=True, slots=True)
class Made:
    """The blocks that were made, in the order of their days, and those of them that are open or wait for their time."""

    blocks: tuple[UUID, ...]
    opened: tuple[UUID, ...]


@transaction.atomic
def create(
    wanted: Sequence[Plan],
    *,
    confirmed: bool,
    opening: Opening,
    draft: SessionDraft | None = None,
    by: User,
    now: datetime,
) -> Made:
    """Make the sessions of all plans, one block per plan and day, and open them as `opening` says; all or nothing.

    `confirmed` says that overlaps on the same lines are meant; who confirmed is kept with the sessions. The wizard's
    draft ends with it: one that is gone has been sent already (Refused `sent`).
    """
    center = wanted[0].center
    stock.lock(center)
    if draft is not None and not SessionDraft.objects.filter(pk=draft.pk).delete()[0]:
        raise Refused("sent", gettext("These sessions have been created already."))
    # All are asked before the first is made: sessions that come together may share lines as they did elsewhere.
    confirmers = [_confirmer(plan, confirmed=confirmed, by=by, now=now) for plan in wanted]
    made: dict[UUID, date] = {}
    for plan, confirmer in zip(wanted, confirmers, strict=True):
        made |= _create(plan, confirmer, by=by, now=now)
    blocks = sorted(made, key=lambda block: made[block])
    opened = publishing.open_new(center, blocks, opening=opening, by=by, now=now)
    return Made(tuple(blocks), opened)


@transaction.atomic
def change_draft(block: UUID, plan: Plan, *, version: int, confirmed: bool, by: User, now: datetime) -> None:
    """Make a block of drafts as `plan`, of one day, says. Refused `changed` when somebody else was quicker.

    Its slots are made anew, and only where nobody is booked.
    """
    stock.lock(plan.center)
    rows = drafts_of(plan.center, [block])
    if max(row.version for row in rows) != version:
        raise Refused("changed", gettext("Somebody has changed this draft meanwhile. Please compare, then save again."))
    before = plans.plan_of(rows)
    _remove_slots(rows)
    confirmer = _confirmer(plan, confirmed=confirmed, by=by, now=now, without=block)
    kept = {row.contingent_id: row for row in rows}
    fresh = _rows(plan, plan.days[0], block)
    Session.objects.filter(pk__in=[row.pk for row in rows]).exclude(
        contingent__in=[row.contingent_id for row in fresh]
    ).delete()
    for row in fresh:
        row.version, row.overlap_confirmed_by = version + 1, confirmer.get(row.date)
        row.created_by, row.created_at = by, now
        if old := kept.get(row.contingent_id):
            row.pk, row.public_id, row.created_by, row.created_at = (
                old.pk,
                old.public_id,
                old.created_by,
                old.created_at,
            )
        row.publish_at = rows[
            0
        ].publish_at  # one opening, one time; a planner's reason was for the old plan, and is gone
        row.save(force_insert=old is None, force_update=old is not None)
    _make_slots(plan, fresh)
    _record("session.changed", plan.center, [block], (before.words(), plan.words()), by=by, now=now)


@transaction.atomic
def discard(center: Center, blocks: Sequence[UUID], *, by: User, now: datetime) -> int:
    """Throw drafts away, with their slots; how many blocks. Refused when one of them was published meanwhile."""
    stock.lock(center)
    rows = drafts_of(center, blocks)
    found = plans.blocks(rows)
    words = _together([plans.plan_of(same).words() for same in found.values()])
    _remove_slots(rows)
    Session.objects.filter(pk__in=[row.pk for row in rows]).delete()
    _record("session.discarded", center, list(found), (words, None), by=by, now=now)
    return len(found)


def _create(plan: Plan, confirmer: Mapping[date, User], *, by: User, now: datetime) -> dict[UUID, date]:
    """The new blocks of one plan with their days."""
    made = {uuid.uuid4(): day for day in plan.days}
    rows = [row for block, day in made.items() for row in _rows(plan, day, block)]
    for row in rows:
        row.created_by, row.created_at, row.overlap_confirmed_by = by, now, confirmer.get(row.date)
    Session.objects.bulk_create(rows, batch_size=BATCH)
    _make_slots(plan, rows)
    _record("session.created", plan.center, list(made), (None, plan.words()), by=by, now=now)
    return made


def _confirmer(
    plan: Plan, *, confirmed: bool, by: User, now: datetime, without: UUID | None = None
) -> Mapping[date, User]:
    """Whom to name as having confirmed the overlaps of which day; Refused when the plan cannot be, or nobody has."""
    beside = checks.around(plan.center, plan.days, without=without)
    checks.check(plan, beside, now=now)
    found = checks.overlaps(plan, beside)
    if not confirmed:
        checks.refuse_overlap(found)
    return {one.day: by for one in found}


def _rows(plan: Plan, day: date, block: UUID) -> list[Session]:
    """Unsaved sessions of one block: one for every share that has a place."""
    shares = [share for share in plan.shares if share.places]
    hours = plan.hours
    return [
        Session(
            center=plan.center,
            vaccine=plan.vaccine,
            contingent=share.contingent,
            date=day,
            starts=hours.starts,
            ends=hours.ends,
            slot_minutes=hours.minutes,
            lines=plan.lines,
            first_line=plan.first_line,
            break_starts=hours.break_starts,
            break_ends=hours.break_ends,
            places=share.places if len(shares) > 1 else None,
            block=block,
        )
        for share in shares
    ]


def _make_slots(plan: Plan, rows: Sequence[Session]) -> None:
    """Slots for new rows; suspended until their session is published."""
    by_share = {(row.date, row.contingent_id): row for row in rows}
    days = sorted({row.date for row in rows})
    slots = ((by_share[day, share.contingent.pk], at, places) for day in days for share, at, places in plan.slots(day))
    with connection.cursor() as cursor:
        while batch := list(islice(slots, BATCH)):
            sessions, starts, places = zip(*batch, strict=True)
            cursor.execute(INSERT, [[row.pk for row in sessions], list(starts), list(places)])


def _remove_slots(rows: Sequence[Session]) -> None:
    slots = Slot.objects.filter(session__in=rows)
    if slots.filter(booked__gt=0).exists():
        raise Refused("booked", gettext("There are appointments in this session. Change it under “Change and close”."))
    slots.delete()


def _together(several: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """What several blocks have in common, and all their days."""
    first = several[0]
    common = {key: value for key, value in first.items() if all(one[key] == value for one in several)}
    return {**common, "days": sorted({str(day) for one in several for day in cast("list[str]", one["days"])})}


def _record(
    action: str, center: Center, blocks: Sequence[UUID], changed: tuple[object, object], *, by: User, now: datetime
) -> None:
    before, after = changed
    details = {"blocks": [str(block) for block in blocks], "before": before, "after": after}
    audit.record(action, subject=center.public_id, by=by, now=now, details=details)
