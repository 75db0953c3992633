"""Who did not answer rests for a while before she is called again."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("booking", "0015_apostrophes_in_names")]
    operations = [
        migrations.AddField(
            "callback",
            "again_at",
            models.DateTimeField(null=True, blank=True, help_text="nobody answered: not before this moment"),
        ),
        migrations.AddConstraint(
            "callback",
            models.CheckConstraint(
                condition=Q(again_at__isnull=True) | Q(taken_at__isnull=True, done_at__isnull=True),
                name="call_back_rests_with_nobody",
            ),
        ),
    ]
