"""Days as they stand in addresses and date fields: 2021-04-19."""

from datetime import date

FIRST, LAST = date(2000, 1, 1), date(2099, 12, 31)


def typed_day(typed: str) -> date | None:
    """The day that was typed; None for anything that is none, and for days of another century."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if FIRST <= day <= LAST else None
