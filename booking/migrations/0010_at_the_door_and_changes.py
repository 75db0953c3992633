"""Arrivals, vaccinations and deferrals; changes with a case per person; appointments that lost their place."""

import uuid
from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0009_ask_less"),
        ("centers", "0006_supply_and_staff"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Arrival",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "evidence_seen",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10), blank=True, default=list, size=None
                    ),
                ),
                (
                    "overruled",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
                ("overruled_by", models.CharField(blank=True, max_length=120)),
                ("overruled_reason", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("group", models.CharField(max_length=20)),
                ("decision", models.CharField(max_length=10)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("waiting", "waits"),
                            ("moved", "moved"),
                            ("kept", "kept without a place"),
                            ("cancelled", "cancelled, invited again"),
                            ("gone", "was no longer concerned"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "details",
                    models.JSONField(default=dict, help_text="slots before and after; nothing about the person"),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "call",
                    models.CharField(
                        choices=[
                            ("none", "no call needed"),
                            ("open", "to be called"),
                            ("tried", "not reached yet"),
                            ("reached", "reached"),
                        ],
                        default="none",
                        max_length=10,
                    ),
                ),
                ("call_reason", models.CharField(blank=True, max_length=20)),
                ("called_at", models.DateTimeField(blank=True, null=True)),
                ("call_tries", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["change", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("suspend", "suspend"),
                            ("reinstate", "reinstate"),
                            ("close", "close"),
                            ("last_day", "close the center for good"),
                            ("reshape", "change times or lines"),
                        ],
                        max_length=10,
                    ),
                ),
                ("scope", models.JSONField()),
                (
                    "sessions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), help_text="pks of the sessions concerned", size=None
                    ),
                ),
                ("decisions", models.JSONField(default=dict)),
                ("reason", models.CharField(max_length=200)),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "running"), ("stopped", "stopped"), ("done", "done")],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-started_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Deferral",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("evidence", "evidence was missing"),
                            ("rules", "the rules do not allow it today"),
                            ("medical", "the physician advised against it today"),
                            ("own_wish", "did not want it today"),
                            ("no_vaccine", "no vaccine was left"),
                            ("other", "another reason"),
                        ],
                        max_length=20,
                    ),
                ),
                ("for_good", models.BooleanField(default=False, help_text="refused: no new appointment is wanted")),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Vaccination",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("given_at", models.DateTimeField()),
                ("batch_number", models.CharField(max_length=20)),
                ("responsible", models.CharField(help_text="the physician in charge", max_length=120)),
                ("entered_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["given_at", "pk"],
            },
        ),
        migrations.AddField(
            model_name="appointment",
            name="displaced_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="appointment",
            name="cancelled_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("own_wish", "cancelled by the person"),
                    ("withdrawn", "registration ended"),
                    ("vaccinated_elsewhere", "vaccinated elsewhere"),
                    ("by_center", "cancelled by the center"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="appointment",
            name="status",
            field=models.CharField(
                choices=[
                    ("booked", "booked"),
                    ("arrived", "arrived"),
                    ("vaccinated", "vaccinated"),
                    ("cancelled", "cancelled"),
                    ("no_show", "did not come"),
                    ("deferred", "not vaccinated that day"),
                ],
                default="booked",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("displaced_at__isnull", True), ("status__in", ("booked", "arrived", "vaccinated")), _connector="OR"
                ),
                name="appointment_displaced_only_while_live",
            ),
        ),
        migrations.AddField(
            model_name="arrival",
            name="appointment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="arrival", to="booking.appointment"
            ),
        ),
        migrations.AddField(
            model_name="arrival",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="called_by",
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
            model_name="case",
            name="registration",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="cases", to="booking.registration"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="center",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="centers.center"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="started_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="stopped_by",
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
            model_name="case",
            name="change",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="cases", to="booking.change"
            ),
        ),
        migrations.AddField(
            model_name="deferral",
            name="appointment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="deferral", to="booking.appointment"
            ),
        ),
        migrations.AddField(
            model_name="deferral",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="vaccination",
            name="appointment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="vaccination", to="booking.appointment"
            ),
        ),
        migrations.AddField(
            model_name="vaccination",
            name="entered_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="vaccination",
            name="vaccine",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="centers.vaccine"
            ),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("overruled", []), ("overruled_by", ""), ("overruled_reason", "")),
                    models.Q(
                        models.Q(("overruled", []), _negated=True),
                        models.Q(("overruled_by", ""), _negated=True),
                        models.Q(("overruled_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="arrival_overruled_with_name_and_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(fields=["center", "-started_at"], name="change_by_center"),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(condition=models.Q(("state", "running")), fields=["started_at"], name="change_running"),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="change_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", False), ("state", "done")),
                    models.Q(models.Q(("state", "done"), _negated=True), ("finished_at__isnull", True)),
                    _connector="OR",
                ),
                name="change_done_with_time",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("outcome", "waiting")), fields=["change", "id"], name="case_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                fields=("change", "registration"), name="case_one_per_person_and_change"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", True), ("outcome", "waiting")),
                    models.Q(models.Q(("outcome", "waiting"), _negated=True), ("done_at__isnull", False)),
                    _connector="OR",
                ),
                name="case_done_with_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("called_at__isnull", True), ("called_by__isnull", True)),
                    models.Q(("called_at__isnull", False), ("called_by__isnull", False)),
                    _connector="OR",
                ),
                name="case_called_with_time_and_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="vaccination",
            constraint=models.CheckConstraint(
                condition=models.Q(("batch_number__regex", "^[A-Z0-9][A-Z0-9-]{2,19}$")),
                name="vaccination_batch_is_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="vaccination",
            constraint=models.CheckConstraint(
                condition=models.Q(("responsible", ""), _negated=True), name="vaccination_names_who_answers"
            ),
        ),
        migrations.AddConstraint(
            model_name="vaccination",
            constraint=models.CheckConstraint(
                condition=models.Q(("given_at__lte", models.F("entered_at"))),
                name="vaccination_given_before_it_is_entered",
            ),
        ),
        migrations.RunSQL((SQL / "move_appointments.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
