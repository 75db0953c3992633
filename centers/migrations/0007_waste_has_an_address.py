"""Waste that was entered by mistake is taken back by its address, which must not be a number that counts up."""

import uuid

import django.contrib.postgres.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("centers", "0006_supply_and_staff")]

    operations = [
        migrations.AddField(
            model_name="waste",
            name="public_id",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(),
                default=uuid.uuid4,
                editable=False,
                unique=True,
            ),
        ),
    ]
