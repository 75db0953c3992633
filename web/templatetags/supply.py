"""How the pages of supply write days. `{% load supply %}`."""

from datetime import date

from django import template

from centers.supply.cover import day_words

register = template.Library()


@register.filter
def short_day(value: date) -> str:
    """Do 29.04. / Thu 29 Apr."""
    return day_words(value)
