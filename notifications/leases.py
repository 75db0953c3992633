"""Who sends a message: a lease, kept in `available_at`, and what became of it.

A message is claimed and the claim committed before anything is said to a mail server: an SMTP dialogue inside a
transaction would hold its snapshot open for everybody (performance.md 2). A worker that dies needs no rescuer: the
lease runs out, and the message is due again.

The lease is also the fence: what a worker reports counts only while its own lease stands. The one exception is
"sent", because it is a fact about the world that no later holder can undo.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from notifications.models import Message, MessageQuerySet

LEASE = timedelta(minutes=3)  # longer than any batch may take (delivery.Pace)
IN_FLIGHT = 100  # messages of one provider that all workers together hold at a time

# A provider that says "not now": greylisting wants minutes, a full or broken server hours (RFC 5321 §4.5.4.1).
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 30)]
BACK_OFF_LATER = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=72)
MOST_ATTEMPTS = 100
REPLY_LENGTH = 500

# Where anything waits, each lane by one step in the index `message_due`, whatever waits behind it.
_LANES = """
WITH RECURSIVE lanes AS (
    (SELECT lane FROM notifications_message
     WHERE state IN ('queued', 'sending', 'deferred') ORDER BY lane LIMIT 1)
    UNION ALL
    SELECT (SELECT lane FROM notifications_message
            WHERE state IN ('queued', 'sending', 'deferred') AND lane > lanes.lane ORDER BY lane LIMIT 1)
    FROM lanes WHERE lanes.lane IS NOT NULL
)
"""
# Letters wait for the printer, in a lane per district: few steps, too.
LETTER_LANES = f"{_LANES} SELECT lane FROM lanes WHERE lane LIKE 'letter:%%'"  # noqa: S608 - our own words
DUE_LANES = f"""{_LANES}
SELECT lane FROM (SELECT lane FROM lanes WHERE lane NOT LIKE 'letter:%%') AS lanes
CROSS JOIN LATERAL (
    SELECT available_at FROM notifications_message AS message
    WHERE message.lane = lanes.lane AND state IN ('queued', 'sending', 'deferred') AND available_at <= %s
    ORDER BY available_at LIMIT 1
) AS first
ORDER BY first.available_at, lane
"""  # noqa: S608 - our own words


def due_lanes(now: datetime) -> list[str]:
    """Every provider with a due message, the one that has waited longest first."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(DUE_LANES, [now])
        return [lane for (lane,) in cursor.fetchall()]


def letter_lanes() -> list[str]:
    """The lanes in which letters wait or lie in batches that are not printed yet."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(LETTER_LANES, [])
        return [lane for (lane,) in cursor.fetchall()]


@transaction.atomic
def claim(*, lane: str, limit: int, now: datetime) -> list[Message]:
    """Lease the oldest due messages of one provider to this worker, stepping over rows others hold.

    All workers together hold at most IN_FLIGHT messages of a provider, so that a slow one cannot swallow them.
    """
    held = Message.objects.filter(lane=lane, state=Message.State.SENDING, available_at__gt=now).count()
    room = min(limit, IN_FLIGHT - held)
    if room <= 0:
        return []
    due = Message.objects.due(now).filter(lane=lane)
    messages = list(due.select_for_update(skip_locked=True, no_key=True)[:room])
    lease = now + LEASE
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(
        state=Message.State.SENDING, attempts=F("attempts") + 1, available_at=lease
    )
    for message in messages:
        message.state, message.available_at = Message.State.SENDING, lease
        message.attempts += 1
    return messages


def sent(message: Message, *, reply: str, now: datetime) -> None:
    """The provider has taken it. Recorded even when the lease had run out: nobody must send it again."""
    Message.objects.filter(pk=message.pk, sent_at__isnull=True).update(
        state=Message.State.SENT, sent_at=now, last_reply=reply[:REPLY_LENGTH]
    )


def deferred(message: Message, *, reply: str, now: datetime, after: timedelta = timedelta(0)) -> None:
    """Not now: due again after the back-off (`after`, if the provider asks for more), or given up when the provider has
    refused it for three days.
    """
    again = now + max(back_off(message.attempts), after)
    if message.attempts >= MOST_ATTEMPTS or again > message.created_at + GIVE_UP_AFTER:
        bounced(message, reply=reply)
    else:
        _held(message).update(state=Message.State.DEFERRED, available_at=again, last_reply=reply[:REPLY_LENGTH])


def bounced(message: Message, *, reply: str) -> None:
    """Refused for good."""
    _held(message).update(state=Message.State.BOUNCED, last_reply=reply[:REPLY_LENGTH])


def discarded(message: Message, *, reason: str) -> None:
    """Not sent: what it wanted to say is no longer true."""
    _held(message).update(state=Message.State.DISCARDED, last_reply=reason)


def released(messages: Sequence[Message], *, available_at: datetime) -> None:
    """Given back unsent, by no fault of the recipient: the attempt does not count."""
    for message in messages:
        state = Message.State.DEFERRED if message.attempts > 1 else Message.State.QUEUED
        _held(message).update(state=state, attempts=F("attempts") - 1, available_at=available_at)


def back_off(attempts: int) -> timedelta:
    """How long to wait after the `attempts`-th try."""
    return BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else BACK_OFF_LATER


def _held(message: Message) -> MessageQuerySet:
    """The row, if this worker's lease still stands."""
    return Message.objects.filter(pk=message.pk, state=Message.State.SENDING, available_at=message.available_at)
