"""The blank form for somebody without an appointment, as the walk-in page asks it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from booking.door import words

PAGES = 3  # two forms on each
PAPERS = ("ID", "INST", "MED", "CONT")


def form() -> dict[str, Any]:
    """Lines of fields; a field is a line to write on, or boxes to tick when it has choices."""
    return {
        "pages": PAGES,
        "title": _("Without an appointment"),
        "lines": [
            [_field(_("Last name"), 3), _field(_("First name"), 2)],
            [_field(_("Date of birth"), 2), _field(_("Telephone or e-mail"), 3)],
            [_field(_("Street and number"), 3), _field(_("Postcode and town"), 3)],
            [_field(_("Reason for the entitlement"), 1)],
            [_field(_("Papers seen"), 1, *map(words.evidence, PAPERS))],
            [
                _field(_("Vaccination"), 2, _("1st"), _("2nd")),
                _field(_("Day and vaccine of dose 1"), 3),
                _field(pgettext("person", "here"), 1),
            ],
            [_field(_("Vaccine"), 2), _field(_("Batch"), 2), _field(pgettext("time of the vaccination", "given"), 1)],
            [_field(_("Physician, signature"), 3), _field(_("Not vaccinated, because"), 3)],
        ],
        "note": _("Enter it later under “Today”, “Somebody without an appointment”."),
    }


def _field(label: str, width: int, *choices: str) -> dict[str, Any]:
    return {"label": label, "width": width, "choices": list(choices)}
