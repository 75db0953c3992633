"""Caring for the people of a change: each in one transaction that ends with exactly one message.

A case whose appointments have a place again (she moved or cancelled herself, places came back) is `gone` and needs no
message. Killed at any moment, the next turn goes on with whoever waits: who is done stays done. A case that fails again
and again is left to the manager, and hinders nobody else.
"""

import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db import OperationalError, transaction

from booking import claims, telling
from booking.again import CODES, again
from booking.changes import effect, people
from booking.changes.effect import CANCEL, ELSEWHERE, KEEP, MOVE
from booking.changes.people import Someone
from booking.changes.room import Plan, Room
from booking.models import Appointment, Case, Change, Registration
from booking.services import appointments, changes, invitations
from notifications.outbox import Medium

logger = logging.getLogger(__name__)

AT_ONCE = timedelta(seconds=5)  # so long one call of carry_on works before it lets others
SEARCHES = 20  # for a place of one person, while others are quicker; then others go first
FAILURES = 5  # turns in which a case may fail before it waits for the manager
MANY = 4  # in vain: much has gone since the places were read
TEMPLATES = {MOVE: "moved_by_center", KEEP: "kept_by_center", CANCEL: "cancelled_by_center"}
BUSY = CODES | {"57014"}  # and a statement that took too long
Outcome = Case.Outcome
OUTCOMES = {MOVE: Outcome.MOVED, KEEP: Outcome.KEPT, CANCEL: Outcome.CANCELLED}


@dataclass
class _Run:
    """What one call of `work` knows: the places it has read, how often a case was tried, and who has to wait.

    `at` is the case that is being cared for.
    """

    change: Change
    now: datetime
    room: Room
    tries: Counter[int] = field(default_factory=Counter)
    later: set[int] = field(default_factory=set)
    at: int | None = None


def work(change: Change, *, now: datetime, limit: int, until: float = float("inf")) -> int:
    """Care for up to `limit` waiting people, each in one transaction; how many. May run several times at once.

    It ends early when the change is stopped, or `until` (time.monotonic) is over. The last one finishes the change, or
    stops it when all that still wait have failed too often.
    """
    run, done = _Run(change, now, Room(now), later=_failed_too_often(change)), 0
    while done < limit and time.monotonic() < until:
        try:
            case = _one(run)
        except _Taken as taken:
            _look_again(run, taken)
            continue
        except _Failed as failure:
            run.later.add(failure.case)
            _note_failure(failure.case, now=now)
            continue
        if case is None:
            _finish(change, now=now)
            break
        done += 1
    return done


def carry_on(*, now: datetime) -> int:
    """One turn of the clock: the running changes go on for a few seconds, and freed places are given to the displaced.

    Returns how many people were cared for.
    """
    until = time.monotonic() + AT_ONCE.total_seconds()
    done = sum(
        work(change, now=now, limit=1_000, until=until)
        for change in Change.objects.filter(state=Change.State.RUNNING).order_by("started_at", "pk")
    )
    adopt_displaced(now=now)
    return done


def adopt_displaced(*, now: datetime) -> int:
    """Places that have become free go to those who stand in the same start time without one, before anybody new."""
    waiting = Appointment.objects.filter(
        displaced_at__isnull=False, slot__is_open=True, slot__starts_at__gt=now, status=Appointment.Status.BOOKED
    )
    slots = sorted(set(waiting.values_list("slot_id", flat=True)))
    return again(partial(claims.adopt, slots)) if slots else 0


class _Failed(Exception):
    """This case could not be done now: others go first, the next turn tries again."""

    def __init__(self, case: int) -> None:
        super().__init__(case)
        self.case = case


class _Taken(Exception):
    """Somebody else was quicker: everything is let go, and another place is looked for."""

    def __init__(self, case: int, plan: Plan) -> None:
        super().__init__(case)
        self.case = case
        self.plan = plan


def _one(run: _Run) -> Case | None:
    """The next waiting person; _Failed when others held her rows all the time, or too long."""
    run.at = None
    try:
        return again(partial(_next, run))
    except OperationalError as error:
        if run.at is None or getattr(error.__cause__, "pgcode", None) not in BUSY:
            raise
        logger.warning("change %s: case %s was held by others", run.change.pk, run.at)
        raise _Failed(run.at) from error


def _next(run: _Run) -> Case | None:
    """The next waiting person, from the choice of her case to the commit; None when nobody waits (any more)."""
    case: Case | None = None
    try:
        with transaction.atomic():
            waiting = Case.objects.filter(
                change=run.change, change__state=Change.State.RUNNING, outcome=Outcome.WAITING
            ).exclude(pk__in=run.later)
            locked = waiting.select_for_update(of=("self",), no_key=True, skip_locked=True)
            case = locked.order_by("pk").first()
            if case is not None:
                run.at = case.pk
                _care(run, case)
    except (OperationalError, _Taken):
        raise
    except Exception as error:
        if case is None:
            raise
        logger.exception("change %s: case %s failed", run.change.pk, case.pk)
        raise _Failed(case.pk) from error
    return case


def _care(run: _Run, case: Case) -> None:
    """Decide, write and tell, for one person whose case is held."""
    row = Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=case.registration_id)
    lost = case.details.get("from", {}).values()
    person = people.displaced_in(row.pk, run.change.sessions, lost, now=run.now)
    if person is None:
        _done(run, case, Outcome.GONE)
        return
    decision = changes.decision_for(case.decision, person)
    plan = _plan(run, case, person) if decision == MOVE else None
    if decision == MOVE and plan is None:
        decision = changes.decision_for(KEEP, person)
    if decision == CANCEL:
        by = run.change.started_by
        appointments.release(row, reason=Appointment.Cancellation.BY_CENTER, by=by, now=run.now)
        invitations.give_again(row, by=by, now=run.now)
    _note_calls(run, case, person, decision, plan)
    _done(run, case, OUTCOMES[decision])
    if decision != KEEP or not all(dose.over for dose in person.affected):
        _tell(run, row, decision)  # else only a call can tell what to do about a time that is over
    if plan is not None:
        _take(run, case, row, plan)


def _plan(run: _Run, case: Case, person: Someone) -> Plan | None:
    """The nearest places, noted in the case; None when even a fresh look finds none."""
    elsewhere = case.group == ELSEWHERE or run.change.decisions.get(ELSEWHERE) == MOVE
    run.room.read_again()
    plan = run.room.plan(person, elsewhere=elsewhere)
    if plan is None and run.room.read_again(older_than=0.1):
        plan = run.room.plan(person, elsewhere=elsewhere)
    if plan is not None:
        moved = [dose for dose in person.doses if dose.pk in plan.targets]
        case.details |= {
            "from": {str(dose.number): dose.slot_id for dose in moved},
            "to": {str(dose.number): plan.targets[dose.pk].slot_id for dose in moved},
            "center": plan.center_id,
            "drawn": plan.drawn,
            "tries": run.tries[case.pk] + 1,
        }
    return plan


def _tell(run: _Run, row: Registration, decision: str) -> None:
    """The one message of this change to her, by her medium."""
    key = f"change:{run.change.pk}:{row.pk}"
    telling.tell(TEMPLATES[decision], row, key=key, reference={"change": run.change.pk}, now=run.now)


def _take(run: _Run, case: Case, row: Registration, plan: Plan) -> None:
    """Last of all, so that the start time is held only until the commit. When a place has just gone, _Taken undoes the
    whole: nobody waits for slots while he holds others.
    """
    targets = {appointment: spot.slot_id for appointment, spot in plan.targets.items()}
    if claims.move_appointments(row, targets, by=run.change.started_by, now=run.now, told=False) != "moved":
        raise _Taken(case.pk, plan)
    run.room.take(plan)


def _look_again(run: _Run, taken: _Taken) -> None:
    """After a place has gone: what is left there; after many in vain what is left everywhere."""
    run.tries[taken.case] += 1
    tries = run.tries[taken.case]
    if tries >= SEARCHES:
        run.later.add(taken.case)
    elif tries % MANY == 0:
        run.room.read_again(older_than=0)
    else:
        run.room.look_again(taken.plan)


def _note_calls(run: _Run, case: Case, person: Someone, decision: str, plan: Plan | None) -> None:
    """Who is kept, and whose appointment was or is so soon that her message may come too late: by phone as well."""
    reason = "kept" if decision == KEEP else ""
    if not reason and effect.is_soon(person, plan, now=run.now):
        reason = "letter" if person.medium == Medium.LETTER else "soon"
    case.call = Case.Call.OPEN if reason else Case.Call.NONE
    case.call_reason = reason


def _failed_too_often(change: Change) -> set[int]:
    failed = change.cases.filter(outcome=Outcome.WAITING, details__failures__gte=FAILURES)
    return set(failed.values_list("pk", flat=True))


@transaction.atomic
def _note_failure(pk: int, *, now: datetime) -> None:
    """Kept with the case: its page names it, and after some turns it waits until somebody says: go on."""
    held = Case.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    case = held.filter(pk=pk, outcome=Outcome.WAITING).first()
    if case is not None:
        case.details |= {"failures": case.details.get("failures", 0) + 1, "failed_at": now.isoformat()}
        case.save(update_fields=["details"])


def _done(run: _Run, case: Case, outcome: str) -> None:
    case.outcome, case.done_at = outcome, run.now
    case.save(update_fields=["outcome", "done_at", "details", "call", "call_reason"])


def _finish(change: Change, *, now: datetime) -> None:
    """Done when nobody waits; a case that another worker holds still waits, and that one comes back.

    Stopped when only those wait whose cases have failed too often: somebody has to look.
    """
    waiting = set(change.cases.filter(outcome=Outcome.WAITING).values_list("pk", flat=True))
    if waiting and waiting - _failed_too_often(change):
        return
    ended = {"state": Change.State.STOPPED} if waiting else {"state": Change.State.DONE, "finished_at": now}
    with transaction.atomic():
        if Change.objects.filter(pk=change.pk, state=Change.State.RUNNING).update(**ended):
            changes.trail("change.stopped" if waiting else "change.finished", change, by=None, now=now)
