"""A loose accent between letters is an apostrophe, and a final sigma a sigma: as booking/identity.py has it."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
# A generated column keeps what the function said when the row was written: those that it now says otherwise again.
AGAIN = """
UPDATE booking_registration SET last_name = last_name
 WHERE search_key <> search_key((COALESCE(first_name, '') || ' ') || COALESCE(last_name, ''))
"""


class Migration(migrations.Migration):
    dependencies = [("booking", "0014_by_her_medium")]
    operations = [
        migrations.RunSQL((SQL / "search_key.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL(AGAIN, migrations.RunSQL.noop),
    ]
