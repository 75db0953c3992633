"""The permission to book, until a date."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def unanswered(self) -> Self:
        """Neither used nor closed. The clock may have run out: see `open`."""
        return self.filter(accepted_at__isnull=True, closed_at__isnull=True)

    def open(self, now: datetime) -> Self:
        """Can be used at `now`."""
        return self.unanswered().filter(valid_until__gt=now)


class Invitation(models.Model):
    """The permission to book, until a date. Its end costs no rank; one click renews it."""

    class Closing(models.TextChoices):
        EXPIRED = "expired", _("expired")
        RENEWED = "renewed", _("expired, and asked for again")
        WITHDRAWN = "withdrawn", _("registration withdrawn")

    registration = models.ForeignKey("booking.Registration", models.CASCADE, related_name="invitations")
    issued_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=10, choices=Closing, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["issued_at", "pk"]
        constraints = [
            UniqueConstraint(
                fields=["registration"],
                condition=Q(accepted_at__isnull=True, closed_at__isnull=True),
                name="invitation_one_open_per_registration",
            ),
            CheckConstraint(condition=Q(valid_until__gt=F("issued_at")), name="invitation_ends_after_it_began"),
            CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_reason="")
                | (Q(closed_at__isnull=False) & ~Q(closed_reason="")),
                name="invitation_closed_with_reason",
            ),
            CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(closed_at__isnull=True), name="invitation_used_or_closed"
            ),
        ]
        indexes = [
            Index(
                fields=["valid_until"],
                condition=Q(accepted_at__isnull=True, closed_at__isnull=True),
                name="invitation_unanswered",
            )
        ]

    def __str__(self) -> str:
        return f"until {self.valid_until:%Y-%m-%d %H:%M}"
