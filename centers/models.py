"""Supply: districts, centers, vaccines, and the sessions whose slots are the places."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, F, Func, Index, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """The way by which a person books; each has places of its own (contingents)."""

    WEB = "web", _("online")
    PHONE = "phone", _("by telephone")
    ON_SITE = "on_site", _("on site")


def district_label(name: str, kind: str) -> str:
    """A district's name as people say it: "Stadt Dresden", "Landkreis Görlitz", "Erzgebirgskreis"."""
    bare = name.removesuffix(" (Stadt)").removesuffix(" (Landkreis)")
    if kind == "kfS":
        return f"Stadt {bare}"
    return bare if bare.lower().endswith("kreis") else f"Landkreis {bare}"


class District(models.Model):
    """Landkreis or kreisfreie Stadt, keyed by AGS: a string, because Hessen's begin with a zero."""

    ags = models.CharField(primary_key=True, max_length=5)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=3, choices=[("kfS", "kreisfreie Stadt"), ("LK", "Landkreis")])
    population = models.PositiveIntegerField()
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["ags"]
        constraints = [
            CheckConstraint(condition=Q(ags__regex=r"^\d{5}$"), name="district_ags_has_five_digits"),
            CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="district_position_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name as people say it; see `district_label`."""
        return district_label(self.name, self.kind)


class PostcodeArea(models.Model):
    """Beginning of postcodes that lie (mostly) in a district; the longest prefix wins.

    Good for "about 20 km" and nothing else: some postcodes lie in several districts.
    """

    prefix = models.CharField(primary_key=True, max_length=5)
    district = models.ForeignKey(District, models.PROTECT, related_name="postcode_areas")

    class Meta:
        constraints = [CheckConstraint(condition=Q(prefix__regex=r"^\d{1,5}$"), name="postcode_area_is_digits")]

    def __str__(self) -> str:
        return self.prefix


class Center(models.Model):
    """Any place that vaccinates."""

    class Kind(models.TextChoices):
        CENTER = "center", _("vaccination center")
        POINT = "point", _("vaccination point")
        PRACTICE = "practice", _("practice")
        MOBILE_TEAM = "mobile_team", _("mobile team")
        SPECIAL_ACTION = "special_action", _("special action")
        COMPANY = "company", _("company doctor")

    code = models.CharField(max_length=20, unique=True)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80, help_text="the town, as shown in lists")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.CENTER)
    district = models.ForeignKey(District, models.PROTECT, related_name="centers")
    operator = models.CharField(max_length=120, blank=True)
    place = models.CharField(max_length=120, blank=True)
    street = models.CharField(max_length=120, blank=True)
    postcode = models.CharField(max_length=5, blank=True)
    town = models.CharField(max_length=80)
    step_free = models.BooleanField(default=False)
    access_note_de = models.CharField(max_length=120, blank=True)
    access_note_en = models.CharField(max_length=120, blank=True)
    directions_de = models.CharField(max_length=300, blank=True)
    directions_en = models.CharField(max_length=300, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    listed = models.BooleanField(default=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")), name="center_days_in_order"
            ),
            CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="center_position_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Vaccine(models.Model):
    """A product. What it may be given to and when is in its dated rules."""

    code = models.SlugField(primary_key=True, max_length=30)
    name = models.CharField(max_length=40)
    maker = models.CharField(max_length=60)
    technology = models.CharField(
        max_length=10, choices=[("mrna", "mRNA"), ("vector", _("vector")), ("protein", _("protein"))]
    )
    doses = models.PositiveSmallIntegerField()
    doses_per_vial = models.PositiveSmallIntegerField()
    licensed_on = models.DateField()

    class Meta:
        ordering = ["name", "code"]
        constraints = [
            CheckConstraint(condition=Q(doses__gte=1) & Q(doses__lte=2), name="vaccine_has_one_or_two_doses"),
            CheckConstraint(condition=Q(doses_per_vial__gte=1), name="vaccine_vial_holds_a_dose"),
        ]

    def __str__(self) -> str:
        return self.name


class VaccineAgeRule(models.Model):
    """From `valid_from` on, who by age may get the vaccine, on one basis. Never edited, only added."""

    class Basis(models.TextChoices):
        LICENCE = "licence", _("licence")
        STIKO = "stiko", _("STIKO recommendation")
        ORDINANCE = "ordinance", _("ordinance")

    vaccine = models.ForeignKey(Vaccine, models.PROTECT, related_name="age_rules")
    valid_from = models.DateField()
    min_age = models.PositiveSmallIntegerField(null=True, blank=True)
    max_age = models.PositiveSmallIntegerField(null=True, blank=True)
    basis = models.CharField(max_length=10, choices=Basis)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["vaccine", "valid_from", "basis"]
        constraints = [
            UniqueConstraint(fields=["vaccine", "valid_from", "basis"], name="vaccine_age_rule_once_per_day"),
            CheckConstraint(
                condition=Q(min_age__isnull=True) | Q(max_age__isnull=True) | Q(min_age__lte=F("max_age")),
                name="vaccine_age_rule_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vaccine_id} {self.basis} {self.valid_from}"


class VaccineIntervalRule(models.Model):
    """From `valid_from` on, days between dose 1 and dose 2. Never edited, only added."""

    vaccine = models.ForeignKey(Vaccine, models.PROTECT, related_name="interval_rules")
    valid_from = models.DateField()
    min_days = models.PositiveSmallIntegerField()
    max_days = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["vaccine", "valid_from"]
        constraints = [
            UniqueConstraint(fields=["vaccine", "valid_from"], name="vaccine_interval_once_per_day"),
            CheckConstraint(
                condition=Q(min_days__gte=1) & (Q(max_days__isnull=True) | Q(min_days__lte=F("max_days"))),
                name="vaccine_interval_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vaccine_id} {self.valid_from}: {self.min_days}-{self.max_days}"


class VaccinePause(models.Model):
    """Days on which the vaccine is not given; without an end it is out of use."""

    vaccine = models.ForeignKey(Vaccine, models.PROTECT, related_name="pauses")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["vaccine", "starts_on"]
        constraints = [
            UniqueConstraint(fields=["vaccine", "starts_on"], name="vaccine_pause_once_per_day"),
            CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="vaccine_pause_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vaccine_id} {self.starts_on}"


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
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["date", "starts", "pk"]
        constraints = [
            UniqueConstraint(
                fields=["center", "vaccine", "contingent", "date", "starts"], name="session_once_per_start"
            ),
            # Stands behind the composite foreign key of Slot: its copies can never differ from their session.
            UniqueConstraint(fields=["id", "center", "vaccine", "contingent"], name="session_identity"),
            CheckConstraint(condition=Q(starts__lt=F("ends")), name="session_starts_before_it_ends"),
            CheckConstraint(condition=Q(slot_minutes__gte=1), name="session_slot_takes_time"),
            CheckConstraint(condition=Q(lines__gte=1), name="session_has_a_line"),
        ]

    def __str__(self) -> str:
        return f"{self.center_id} {self.date} {self.starts:%H:%M}"


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
