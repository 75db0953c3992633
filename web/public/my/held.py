"""Values kept in this process for as long as the facts are (booking/facts.py: about a second)."""

from collections.abc import Callable
from typing import Generic, TypeVar

from booking import facts
from booking.facts import Facts

Value = TypeVar("Value")


class Held(Generic[Value]):
    """What `read` returned when the facts were last read. Two threads may read at once; either result serves."""

    def __init__(self, read: Callable[[], Value]) -> None:
        self._read = read
        self._kept: tuple[Facts, Value] | None = None

    def get(self) -> Value:
        known, kept = facts.load(), self._kept
        if kept is None or kept[0] is not known:
            kept = self._kept = (known, self._read())
        return kept[1]
