"""Dates, codes and form fields as every page shows them. `{% load impftermin %}`."""

from datetime import date, datetime

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils import dateformat, timezone
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from booking import codes, wording
from web.fields import describe, summary

register = template.Library()
NBSP = "\u00a0"
MINUS = "\u2212"


def _english() -> bool:
    return (get_language() or "de").startswith("en")


def _local(value: date) -> date:
    """An instant on the clock of the centers (TIME_ZONE); a plain day stays what it is."""
    return timezone.localtime(value) if isinstance(value, datetime) else value


def _written(value: date | None, *, german: str, english: str) -> str:
    if value is None or value == "":
        return ""
    return dateformat.format(_local(value), english if _english() else german)


@register.filter
def local_date(value: date | None) -> str:
    """Donnerstag, 18. Februar 2021 / Thursday, 18 February 2021."""
    return _written(value, german=f"l, j.{NBSP}F Y", english=f"l, j{NBSP}F Y")


@register.filter
def weekday_date(value: date | None) -> str:
    """Donnerstag, 18. Februar / Thursday, 18 February: where the year is beyond doubt."""
    return _written(value, german=f"l, j.{NBSP}F", english=f"l, j{NBSP}F")


@register.filter
def plain_date(value: date | None) -> str:
    """18. Februar 2021 / 18 February 2021: birth dates and rules, where the weekday says nothing."""
    return _written(value, german=f"j.{NBSP}F Y", english=f"j{NBSP}F Y")


@register.filter
def day_month(value: date | None) -> str:
    """18. Februar / 18 February."""
    return _written(value, german=f"j.{NBSP}F", english=f"j{NBSP}F")


@register.filter
def local_time(value: datetime | None) -> str:
    """10:20 Uhr / 10:20 am."""
    if value is None or value == "":
        return ""
    local = timezone.localtime(value)
    if not _english():
        return f"{local.hour}:{local:%M}{NBSP}Uhr"
    return f"{local.hour % 12 or 12}:{local:%M}{NBSP}{'am' if local.hour < 12 else 'pm'}"


@register.filter
def spaced_code(value: str) -> str:
    """7H4 K2M2, K7P 4XM 92P: a code in groups and with its check character, never torn at the end of a line."""
    return codes.spoken(value).replace(" ", NBSP) if value else ""


register.filter("phone", wording.phone)


@register.filter
def km(value: float | str | None) -> str:
    """A distance as the crow flies, so never more exact than a kilometre: etwa 53 km."""
    if value is None or isinstance(value, str):
        return ""
    if value < 1:
        return gettext("less than 1 km")
    return gettext("about %(distance)s km") % {"distance": round(value)}


@register.filter
def grouped(value: int) -> str:
    """1.234 / 1,234, and below zero a minus as wide as a plus: −1.234. Never for a year, a week or an id."""
    return number_format(value, force_grouping=True).replace("-", MINUS)


@register.simple_tag
def field(bound: BoundField, size: str = "", legend: str = "large") -> SafeString:
    """One form field in KERN's markup: label, hint, control, error, tied together for screen readers.

    `size="short"` keeps the control as short as a postcode; `legend="sr"` hides a group's legend where
    the heading above already asks the question.
    """
    control = describe(bound)
    return render_to_string(control.template, {"field": bound, "control": control, "size": size, "legend": legend})


@register.simple_tag
def error_summary(*forms: BaseForm) -> SafeString:
    """Everything that is wrong, above the form, each line a link to its field; nothing when all is well."""
    problems = summary(forms)
    title = ngettext("Please check one answer", "Please check %(count)s answers", len(problems))
    return render_to_string(
        "includes/error_summary.html", {"problems": problems, "title": title % {"count": len(problems)}}
    )
