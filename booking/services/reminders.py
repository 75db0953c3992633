"""The reminder of an appointment, on the day before it."""

from datetime import datetime, time, timedelta

from django.db.models import CharField, Exists, F, OuterRef, Value
from django.db.models.functions import Cast, Concat

from booking import clock
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
    ).exclude(registration__email="")
    due = tomorrow.annotate(key=key).filter(~Exists(outbox.keyed(OuterRef("key"))))
    rows = list(
        due.order_by("slot__starts_at", "pk").values(
            "pk", "key", "registration_id", to=F("registration__email"), language=F("registration__language"),
            starts_at=F("slot__starts_at"),
        )[:limit]
    )  # fmt: skip
    for row in rows:
        outbox.queue(
            template="appointment_reminder",
            recipient=row["to"],
            language=row["language"],
            reference={"registration": row["registration_id"], "appointment": row["pk"]},
            dedupe_key=row["key"],
            now=now,
            discard_after=row["starts_at"],
        )
    return len(rows)


def _text(column: str) -> Cast:
    return Cast(column, CharField())
