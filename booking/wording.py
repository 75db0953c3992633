"""Dates, places and groups as messages, calendar and confirmation say them, in the language that is active."""

from datetime import date, datetime, timedelta

from django.utils import dateformat
from django.utils.translation import get_language, gettext, pgettext
from phonenumber_field.phonenumber import PhoneNumber

from booking import clock
from centers.models import Center

GERMANY = 49  # its country code


def german() -> bool:
    """Facts carry their words in two columns; this says which."""
    return (get_language() or "de").startswith("de")


def plain_day(day: date) -> str:
    """18. Februar 2021 / 18 February 2021."""
    return dateformat.format(day, "j. F Y" if german() else "j F Y")


def full_day(day: date) -> str:
    """Donnerstag, 18. Februar 2021 / Thursday, 18 February 2021."""
    return dateformat.format(day, "l, j. F Y" if german() else "l, j F Y")


def time_of_day(instant: datetime) -> str:
    """10:20 Uhr / 10:20 am, on the center's clock."""
    local = instant.astimezone(clock.ZONE)
    if german():
        return f"{local.hour}:{local:%M} Uhr"
    return f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


def phone(number: PhoneNumber | str) -> str:
    """As people say it, and as it is typed again: 03525 4471; from abroad +43 1 5123456; "" for none."""
    if not isinstance(number, PhoneNumber):
        return number
    return str(number.as_national if number.country_code == GERMANY else number.as_international)


def moment(instant: datetime) -> str:
    """Donnerstag, 18. Februar 2021, 10:20 Uhr."""
    return f"{full_day(clock.local_day(instant))}, {time_of_day(instant)}"


def short_moment(instant: datetime) -> str:
    """Do 18.02. 10:20 Uhr / Thu 18 Feb 10:20 am, where every sign counts; the weekday tells the year."""
    day = dateformat.format(clock.local_day(instant), "D d.m." if german() else "D j M")
    return f"{day} {time_of_day(instant)}"


def until(instant: datetime) -> str:
    """The end of a permission. At midnight it is the day before that counts: nobody reads 0:00 right."""
    day = clock.local_day(instant)
    if instant == clock.start_of(day):
        return full_day(day - timedelta(days=1))
    return moment(instant)


def dose_title(number: int, *, doses: int) -> str:
    """1. Impfung / 1st vaccination; just "vaccination" where one is enough."""
    if doses == 1:
        return gettext("Vaccination")
    ordinals = {1: gettext("1st vaccination"), 2: gettext("2nd vaccination")}
    return ordinals.get(number) or gettext("Vaccination %(number)d") % {"number": number}


def group(level: int) -> str:
    """The group of the regulation in words; "" for all who belong to none."""
    return {
        1: gettext("group 1 (highest priority)"),
        2: gettext("group 2 (high priority)"),
        3: gettext("group 3 (increased priority)"),
    }.get(level, "")


def center_name(center: Center) -> str:
    """Impfzentrum Pirna."""
    names = {
        Center.Kind.CENTER: pgettext("place", "Vaccination center %(name)s"),
        Center.Kind.POINT: pgettext("place", "Vaccination point %(name)s"),
        Center.Kind.PRACTICE: pgettext("place", "Practice %(name)s"),
    }
    return names.get(Center.Kind(center.kind), "%(name)s") % {"name": center.name}


def address(center: Center) -> list[str]:
    """Name, place, street, town; what is unknown is left out."""
    town = f"{center.postcode} {center.town}".strip()
    return [line for line in (center_name(center), center.place, center.street, town) if line]


def access(center: Center) -> str:
    """How to get in, in a sentence or two; a note that says no more than the first sentence is left out."""
    step_free = gettext("Step-free access.") if center.step_free else gettext("The access is not step-free.")
    note = center.access_note_de if german() else center.access_note_en
    if note.rstrip(".").casefold() in step_free.casefold():
        note = ""
    directions = center.directions_de if german() else center.directions_en
    return " ".join(_sentence(text) for text in (step_free, note, directions) if text)


def _sentence(text: str) -> str:
    begun = text[:1].upper() + text[1:]
    return begun if begun.endswith((".", "!", "?")) else f"{begun}."


MAP = "https://www.openstreetmap.org/?mlat={latitude:.5f}&mlon={longitude:.5f}#map=17/{latitude:.5f}/{longitude:.5f}"


def map_url(center: Center) -> str:
    """The place on OpenStreetMap: its position and nothing about the person; "" where it is unknown."""
    if center.latitude is None or center.longitude is None:
        return ""
    return MAP.format(latitude=center.latitude, longitude=center.longitude)
