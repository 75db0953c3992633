"""A day in an address: 2021-02-18."""

from datetime import date


class DayConverter:
    """Only real days match; /2021-02-30/ is no page, nor is the last day of the calendar, which has no next one."""

    regex = "2[0-9]{3}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()
