"""The cache: Valkey, and this process's own memory while Valkey is gone. It counts failed logins and used codes.

Nobody may be kept from working, and no limit may vanish, because Valkey is away: then each process counts for itself.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

T = TypeVar("T")
logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.25
RETRY_VALKEY_AFTER_SECONDS = 10.0
MEMORY = "valkey-is-gone"


class ValkeyOrMemory(BaseCache):
    """The four operations that counting needs; any other ends in the base class's NotImplementedError."""

    valkey_after = 0.0  # monotonic time from which Valkey is asked again; shared by the threads of a process

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        patience = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
        self.valkey = RedisCache(server, {**params, "OPTIONS": patience})
        self.memory = LocMemCache(MEMORY, params)

    def add(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._ask(lambda cache: cache.add(key, value, timeout, version))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._ask(lambda cache: cache.get(key, default, version))

    def set(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._ask(lambda cache: cache.set(key, value, timeout, version))

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._ask(lambda cache: cache.delete(key, version))

    def _ask(self, question: Callable[[BaseCache], T]) -> T:
        """Ask Valkey; when it does not answer, the memory, and leave Valkey alone for a while."""
        if time.monotonic() >= ValkeyOrMemory.valkey_after:
            try:
                return question(self.valkey)
            except (RedisError, OSError) as gone:
                logger.warning("Valkey does not answer, logins are counted per process: %s", type(gone).__name__)
                ValkeyOrMemory.valkey_after = time.monotonic() + RETRY_VALKEY_AFTER_SECONDS
        return question(self.memory)
