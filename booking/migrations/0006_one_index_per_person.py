"""One index finds the appointments of a person and keeps each dose single: a booking writes two entries less."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0005_count_with_the_earliest"),
        ("centers", "0002_slot_is_true_to_its_session"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="appointment",
            name="appointment_one_live_per_dose",
        ),
        migrations.AlterField(
            model_name="appointment",
            name="registration",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appointments",
                to="booking.registration",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.UniqueConstraint(
                models.F("registration"),
                models.F("dose_number"),
                models.Case(
                    models.When(status__in=("booked", "arrived", "vaccinated"), then=models.Value(0)),
                    default=models.F("id"),
                    output_field=models.BigIntegerField(),
                ),
                name="appointment_one_live_per_dose",
            ),
        ),
    ]
