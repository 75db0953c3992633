"""The letters of the demo: those of before its first day were posted in batches, a few are of this very moment."""

from datetime import datetime

from django.db import connection

from accounts.models import User

# One batch for each district and day; their PDFs are never made, because nobody needs them any more.
PRINTED = """
WITH letter AS (
    SELECT id, lane, (sent_at AT TIME ZONE %(zone)s)::date AS day, sent_at FROM notifications_message
     WHERE medium = 'letter' AND state = 'sent' AND batch_id IS NULL
), made AS (
    INSERT INTO notifications_printbatch (public_id, lane, day, state, letters, made_at, settled_at, settled_by_id,
                                          posted_on)
    SELECT gen_random_uuid(), lane, day, 'printed', count(*), max(sent_at) - interval '1 hour', max(sent_at), %(by)s,
           day
      FROM letter GROUP BY lane, day
    RETURNING id, lane, day
)
UPDATE notifications_message AS message SET batch_id = made.id
  FROM letter JOIN made USING (lane, day) WHERE letter.id = message.id
"""
# The newest wait for the next batch; the others are due at once.
FRESH = """
UPDATE notifications_message SET available_at = %(now)s
 WHERE id IN (SELECT id FROM notifications_message WHERE medium = 'letter' AND state = 'queued'
              ORDER BY created_at DESC, id DESC LIMIT 2)
"""


def put_in_order(*, by: User, zone: str, now: datetime) -> None:
    """Put the letters that have left into batches, and let some wait for the next one."""
    with connection.cursor() as cursor:
        cursor.execute(PRINTED, {"by": by.pk, "zone": zone})
        cursor.execute(FRESH, {"now": now})
