"""How the pages of supply write days and numbers. `{% load supply %}`."""

from datetime import date

from django import template

from centers.supply.cover import day_words

register = template.Library()
MINUS = "\u2212"


@register.filter
def short_day(value: date) -> str:
    """Do 29.04. / Thu 29 Apr."""
    return day_words(value)


@register.filter
def minus(value: int) -> str:
    """A number with a minus that is as wide as a plus: −262."""
    return str(value).replace("-", MINUS)
