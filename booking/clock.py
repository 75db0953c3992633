"""Days and instants in the zone of the centers. Times are stored as instants and spoken of as local ones."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")


def local_day(instant: datetime) -> date:
    """The day on which `instant` falls at the center."""
    return instant.astimezone(ZONE).date()


def start_of(day: date) -> datetime:
    """The first instant of the local day; days of 23 and 25 hours begin at midnight like all others."""
    return datetime.combine(day, time(0), tzinfo=ZONE)


def end_of(day: date) -> datetime:
    """The first instant after the local day."""
    return start_of(day + timedelta(days=1))


def later(instant: datetime, days: int) -> datetime:
    """The same time of day so many local days later, across the change of the clocks."""
    local = instant.astimezone(ZONE)
    return datetime.combine(local.date() + timedelta(days=days), local.time(), tzinfo=ZONE)
