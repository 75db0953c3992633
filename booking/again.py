"""What PostgreSQL refuses because two were in each other's way is done again."""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError

Answer = TypeVar("Answer")
ATTEMPTS = 3
CODES = {"40P01", "40001", "55P03"}  # deadlock, serialization failure, lock timeout


def again(deed: Callable[[], Answer]) -> Answer:
    """Do it, in its own transaction; after a deadlock, a serialization failure or a lock timeout up to three times."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return deed()
        except OperationalError as error:
            if attempt == ATTEMPTS or getattr(error.__cause__, "pgcode", None) not in CODES:
                raise
    raise AssertionError
