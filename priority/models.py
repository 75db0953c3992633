"""Demand: the dated regulations with their criteria, what proves them, and the openings."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import CheckConstraint, F, Func, Q, UniqueConstraint, Value
from django.utils.translation import gettext_lazy as _


class Regulation(models.Model):
    """One dated version of the Coronavirus-Impfverordnung. Never edited, only added (a trigger sees to it).

    An open end may be closed once, when the next version is added; words may be corrected.
    """

    code = models.SlugField(unique=True, max_length=20)
    name = models.CharField(max_length=120)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True, help_text="last day in force; empty: until the next one")
    grouped = models.BooleanField(default=True, help_text="does this version know groups at all?")
    shift_days = models.IntegerField(default=0, help_text="how far its dates are from the real ones (demo)")
    source = models.CharField(max_length=200, blank=True)
    summary_de = models.CharField(max_length=500, blank=True, help_text="what this version changed")
    summary_en = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["valid_from"]
        constraints = [
            CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="regulation_dates_in_order",
            ),
            # A GiST index on a range expression needs no extension; the bundled PostgreSQL has none.
            ExclusionConstraint(
                name="regulation_one_at_a_time",
                expressions=[
                    (
                        Func("valid_from", "valid_until", Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    )
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Evidence(models.Model):
    """A paper that proves a criterion. It is shown on site, never sent in."""

    code = models.CharField(primary_key=True, max_length=10)
    label_de = models.CharField(max_length=200)
    label_en = models.CharField(max_length=200)
    hint_de = models.CharField(max_length=300, blank=True)
    hint_en = models.CharField(max_length=300, blank=True)
    paragraph = models.CharField(max_length=120)

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.label_en


class Criterion(models.Model):
    """One ground for a group under one regulation. Never edited, only added; words may be corrected."""

    class Kind(models.TextChoices):
        AGE = "age", _("age")
        CARE = "care", _("care and shelter")
        OCCUPATION = "occupation", _("occupation")
        ILLNESS = "illness", _("illness")
        CONTACT = "contact", _("contact person")
        OTHER = "other", _("other")

    regulation = models.ForeignKey(Regulation, models.PROTECT, related_name="criteria")
    code = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField(help_text="order in forms and lists")
    level = models.PositiveSmallIntegerField(help_text="1 = highest priority, 4 = everyone")
    kind = models.CharField(max_length=10, choices=Kind)
    askable = models.BooleanField(default=True, help_text="may a form ask for it? Never for a single illness")
    min_age = models.PositiveSmallIntegerField(null=True, blank=True)
    paragraph = models.CharField(max_length=120)
    label_de = models.CharField(max_length=300, help_text="text of the tick-box")
    label_en = models.CharField(max_length=300)
    hint_de = models.CharField(max_length=700, blank=True)
    hint_en = models.CharField(max_length=700, blank=True)
    text_de = models.CharField(max_length=300, blank=True, help_text="the same as a sentence to the person")
    text_en = models.CharField(max_length=300, blank=True)
    evidence = ArrayField(models.CharField(max_length=10), help_text="codes of Evidence, in order")
    covers = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, help_text="codes asked together under this one"
    )
    part_of = models.CharField(max_length=30, blank=True, help_text="the criterion of which this is one half")
    max_contacts = models.PositiveSmallIntegerField(null=True, blank=True, help_text="per cared-for person")
    valid_from = models.DateField(null=True, blank=True, help_text="empty: as long as the regulation")
    valid_until = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["regulation", "position"]
        verbose_name_plural = "criteria"
        constraints = [
            UniqueConstraint(fields=["regulation", "code"], name="criterion_once_per_regulation"),
            CheckConstraint(condition=Q(level__gte=1, level__lte=4), name="criterion_level_exists"),
            CheckConstraint(
                condition=Q(kind="age", min_age__isnull=False) | (~Q(kind="age") & Q(min_age__isnull=True)),
                name="criterion_age_has_a_limit",
            ),
            CheckConstraint(
                condition=Q(kind="contact", max_contacts__isnull=False, max_contacts__gte=1)
                | (~Q(kind="contact") & Q(max_contacts__isnull=True)),
                name="criterion_contact_has_a_limit",
            ),
            CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_until__gte=F("valid_from")),
                name="criterion_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.paragraph})"


class Opening(models.Model):
    """Who may book from when. It counts only when a second person has approved it."""

    level = models.PositiveSmallIntegerField(null=True, blank=True, help_text="this group and those before it")
    criterion = models.CharField(max_length=30, blank=True)
    birth_year_from = models.PositiveSmallIntegerField(null=True, blank=True)
    birth_year_to = models.PositiveSmallIntegerField(null=True, blank=True)
    district_ags = models.CharField(max_length=5, blank=True)
    vaccine_code = models.CharField(max_length=30, blank=True)
    channel = models.CharField(max_length=10, blank=True)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True, blank=True)
    name_de = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["opens_at", "pk"]
        constraints = [
            CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(opens_at__lt=F("closes_at")),
                name="opening_opens_before_it_closes",
            ),
            CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("created_by")),
                name="opening_approved_by_a_second_person",
            ),
            CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__gte=1, level__lte=4), name="opening_level_exists"
            ),
            CheckConstraint(
                condition=Q(birth_year_from__isnull=True)
                | Q(birth_year_to__isnull=True)
                | Q(birth_year_from__lte=F("birth_year_to")),
                name="opening_birth_years_in_order",
            ),
            CheckConstraint(
                condition=Q(district_ags="") | Q(district_ags__regex=r"^\d{5}$"),
                name="opening_district_has_five_digits",
            ),
        ]

    def __str__(self) -> str:
        return self.name_en
