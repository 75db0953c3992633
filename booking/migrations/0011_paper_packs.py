"""The paper pack of a center and day, made in advance."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0010_at_the_door_and_changes"),
        ("centers", "0006_supply_and_staff"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaperPack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("checked_at", models.DateTimeField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("appointments", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                (
                    "center",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="centers.center",
                    ),
                ),
            ],
            options={
                "ordering": ["day", "pk"],
                "indexes": [models.Index(fields=["day"], name="paper_pack_by_day")],
                "constraints": [
                    models.UniqueConstraint(fields=("center", "day"), name="paper_pack_once_per_center_and_day"),
                    models.CheckConstraint(
                        condition=models.Q(("checked_at__gte", models.F("made_at"))),
                        name="paper_pack_made_before_it_is_checked",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("content", b""), _negated=True), name="paper_pack_is_not_empty"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fingerprint__regex", "^[0-9a-f]{64}$")),
                        name="paper_pack_has_a_fingerprint",
                    ),
                ],
            },
        ),
    ]
