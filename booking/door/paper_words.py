"""The words of the paper: what fits into a narrow column."""

from django.utils.translation import gettext

from booking import clock
from booking.door import words
from booking.door.day_list import Row
from booking.models import Appointment


def needs(row: Row) -> list[str]:
    """What she needs, and the language when it is not German."""
    spoken = [row.language] if row.language != "de" else []
    return [words.need(code) for code in [*row.needs, *spoken]]


def notes(row: Row) -> list[str]:
    """What the door has to know before it lets her in."""
    found = [gettext("kept, without a place")] if row.displaced else []
    if row.problem:
        found.append(gettext("Problem: %(problem)s") % {"problem": words.short_problem(row.problem)})
    if row.state == Appointment.Status.DEFERRED:
        found.append(words.state(row.state))
    return found


def dose(row: Row) -> str:
    """2. Comirnaty; without a number where one dose is all."""
    return row.vaccine_name if row.doses == 1 else f"{row.dose_number}. {row.vaccine_name}"


def interval(row: Row) -> str:
    """Day 42 after dose 1."""
    return "" if row.day is None else gettext("Day %(day)s after dose 1") % {"day": row.day}


def state(row: Row) -> str:
    """How she stands, with the time: vaccinated 10:20."""
    at = row.vaccinated_at or row.arrived_at
    return f"{words.state(row.state)} {at.astimezone(clock.ZONE):%H:%M}" if at else words.state(row.state)
