"""A batch whose print failed is made anew by a worker."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0003_sms_letters_and_print_batches"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RemoveConstraint(model_name="printbatch", name="print_batch_settled_by_somebody"),
        migrations.AddField(
            model_name="printbatch",
            name="remake_at",
            field=models.DateTimeField(blank=True, help_text="from when a worker makes it anew", null=True),
        ),
        migrations.AlterField(
            model_name="printbatch",
            name="state",
            field=models.CharField(
                choices=[
                    ("made", "to be printed"),
                    ("printed", "printed"),
                    ("remaking", "failed, being made anew"),
                    ("failed", "failed, to be printed again"),
                ],
                default="made",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="printbatch",
            constraint=models.CheckConstraint(
                condition=Q(("settled_at__isnull", True), ("settled_by__isnull", True), ("state", "made"))
                | Q(
                    ("settled_at__isnull", False),
                    ("settled_by__isnull", False),
                    ("state__in", ["printed", "remaking", "failed"]),
                ),
                name="print_batch_settled_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="printbatch",
            constraint=models.CheckConstraint(
                condition=Q(("remake_at__isnull", False), ("state", "remaking"))
                | Q(Q(("state", "remaking"), _negated=True), ("remake_at__isnull", True)),
                name="print_batch_remade_when_due",
            ),
        ),
        migrations.AddIndex(
            model_name="printbatch",
            index=models.Index(
                condition=Q(("remake_at__isnull", False)), fields=["remake_at"], name="print_batch_to_remake"
            ),
        ),
    ]
