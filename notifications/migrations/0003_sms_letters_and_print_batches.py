"""SMS and letters beside e-mails; letters leave in print batches."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0002_write_less"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PrintBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("lane", models.CharField(max_length=255)),
                ("day", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("made", "to be printed"),
                            ("printed", "printed"),
                            ("failed", "failed, to be printed again"),
                        ],
                        default="made",
                        max_length=10,
                    ),
                ),
                ("letters", models.PositiveIntegerField()),
                ("content", models.BinaryField(blank=True, null=True)),
                ("made_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("posted_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "ordering": ["made_at", "pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="message_medium_exists",
        ),
        migrations.AlterField(
            model_name="message",
            name="lane",
            field=models.CharField(
                help_text="the provider: the domain of the address; of a letter, its district", max_length=255
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="medium",
            field=models.CharField(
                choices=[("email", "e-mail"), ("sms", "SMS"), ("letter", "letter")],
                db_default="email",
                default="email",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="printbatch",
            name="again_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="notifications.printbatch",
            ),
        ),
        migrations.AddField(
            model_name="printbatch",
            name="settled_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="batch",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="notifications.printbatch",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(condition=models.Q(("batch__isnull", False)), fields=["batch"], name="message_by_batch"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("medium__in", ["email", "sms", "letter"])), name="message_medium_exists"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("batch__isnull", True), ("medium", "letter"), _connector="OR"),
                name="message_letters_are_printed",
            ),
        ),
        migrations.AddIndex(
            model_name="printbatch",
            index=models.Index(fields=["day"], name="print_batch_by_day"),
        ),
        migrations.AddConstraint(
            model_name="printbatch",
            constraint=models.CheckConstraint(condition=models.Q(("letters__gte", 1)), name="print_batch_is_not_empty"),
        ),
        migrations.AddConstraint(
            model_name="printbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at__isnull", True), ("settled_by__isnull", True), ("state", "made")),
                    models.Q(
                        ("settled_at__isnull", False),
                        ("settled_by__isnull", False),
                        ("state__in", ["printed", "failed"]),
                    ),
                    _connector="OR",
                ),
                name="print_batch_settled_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="printbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("posted_on__isnull", True),
                    models.Q(("posted_on__gte", models.F("day")), ("state", "printed")),
                    _connector="OR",
                ),
                name="print_batch_posted_once_printed",
            ),
        ),
        migrations.AddConstraint(
            model_name="printbatch",
            constraint=models.UniqueConstraint(fields=("again_of",), name="print_batch_printed_again_once"),
        ),
    ]
