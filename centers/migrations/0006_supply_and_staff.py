"""Deliveries, waste and reserves; who works where; what sessions of several shares have in common."""

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("centers", "0005_one_check_of_the_counter"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("doses", models.PositiveIntegerField()),
                ("due_on", models.DateField(help_text="when it comes, or came")),
                ("first_due_on", models.DateField(help_text="when it was to come at first: later than that is late")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("expected", "expected"),
                            ("confirmed", "confirmed"),
                            ("received", "received"),
                            ("cancelled", "will not come"),
                        ],
                        default="expected",
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("version", models.PositiveIntegerField(default=1)),
                ("entered_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["due_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ReserveRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField()),
                ("percent", models.PositiveSmallIntegerField()),
                ("note", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["vaccine", "valid_from"],
            },
        ),
        migrations.CreateModel(
            name="SessionDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("data", models.JSONField(default=dict)),
                ("saved_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["owner", "center"],
            },
        ),
        migrations.CreateModel(
            name="Waste",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("doses", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("entered_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Workplace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "ordering": ["user", "center"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="session",
            name="session_once_per_start",
        ),
        migrations.RemoveConstraint(
            model_name="session",
            name="session_has_a_line",
        ),
        migrations.AddField(
            model_name="center",
            name="public_id",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="block",
            field=models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="break_ends",
            field=models.TimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="session",
            name="break_starts",
            field=models.TimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="session",
            name="created_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="created_by",
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
            model_name="session",
            name="first_line",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="session",
            name="overlap_confirmed_by",
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
            model_name="session",
            name="places",
            field=models.PositiveIntegerField(blank=True, help_text="of all its start times together", null=True),
        ),
        migrations.AddField(
            model_name="session",
            name="publish_at",
            field=models.DateTimeField(blank=True, help_text="a draft that opens by itself", null=True),
        ),
        migrations.AddField(
            model_name="session",
            name="uncovered_by",
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
            model_name="session",
            name="uncovered_reason",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="why it was published beyond supply", max_length=200
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["center", "date"], name="session_by_center_and_day"),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["block"], name="session_by_block"),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "closed"), _negated=True),
                fields=("center", "vaccine", "contingent", "date", "starts", "first_line"),
                name="session_once_per_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_line__gte", 1), ("lines__gte", 1)), name="session_has_a_line"
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("break_ends__isnull", True), ("break_starts__isnull", True)),
                    models.Q(
                        ("break_ends__gt", models.F("break_starts")),
                        ("break_ends__lt", models.F("ends")),
                        ("break_starts__gt", models.F("starts")),
                    ),
                    _connector="OR",
                ),
                name="session_break_lies_inside",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("publish_at__isnull", True), ("state", "draft"), _connector="OR"),
                name="session_only_a_draft_waits_to_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("uncovered_by__isnull", True), ("uncovered_reason", "")),
                    models.Q(("uncovered_by__isnull", False), models.Q(("uncovered_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="session_uncovered_with_name_and_reason",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="center",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="centers.center",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="entered_by",
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
            model_name="delivery",
            name="vaccine",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="centers.vaccine"
            ),
        ),
        migrations.AddField(
            model_name="reserverule",
            name="vaccine",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reserve_rules",
                to="centers.vaccine",
            ),
        ),
        migrations.AddField(
            model_name="sessiondraft",
            name="center",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="centers.center"
            ),
        ),
        migrations.AddField(
            model_name="sessiondraft",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="waste",
            name="center",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="waste", to="centers.center"
            ),
        ),
        migrations.AddField(
            model_name="waste",
            name="entered_by",
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
            model_name="waste",
            name="vaccine",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="centers.vaccine"
            ),
        ),
        migrations.AddField(
            model_name="workplace",
            name="center",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="workplaces", to="centers.center"
            ),
        ),
        migrations.AddField(
            model_name="workplace",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="workplaces",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["center", "vaccine", "due_on"], name="delivery_by_center"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(condition=models.Q(("doses__gte", 1)), name="delivery_has_doses"),
        ),
        migrations.AddConstraint(
            model_name="reserverule",
            constraint=models.UniqueConstraint(fields=("vaccine", "valid_from"), name="reserve_rule_once_per_day"),
        ),
        migrations.AddConstraint(
            model_name="reserverule",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__lte", 100)), name="reserve_rule_is_a_share"
            ),
        ),
        migrations.AddConstraint(
            model_name="sessiondraft",
            constraint=models.UniqueConstraint(
                fields=("owner", "center"), name="session_draft_one_per_manager_and_center"
            ),
        ),
        migrations.AddIndex(
            model_name="waste",
            index=models.Index(fields=["center", "vaccine", "on"], name="waste_by_center"),
        ),
        migrations.AddConstraint(
            model_name="waste",
            constraint=models.CheckConstraint(condition=models.Q(("doses__gte", 1)), name="waste_has_doses"),
        ),
        migrations.AddConstraint(
            model_name="waste",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="waste_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="workplace",
            constraint=models.UniqueConstraint(fields=("user", "center"), name="workplace_once"),
        ),
    ]
