"""Doses for people who are kept without a place: they come all the same (docs/adr/0016-stock-ledger.md)."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Count, Q

from booking.models import Appointment
from centers.models import Center

Status = Appointment.Status


def doses(center: Center, vaccines: Sequence[str], on: date) -> list[tuple[str, date, int]]:
    """(vaccine, day, number) of those who have come, and from `on` on of those who are still expected. One query.

    For the supply of a center, which knows of no appointments: settings.DOSES_BESIDE_PLACES names this function.
    """
    come = Q(status__in=[Status.ARRIVED, Status.VACCINATED])
    expected = Q(status=Status.BOOKED, slot__session__date__gte=on)
    kept = Appointment.objects.filter(
        come | expected, displaced_at__isnull=False, slot__session__center=center, slot__session__vaccine__in=vaccines
    )
    days = ("slot__session__vaccine_id", "slot__session__date")
    return list(kept.order_by(*days).values(*days).annotate(number=Count("pk")).values_list(*days, "number"))
