"""A slot's copies of center, vaccine and contingent are bound to its session; room for updates in place.

The fill factor leaves space on each page so that raising `booked` rewrites the row beside itself, without touching any
index (heap-only tuple; performance.md 1).
"""

from django.db import migrations

BIND = """
ALTER TABLE centers_slot ADD CONSTRAINT slot_true_to_its_session
    FOREIGN KEY (session_id, center_id, vaccine_id, contingent_id)
    REFERENCES centers_session (id, center_id, vaccine_id, contingent_id);
ALTER TABLE centers_slot SET (fillfactor = 60);
"""
LOOSEN = """
ALTER TABLE centers_slot DROP CONSTRAINT slot_true_to_its_session;
ALTER TABLE centers_slot RESET (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("centers", "0001_initial")]
    operations = [migrations.RunSQL(BIND, LOOSEN)]
