"""Writing supply: deliveries, waste and the rules of holding back. Every deed is one line in the center's history.

The audit's subject is the center, so "who changed what" of a center is one filter; `details` name the delivery or
waste, with what it was before and is now.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from centers.models import Center, Delivery, ReserveRule, Vaccine, Waste
from centers.supply.stock import lock

MOST_DOSES = 100_000
FARTHEST = timedelta(days=366)
OLDEST = timedelta(days=366)
State = Delivery.State


@dataclass(frozen=True, slots=True)
class Content:
    """What somebody says of a delivery; `state` is one of Delivery.State."""

    doses: int
    due_on: date
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """Doses of a vaccine that cannot be given any more, and why."""

    vaccine: Vaccine
    doses: int
    on: date
    reason: str


def content_of(delivery: Delivery) -> Content:
    return Content(delivery.doses, delivery.due_on, delivery.state, delivery.note)


def enter_delivery(
    *, center: Center, vaccine: Vaccine, content: Content, by: User, now: datetime, again: bool = False
) -> Delivery:
    """A new delivery. Refused `again` when the very same one is there, unless `again` says that it is a second one."""
    with transaction.atomic():
        lock(center)
        check(center, content, on=timezone.localdate(now))
        twin = Delivery.objects.filter(
            center=center, vaccine=vaccine, doses=content.doses, due_on=content.due_on, state=content.state
        )
        if not again and twin.exists():
            raise Refused("again", _("The same delivery has been entered already. Is this a second one?"))
        return _enter(center, vaccine, content, by=by, now=now)


def enter_deliveries(*, rows: list[tuple[Center, Vaccine, Content]], by: User, now: datetime) -> int:
    """Many at once, all or none; how many were entered. What is there already, with the same content, is left alone."""
    entered = 0
    with transaction.atomic():
        for center in sorted({row[0] for row in rows}, key=lambda one: one.pk):
            lock(center)
        for center, vaccine, content in rows:
            check(center, content, on=timezone.localdate(now))
            _row, made = _once(center, vaccine, content, by=by, now=now)
            entered += made
    return entered


def change_delivery(*, delivery: Delivery, content: Content, version: int, by: User, now: datetime) -> Delivery:
    """Correct, postpone or confirm; a cancelled one comes after all.

    Refused `changed_meanwhile` when it is no longer the `version` that the person saw: `alternatives` has the delivery
    as it is now, so that the page can show the difference.
    """
    with transaction.atomic():
        fresh = _fresh(delivery, version)
        before = content_of(fresh)
        if content == before:
            return fresh
        check(fresh.center, content, on=timezone.localdate(now), before=before)
        return _store(fresh, content, "delivery.changed", by=by, now=now)


def receive_delivery(*, delivery: Delivery, doses: int, on: date, version: int, by: User, now: datetime) -> Delivery:
    """It is there: so many doses, on this day. Refused `closed` when it came already or will not come."""
    with transaction.atomic():
        fresh = _fresh(delivery, version)
        if fresh.state not in (State.EXPECTED, State.CONFIRMED):
            raise Refused("closed", _("This delivery has been received or cancelled already."))
        content = Content(doses, on, State.RECEIVED, fresh.note)
        check(fresh.center, content, on=timezone.localdate(now))
        return _store(fresh, content, "delivery.received", by=by, now=now)


def cancel_delivery(*, delivery: Delivery, reason: str, version: int, by: User, now: datetime) -> Delivery:
    """It will not come. Refused `closed` when it is there or cancelled already, `reason` without a reason."""
    reason = _reason(reason)
    with transaction.atomic():
        fresh = _fresh(delivery, version)
        if fresh.state not in (State.EXPECTED, State.CONFIRMED):
            raise Refused("closed", _("This delivery has been received or cancelled already."))
        content = Content(fresh.doses, fresh.due_on, State.CANCELLED, fresh.note)
        return _store(fresh, content, "delivery.cancelled", by=by, now=now, reason=reason)


def record_waste(*, center: Center, loss: Loss, by: User, now: datetime, again: bool = False) -> Waste:
    """Doses that are lost. Refused when there never were so many, and `again` like a delivery."""
    reason = _reason(loss.reason)
    fields = {"center": center, "vaccine": loss.vaccine, "doses": loss.doses, "on": loss.on, "reason": reason}
    with transaction.atomic():
        lock(center)
        _check_loss(center, loss, today=timezone.localdate(now))
        if not again and Waste.objects.filter(**fields).exists():
            raise Refused("again", _("The same loss has been entered already. Is this a second one?"))
        waste = Waste.objects.create(**fields, entered_at=now, entered_by=by)
        _note_waste("waste.recorded", waste, by=by, now=now)
    return waste


def take_back_waste(*, waste: Waste, by: User, now: datetime) -> None:
    """It was entered by mistake. Harmless when somebody else was quicker."""
    with transaction.atomic():
        fresh = Waste.objects.select_for_update(of=("self",)).filter(pk=waste.pk).select_related("center").first()
        if fresh is not None:
            _note_waste("waste.taken_back", fresh, by=by, now=now)
            fresh.delete()


def add_reserve_rule(
    *, vaccine: Vaccine, valid_from: date, percent: int, note: str, by: User, now: datetime
) -> ReserveRule:
    """From that day on, so much of every delivery is kept for second doses. Rules are added, never edited.

    Refused `past` (yesterday's deliveries are given out already), `twice` and `percent`.
    """
    if valid_from < timezone.localdate(now):
        raise Refused("past", _("A rule can begin today at the earliest: what came before has been planned with."))
    if not 0 <= percent <= 100:
        raise Refused("percent", _("Give a percentage from 0 to 100."))
    try:
        with transaction.atomic():
            rule = ReserveRule.objects.create(vaccine=vaccine, valid_from=valid_from, percent=percent, note=note[:200])
            details = {"vaccine": vaccine.pk, "valid_from": valid_from.isoformat(), "percent": percent}
            audit.record("reserve_rule.added", subject=None, by=by, now=now, details=details)
    except IntegrityError as error:
        raise Refused("twice", _("There is a rule of this day already. Choose another day.")) from error
    return rule


def _fresh(delivery: Delivery, version: int) -> Delivery:
    lock(delivery.center)
    fresh = Delivery.objects.select_related("center", "vaccine").get(pk=delivery.pk)
    if fresh.version != version:
        text = _("Somebody else has changed this delivery meanwhile. Compare, then decide. Nothing of yours is lost.")
        raise Refused("changed_meanwhile", text, alternatives=[fresh])
    return fresh


def check(center: Center, content: Content, *, on: date, before: Content | None = None) -> None:
    """Refused, with the field as its code, where such a delivery cannot be; `before` is what it was so far."""
    if not 1 <= content.doses <= MOST_DOSES:
        raise Refused("doses", _("Give a number of doses from 1 to %(most)s.") % {"most": MOST_DOSES})
    if content.state not in State.values:
        raise Refused("state", _("Choose one of the states."))
    if before is not None and (before.due_on, before.state) == (content.due_on, content.state):
        return
    if content.due_on > on + FARTHEST or content.due_on < on - OLDEST:
        raise Refused("due_on", _("This day is more than a year away. Please check the year."))
    if content.state == State.RECEIVED and content.due_on > on:
        raise Refused("due_on", _("This day is still to come. What has been received came today or earlier."))
    if content.state in (State.EXPECTED, State.CONFIRMED) and content.due_on < on:
        raise Refused("due_on", _("This day is over. Has the delivery come? Then choose “received”, else a later day."))
    if center.last_day and content.due_on > center.last_day:
        raise Refused("due_on", _("The center closes before this day."))


def _check_loss(center: Center, loss: Loss, *, today: date) -> None:
    if loss.on > today:
        raise Refused("on", _("This day is still to come."))
    if loss.on < today - OLDEST:
        raise Refused("on", _("This day is more than a year away. Please check the year."))
    came = Delivery.objects.filter(
        center=center, vaccine=loss.vaccine, state=State.RECEIVED, due_on__lte=loss.on
    ).aggregate(n=Coalesce(Sum("doses"), 0))["n"]
    lost = Waste.objects.filter(center=center, vaccine=loss.vaccine).aggregate(n=Coalesce(Sum("doses"), 0))["n"]
    there = came - lost
    if there <= 0:
        text = _("By that day, no delivery of this vaccine had been received. Enter the delivery first.")
        raise Refused("doses", text)
    if not 1 <= loss.doses <= there:
        text = _("By that day %(there)s doses had come and were not lost yet. Give a number from 1 to %(there)s.")
        raise Refused("doses", text % {"there": there})


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Refused("reason", _("Please say why."))
    if len(reason) > 200:
        raise Refused("reason", _("Give the reason in at most 200 characters."))
    return reason


def _enter(center: Center, vaccine: Vaccine, content: Content, *, by: User, now: datetime) -> Delivery:
    delivery = Delivery.objects.create(
        center=center,
        vaccine=vaccine,
        first_due_on=content.due_on,
        entered_at=now,
        entered_by=by,
        **asdict(content),
    )
    _note(delivery, "delivery.entered", None, by=by, now=now)
    return delivery


def _once(center: Center, vaccine: Vaccine, content: Content, *, by: User, now: datetime) -> tuple[Delivery, bool]:
    there = Delivery.objects.filter(center=center, vaccine=vaccine, **asdict(content)).first()
    return (there, False) if there else (_enter(center, vaccine, content, by=by, now=now), True)


def _store(delivery: Delivery, content: Content, action: str, *, by: User, now: datetime, reason: str = "") -> Delivery:
    before = content_of(delivery)
    for name, value in asdict(content).items():
        setattr(delivery, name, value)
    delivery.version += 1
    delivery.save(update_fields=[*asdict(content), "version"])
    _note(delivery, action, before, by=by, now=now, reason=reason)
    return delivery


def _note(
    delivery: Delivery, action: str, before: Content | None, *, by: User, now: datetime, reason: str = ""
) -> None:
    details: dict[str, object] = {
        "delivery": str(delivery.public_id),
        "vaccine": delivery.vaccine_id,
        "after": _plain(content_of(delivery)),
    }
    if before is not None:
        details["before"] = _plain(before)
    audit.record(action, subject=_public_id(delivery.center), by=by, now=now, reason=reason, details=details)


def _note_waste(action: str, waste: Waste, *, by: User, now: datetime) -> None:
    details = {
        "waste": str(waste.public_id),
        "vaccine": waste.vaccine_id,
        "doses": waste.doses,
        "on": waste.on.isoformat(),
    }
    subject = _public_id(waste.center)
    audit.record(action, subject=subject, by=by, now=now, reason=waste.reason, details=details)


def _public_id(center: Center) -> UUID:
    """A center that was created in this transaction knows its id only after a look."""
    if not isinstance(center.public_id, UUID):
        center.refresh_from_db(fields=["public_id"])
    return center.public_id


def _plain(content: Content) -> dict[str, object]:
    """As JSON keeps it. A note is free text, so it may name somebody: the trail has none of it."""
    return {"doses": content.doses, "due_on": content.due_on.isoformat(), "state": content.state}
