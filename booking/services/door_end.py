"""The end of a day at the door: who did not come is entered as missing, and what that frees is given back."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Q

from accounts import audit
from booking import claims, clock
from booking.models import Appointment, Case, Registration
from centers.models import Session, Slot

Status = Appointment.Status
LOOK_BACK = timedelta(days=14)  # days that a job which stood still makes up for
# Days and centers whose last start time is over, with somebody still expected.
DUE = """
SELECT session.center_id, session.date
  FROM centers_session session JOIN centers_slot s ON s.session_id = session.id
 WHERE session.date BETWEEN %(from)s AND %(until)s
 GROUP BY 1, 2
HAVING max(s.starts_at) <= %(over)s
   AND EXISTS (SELECT FROM centers_session mine
                 JOIN centers_slot place ON place.session_id = mine.id
                 JOIN booking_appointment a ON a.slot_id = place.id AND a.status = 'booked' AND a.booked_at <= %(over)s
                WHERE mine.center_id = session.center_id AND mine.date = session.date AND mine.state <> 'suspended'
                  AND NOT EXISTS (SELECT FROM booking_case c
                                   WHERE c.registration_id = a.registration_id AND a.displaced_at IS NOT NULL
                                     AND (c.outcome = 'waiting'
                                          OR c.outcome = 'kept' AND c.done_at > place.starts_at)))
 ORDER BY 2, 1
"""


def close_due(*, now: datetime) -> int:
    """Close every day whose last start time lies DOOR_CLOSES_AFTER back; how many people were missing."""
    today = clock.local_day(now)
    with connection.cursor() as cursor:
        over = now - settings.DOOR_CLOSES_AFTER
        cursor.execute(DUE, {"from": today - LOOK_BACK, "until": today, "over": over})
        days = cursor.fetchall()
    return sum(close_day(center_id=center_id, day=day, now=now) for center_id, day in days)


def closes_at(*, center_id: int, day: date) -> datetime | None:
    """When whoever is still expected will count as missing; None for a day without any start time."""
    slots = Slot.objects.filter(session__center=center_id, session__date=day)
    last: datetime | None = slots.aggregate(last=Max("starts_at"))["last"]
    return last + settings.DOOR_CLOSES_AFTER if last else None


def is_closed(slot: Slot, *, now: datetime) -> bool:
    """True when whoever did not come to this day has been counted as missing."""
    closes = closes_at(center_id=slot.center_id, day=clock.local_day(slot.starts_at))
    return closes is not None and closes <= now


def close_day(*, center_id: int, day: date, now: datetime) -> int:
    """Enter everybody still expected on that day as missing; how many. One transaction each, twice is harmless.

    Places are given back, and the second dose of who missed the first: she stands in the line again, at her rank. Who
    comes later is let in all the same (door.arrive). Whoever was given a place at the door a moment ago is not missing.
    Nor is she who waits for word: her session is suspended, or a change has taken her place and not cared for her in
    time (booking/services/caring.py).
    """
    waits = Case.objects.filter(
        Q(outcome=Case.Outcome.WAITING) | Q(outcome=Case.Outcome.KEPT, done_at__gt=OuterRef("slot__starts_at")),
        registration=OuterRef("registration"),
    )
    standing = Appointment.objects.filter(
        slot__session__center=center_id, slot__session__date=day, status=Status.BOOKED, slot__starts_at__lte=now,
        booked_at__lte=now - settings.DOOR_CLOSES_AFTER,
    )  # fmt: skip
    suspended = Q(slot__session__state=Session.State.SUSPENDED)
    expected = standing.exclude(suspended | Q(Exists(waits), displaced_at__isnull=False))
    pks = list(expected.order_by("slot__starts_at", "pk").values_list("pk", "registration_id"))
    return sum(_missed(pk, registration_id, now=now) for pk, registration_id in pks)


@transaction.atomic
def _missed(pk: int, registration_id: int, *, now: datetime) -> bool:
    person = Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=registration_id)
    one = Appointment.objects.select_related("slot").filter(pk=pk, status=Status.BOOKED).first()
    if one is None or one.slot.starts_at > now:  # let in or moved in the meantime
        return False
    one.registration = person
    miss(one, now=now)
    return True


def miss(one: Appointment, *, now: datetime) -> None:
    """She counts as missing: her place is given back, and with dose 1 also dose 2. The caller holds her row."""
    freed = [one]
    if one.dose_number == 1:
        freed += Appointment.objects.filter(registration=one.registration_id, dose_number=2, status=Status.BOOKED)
    places = [each.slot_id for each in freed if each.displaced_at is None]
    Appointment.objects.filter(pk__in=[each.pk for each in freed[1:]]).update(
        status=Status.CANCELLED, displaced_at=None, cancelled_at=now, sequence=F("sequence") + 1,
        cancelled_reason=Appointment.Cancellation.BY_CENTER,
    )  # fmt: skip
    one.status, one.displaced_at = Status.NO_SHOW, None
    one.save(update_fields=["status", "displaced_at"])
    claims.give_back(places)
    details = {"appointment": str(one.public_id), "dose": one.dose_number}
    audit.record("appointment.missed", subject=one.registration.public_id, by=None, now=now, details=details)
