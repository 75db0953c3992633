"""A change to sessions that touches people: what was decided, and what became of each of them."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.models.registration import Registration
from centers.models import Center


class Change(models.Model):
    """One change or closure at one center, from the decision to the last person. Stays as a record.

    `scope` says in words and numbers what was asked for (dates, vaccine, new lines or times); `decisions` maps each
    group of people to move, keep or cancel; `fingerprint` is that of the preview it was decided on.
    """

    class Kind(models.TextChoices):
        SUSPEND = "suspend", _("suspend")
        REINSTATE = "reinstate", _("reinstate")
        CLOSE = "close", _("close")
        LAST_DAY = "last_day", _("close the center for good")
        RESHAPE = "reshape", _("change times or lines")

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        STOPPED = "stopped", _("stopped")
        DONE = "done", _("done")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    center = models.ForeignKey(Center, models.PROTECT, related_name="changes", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    scope = models.JSONField()
    sessions = ArrayField(models.BigIntegerField(), help_text="pks of the sessions concerned")
    decisions = models.JSONField(default=dict)
    reason = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            CheckConstraint(condition=~Q(reason=""), name="change_has_a_reason"),
            CheckConstraint(
                condition=Q(state="done", finished_at__isnull=False) | (~Q(state="done") & Q(finished_at__isnull=True)),
                name="change_done_with_time",
            ),
        ]
        indexes = [
            Index(fields=["center", "-started_at"], name="change_by_center"),
            Index(fields=["started_at"], condition=Q(state="running"), name="change_running"),
        ]

    def __str__(self) -> str:
        return f"{self.center_id} {self.kind} {self.started_at:%Y-%m-%d}"


class Case(models.Model):
    """One person in a change. Done in one transaction; who is done stays done."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("waits")
        MOVED = "moved", _("moved")
        KEPT = "kept", _("kept without a place")
        CANCELLED = "cancelled", _("cancelled, invited again")
        GONE = "gone", _("was no longer concerned")

    class Call(models.TextChoices):
        NONE = "none", _("no call needed")
        OPEN = "open", _("to be called")
        TRIED = "tried", _("not reached yet")
        REACHED = "reached", _("reached")

    change = models.ForeignKey(Change, models.PROTECT, related_name="cases", db_index=False)
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="cases")
    group = models.CharField(max_length=20)
    decision = models.CharField(max_length=10)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    details = models.JSONField(default=dict, help_text="slots before and after; nothing about the person")
    done_at = models.DateTimeField(null=True, blank=True)
    call = models.CharField(max_length=10, choices=Call, default=Call.NONE)
    call_reason = models.CharField(max_length=20, blank=True)
    called_at = models.DateTimeField(null=True, blank=True)
    called_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    call_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["change", "pk"]
        constraints = [
            UniqueConstraint(fields=["change", "registration"], name="case_one_per_person_and_change"),
            CheckConstraint(
                condition=Q(outcome="waiting", done_at__isnull=True)
                | (~Q(outcome="waiting") & Q(done_at__isnull=False)),
                name="case_done_with_time",
            ),
            CheckConstraint(
                condition=Q(called_at__isnull=True, called_by__isnull=True)
                | Q(called_at__isnull=False, called_by__isnull=False),
                name="case_called_with_time_and_name",
            ),
        ]
        indexes = [Index(fields=["change", "id"], condition=Q(outcome="waiting"), name="case_waiting")]

    def __str__(self) -> str:
        return f"{self.change_id} {self.registration_id} {self.outcome}"
