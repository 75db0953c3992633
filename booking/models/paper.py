"""The paper pack of a center's day, made in advance for the hour without power or network."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from centers.models import Center


class PaperPack(models.Model):
    """The newest PDF of one center and day. It holds names, so it is deleted once the day is over.

    It lies in the database and not on a disk: any web process can hand it out. `fingerprint` is that of everything
    it says except its own moment; as long as it is the same, `checked_at` moves on and the PDF stays.
    """

    center = models.ForeignKey(Center, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    made_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    fingerprint = models.CharField(max_length=64)
    appointments = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["day", "pk"]
        constraints = [
            UniqueConstraint(fields=["center", "day"], name="paper_pack_once_per_center_and_day"),
            CheckConstraint(condition=Q(checked_at__gte=F("made_at")), name="paper_pack_made_before_it_is_checked"),
            CheckConstraint(condition=~Q(content=b""), name="paper_pack_is_not_empty"),
            CheckConstraint(condition=Q(fingerprint__regex=r"^[0-9a-f]{64}$"), name="paper_pack_has_a_fingerprint"),
        ]
        indexes = [models.Index(fields=["day"], name="paper_pack_by_day")]

    def __str__(self) -> str:
        return f"{self.center_id} {self.day} {self.made_at:%H:%M}"
