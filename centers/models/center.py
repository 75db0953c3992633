"""Where: districts, centers, and who works there."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from accounts.models import User


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

    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
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


class Workplace(models.Model):
    """A center in which a member of staff works: her roles at centers count there, and nowhere else."""

    user = models.ForeignKey(User, models.CASCADE, related_name="workplaces", db_index=False)
    center = models.ForeignKey(Center, models.PROTECT, related_name="workplaces")

    class Meta:
        ordering = ["user", "center"]
        constraints = [UniqueConstraint(fields=["user", "center"], name="workplace_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.center_id}"
