"""The short words of the paper: what fits into a narrow column. Codes in, words of the active language out."""

from collections.abc import Iterable

from django.utils.translation import gettext, pgettext

from booking.door import checks
from booking.door.day_list import Row
from booking.models import Appointment


def needs(row: Row) -> list[str]:
    """What she needs, and the language when it is not German."""
    words = {
        "wheelchair": gettext("Wheelchair"),
        "companion": gettext("Companion"),
        "sign_language": gettext("Sign language"),
    }
    spoken = [gettext("Speaks English")] if row.language == "en" else []
    return [words[need] for need in row.needs] + spoken


def evidence(codes: Iterable[str]) -> str:
    """The papers to be seen, in one line."""
    words = {
        "ID": pgettext("evidence", "Identity card"),
        "INS": pgettext("evidence", "Health insurance"),
        "INST": pgettext("evidence", "Employer or facility"),
        "MED": pgettext("evidence", "Medical certificate"),
        "MEDX": pgettext("evidence", "Certificate of the case board"),
        "CONT": pgettext("evidence", "Confirmation as contact"),
    }
    return ", ".join(words.get(code, code) for code in codes)


def notes(row: Row) -> list[str]:
    """What the door has to know before it lets her in."""
    words = {
        checks.PAUSED: gettext("Vaccine is paused"),
        checks.AGE: gettext("Check the age"),
        checks.PRODUCT: gettext("Other vaccine than dose 1"),
        checks.NO_FIRST: gettext("Dose 1 unknown"),
        checks.INTERVAL: gettext("Too early after dose 1"),
    }
    states = {Appointment.Status.DEFERRED: gettext("Was sent home")}
    kept = [gettext("Kept without a place")] if row.displaced else []
    found = [words.get(row.problem, ""), states.get(Appointment.Status(row.state), "")]
    return kept + [word for word in found if word]


def dose(row: Row) -> str:
    """2. Comirnaty; without a number where one dose is all."""
    return row.vaccine_name if row.doses == 1 else f"{row.dose_number}. {row.vaccine_name}"


def interval(row: Row) -> str:
    """Day 42 after dose 1."""
    return "" if row.day is None else gettext("Day %(day)s after dose 1") % {"day": row.day}
