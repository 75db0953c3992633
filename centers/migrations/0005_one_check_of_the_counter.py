"""One check says all about the counter: PostgreSQL reads every check again for every statement."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("centers", "0004_slots_follow_their_session"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="slot",
            name="slot_never_overbooked",
        ),
        migrations.AlterField(
            model_name="slot",
            name="booked",
            field=models.SmallIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name="slot",
            name="capacity",
            field=models.SmallIntegerField(),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(
                condition=models.Q(("booked__gte", 0), ("booked__lte", models.F("capacity"))),
                name="slot_never_overbooked",
            ),
        ),
    ]
