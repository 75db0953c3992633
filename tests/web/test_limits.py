"""How often something may be tried: in Valkey, and without it."""

from datetime import UTC, datetime, timedelta

import pytest
import redis
import time_machine

from tests.factories import NOW
from web import limits

GONE = "unix:///nowhere/valkey.sock?db=0"


@pytest.fixture(autouse=True)
def _numbers(settings):
    settings.RATE_LIMITS = {"resend": "3/day", "link_token": "2/15 minutes"}


@pytest.fixture
def _without_valkey(settings):
    settings.REDIS_URL = GONE
    limits._counters.cache_clear()
    yield
    limits._counters.cache_clear()


def test_limit_lets_so_many_through_and_then_names_the_time():
    with time_machine.travel(NOW, tick=False):
        answers = [limits.hit("link_token", "a", now=NOW) for _try in range(3)]

    assert answers[:2] == [None, None]
    assert NOW + timedelta(minutes=14) < answers[2] <= NOW + timedelta(minutes=15, seconds=1)


def test_limit_opens_again_after_its_time():
    with time_machine.travel(NOW, tick=False):
        for _try in range(3):
            limits.hit("link_token", "b", now=NOW)
    later = NOW + timedelta(minutes=16)
    with time_machine.travel(later, tick=False):
        assert limits.hit("link_token", "b", now=later) is None


def test_limits_of_different_people_do_not_meet():
    for _try in range(3):
        limits.hit("link_token", "c", now=NOW)

    assert limits.hit("link_token", "d", now=NOW) is None


def test_left_counts_down_without_counting():
    assert limits.left("resend", "e") == 3
    limits.hit("resend", "e", now=NOW)
    assert [limits.left("resend", "e") for _time in range(2)] == [2, 2]


def test_first_refusal_stops_at_the_first_limit_that_is_reached():
    for _try in range(2):
        limits.hit("link_token", "f", now=NOW)

    assert limits.first_refusal([("link_token", "f"), ("resend", "f")], now=NOW) is not None
    assert limits.left("resend", "f") == 3


def test_valkey_holds_no_address_in_clear(settings):
    limits.hit("resend", "ingeborg@example.org", now=NOW)

    with redis.from_url(settings.REDIS_URL) as valkey:
        keys = b" ".join(valkey.scan_iter("*"))
    assert b"LIMITS" in keys
    assert b"ingeborg" not in keys


@pytest.mark.usefixtures("_without_valkey")
def test_without_valkey_the_process_counts(caplog):
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        now = datetime.now(UTC)
        answers = [limits.hit("link_token", "g", now=now) for _try in range(3)]

        assert answers[:2] == [None, None]
        assert answers[2] > now
        assert clock is not None
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "network"),
    [
        ("203.0.113.7", "", 0, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", 0, "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", 2, "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1", 3, "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "", 0, "203.0.113.7"),
        ("203.0.113.7:50312", "", 0, "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1:443", 1, "198.51.100.1"),
        ("10.0.0.1", "[2001:db8:1:2:3:4:5:6]:443", 1, "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:3:4:5:6]", "", 0, "2001:db8:1:2::/64"),
        ("", "198.51.100.1:443", 1, "198.51.100.1"),
        ("", "", 0, "unknown"),
        ("10.0.0.1", "<script>", 1, "unknown"),
    ],
)
def test_address_is_the_visitors_network(rf, settings, peer, forwarded, proxies, network):
    settings.TRUSTED_PROXIES = proxies

    request = rf.get("/", REMOTE_ADDR=peer, headers={"X-Forwarded-For": forwarded} if forwarded else {})

    assert limits.address(request) == network


def test_an_unknown_address_locks_nobody_out(rf):
    nobody = limits.address(rf.get("/", REMOTE_ADDR=""))

    assert [limits.hit("link_token", nobody, now=NOW) for _try in range(4)] == [None] * 4


def test_wait_text_rounds_up_and_names_another_day():
    today = limits.wait_text(NOW + timedelta(minutes=15, seconds=20), now=NOW)
    tomorrow = limits.wait_text(NOW + timedelta(days=1), now=NOW)

    assert today == "Das war sehr oft. Bitte versuchen Sie es um 10:16\u00a0Uhr wieder."
    assert tomorrow == "Das war sehr oft. Bitte versuchen Sie es am 17.\u00a0Februar 2021 um 10:00\u00a0Uhr wieder."


def test_page_for_too_many_tries_says_when_to_come_back(rf, db):
    response = limits.too_many(rf.get("/"), NOW + timedelta(minutes=20), now=NOW)

    assert (response.status_code, response["Retry-After"]) == (429, "1201")
    assert "10:20\u00a0Uhr" in response.content.decode()
