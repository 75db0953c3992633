"""No index on the Message-ID: nothing looks it up, and every message wrote a random page of it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="message_public_id",
        ),
    ]
