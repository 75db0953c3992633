"""With what: products and their dated rules."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


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
