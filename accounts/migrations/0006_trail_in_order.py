"""The trail in its order: a week of last winter is read as fast as the last one.

The trail is the biggest table, and everything writes into it: its index is made beside the work. Cut off, it runs again.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("accounts", "0005_logins_and_one_email"),
    ]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS audit_in_order", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="auditevent",
            index=models.Index(fields=["at", "id"], name="audit_in_order"),
        ),
        RemoveIndexConcurrently(
            model_name="auditevent",
            name="audit_by_time",
        ),
    ]
