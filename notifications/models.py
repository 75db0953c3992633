"""One message to one recipient: the outbox is this table. Letters leave in batches, one PDF each."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from accounts.models import User

UNDELIVERED = ("queued", "sending", "deferred")


class PrintBatch(models.Model):
    """Letters printed together: those of one district and day, one PDF. It holds addresses, so the PDF goes in time."""

    class State(models.TextChoices):
        MADE = "made", _("to be printed")
        PRINTED = "printed", _("printed")
        REMAKING = "remaking", _("failed, being made anew")
        FAILED = "failed", _("failed, to be printed again")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lane = models.CharField(max_length=255)
    day = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.MADE)
    letters = models.PositiveIntegerField()
    content = models.BinaryField(null=True, blank=True)
    made_at = models.DateTimeField()
    remake_at = models.DateTimeField(null=True, blank=True, help_text="from when a worker makes it anew")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    posted_on = models.DateField(null=True, blank=True)
    again_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            CheckConstraint(condition=Q(letters__gte=1), name="print_batch_is_not_empty"),
            CheckConstraint(
                condition=Q(state="made", settled_at__isnull=True, settled_by__isnull=True)
                | Q(state__in=["printed", "remaking", "failed"], settled_at__isnull=False, settled_by__isnull=False),
                name="print_batch_settled_by_somebody",
            ),
            CheckConstraint(
                condition=Q(posted_on__isnull=True) | Q(state="printed", posted_on__gte=F("day")),
                name="print_batch_posted_once_printed",
            ),
            CheckConstraint(
                condition=Q(state="remaking", remake_at__isnull=False)
                | (~Q(state="remaking") & Q(remake_at__isnull=True)),
                name="print_batch_remade_when_due",
            ),
            UniqueConstraint(fields=["again_of"], name="print_batch_printed_again_once"),
        ]
        indexes = [
            Index(fields=["day"], name="print_batch_by_day"),
            Index(fields=["remake_at"], condition=Q(remake_at__isnull=False), name="print_batch_to_remake"),
        ]

    def __str__(self) -> str:
        return f"{self.lane} {self.day}"


class MessageQuerySet(models.QuerySet["Message"]):
    def undelivered(self) -> Self:
        """Still to be sent, now or later."""
        return self.filter(state__in=UNDELIVERED)

    def due(self, now: datetime) -> Self:
        """To be sent now, oldest first. A lease that has run out is due again: its holder is gone."""
        return self.undelivered().filter(available_at__lte=now).order_by("available_at", "pk")


class Message(models.Model):
    """One e-mail, SMS or letter to one recipient, written in the transaction of its cause.

    `available_at` is the order of the queue, the lease of the sender and the back-off in one column.
    `reference` holds ids only: what the message says is read from the state at the moment of sending.
    """

    class Medium(models.TextChoices):
        EMAIL = "email", _("e-mail")
        SMS = "sms", _("SMS")
        LETTER = "letter", _("letter")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("accepted by the provider")
        DEFERRED = "deferred", _("delayed by the provider")
        BOUNCED = "bounced", _("refused by the provider")
        DISCARDED = "discarded", _("not sent, because it is no longer true")

    # Becomes the Message-ID. 122 random bits that nothing looks up: no index.
    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    medium = models.CharField(max_length=10, choices=Medium, default=Medium.EMAIL, db_default=Medium.EMAIL)
    lane = models.CharField(
        max_length=255, help_text="the provider: the domain of the address; of a letter, its district"
    )
    # Address or number. Of a letter the case number: where she lives is read when it is printed.
    recipient = models.CharField(max_length=254)
    language = models.CharField(max_length=2)
    template = models.CharField(max_length=40)
    reference = models.JSONField(default=dict, db_default={})
    # Collation C: `latest` asks by the beginning of the key, and only so can the index of the constraint answer.
    dedupe_key = models.CharField(max_length=200, db_collation="C")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, db_default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    available_at = models.DateTimeField()
    discard_after = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    last_reply = models.CharField(max_length=500, default="", db_default="", blank=True)
    batch = models.ForeignKey(
        PrintBatch, models.PROTECT, null=True, blank=True, related_name="messages", db_index=False
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            UniqueConstraint(fields=["dedupe_key"], name="message_once_per_cause"),
            CheckConstraint(
                condition=Q(state__in=["queued", "sending", "sent", "deferred", "bounced", "discarded"]),
                name="message_state_exists",
            ),
            CheckConstraint(condition=Q(medium__in=["email", "sms", "letter"]), name="message_medium_exists"),
            CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="message_sent_with_time",
            ),
            CheckConstraint(
                condition=~Q(lane="") & ~Q(recipient="") & ~Q(dedupe_key="") & ~Q(template=""),
                name="message_knows_who_and_what",
            ),
            CheckConstraint(condition=Q(batch__isnull=True) | Q(medium="letter"), name="message_letters_are_printed"),
            # A line break in an address is how headers are injected.
            CheckConstraint(condition=~Q(recipient__regex=r"[\r\n]"), name="message_recipient_is_one_line"),
        ]
        indexes = [
            Index(
                fields=["lane", "available_at", "id"],
                condition=Q(state__in=["queued", "sending", "deferred"]),
                name="message_due",
            ),
            Index(fields=["batch"], condition=Q(batch__isnull=False), name="message_by_batch"),
            # Whose letter came back. Waiting letters and all e-mails stay out of it.
            Index(fields=["recipient"], condition=Q(batch__isnull=False), name="message_printed_for"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.public_id}"
