"""A person who wants an appointment, and the draft of somebody who is still typing."""

import uuid
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Exists, Func, Index, OuterRef, Q, UniqueConstraint, Value
from django.db.models.functions import Concat, Lower
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from booking.models.appointment import Appointment
from booking.models.call import Household
from booking.models.invitation import Invitation
from centers.models import Channel, District
from notifications.outbox import Medium


class NextRank(Func):
    """The next place in the line: a sequence, so it only grows and never waits for another registration."""

    function = "nextval"
    template = "%(function)s('booking_rank')"
    output_field = models.BigIntegerField()


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def waiting(self) -> Self:
        """In the line: confirmed, still wanting to come, without an unanswered invitation or a live appointment."""
        invited = Invitation.objects.unanswered().filter(registration=OuterRef("pk"))
        served = Appointment.objects.live().filter(registration=OuterRef("pk"))
        return self.filter(~Exists(invited), ~Exists(served), confirmed_at__isnull=False, withdrawn_at__isnull=True)


class Registration(models.Model):
    """A person who wants an appointment (Anmeldung).

    Its state is derived from its rows (confirmed_at, withdrawn_at, open invitation, live appointments) and never kept
    as a second truth. E-mail and phone are ways to reach a person, never her identity: a couple may share them.
    """

    class Language(models.TextChoices):
        GERMAN = "de", "Deutsch"
        ENGLISH = "en", "English"

    class Withdrawal(models.TextChoices):
        OWN_WISH = "own_wish", _("does not want an appointment any more")
        VACCINATED_ELSEWHERE = "vaccinated_elsewhere", _("was vaccinated elsewhere")
        DIED = "died", _("has died")
        MERGED = "merged", _("was registered twice; goes on as the other registration")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case_number = models.CharField(max_length=8, unique=True)
    door_code = models.CharField(max_length=6, unique=True)
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    birth_date = models.DateField()
    street = models.CharField(max_length=120)
    postcode = models.CharField(max_length=5)
    town = models.CharField(max_length=80)
    district = models.ForeignKey(District, models.PROTECT, null=True, blank=True, related_name="+")
    email = models.EmailField(blank=True)
    phone = PhoneNumberField(blank=True)
    # How she gets what we write. A letter can always be written: there is an address.
    medium = models.CharField(max_length=10, choices=Medium, default=Medium.EMAIL)
    large_print = models.BooleanField(default=False, db_default=False)
    language = models.CharField(max_length=2, choices=Language, default=Language.GERMAN)
    needs_wheelchair = models.BooleanField(default=False)
    needs_companion = models.BooleanField(default=False)
    needs_sign_language = models.BooleanField(default=False)
    criteria = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.WEB)
    identity_key = models.CharField(max_length=64, editable=False)
    # Words of the name as they are searched for: without case, accents and spelling variants (sql/search_key.sql).
    search_key = models.GeneratedField(
        expression=Func(Concat("first_name", Value(" "), "last_name"), function="search_key"),
        output_field=models.TextField(),
        db_persist=True,
    )
    household = models.ForeignKey(Household, models.SET_NULL, null=True, blank=True, related_name="people")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    rank = models.BigIntegerField(db_default=NextRank(), editable=False)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=20, choices=Withdrawal, blank=True)
    contact_changes = models.PositiveSmallIntegerField(default=0)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["rank", "pk"]
        constraints = [
            # Normalised name, birth date and address (booking/identity.py). Twins differ by first name.
            UniqueConstraint(
                fields=["identity_key"], condition=Q(withdrawn_at__isnull=True), name="registration_one_per_person"
            ),
            CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="registration_withdrawn_with_reason",
            ),
            CheckConstraint(condition=Q(postcode__regex=r"^\d{5}$"), name="registration_postcode_has_five_digits"),
            CheckConstraint(
                condition=Q(case_number__regex=r"^[2-9A-HJKMNP-Z]{8}$"), name="registration_case_number_is_readable"
            ),
            CheckConstraint(
                condition=Q(door_code__regex=r"^[2-9A-HJKMNP-Z]{6}$"), name="registration_door_code_is_readable"
            ),
            CheckConstraint(condition=~Q(last_name="") & ~Q(identity_key=""), name="registration_has_a_name"),
            CheckConstraint(
                condition=Q(medium="email") & ~Q(email="") | Q(medium="sms") & ~Q(phone="") | Q(medium="letter"),
                name="registration_medium_reaches_her",
            ),
            CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(withdrawn_reason="merged"),
                name="registration_merged_is_withdrawn",
            ),
        ]
        indexes = [
            Index(
                fields=["rank"],
                condition=Q(confirmed_at__isnull=False, withdrawn_at__isnull=True),
                name="registration_line",
            ),
            Index(fields=["created_at"], condition=Q(confirmed_at__isnull=True), name="registration_unconfirmed"),
            # What a caller can say (booking/search.py): her birthday and a name, her number, her address.
            Index(fields=["birth_date", "search_key"], name="registration_by_birthday"),
            Index(fields=["phone"], condition=~Q(phone=""), name="registration_by_phone"),
            Index(Lower("email"), condition=~Q(email=""), name="registration_by_email"),
        ]

    def __str__(self) -> str:
        return self.case_number

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Draft(models.Model):
    """What somebody has typed into the registration pages so far, kept on the server.

    After sending it stays as the handle of the "where is my e-mail" page. For a person who is registered already
    `registration` stays empty, and the screen says the same as for anybody else.
    """

    key = models.CharField(max_length=43, unique=True)
    case_number = models.CharField(max_length=8, unique=True)
    data = models.JSONField(default=dict)
    registration = models.ForeignKey(Registration, models.CASCADE, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            CheckConstraint(
                condition=Q(registration__isnull=True) | Q(submitted_at__isnull=False),
                name="draft_leads_to_registration_once_sent",
            ),
            CheckConstraint(condition=Q(expires_at__gt=models.F("created_at")), name="draft_expires_after_it_began"),
        ]

    def __str__(self) -> str:
        return self.case_number
