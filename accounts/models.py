"""Who acts, and the trail of what was done and seen."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.roles import Role


class User(AbstractUser):
    """A member of staff. Citizens have no account: an access link is their key."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    roles = ArrayField(models.CharField(max_length=20, choices=Role), default=list, blank=True)
    logins = models.PositiveIntegerField(default=0, db_default=0, help_text="raised to end every login at once")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(roles__contained_by=Role.values), name="user_roles_exist"),
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="user_email_once"),
        ]

    def has_role(self, *roles: Role) -> bool:
        """True when she is active and has at least one of them."""
        return self.is_active and not set(roles).isdisjoint(self.roles)

    @property
    def display_name(self) -> str:
        """First and last name, or what she logs in with."""
        return self.get_full_name() or self.username

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """What a login must carry to count: it ends with a new password, and when `logins` is raised."""
        signed = f"{self.password}\0{self.logins}"
        return salted_hmac("accounts.User.session", signed, secret=secret, algorithm="sha256").hexdigest()


class AuditEvent(models.Model):
    """Who did or saw what, when, and for which reason.

    Append-only: the migration `append_only_audit` refuses UPDATE, DELETE and TRUNCATE in the database. The subject is
    a random id and no name, so the trail survives the deletion of the person's data.
    """

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    action = models.CharField(max_length=60)
    subject = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(action=""), name="audit_names_its_action")]
        indexes = [
            models.Index(fields=["subject", "at"], name="audit_by_subject"),
            # What citizens do themselves has no actor, and is most of it.
            models.Index(fields=["actor", "at"], condition=Q(actor__isnull=False), name="audit_by_actor"),
            # Any week of the trail in its order, however old: pages and files go on where the last rows ended.
            models.Index(fields=["at", "id"], name="audit_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"
