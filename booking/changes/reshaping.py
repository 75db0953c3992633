"""Writing another shape: the start times of a block follow its sessions. Inside the transaction of a change."""

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Sum, Value
from django.db.models.functions import Greatest

from booking.changes import shape
from booking.changes.effect import Effect
from booking.models import Appointment, Case
from centers.models import Session, Slot


def apply(fresh: Effect, *, now: datetime) -> list[int]:
    """Give the start times their new capacities, add and remove some; the sessions get their new hours and lines.

    Who loses a place has been displaced before. Returns the pks of the start times that stand now and are to come.
    A start time that nobody ever booked and that holds nothing any more is removed; one with history stays, empty:
    the pages of earlier changes name it.
    """
    rows = [(one.slot_id, one.session_id, one.starts_at, one.capacity, one.booked) for one in fresh.places]
    wanted = shape.capacities(fresh.sessions, rows, fresh.wish, now=now)
    for one in fresh.places:
        if one.capacity_after != one.capacity:
            Slot.objects.filter(pk=one.slot_id).update(capacity=Greatest(F("booked"), Value(one.capacity_after)))
    known = {(one.session_id, one.starts_at) for one in fresh.places}
    by_pk = {one.pk: one for one in fresh.sessions}
    added = [(start, session, size) for (session, start), size in wanted.items() if (session, start) not in known]
    Slot.objects.bulk_create(_slot(by_pk[session], start, size) for start, session, size in sorted(added) if size)
    empty = Slot.objects.filter(session__in=by_pk, capacity=0, starts_at__gt=now)
    named = {
        pk
        for details in Case.objects.filter(change__sessions__overlap=list(by_pk)).values_list("details", flat=True)
        for side in ("from", "to")
        for pk in details.get(side, {}).values()
    }
    empty.exclude(pk__in=named).exclude(Exists(Appointment.objects.filter(slot=OuterRef("pk")))).delete()
    _write_sessions(fresh)
    slots = Slot.objects.filter(session__in=by_pk, starts_at__gt=now)
    return list(slots.order_by("starts_at", "pk").values_list("pk", flat=True))


def _slot(session: Session, start: datetime, size: int) -> Slot:
    """A trigger keeps it closed while its session is."""
    return Slot(
        session=session,
        center_id=session.center_id,
        vaccine_id=session.vaccine_id,
        contingent_id=session.contingent_id,
        starts_at=start,
        capacity=size,
    )


def _write_sessions(fresh: Effect) -> None:
    """Hours, lines and each one's share of the places; all of them get a new version."""
    new = shape.of(fresh.sessions, fresh.wish)
    totals = dict(
        Slot.objects.filter(session__in=fresh.sessions).order_by().values_list("session").annotate(Sum("capacity"))
    )
    for session in fresh.sessions:
        Session.objects.filter(pk=session.pk).update(
            starts=new.starts,
            ends=new.ends,
            lines=new.lines,
            break_starts=new.break_starts,
            break_ends=new.break_ends,
            places=None if session.places is None else totals.get(session.pk, 0),
            version=F("version") + 1,
        )
