"""The call center: calls, the places held during one, call-backs, notes, and who wants to come together."""

import uuid

from django.db import models
from django.db.models import CheckConstraint, F, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.models import User
from centers.models import Center, Slot


class Household(models.Model):
    """People who want to come together. Which ones: Registration.household; it holds nothing else."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return str(self.public_id)


class Call(models.Model):
    """One conversation of an agent, from the first person opened (or the first field typed) until it is done.

    `draft` is what the agent has typed about a new caller; it outlives her browser and is emptied when the call ends.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agent = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="the last page of this call")
    done_at = models.DateTimeField(null=True, blank=True)
    draft = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        ordering = ["opened_at", "pk"]
        constraints = [
            UniqueConstraint(fields=["agent"], condition=Q(done_at__isnull=True), name="call_one_open_per_agent"),
            CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(done_at__gte=F("opened_at")), name="call_done_after_it_began"
            ),
            CheckConstraint(condition=Q(done_at__isnull=True) | Q(draft={}), name="call_done_keeps_no_draft"),
        ]
        indexes = [Index(fields=["opened_at"], name="call_by_time")]

    def __str__(self) -> str:
        return str(self.public_id)


class CallPerson(models.Model):
    """Somebody whom the call was about: her page was opened, or she was registered in it."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="people", db_index=False)
    registration = models.ForeignKey("booking.Registration", models.CASCADE, related_name="calls")
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ["opened_at", "pk"]
        constraints = [UniqueConstraint(fields=["call", "registration"], name="call_person_once")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.registration_id}"


class Hold(models.Model):
    """The places of a series kept for a caller while her name is spelled: they count as taken until `expires_at`.

    By the clock it ends wherever it is read; a sweeper gives the places back (booking/services/holds.py).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    call = models.ForeignKey(Call, models.CASCADE, related_name="holds")
    # For whom; None while she is not registered yet (Call.draft).
    registration = models.ForeignKey(
        "booking.Registration", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    first = models.ForeignKey(Slot, models.PROTECT, related_name="+")
    second = models.ForeignKey(Slot, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    renewed = models.BooleanField(default=False)

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="hold_expires_after_it_began"),
            CheckConstraint(
                condition=Q(second__isnull=True) | ~Q(second=F("first")), name="hold_of_two_different_times"
            ),
        ]

    def __str__(self) -> str:
        return f"until {self.expires_at:%H:%M:%S}"


class CallBack(models.Model):
    """Somebody is to be called back: who, what about, who does it, and what came of it."""

    class Outcome(models.TextChoices):
        SERVED = "served", _("was served")
        NOT_REACHED = "not_reached", _("could not be reached")
        NOT_NEEDED = "not_needed", _("was no longer needed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    registration = models.ForeignKey(
        "booking.Registration", models.CASCADE, null=True, blank=True, related_name="call_backs"
    )
    name = models.CharField(max_length=160)
    phone = PhoneNumberField()
    center = models.ForeignKey(Center, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    times = models.CharField(max_length=120, blank=True, help_text="when she can come, in her words")
    text = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    tries = models.PositiveSmallIntegerField(default=0)
    again_at = models.DateTimeField(null=True, blank=True, help_text="nobody answered: not before this moment")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            CheckConstraint(
                condition=Q(taken_at__isnull=True, taken_by__isnull=True)
                | Q(taken_at__isnull=False, taken_by__isnull=False),
                name="call_back_taken_by_somebody",
            ),
            CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True, outcome="")
                | Q(done_at__isnull=False, done_by__isnull=False) & ~Q(outcome=""),
                name="call_back_done_by_somebody_with_an_outcome",
            ),
            CheckConstraint(condition=~Q(name="") & ~Q(phone=""), name="call_back_can_be_called"),
            CheckConstraint(
                condition=Q(again_at__isnull=True) | Q(taken_at__isnull=True, done_at__isnull=True),
                name="call_back_rests_with_nobody",
            ),
        ]
        indexes = [Index(fields=["created_at"], condition=Q(done_at__isnull=True), name="call_back_waiting")]

    def __str__(self) -> str:
        return str(self.public_id)


class Note(models.Model):
    """A remark about how to serve a person; never about her health."""

    registration = models.ForeignKey("booking.Registration", models.CASCADE, related_name="notes")
    text = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [CheckConstraint(condition=~Q(text=""), name="note_says_something")]

    def __str__(self) -> str:
        return f"{self.registration_id} {self.at:%Y-%m-%d}"
