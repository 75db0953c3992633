"""What happened at the door: who arrived and showed what, what was given, and who was sent home."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.models.appointment import Appointment
from centers.models import Vaccine


class Arrival(models.Model):
    """She is here, and what she showed. Only the codes of the evidence are kept, never a copy (CoronaImpfV § 6)."""

    appointment = models.OneToOneField(Appointment, models.CASCADE, related_name="arrival")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    evidence_seen = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    # A physician may decide otherwise than the rules of the check-in say; then she is named, with her reason.
    overruled = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    overruled_by = models.CharField(max_length=120, blank=True)
    overruled_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            CheckConstraint(
                condition=Q(overruled=[], overruled_by="", overruled_reason="")
                | (~Q(overruled=[]) & ~Q(overruled_by="") & ~Q(overruled_reason="")),
                name="arrival_overruled_with_name_and_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id} {self.at:%H:%M}"


class Vaccination(models.Model):
    """One dose that was given, as § 22 IfSG asks for it: day, product, batch, who answers for it."""

    appointment = models.OneToOneField(Appointment, models.PROTECT, related_name="vaccination")
    given_at = models.DateTimeField()
    vaccine = models.ForeignKey(Vaccine, models.PROTECT, related_name="+", db_index=False)
    batch_number = models.CharField(max_length=20)
    responsible = models.CharField(max_length=120, help_text="the physician in charge")
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ["given_at", "pk"]
        constraints = [
            CheckConstraint(
                condition=Q(batch_number__regex=r"^[A-Z0-9][A-Z0-9-]{2,19}$"), name="vaccination_batch_is_one"
            ),
            CheckConstraint(condition=~Q(responsible=""), name="vaccination_names_who_answers"),
            CheckConstraint(condition=Q(given_at__lte=F("entered_at")), name="vaccination_given_before_it_is_entered"),
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id} {self.vaccine_id} {self.batch_number}"


class Deferral(models.Model):
    """Sent home without a dose, and why: a word from a short list, never an illness."""

    class Reason(models.TextChoices):
        EVIDENCE = "evidence", _("evidence was missing")
        RULES = "rules", _("the rules do not allow it today")
        MEDICAL = "medical", _("the physician advised against it today")
        OWN_WISH = "own_wish", _("did not want it today")
        NO_VACCINE = "no_vaccine", _("no vaccine was left")
        OTHER = "other", _("another reason")

    appointment = models.OneToOneField(Appointment, models.CASCADE, related_name="deferral")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=20, choices=Reason)
    for_good = models.BooleanField(default=False, help_text="refused: no new appointment is wanted")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.appointment_id} {self.reason}"
