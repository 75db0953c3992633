"""What vaccine there is: deliveries, doses lost, and how much is kept back for second doses."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from centers.models.center import Center
from centers.models.vaccine import Vaccine


class Delivery(models.Model):
    """Doses for one center. What is only expected may not come: places are opened on what is confirmed or there."""

    class State(models.TextChoices):
        EXPECTED = "expected", _("expected")
        CONFIRMED = "confirmed", _("confirmed")
        RECEIVED = "received", _("received")
        CANCELLED = "cancelled", _("will not come")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    center = models.ForeignKey(Center, models.PROTECT, related_name="deliveries", db_index=False)
    vaccine = models.ForeignKey(Vaccine, models.PROTECT, related_name="+", db_index=False)
    doses = models.PositiveIntegerField()
    due_on = models.DateField(help_text="when it comes, or came")
    first_due_on = models.DateField(help_text="when it was to come at first: later than that is late")
    state = models.CharField(max_length=10, choices=State, default=State.EXPECTED)
    note = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [CheckConstraint(condition=Q(doses__gte=1), name="delivery_has_doses")]
        indexes = [models.Index(fields=["center", "vaccine", "due_on"], name="delivery_by_center")]

    def __str__(self) -> str:
        return f"{self.center_id} {self.vaccine_id} {self.due_on}: {self.doses}"


class Waste(models.Model):
    """Doses that were lost: broken, too warm, left over at night."""

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    center = models.ForeignKey(Center, models.PROTECT, related_name="waste", db_index=False)
    vaccine = models.ForeignKey(Vaccine, models.PROTECT, related_name="+", db_index=False)
    on = models.DateField()
    doses = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        ordering = ["on", "pk"]
        constraints = [
            CheckConstraint(condition=Q(doses__gte=1), name="waste_has_doses"),
            CheckConstraint(condition=~Q(reason=""), name="waste_has_a_reason"),
        ]
        indexes = [models.Index(fields=["center", "vaccine", "on"], name="waste_by_center")]

    def __str__(self) -> str:
        return f"{self.center_id} {self.vaccine_id} {self.on}: {self.doses}"


class ReserveRule(models.Model):
    """How much of a delivery is kept back for second doses, from a date on. Never edited, only added."""

    vaccine = models.ForeignKey(Vaccine, models.PROTECT, related_name="reserve_rules", db_index=False)
    valid_from = models.DateField()
    percent = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["vaccine", "valid_from"]
        constraints = [
            UniqueConstraint(fields=["vaccine", "valid_from"], name="reserve_rule_once_per_day"),
            CheckConstraint(condition=Q(percent__lte=100), name="reserve_rule_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.vaccine_id} {self.valid_from}: {self.percent} %"
