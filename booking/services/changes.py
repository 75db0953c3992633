"""Changing and closing sessions: nobody is lost, nobody is told twice.

`start` takes the places away in one short transaction: every appointment that loses its place stands on, marked as
displaced, and each person becomes a Case. From then on the books are in order, whatever happens to the run. `work`
takes the waiting cases one after another, each in a transaction of its own that ends with exactly one message. A case
whose appointments have a place again (she moved or cancelled herself, places came back) is `gone` and needs no message.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from booking import claims
from booking.changes import effect, people, reshaping, shape
from booking.changes.effect import CANCEL, ELSEWHERE, KEEP, MOVE, QUIET, Effect
from booking.changes.people import Someone
from booking.changes.room import Plan, Room
from booking.changes.wish import Kind, Wish
from booking.models import Appointment, Case, Change, Registration
from booking.refusals import Refused
from booking.services import appointments, invitations
from centers.models import Center, Session, Slot
from notifications import outbox

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
ATTEMPTS = 3
AGAIN = {"40P01", "40001", "55P03"}  # PostgreSQL: deadlock, serialization failure, lock timeout
AT_ONCE = timedelta(seconds=5)  # so long one call of carry_on works before it lets others
State = Change.State
Outcome = Case.Outcome
CLOSED = {
    Kind.SUSPEND: Session.State.SUSPENDED,
    Kind.REINSTATE: Session.State.PUBLISHED,
    Kind.CLOSE: Session.State.CLOSED,
    Kind.LAST_DAY: Session.State.CLOSED,
}
DEEDS = {
    Kind.SUSPEND: "session.suspended",
    Kind.REINSTATE: "session.reinstated",
    Kind.CLOSE: "session.closed",
    Kind.LAST_DAY: "session.closed",
    Kind.RESHAPE: "session.changed",
}
TEMPLATES = {MOVE: "moved_by_center", KEEP: "kept_by_center", CANCEL: "cancelled_by_center"}
OUTCOMES = {MOVE: Outcome.MOVED, KEEP: Outcome.KEPT, CANCEL: Outcome.CANCELLED}


class Outdated(Refused):
    """Something has changed since the preview; `fresh` is the effect as it is now. Nothing was changed."""

    def __init__(self, fresh: Effect) -> None:
        super().__init__("outdated", _("Something has changed since this preview. Please look at the new one."))
        self.fresh = fresh


@dataclass(frozen=True, slots=True)
class Order:
    """What was decided on a preview: the wish, per group move, keep or cancel, and the preview's fingerprint."""

    wish: Wish
    reason: str
    fingerprint: str
    decisions: Mapping[str, str] = field(default_factory=dict)


def start(*, center: Center, order: Order, by: User, now: datetime) -> Change:
    """Change the sessions as the preview said, and leave the people to `work`; Outdated when anything is different.

    Without anybody concerned the change is done at once.
    """
    fresh = effect.preview(center, order.wish, now=now)
    _check(fresh, order)
    if fresh.fingerprint != order.fingerprint:
        raise Outdated(fresh)
    try:
        return _again(partial(_begin, center, order, fresh, by=by, now=now))
    except IntegrityError as error:
        if "session_once_per_start" not in str(error):
            raise
        raise Refused(
            "occupied", _("At one of these times another session has been opened meanwhile. Close that one first.")
        ) from error


def work(change: Change, *, now: datetime, limit: int, until: float = float("inf")) -> int:
    """Care for up to `limit` waiting people, each in one transaction; how many. May run several times at once.

    It ends early when the change is stopped, or `until` (time.monotonic) is over. The last one finishes the change.
    """
    room, done, failed = Room(now), 0, set[int]()
    while done < limit and time.monotonic() < until:
        try:
            case = _again(partial(_next, change, room, now=now, but=failed))
        except _Failed as failure:
            failed.add(failure.case)
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
        for change in Change.objects.filter(state=State.RUNNING).order_by("started_at", "pk")
    )
    adopt_displaced(now=now)
    return done


def adopt_displaced(*, now: datetime) -> int:
    """Places that have become free go to those who stand in the same start time without one, before anybody new."""
    waiting = Appointment.objects.filter(
        displaced_at__isnull=False, slot__is_open=True, slot__starts_at__gt=now, status=Appointment.Status.BOOKED
    )
    slots = sorted(set(waiting.values_list("slot_id", flat=True)))
    return _again(partial(claims.adopt, slots)) if slots else 0


@transaction.atomic
def stop(*, change: Change, by: User, now: datetime) -> None:
    """Stop after the person who is being cared for. Twice is harmless."""
    if Change.objects.filter(pk=change.pk, state=State.RUNNING).update(state=State.STOPPED, stopped_by=by):
        _trail("change.stopped", change, by=by, now=now)


@transaction.atomic
def resume(*, change: Change, by: User, now: datetime) -> None:
    """Go on where it was stopped. Twice is harmless."""
    if Change.objects.filter(pk=change.pk, state=State.STOPPED).update(state=State.RUNNING, stopped_by=None):
        _trail("change.resumed", change, by=by, now=now)


@transaction.atomic
def note_call(*, case: Case, reached: bool, by: User, now: datetime) -> None:
    """Somebody of the phone list was called. Who was reached stays reached, whoever clicks later."""
    call = Case.Call.REACHED if reached else Case.Call.TRIED
    open_calls = Case.objects.filter(pk=case.pk).exclude(call=Case.Call.REACHED)
    if open_calls.update(call=call, called_at=now, called_by=by, call_tries=F("call_tries") + 1):
        audit.record(f"case.{call}", subject=case.registration.public_id, by=by, now=now)


# --- Beginning ---------------------------------------------------------------------------------------------------


def _check(fresh: Effect, order: Order) -> None:
    if not fresh.sessions and order.wish.kind != Kind.LAST_DAY:
        raise Refused("nothing", _("There is no session to which this applies. Please check dates and vaccine."))
    for group in fresh.groups:
        if order.decisions.get(group.code, group.choices[0]) not in group.choices:
            raise Refused("decision", _("Please choose for every group what happens to it."))


@transaction.atomic
def _begin(center: Center, order: Order, fresh: Effect, *, by: User, now: datetime) -> Change:
    """Rows are held in the order of the house: sessions, people, slots. Nothing waits for a person."""
    wish, sessions = order.wish, [one.pk for one in fresh.sessions]
    _hold(sessions, fresh)
    if effect.state_of(center, wish, now=now) != fresh.base:
        raise Outdated(effect.preview(center, wish, now=now))
    change = Change.objects.create(
        center=center,
        kind=wish.kind,
        scope=scope_of(fresh),
        sessions=sessions,
        decisions={group.code: order.decisions.get(group.code, group.choices[0]) for group in fresh.groups},
        reason=order.reason,
        fingerprint=order.fingerprint,
        state=State.RUNNING if fresh.concerns else State.DONE,
        started_at=now,
        started_by=by,
        finished_at=None if fresh.concerns else now,
    )
    claims.displace([dose.pk for one in fresh.concerns for dose in one.person.affected], now=now)
    _change_sessions(center, fresh, now=now)
    _write_cases(change, fresh)
    _audit(change, fresh, by=by, now=now)
    return change


def scope_of(fresh: Effect) -> dict[str, Any]:
    """What Change.scope keeps: the wish, what it came to, and from when to when."""
    scope: dict[str, Any] = {**fresh.wish.as_json(), "figures": _figures(fresh)}
    if fresh.sessions:
        first, last = fresh.sessions[0], fresh.sessions[-1]
        scope["span"] = {
            "first": first.date.isoformat(),
            "last": last.date.isoformat(),
            "starts": first.starts.isoformat(),
        }
    return scope


def _hold(sessions: list[int], fresh: Effect) -> None:
    """People only as far as their appointments may be touched: by suspending none is."""
    touched = fresh.wish.kind not in QUIET
    adopted = fresh.wish.kind == Kind.REINSTATE
    held = {one.registration_id for one in fresh.held if touched or (adopted and one.displaced)}
    locked: dict[str, Any] = {"no_key": True, "of": ("self",)}
    rows = Session.objects.select_for_update(**locked).filter(pk__in=sessions)
    list(rows.order_by("date", "starts", "pk").values_list("pk"))
    list(Registration.objects.select_for_update(**locked).filter(pk__in=held).order_by("pk").values_list("pk"))
    slots = Slot.objects.select_for_update(**locked).filter(session__in=sessions)
    list(slots.order_by("starts_at", "pk").values_list("pk"))


def _change_sessions(center: Center, fresh: Effect, *, now: datetime) -> None:
    """The state of the sessions; a trigger carries it to their slots. Or their shape, with its slots."""
    wish = fresh.wish
    slots = [place.slot_id for place in fresh.places]
    if wish.kind == Kind.RESHAPE:
        slots = reshaping.apply(fresh, now=now)
    else:
        concerned = Session.objects.filter(pk__in=[one.pk for one in fresh.sessions])
        concerned.update(state=CLOSED[Kind(wish.kind)], version=F("version") + 1)
    if wish.kind == Kind.LAST_DAY:
        Center.objects.filter(pk=center.pk).update(last_day=wish.last_day)
        center.last_day = wish.last_day
    if wish.kind in (Kind.RESHAPE, Kind.REINSTATE):
        claims.adopt(slots)


def _write_cases(change: Change, fresh: Effect) -> None:
    """In the order of freedom, in which `work` takes them."""
    Case.objects.bulk_create(
        [
            Case(
                change=change,
                registration_id=one.person.pk,
                group=one.group,
                decision=_decision(change.decisions[one.group], one.person),
                details={"from": {str(dose.number): dose.slot_id for dose in one.person.affected}},
            )
            for one in fresh.concerns
        ],
        batch_size=1_000,
    )


def _decision(decision: str, person: Someone) -> str:
    """Who has had a dose keeps the other one: with an invitation she could not book it (claim_series)."""
    return KEEP if decision == CANCEL and person.begun else decision


def _figures(fresh: Effect) -> dict[str, int]:
    return {
        "sessions": len(fresh.sessions),
        "places": sum(place.capacity for place in fresh.places),
        "closed": fresh.closed_places,
        "people": fresh.people,
        "standing": fresh.standing,
    }


def _audit(change: Change, fresh: Effect, *, by: User, now: datetime) -> None:
    """In the history of the center: what became of its sessions, and whether people are being cared for."""
    told: dict[str, object] = {
        "change": str(change.public_id),
        "days": sorted({session.date.isoformat() for session in fresh.sessions}),
        **_figures(fresh),
    }
    wish = change.scope
    told |= {name: wish[name] for name in ("vaccine", "last_day") if name in wish}
    if change.kind == Kind.RESHAPE:
        old, new = fresh.sessions[0], shape.of(fresh.sessions, fresh.wish)
        told["before"] = {"lines": old.lines, "hours": [f"{old.starts:%H:%M}", f"{old.ends:%H:%M}"]}
        told["after"] = {"lines": new.lines, "hours": [f"{new.starts:%H:%M}", f"{new.ends:%H:%M}"]}
    center = change.center.public_id
    audit.record(DEEDS[Kind(change.kind)], subject=center, by=by, now=now, reason=change.reason, details=told)
    if change.state == State.RUNNING:
        _trail("change.started", change, by=by, now=now)


def _trail(action: str, change: Change, *, by: User | None, now: datetime) -> None:
    audit.record(
        action, subject=change.center.public_id, by=by, now=now, reason=change.reason,
        details={"change": str(change.public_id)},
    )  # fmt: skip


# --- One person after another ------------------------------------------------------------------------------------


class _Failed(Exception):
    """This case could not be done now: others go first, the next turn tries again."""

    def __init__(self, case: int) -> None:
        super().__init__(case)
        self.case = case


class _Taken(Exception):
    """Somebody else was quicker: what was held is let go, and another place is looked for."""


def _next(change: Change, room: Room, *, now: datetime, but: set[int]) -> Case | None:
    """The next waiting person, from the choice of her case to the commit; None when nobody waits (any more)."""
    with transaction.atomic():
        waiting = Case.objects.filter(change=change, change__state=State.RUNNING, outcome=Outcome.WAITING)
        locked = waiting.exclude(pk__in=but).select_for_update(of=("self",), no_key=True, skip_locked=True)
        case = locked.order_by("pk").first()
        if case is None:
            return None
        try:
            with transaction.atomic():
                _care(change, case, room, now=now)
                connection.check_constraints()  # now and not at the commit, where it would end the whole run
        except OperationalError:
            raise
        except Exception as error:
            logger.exception("change %s: case %s failed", change.pk, case.pk)
            raise _Failed(case.pk) from error
        return case


def _care(change: Change, case: Case, room: Room, *, now: datetime) -> None:
    """Decide, write and tell, for one person whose case is held."""
    row = Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=case.registration_id)
    person = _concerned(change, row, now=now)
    if person is None:
        _done(case, Outcome.GONE, now=now)
        return
    decision = _decision(case.decision, person)
    if decision == MOVE:
        plan = _move(change, case, row, person, room, now=now)
        decision = MOVE if plan is not None else KEEP
    if decision == CANCEL:
        appointments.release(row, reason=Appointment.Cancellation.BY_CENTER, by=change.started_by, now=now)
        invitations.give_again(row, by=change.started_by, now=now)
    _call(case, row, person, decision, now=now)
    _done(case, OUTCOMES[decision], now=now)
    if row.email:
        outbox.queue(
            template=TEMPLATES[decision],
            recipient=row.email,
            language=row.language,
            reference={"registration": row.pk, "change": change.pk},
            dedupe_key=f"change:{change.pk}:{row.pk}",
            now=now,
        )


def _concerned(change: Change, row: Registration, *, now: datetime) -> Someone | None:
    """The person, when an appointment of hers still stands without a place in the sessions of the change."""
    displaced = Appointment.objects.filter(
        registration=row,
        displaced_at__isnull=False,
        status=Appointment.Status.BOOKED,
        slot__session__in=change.sessions,
    )
    found = people.read([row.pk], set(displaced.values_list("pk", flat=True)), now=now)
    return found[0] if found else None


def _move(change: Change, case: Case, row: Registration, person: Someone, room: Room, *, now: datetime) -> Plan | None:
    """Take the nearest places; None when there are none (any more)."""
    elsewhere = case.group == ELSEWHERE or change.decisions.get(ELSEWHERE) == MOVE
    for attempt in range(1, ATTEMPTS + 1):
        plan = room.plan(person, elsewhere=elsewhere)
        if plan is None:
            return None
        try:
            with transaction.atomic():  # a refused try lets go of the slots it has locked
                targets = {appointment: spot.slot_id for appointment, spot in plan.targets.items()}
                if claims.move_appointments(row, targets, by=change.started_by, now=now, told=False) != "moved":
                    raise _Taken
        except _Taken:
            room.forget()
            continue
        room.take(plan)
        numbers = {dose.pk: str(dose.number) for dose in person.doses}
        case.details |= {
            "from": {numbers[dose.pk]: dose.slot_id for dose in person.doses if dose.pk in targets},
            "to": {numbers[pk]: slot for pk, slot in targets.items()},
            "center": plan.center_id,
            "drawn": plan.drawn,
            "tries": attempt,
        }
        return plan
    return None


def _call(case: Case, row: Registration, person: Someone, decision: str, *, now: datetime) -> None:
    """Who is kept, who has no e-mail and whose appointment was so soon that a message may come too late: by phone."""
    reason = "kept" if decision == KEEP else "no_email" if not row.email else ""
    if not reason and effect.is_soon(person, now=now):
        reason = "soon"
    case.call = Case.Call.OPEN if reason else Case.Call.NONE
    case.call_reason = reason


def _done(case: Case, outcome: str, *, now: datetime) -> None:
    case.outcome, case.done_at = outcome, now
    case.save(update_fields=["outcome", "done_at", "details", "call", "call_reason"])


def _finish(change: Change, *, now: datetime) -> None:
    """Done when nobody waits; a case that another worker holds still waits, and that one comes back."""
    if not change.cases.filter(outcome=Outcome.WAITING).exists():
        with transaction.atomic():
            if Change.objects.filter(pk=change.pk, state=State.RUNNING).update(state=State.DONE, finished_at=now):
                _trail("change.finished", change, by=None, now=now)


def _again(deed: Callable[[], Answer]) -> Answer:
    """Do it; after a deadlock, a serialization failure or a lock timeout up to three times."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return deed()
        except OperationalError as error:
            if attempt == ATTEMPTS or getattr(error.__cause__, "pgcode", None) not in AGAIN:
                raise
    raise AssertionError
