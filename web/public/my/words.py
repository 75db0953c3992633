"""Phrases that several pages of a visit share. All of them in the language of the page."""

from datetime import date

from django.utils.translation import gettext, ngettext

from web.templatetags.impftermin import day_month, local_date, plain_date, weekday_date


def dose_name(number: int) -> str:
    """1st vaccination, 2nd vaccination."""
    if number == 1:
        return gettext("1st vaccination")
    if number == 2:
        return gettext("2nd vaccination")
    return gettext("Vaccination %(number)s") % {"number": number}


def in_days(day: date, today: date) -> str:
    """Today, tomorrow, in 12 days; nothing for days that are over."""
    away = (day - today).days
    if away < 0:
        return ""
    if away == 0:
        return gettext("Today")
    if away == 1:
        return gettext("Tomorrow")
    return ngettext("In %(days)s day", "In %(days)s days", away) % {"days": away}


def span(first: date, last: date) -> str:
    """from 11 March to 1 April 2021; a single day as "on 11 March 2021"."""
    if first == last:
        return gettext("on %(day)s") % {"day": local_date(first)}
    start = plain_date(first) if first.year != last.year else day_month(first)
    return gettext("from %(first)s to %(last)s") % {"first": start, "last": plain_date(last)}


def near_day(day: date, other: date) -> str:
    """How a day lies to the one that was wished: on the same day, on the next day, else the date."""
    away = (day - other).days
    if away == 0:
        return gettext("on the same day")
    if away == 1:
        return gettext("on the next day")
    return weekday_date(day)


def access(step_free: bool, note: str) -> str:
    """The center's own words about steps where there are some, else the bare fact."""
    if note:
        return note
    return gettext("step-free") if step_free else gettext("not step-free")
