"""Changing and closing sessions: nobody is lost, nobody is told twice.

`start` takes the places away in one short transaction: every appointment that loses its place stands on, marked as
displaced, and each person becomes a Case. From then on the books are in order, whatever happens to the run, which is
booking/services/caring.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import claims
from booking.again import CODES, again
from booking.changes import effect, opening, reshaping, shape
from booking.changes.effect import CANCEL, KEEP, QUIET, Effect
from booking.changes.people import Someone
from booking.changes.wish import Kind, Wish, about_to_open
from booking.models import Case, Change, Registration
from booking.services import holds
from centers.models import Center, Session, Slot
from centers.supply import cover, stock

State = Change.State
Outcome = Case.Outcome
SHUTTING = {Kind.SUSPEND, Kind.CLOSE, Kind.LAST_DAY}
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


class Outdated(Refused):
    """Something has changed since the preview; `fresh` is the effect as it is now. Nothing was changed."""

    def __init__(self, fresh: Effect) -> None:
        super().__init__("outdated", _("Something has changed since this preview. Please look at the new one."))
        self.fresh = fresh


@dataclass(frozen=True, slots=True)
class Order:
    """What was decided on a preview: the wish, per group move, keep or cancel, and the preview's fingerprint.

    `beyond` is a planner's reason for opening places without vaccine.
    """

    wish: Wish
    reason: str
    fingerprint: str
    decisions: Mapping[str, str] = field(default_factory=dict)
    beyond: str = ""


def start(*, center: Center, order: Order, by: User, now: datetime) -> Change:
    """Change the sessions as the preview said, and leave the people to `work`; Outdated when anything is different.

    Without anybody concerned the change is done at once. Refused `not_covered` with the numbers when places are put
    back or added and vaccine is missing for them; a planner may give a reason, which is kept with the sessions.
    """
    fresh = effect.preview(center, order.wish, now=now)
    _check(fresh, order)
    if fresh.fingerprint != order.fingerprint:
        raise Outdated(fresh)
    try:
        return again(partial(_begin, center, order, fresh, by=by, now=now))
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) not in CODES:
            raise
        raise Refused(
            "busy",
            _("Very many people are booking here at this moment, so nothing was done. Try again, or suspend first."),
        ) from error
    except IntegrityError as error:
        if "session_once_per_start" not in str(error):
            raise
        raise Refused(
            "occupied", _("At one of these times another session has been opened meanwhile. Close that one first.")
        ) from error


@transaction.atomic
def stop(*, change: Change, by: User, now: datetime) -> None:
    """Stop after the person who is being cared for. Twice is harmless."""
    if Change.objects.filter(pk=change.pk, state=State.RUNNING).update(state=State.STOPPED, stopped_by=by):
        trail("change.stopped", change, by=by, now=now)


@transaction.atomic
def resume(*, change: Change, by: User, now: datetime) -> None:
    """Go on where it was stopped, and try once more where it failed. Twice is harmless."""
    if Change.objects.filter(pk=change.pk, state=State.STOPPED).update(state=State.RUNNING, stopped_by=None):
        for case in change.cases.filter(outcome=Outcome.WAITING, details__has_key="failures"):
            del case.details["failures"]
            case.save(update_fields=["details"])
        trail("change.resumed", change, by=by, now=now)


@transaction.atomic
def note_call(*, case: Case, reached: bool, by: User, now: datetime) -> None:
    """Somebody of the phone list was called. Who was reached stays reached, whoever clicks later."""
    call = Case.Call.REACHED if reached else Case.Call.TRIED
    open_calls = Case.objects.filter(pk=case.pk).exclude(call=Case.Call.REACHED)
    if open_calls.update(call=call, called_at=now, called_by=by, call_tries=F("call_tries") + 1):
        about = {"center": case.change.center.slug}
        audit.record(f"case.{call}", subject=case.registration.public_id, by=by, now=now, details=about)


# --- Beginning ---------------------------------------------------------------------------------------------------


def _check(fresh: Effect, order: Order) -> None:
    if not fresh.sessions and order.wish.kind != Kind.LAST_DAY:
        raise Refused("nothing", _("There is no session to which this applies. Please check dates and vaccine."))
    for group in fresh.groups:
        if order.decisions.get(group.code, group.choices[0]) not in group.choices:
            raise Refused("decision", _("Please choose for every group what happens to it."))


@transaction.atomic
def _begin(center: Center, order: Order, fresh: Effect, *, by: User, now: datetime) -> Change:
    """Rows are held in the order of the house: center, sessions, cases, people, slots. Nothing waits for a person.

    The center first, as who publishes does: no session opens inside of what is being closed.
    """
    stock.lock(center)
    wish, sessions = order.wish, [one.pk for one in fresh.sessions]
    _hold(sessions, fresh)
    if effect.state_of(center, wish, now=now) != fresh.base:
        raise Outdated(effect.preview(center, wish, now=now))
    beyond = [cover.require(found, by=by, reason=order.beyond) for found in opening.covers(center, fresh, now=now)]
    holds.drop(sessions, by=by, now=now)  # under the locks of the slots: nothing is kept in them from here on
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
    _take_over(change, fresh, by=by, now=now)
    _keep_reason(fresh, beyond, by=by)
    claims.displace([dose.pk for one in fresh.concerns for dose in one.person.affected], now=now)
    _change_sessions(center, fresh, now=now)
    _keep_drafts_shut(center, wish, by=by, now=now)
    _write_cases(change, fresh)
    _audit(change, fresh, max(beyond, default=""), by=by, now=now)
    return change


def _keep_reason(fresh: Effect, beyond: Sequence[str], *, by: User) -> None:
    """Who opened places without vaccine, and why, as with those who publish."""
    if reason := max(beyond, default=""):
        concerned = Session.objects.filter(pk__in=[one.pk for one in fresh.sessions])
        concerned.update(uncovered_by=by, uncovered_reason=reason)


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
    """People only as far as their appointments may be touched: by suspending none is.

    Their cases before them, as a worker does who is caring for them.
    """
    touched = fresh.wish.kind not in QUIET
    adopted = fresh.wish.kind == Kind.REINSTATE
    held = {one.registration_id for one in fresh.held if touched or (adopted and one.displaced)}
    locked: dict[str, Any] = {"no_key": True, "of": ("self",)}
    rows = Session.objects.select_for_update(**locked).filter(pk__in=sessions)
    list(rows.order_by("date", "starts", "pk").values_list("pk"))
    waiting = Case.objects.select_for_update(**locked).filter(registration__in=held, outcome=Outcome.WAITING)
    list(waiting.order_by("pk").values_list("pk"))
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


def _keep_drafts_shut(center: Center, wish: Wish, *, by: User, now: datetime) -> None:
    """What would open by itself inside of what is being closed stays a draft until a manager opens it."""
    if wish.kind not in SHUTTING:
        return
    waiting = list(about_to_open(center, wish).values_list("pk", "block", "date"))
    if waiting:
        drafts = Session.objects.filter(pk__in=[pk for pk, *_rest in waiting], state=Session.State.DRAFT)
        drafts.update(publish_at=None, version=F("version") + 1)
        told = {
            "blocks": sorted({str(block) for _pk, block, _date in waiting}),
            "days": sorted({day.isoformat() for _pk, _block, day in waiting}),
            "before": {"state": "draft"},
            "after": {"publish_at": None},
        }
        audit.record("session.time_set", subject=center.public_id, by=by, now=now, details=told)


def _take_over(change: Change, fresh: Effect, *, by: User, now: datetime) -> None:
    """Who still waits because of an earlier change is cared for by this one alone: nobody is told twice."""
    concerned = [one.person.pk for one in fresh.concerns]
    cases = list(Case.objects.filter(registration__in=concerned, outcome=Outcome.WAITING))
    for case in cases:
        case.outcome, case.done_at = Outcome.GONE, now
        case.details |= {"taken_over_by": str(change.public_id)}
    Case.objects.bulk_update(cases, ["outcome", "done_at", "details"], batch_size=1_000)
    idle = Change.objects.filter(pk__in={case.change_id for case in cases}, state=State.STOPPED)
    for earlier in idle.exclude(cases__outcome=Outcome.WAITING).select_related("center"):
        Change.objects.filter(pk=earlier.pk).update(state=State.DONE, finished_at=now)
        trail("change.finished", earlier, by=by, now=now)


def _write_cases(change: Change, fresh: Effect) -> None:
    """In the order of freedom, in which `work` takes them."""
    Case.objects.bulk_create(
        [
            Case(
                change=change,
                registration_id=one.person.pk,
                group=one.group,
                decision=decision_for(change.decisions[one.group], one.person),
                details={"from": {str(dose.number): dose.slot_id for dose in one.person.affected}},
            )
            for one in fresh.concerns
        ],
        batch_size=1_000,
    )


def decision_for(decision: str, person: Someone) -> str:
    """Who has had a dose keeps the other one: with an invitation she could not book it (claim_series).

    Nobody keeps a time that is over.
    """
    if decision == CANCEL and person.begun:
        return KEEP
    return CANCEL if decision == KEEP and person.too_late else decision


def _figures(fresh: Effect) -> dict[str, int]:
    return {
        "sessions": len(fresh.sessions),
        "places": sum(place.capacity for place in fresh.places),
        "closed": fresh.closed_places,
        "people": fresh.people,
        "standing": fresh.standing,
    }


def _audit(change: Change, fresh: Effect, beyond: str, *, by: User, now: datetime) -> None:
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
    reason = f"{beyond}; {change.reason}"[:200] if beyond else change.reason
    audit.record(DEEDS[Kind(change.kind)], subject=center, by=by, now=now, reason=reason, details=told)
    if change.state == State.RUNNING:
        trail("change.started", change, by=by, now=now)


def trail(action: str, change: Change, *, by: User | None, now: datetime) -> None:
    audit.record(
        action, subject=change.center.public_id, by=by, now=now, reason=change.reason,
        details={"change": str(change.public_id)},
    )  # fmt: skip
