"""Whose letter came back is found by an index, made beside the work that writes messages. Cut off, it runs again."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0004_made_anew_by_a_worker")]
    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS message_printed_for", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(condition=Q(("batch__isnull", False)), fields=["recipient"], name="message_printed_for"),
        ),
    ]
