"""How often something may be tried: counted in Valkey, and in this process while Valkey is gone.

A limit never keeps an address or a contact in clear: the counter's name is an HMAC. Numbers are generous, because a
family, a care home or a whole company stands behind one address; what must be narrow (birth dates per link) is also
counted in the database by the service that guards it. `RATE_LIMITS` in the settings overrides single numbers.
"""

import ipaddress
import logging
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from web.templatetags.impftermin import local_time, plain_date

T = TypeVar("T")
logger = logging.getLogger(__name__)

# What is counted for whom. "per address" is the network address of the visitor, IPv6 by its /64.
DEFAULTS = {
    "register_start": "600/hour",  # new drafts per address
    "register_send": "300/hour",  # registrations per address
    "register_contact": "50/day",  # registrations sent or led to one e-mail address or phone: a care home has one
    "resend": "3/day",  # per registration
    "change_email": "5/day",  # per registration
    "link_address": "120/15 minutes",  # exchanges and birth dates per address
    "link_code": "120/15 minutes",  # codes of letters typed per address
    "link_token": "5/15 minutes",  # birth dates per link, whether the link exists or not
    "new_link_address": "30/hour",  # per address
    "find": "60/10 minutes",  # searches per agent of the call center
    "find_open": "300/day",  # people opened per agent of the call center
    "login_failed": "100/10 minutes",  # wrong passwords and codes of the staff per address, whoever succeeds beside
    "new_link_case": "3/day",  # per link, or case number with birth date, whether it exists or not
    "door_search": "1500/hour",  # searches of the own day list per member of staff: typing counts as several
    "door_elsewhere": "120/hour",  # looking for anybody of the Land, per member of staff: taking one person in is two
}
# Valkey answers in a millisecond or is not there; nobody waits for it longer than this.
PATIENCE_SECONDS = 0.25
RETRY_VALKEY_AFTER_SECONDS = 10.0
# Some proxies send the port along: 203.0.113.7:50312, [2001:db8::1]:50312.
WITH_PORT = re.compile(r"\[([^]]+)\](?::\d+)?|([\d.]+):\d+")
UNKNOWN = "unknown"


@dataclass
class _Counters:
    """The two places a count may live in. `valkey_after` is the monotonic time from which Valkey is asked again."""

    valkey: Storage
    here: Storage
    valkey_after: float = 0.0


@lru_cache(maxsize=4)
def _counters(url: str) -> _Counters:
    address = f"redis+{url}" if url.startswith("unix://") else url
    valkey = RedisStorage(address, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS)
    return _Counters(valkey, MemoryStorage())


@lru_cache(maxsize=64)
def _parsed(amount: str) -> RateLimitItem:
    return parse(amount)


def _item(name: str) -> RateLimitItem:
    return _parsed({**DEFAULTS, **settings.RATE_LIMITS}[name])


def hit(name: str, whom: str, *, now: datetime) -> datetime | None:
    """Count one try. None: go on. A moment: too often, may be tried again then.

    An unknown address is not counted: it would be the same for everybody, and the first few would lock out the rest.
    """
    if whom == UNKNOWN:
        _say_unknown()
        return None
    item, key = _item(name), _key(name, whom)
    reset = _count(item, key)
    return None if reset is None else max(now, datetime.fromtimestamp(reset, UTC))


@lru_cache(maxsize=1)
def _say_unknown() -> None:
    """Once per process, or the log would fill in a rush."""
    logger.warning("The visitors' addresses are not known, nothing is limited per address: check TRUSTED_PROXIES.")


def first_refusal(tries: Iterable[tuple[str, str]], *, now: datetime) -> datetime | None:
    """Count every (name, whom) in turn; the first that is too often stops the count and is returned."""
    return next((until for name, whom in tries if (until := hit(name, whom, now=now))), None)


def left(name: str, whom: str) -> int:
    """How many tries are left, without counting one."""
    item, key = _item(name), _key(name, whom)
    return max(0, _ask(lambda limiter: limiter.get_window_stats(item, key).remaining))


def _count(item: RateLimitItem, key: str) -> float | None:
    def take(limiter: MovingWindowRateLimiter) -> float | None:
        return None if limiter.hit(item, key) else limiter.get_window_stats(item, key).reset_time

    return _ask(take)


def _ask(question: Callable[[MovingWindowRateLimiter], T]) -> T:
    """Ask Valkey; when it does not answer, ask our own memory, and leave Valkey alone for a while."""
    counters = _counters(settings.REDIS_URL)
    if time.monotonic() >= counters.valkey_after:
        try:
            return question(MovingWindowRateLimiter(counters.valkey))
        except (RedisError, OSError) as gone:
            logger.warning("Valkey does not answer, limits are counted per process: %s", type(gone).__name__)
            counters.valkey_after = time.monotonic() + RETRY_VALKEY_AFTER_SECONDS
    return question(MovingWindowRateLimiter(counters.here))


def _key(name: str, whom: str) -> str:
    return salted_hmac("web.limits", f"{name}\0{whom}", algorithm="sha256").hexdigest()[:32]


def address(request: HttpRequest) -> str:
    """The visitor's network address; a /64 for IPv6, because one home has a whole one.

    `X-Forwarded-For` is believed for as many of its last entries as there are trusted proxies of our own.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.TRUSTED_PROXIES and forwarded:
        peer = forwarded[-min(settings.TRUSTED_PROXIES, len(forwarded))]
    return _network(peer)


def _network(text: str) -> str:
    parts = WITH_PORT.fullmatch(text)
    try:
        found = ipaddress.ip_address((parts[1] or parts[2]) if parts else text)
    except ValueError:
        return UNKNOWN
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def wait_text(until: datetime, *, now: datetime) -> str:
    """When it may be tried again, in words; rounded up, so that nobody comes a few seconds too early."""
    whole = datetime.fromtimestamp(-(-until.timestamp() // 60) * 60, UTC)
    when = {"time": local_time(whole), "day": plain_date(whole)}
    if plain_date(whole) == plain_date(now):
        return gettext("That was very often. Please try again at %(time)s.") % when
    return gettext("That was very often. Please try again on %(day)s at %(time)s.") % when


def marked(response: HttpResponse, until: datetime, *, now: datetime) -> HttpResponse:
    """Make `response` a 429 that says when to come back."""
    response.status_code = 429
    response["Retry-After"] = str(max(1, round((until - now).total_seconds()) + 1))
    return response


def too_many(request: HttpRequest, until: datetime, *, now: datetime) -> HttpResponse:
    """The page for a try that had no form of its own to stay on."""
    return marked(render(request, "429.html", {"until": until}), until, now=now)
