"""Signs of life of the background processes, kept in Valkey, read by /readyz.

A pulse is a key that expires after KEEP_MS; its age is KEEP_MS minus the time it still has. So Valkey's clock is the
only clock, and machines whose clocks differ still agree. Without Valkey no worker can work,
so an unknown pulse is the truth then.
"""

from functools import cache

import redis
from django.conf import settings

QUEUES = ("celery", "messages")  # every queue needs a worker; docs/operations.md
BEAT = "beat"
KEEP_MS = 3_600_000
PREFIX = "impftermin:pulse:"
TIMEOUT_SECONDS = 2.0


@cache
def line() -> redis.Redis:
    """One connection pool per process. A dead Valkey must not hold up the caller for long."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )


def beat(name: str) -> None:
    """`name` is alive now. Raises redis.RedisError when Valkey does not answer."""
    line().set(PREFIX + name, 1, px=KEEP_MS)


def ages() -> dict[str, float | None]:
    """Seconds since each process was last alive, None when that is unknown or more than an hour ago.

    Raises redis.RedisError when Valkey does not answer.
    """
    names = (BEAT, *QUEUES)
    pipe = line().pipeline(transaction=False)
    for name in names:
        pipe.pttl(PREFIX + name)
    return {
        name: round((KEEP_MS - left) / 1000, 1) if left >= 0 else None
        for name, left in zip(names, pipe.execute(), strict=True)
    }
