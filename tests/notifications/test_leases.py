from datetime import timedelta

import pytest

from notifications import leases
from notifications.models import Message
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def claim_one(now=NOW) -> Message:
    (message,) = leases.claim(lane="gmx.de", limit=1, now=now)
    return message


def test_claim_takes_the_oldest_of_the_provider(post):
    post("new@gmx.de", now=NOW)
    post("old@gmx.de", now=NOW - timedelta(minutes=1))
    post("other@web.de", now=NOW - timedelta(minutes=2))

    claimed = leases.claim(lane="gmx.de", limit=1, now=NOW)

    assert [(m.recipient, m.state, m.attempts) for m in claimed] == [("old@gmx.de", "sending", 1)]


def test_claimed_messages_are_nobody_elses_until_the_lease_ends(post):
    message = post("a@gmx.de")
    claim_one()

    assert leases.claim(lane="gmx.de", limit=9, now=NOW + leases.LEASE - timedelta(microseconds=1)) == []
    assert leases.claim(lane="gmx.de", limit=9, now=NOW + leases.LEASE) == [message]


def test_all_workers_together_hold_only_so_many_of_one_provider(post):
    for number in range(leases.IN_FLIGHT + 5):
        post(f"{number}@gmx.de")
    post("a@web.de")

    first = leases.claim(lane="gmx.de", limit=leases.IN_FLIGHT - 1, now=NOW)
    second = leases.claim(lane="gmx.de", limit=25, now=NOW)
    third = leases.claim(lane="gmx.de", limit=25, now=NOW)

    assert (len(first), len(second), len(third)) == (leases.IN_FLIGHT - 1, 1, 0)
    assert len(leases.claim(lane="web.de", limit=25, now=NOW)) == 1


def test_due_lanes_lists_each_provider_once_longest_waiting_first(post):
    for number in range(3):
        post(f"{number}@gmx.de")
    post("a@web.de", now=NOW - timedelta(minutes=1))
    post("later@t-online.de", now=NOW + timedelta(minutes=1))

    assert leases.due_lanes(NOW) == ["web.de", "gmx.de"]


def test_deferred_backs_off_in_growing_steps(post):
    message = post("a@gmx.de")
    now, waits = NOW, []
    for _turn in range(6):
        leases.deferred(claim_one(now), reply="451 later", now=now)
        message.refresh_from_db()
        waits.append((message.available_at - now) // timedelta(minutes=1))
        now = message.available_at

    assert waits == [1, 5, 15, 30, 60, 60]
    assert (message.state, message.attempts, message.last_reply) == ("deferred", 6, "451 later")


def test_deferred_gives_up_after_three_days(post):
    message = post("a@gmx.de")
    now = NOW + leases.GIVE_UP_AFTER
    leases.deferred(claim_one(now), reply="451 later", now=now)

    message.refresh_from_db()
    assert (message.state, message.last_reply) == ("bounced", "451 later")


def test_released_does_not_count_against_the_recipient(post):
    message = post("a@gmx.de")
    leases.released([claim_one()], available_at=NOW + timedelta(seconds=15))

    message.refresh_from_db()
    assert (message.state, message.attempts, message.available_at) == ("queued", 0, NOW + timedelta(seconds=15))


def test_a_report_without_a_lease_changes_nothing_unless_it_was_sent(post):
    message = post("a@gmx.de")
    stale = claim_one()
    claim_one(NOW + leases.LEASE)

    leases.bounced(stale, reply="550")
    leases.discarded(stale, reason="no longer true")
    leases.released([stale], available_at=NOW)
    leases.deferred(stale, reply="451", now=NOW)
    message.refresh_from_db()
    assert (message.state, message.available_at) == ("sending", NOW + leases.LEASE * 2)

    leases.sent(stale, reply="250", now=NOW)
    message.refresh_from_db()
    assert (message.state, message.sent_at) == ("sent", NOW)


def test_sent_is_final(post):
    message = post("a@gmx.de")
    leases.sent(claim_one(), reply="250 first", now=NOW)
    leases.sent(message, reply="250 second", now=NOW + timedelta(minutes=1))

    message.refresh_from_db()
    assert (message.sent_at, message.last_reply) == (NOW, "250 first")
