"""A link that goes by letter has a short code: its keyed hash, and one index of those that have one."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("booking", "0017_a_hold_is_somebodys")]
    operations = [
        migrations.AddField(
            model_name="accesslink",
            name="code_hash",
            field=models.CharField(blank=True, editable=False, max_length=64, null=True),
        ),
        migrations.AddConstraint(
            model_name="accesslink",
            constraint=models.UniqueConstraint(
                condition=Q(("code_hash__isnull", False)), fields=("code_hash",), name="link_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="accesslink",
            constraint=models.CheckConstraint(
                condition=Q(
                    ("code_hash__isnull", True),
                    Q(("code_hash__regex", "^[0-9a-f]{64}$"), ("purpose", "visit")),
                    _connector="OR",
                ),
                name="link_code_keeps_only_a_hash",
            ),
        ),
    ]
