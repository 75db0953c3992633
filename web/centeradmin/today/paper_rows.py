"""The day list as it stands in the file."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from booking import codes
from booking.door import paper_words, words
from booking.door.day_list import Row


def titles() -> list[str]:
    """The first line of the file."""
    return [
        _("Day"), _("Time"), _("Last name"), _("First name"), _("Date of birth"), _("Dose"), _("Vaccine"),
        pgettext("appointment", "State"), _("Arrived at"), _("Vaccinated at"), _("Remarks"), _("Needs"), _("Code"),
    ]  # fmt: skip


def cells(row: Row) -> list[str]:
    """One line of the file: no reason, no papers, no contact data."""
    local = timezone.localtime(row.starts_at)
    return [
        f"{local:%d.%m.%Y}", f"{local:%H:%M}", row.last_name, row.first_name, f"{row.birth_date:%d.%m.%Y}",
        str(row.dose_number), row.vaccine_name, words.state(row.state), _time(row.arrived_at), _time(row.vaccinated_at),
        ", ".join(paper_words.notes(row)), ", ".join(paper_words.needs(row)), codes.spoken(row.door_code),
    ]  # fmt: skip


def _time(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%H:%M}" if at else ""
