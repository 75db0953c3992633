"""One dose in one slot."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Case, CheckConstraint, F, Index, Q, UniqueConstraint, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from centers.models import Channel, Slot

LIVE = ("booked", "arrived", "vaccinated")


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def live(self) -> Self:
        """Stands, or has been kept: counts as a taken place."""
        return self.filter(status__in=LIVE)


class Appointment(models.Model):
    """One dose of one person in one slot.

    Moving keeps the row: the calendar entry of the person stays the same one, with a higher `sequence`.
    The constraint trigger `appointment_series_complete` refuses a booked first dose without its second at commit.
    """

    class Status(models.TextChoices):
        BOOKED = "booked", _("booked")
        ARRIVED = "arrived", _("arrived")
        VACCINATED = "vaccinated", _("vaccinated")
        CANCELLED = "cancelled", _("cancelled")
        NO_SHOW = "no_show", _("did not come")
        DEFERRED = "deferred", _("not vaccinated that day")

    class Cancellation(models.TextChoices):
        OWN_WISH = "own_wish", _("cancelled by the person")
        WITHDRAWN = "withdrawn", _("registration ended")
        VACCINATED_ELSEWHERE = "vaccinated_elsewhere", _("vaccinated elsewhere")
        BY_CENTER = "by_center", _("cancelled by the center")

    # Names the calendar entry. 122 random bits that nothing looks up: no index, because every booking writes two.
    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    registration = models.ForeignKey(
        "booking.Registration", models.PROTECT, related_name="appointments", db_index=False
    )
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="appointments")
    dose_number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.BOOKED)
    sequence = models.PositiveIntegerField(default=0)
    channel = models.CharField(max_length=10, choices=Channel)
    # Stands, though its place is gone: the center closed or shrank, and the person was kept. Not counted in `booked`.
    displaced_at = models.DateTimeField(null=True, blank=True)
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    cancelled_reason = models.CharField(max_length=20, choices=Cancellation, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["dose_number", "pk"]
        constraints = [
            # One index for two jobs: it finds the appointments of a person, and lets each dose live once. What no
            # longer lives is told apart by its own key.
            UniqueConstraint(
                "registration",
                "dose_number",
                Case(When(status__in=LIVE, then=Value(0)), default=F("id"), output_field=models.BigIntegerField()),
                name="appointment_one_live_per_dose",
            ),
            CheckConstraint(condition=Q(dose_number__gte=1), name="appointment_dose_counts_from_one"),
            CheckConstraint(
                condition=Q(displaced_at__isnull=True) | Q(status__in=LIVE),
                name="appointment_displaced_only_while_live",
            ),
            CheckConstraint(
                condition=Q(status="cancelled", cancelled_at__isnull=False) & ~Q(cancelled_reason="")
                | ~Q(status="cancelled") & Q(cancelled_at__isnull=True, cancelled_reason=""),
                name="appointment_cancelled_with_time_and_reason",
            ),
        ]
        indexes = [Index(fields=["slot"], condition=Q(displaced_at__isnull=False), name="appointment_displaced")]

    def __str__(self) -> str:
        return f"dose {self.dose_number}, {self.status}"
