"""No two links have one code. Made and looked at beside the work that writes links; cut off, it runs again."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

ONCE = models.UniqueConstraint(condition=Q(("code_hash__isnull", False)), fields=("code_hash",), name="link_code_once")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("booking", "0019_read_together")]
    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS link_code_once", migrations.RunSQL.noop),
        migrations.RunSQL(
            "CREATE UNIQUE INDEX CONCURRENTLY link_code_once ON booking_accesslink (code_hash) WHERE code_hash IS NOT NULL",
            "DROP INDEX CONCURRENTLY IF EXISTS link_code_once",
            state_operations=[migrations.AddConstraint(model_name="accesslink", constraint=ONCE)],
        ),
        ValidateConstraint(model_name="accesslink", name="link_code_keeps_only_a_hash"),
    ]
