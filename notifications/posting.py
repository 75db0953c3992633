"""When a letter written now is printed, goes to the post and has arrived: a calendar, and nothing that is stored."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays
from django.conf import settings
from django.utils import timezone

DELIVERY_DAYS = 2  # days on which the post delivers (Monday to Saturday), from the post to her


@dataclass(frozen=True, slots=True)
class Promise:
    """When a letter written now lies in a batch, goes to the post, and is in her letter box at the latest."""

    batch_at: datetime
    post_on: date
    arrives_by: date


def promise(now: datetime) -> Promise:
    """For a letter written at `now`: pure, by the calendar of settings.LAND.

    Batches are made every day; somebody carries them to the post on the next working day.
    """
    today = timezone.localtime(now).date()
    batch_on = today if now <= _print_time(today) else today + timedelta(days=1)
    post_on = _after(batch_on, days=1, last_weekday=4)
    return Promise(_print_time(batch_on), post_on, _after(post_on, days=DELIVERY_DAYS, last_weekday=5))


def post_day(today: date) -> date:
    """The day on which what is printed today is carried to the post: today, or the next working day."""
    return _after(today - timedelta(days=1), days=1, last_weekday=4)


def _print_time(day: date) -> datetime:
    return datetime.combine(day, time(settings.PRINT_HOUR), tzinfo=timezone.get_default_timezone())


def last_print_time(now: datetime) -> datetime:
    today = _print_time(timezone.localtime(now).date())
    return today if today <= now else _print_time(timezone.localtime(now).date() - timedelta(days=1))


def _after(day: date, *, days: int, last_weekday: int) -> date:
    """So many days later, counting Monday to `last_weekday` that are no public holidays."""
    while days:
        day += timedelta(days=1)
        days -= day.weekday() <= last_weekday and day not in _holidays(day.year, settings.LAND)
    return day


@lru_cache(maxsize=16)
def _holidays(year: int, land: str) -> frozenset[date]:
    return frozenset(holidays.country_holidays("DE", subdiv=land, years=year))
