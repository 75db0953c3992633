"""A link that goes by letter has a short code: its keyed hash. The index of those that have one: 0020."""

from django.contrib.postgres.operations import AddConstraintNotValid
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
        AddConstraintNotValid(  # holds for every row that is written from now on; those there are looked at in 0020
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
