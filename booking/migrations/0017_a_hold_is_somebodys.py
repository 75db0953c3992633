"""Places kept in a call are kept for somebody: another person of that call must not be booked with them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("booking", "0016_call_backs_rest")]
    operations = [
        migrations.AddField(
            model_name="hold",
            name="registration",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="booking.registration",
            ),
        ),
    ]
