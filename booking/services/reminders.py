"""The reminder of an appointment, on the day before it."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from booking import clock, telling
from booking.models import Appointment
from notifications import outbox

FROM_HOUR = time(10)  # nobody is woken, and an answer on the same day is still possible


def remind_appointments(*, now: datetime, limit: int = 500) -> int:
    """Queue one reminder for each appointment of tomorrow, from ten o'clock on; how many.

    Who booked or moved today has just been written to. A dose that is moved later gets another reminder on its new day.
    """
    today = clock.local_day(now)
    if now.astimezone(clock.ZONE).time() < FROM_HOUR:
        return 0
    key = Concat(Value("appointment_reminder:"), _text("pk"), Value("."), _text("sequence"), output_field=CharField())
    tomorrow = Appointment.objects.filter(
        status=Appointment.Status.BOOKED,
        slot__starts_at__gte=clock.end_of(today),
        slot__starts_at__lt=clock.end_of(today + timedelta(days=1)),
        booked_at__lt=clock.start_of(today),
        registration__withdrawn_at__isnull=True,
        registration__medium__in=telling.media("appointment_reminder"),
    )
    due = tomorrow.annotate(key=key).filter(~Exists(outbox.keyed(OuterRef("key"))))
    rows: list[Any] = list(due.select_related("registration", "slot").order_by("slot__starts_at", "pk")[:limit])
    for one in rows:
        telling.tell(
            "appointment_reminder", one.registration, key=one.key, reference={"appointment": one.pk},
            discard_after=one.slot.starts_at, now=now,
        )  # fmt: skip
    return len(rows)


def _text(column: str) -> Cast:
    return Cast(column, CharField())
