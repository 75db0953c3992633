"""When and for how many: contingents, sessions, and the slots that are the places."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import CheckConstraint, F, Func, Index, Q, UniqueConstraint
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from centers.models.center import Center
from centers.models.vaccine import Vaccine


class Channel(models.TextChoices):
    """The way by which a person books; each has places of its own (contingents)."""

    WEB = "web", _("online")
    PHONE = "phone", _("by telephone")
    ON_SITE = "on_site", _("on site")


class Contingent(models.Model):
    """Who a share of places is for, and to whom it falls when it would stay empty."""

    code = models.SlugField(unique=True, max_length=40)
    name = models.CharField(max_length=80)
    channels = ArrayField(models.CharField(max_length=10, choices=Channel))
    min_birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    max_birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    max_level = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 = only the highest group")
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    falls_back_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    falls_back_before = models.DurationField(null=True, blank=True, help_text="so long before the slot")

    class Meta:
        ordering = ["code"]
        constraints = [
            CheckConstraint(condition=Q(channels__len__gte=1), name="contingent_has_a_channel"),
            CheckConstraint(
                condition=Q(falls_back_to__isnull=True, falls_back_before__isnull=True)
                | Q(falls_back_to__isnull=False, falls_back_before__isnull=False),
                name="contingent_falls_back_at_a_time",
            ),
            CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(opens_at__lt=F("closes_at")),
                name="contingent_opens_before_it_closes",
            ),
            CheckConstraint(
                condition=Q(max_level__isnull=True) | (Q(max_level__gte=1) & Q(max_level__lte=4)),
                name="contingent_level_exists",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Session(models.Model):
    """One opening of a center: a vaccine, a contingent, a date, from-to, and how many lines."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        SUSPENDED = "suspended", _("suspended")
        CLOSED = "closed", _("closed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    center = models.ForeignKey(Center, models.PROTECT, related_name="sessions")
    vaccine = models.ForeignKey(Vaccine, models.PROTECT, related_name="+")
    contingent = models.ForeignKey(Contingent, models.PROTECT, related_name="+")
    date = models.DateField()
    starts = models.TimeField()
    ends = models.TimeField()
    slot_minutes = models.PositiveSmallIntegerField(default=10)
    lines = models.PositiveSmallIntegerField()
    # One opening shared by several contingents is one session for each of them, with the same block. They have center,
    # vaccine, date, times and lines in common; `places` is the share of each, None when a session has all of them.
    block = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    first_line = models.PositiveSmallIntegerField(default=1, db_default=1)
    places = models.PositiveIntegerField(null=True, blank=True, help_text="of all its start times together")
    # Of its places so many came from another share of the block because nobody there took them; below 0 they went. A
    # block's add up to 0, and `places` less `fallen` is the share as it was opened.
    fallen = models.IntegerField(default=0, db_default=0, editable=False)
    break_starts = models.TimeField(null=True, blank=True)
    break_ends = models.TimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    publish_at = models.DateTimeField(null=True, blank=True, help_text="a draft that opens by itself")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now())
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    overlap_confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    uncovered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    uncovered_reason = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="why it was published beyond supply"
    )

    class Meta:
        ordering = ["date", "starts", "pk"]
        constraints = [
            UniqueConstraint(
                fields=["center", "vaccine", "contingent", "date", "starts", "first_line"],
                condition=~Q(state="closed"),
                name="session_once_per_start",
            ),
            # Stands behind the composite foreign key of Slot: its copies can never differ from their session.
            UniqueConstraint(fields=["id", "center", "vaccine", "contingent"], name="session_identity"),
            CheckConstraint(condition=Q(starts__lt=F("ends")), name="session_starts_before_it_ends"),
            CheckConstraint(condition=Q(slot_minutes__gte=1), name="session_slot_takes_time"),
            CheckConstraint(condition=Q(lines__gte=1, first_line__gte=1), name="session_has_a_line"),
            CheckConstraint(
                condition=Q(break_starts__isnull=True, break_ends__isnull=True)
                | Q(break_starts__gt=F("starts"), break_ends__gt=F("break_starts"), break_ends__lt=F("ends")),
                name="session_break_lies_inside",
            ),
            CheckConstraint(
                condition=Q(publish_at__isnull=True) | Q(state="draft"), name="session_only_a_draft_waits_to_open"
            ),
            CheckConstraint(
                condition=Q(uncovered_by__isnull=True, uncovered_reason="")
                | (Q(uncovered_by__isnull=False) & ~Q(uncovered_reason="")),
                name="session_uncovered_with_name_and_reason",
            ),
        ]
        indexes = [
            Index(fields=["center", "date"], name="session_by_center_and_day"),
            Index(fields=["block"], name="session_by_block"),
        ]

    def __str__(self) -> str:
        return f"{self.center_id} {self.date} {self.starts:%H:%M}"


class SessionDraft(models.Model):
    """What a manager has filled in so far for new sessions: survives a reload and a new login."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    center = models.ForeignKey(Center, models.CASCADE, related_name="+", db_index=False)
    data = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["owner", "center"]
        constraints = [UniqueConstraint(fields=["owner", "center"], name="session_draft_one_per_manager_and_center")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.center_id}"


class SlotQuerySet(models.QuerySet["Slot"]):
    def open(self, now: datetime) -> Self:
        """Slots with a place left that have not begun."""
        return self.filter(is_open=True, starts_at__gt=now)


class Slot(models.Model):
    """A start time of a session at which `capacity` people can be vaccinated.

    `booked` is written by booking's SQL functions only; their UPDATE's row count gates the insert of an appointment.
    Center, vaccine and contingent are copies of the session's, so that the index below answers "earliest open place
    of a center" without a join (performance.md 1).
    """

    session = models.ForeignKey(Session, models.PROTECT, related_name="slots", db_index=False)
    center = models.ForeignKey(Center, models.PROTECT, related_name="+", db_index=False)
    vaccine = models.ForeignKey(Vaccine, models.PROTECT, related_name="+", db_index=False)
    contingent = models.ForeignKey(Contingent, models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    # No Positive fields: their checks would be read again by every booking, and the one below says it all.
    capacity = models.SmallIntegerField()
    booked = models.SmallIntegerField(default=0, editable=False)
    suspended = models.BooleanField(default=False)
    is_open = models.GeneratedField(
        expression=Q(booked__lt=F("capacity"), suspended=False),  # type: ignore[arg-type]  # the stubs know no Q
        output_field=models.BooleanField(),
        db_persist=True,
    )
    # Center, vaccine and contingent as one number of 64 bits: a slim index is a flat one, and answers without the row.
    kind = models.GeneratedField(
        expression=Func("center", "vaccine", "contingent", function="slot_kind"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    objects = SlotQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            UniqueConstraint(fields=["session", "starts_at"], name="slot_once_per_session_and_time"),
            CheckConstraint(condition=Q(booked__gte=0, booked__lte=F("capacity")), name="slot_never_overbooked"),
        ]
        indexes = [Index(fields=["kind", "starts_at"], condition=Q(is_open=True), name="slot_open")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} ({self.booked}/{self.capacity})"
