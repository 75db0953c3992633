"""What a member of staff may do is a list of roles."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_write_less"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={},
        ),
        migrations.AddField(
            model_name="user",
            name="roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("call_agent", "call-center agent"),
                        ("call_lead", "call-center lead"),
                        ("center_staff", "center staff"),
                        ("center_manager", "center manager"),
                        ("planner", "planner"),
                        ("auditor", "auditor"),
                        ("administrator", "administrator"),
                    ],
                    max_length=20,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "roles__contained_by",
                        [
                            "call_agent",
                            "call_lead",
                            "center_staff",
                            "center_manager",
                            "planner",
                            "auditor",
                            "administrator",
                        ],
                    )
                ),
                name="user_roles_exist",
            ),
        ),
    ]
