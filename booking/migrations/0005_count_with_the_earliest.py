"""The search for the earliest series counts the places of that day in the same probe."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
# With the parameters it had; a fresh database has never had them, because 0002 reads the file of today.
DROP_OLD = """
DROP FUNCTION IF EXISTS earliest_series(bigint, date, text, text[], bigint[], timestamptz[], timestamptz[], int[], int[],
                                        text[], bigint[], timestamptz[], timestamptz[]);
"""


class Migration(migrations.Migration):
    dependencies = [("booking", "0004_write_less")]
    operations = [
        migrations.RunSQL(DROP_OLD, migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "earliest_series.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
