"""An invitation that ran out and was asked for again: the person stands in the line, at her old rank."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("booking", "0002_claim_functions")]
    operations = [
        migrations.AlterField(
            model_name="invitation",
            name="closed_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("expired", "expired"),
                    ("renewed", "expired, and asked for again"),
                    ("withdrawn", "registration withdrawn"),
                ],
                max_length=10,
            ),
        ),
    ]
