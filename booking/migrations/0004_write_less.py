"""Every booking writes less: indexes that nothing asks, and the link of a message that is made when it is composed."""

import uuid
from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"
# With the parameters they had; a fresh database has never had them, because 0002 reads the files of today.
DROP_OLD = """
DROP FUNCTION IF EXISTS claim_series(bigint, bigint, int, timestamptz, date, text, bigint[], timestamptz[], timestamptz[],
                                     text, bigint, timestamptz, text, uuid, text, timestamptz);
DROP FUNCTION IF EXISTS move_appointments(bigint, bigint[], bigint[], bigint, timestamptz, text, uuid, text, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0003_invitation_renewed"),
    ]

    operations = [
        migrations.RunSQL(DROP_OLD, migrations.RunSQL.noop),
        *(
            migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)
            for name in ("claim_series", "move_appointments")
        ),
        migrations.RemoveIndex(
            model_name="appointment",
            name="appointment_of_person",
        ),
        migrations.AlterField(
            model_name="accesslink",
            name="nonce",
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
        migrations.AlterField(
            model_name="accesslink",
            name="token_hash",
            field=models.CharField(editable=False, max_length=64),
        ),
        migrations.AlterField(
            model_name="appointment",
            name="public_id",
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
        migrations.AddConstraint(
            model_name="accesslink",
            constraint=models.UniqueConstraint(fields=("token_hash",), name="link_token_once"),
        ),
    ]
