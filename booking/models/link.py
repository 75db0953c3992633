"""Proof that a visitor is the registered person."""

import uuid

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class AccessLink(models.Model):
    """A 256-bit secret in a message, known here only by its hash; exchanged once for a short visit.

    The secret is HMAC(LINK_KEY, nonce) (booking/services/links.py): a message built at sending time, or sent again,
    carries the same link, and a copy of the database opens nothing. A link that goes by letter has a short code as
    well (booking/tokens.py), known here by a keyed hash.
    """

    class Purpose(models.TextChoices):
        CONFIRM = "confirm", _("confirm the registration")
        VISIT = "visit", _("see and book appointments")

    registration = models.ForeignKey("booking.Registration", models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=10, choices=Purpose)
    nonce = models.UUIDField(default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, editable=False)
    code_hash = models.CharField(max_length=64, null=True, blank=True, editable=False)  # noqa: DJ001  (unique)
    created_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    visit_ended_at = models.DateTimeField(null=True, blank=True)
    failed_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            # Says the same of the nonce, and a constraint brings no second index for LIKE as unique=True would.
            UniqueConstraint(fields=["token_hash"], name="link_token_once"),
            CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("created_at")),
                name="link_ends_after_it_began",
            ),
            CheckConstraint(
                condition=Q(visit_ended_at__isnull=True) | Q(used_at__isnull=False), name="link_visit_began_by_use"
            ),
            CheckConstraint(condition=Q(("token_hash__regex", r"^[0-9a-f]{64}$")), name="link_keeps_only_a_hash"),
            # Most links go by e-mail and have none: they stay out of this index.
            UniqueConstraint(fields=["code_hash"], condition=Q(code_hash__isnull=False), name="link_code_once"),
            CheckConstraint(
                condition=Q(code_hash__isnull=True) | Q(("code_hash__regex", r"^[0-9a-f]{64}$"), purpose="visit"),
                name="link_code_keeps_only_a_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
