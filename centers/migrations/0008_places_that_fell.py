"""How many places of a session came from, or went to, another share of its block."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("centers", "0007_waste_has_an_address")]
    operations = [
        migrations.AddField("session", "fallen", models.IntegerField(default=0, db_default=0, editable=False)),
    ]
