"""The confirmation as PDF/UA-1: tagged, with language and title, readable by a screen reader and on paper.

What it says is put together here; how it looks is booking/pdf/confirmation.typ (see booking/typesetting.py).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import segno
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from booking import clock, codes, facts, papers, typesetting, wording
from booking.models import Appointment, Registration


def confirmation(registration: Registration, series: Sequence[Appointment], *, now: datetime) -> bytes:
    """The PDF for the live appointments of a person (slot, center, vaccine loaded), in the active language."""
    return typesetting.pdf("confirmation", context(registration, series, now=now), now=now)


def context(registration: Registration, series: Sequence[Appointment], *, now: datetime) -> dict[str, Any]:
    """Everything the paper says (domain.md §5, "Confirmation must contain"), as JSON."""
    first = series[0].slot
    return {
        "language": "de" if wording.german() else (get_language() or "en")[:2],
        "title": _("Confirmation of your vaccination appointments"),
        "sender": f"Impftermin {settings.REGION_NAME}",
        "operator": f"{settings.OPERATOR['name']}, {settings.OPERATOR['address']}",
        "person": _person(registration),
        "doses": [
            {
                "title": wording.dose_title(dose.dose_number, doses=first.vaccine.doses),
                "day": wording.full_day(clock.local_day(dose.slot.starts_at)),
                "time": wording.time_of_day(dose.slot.starts_at),
            }
            for dose in series
        ],
        "door": _door(registration),
        "place": _place(first.center),
        "vaccine": _("Planned vaccine: %(vaccine)s. The doctor on site decides.") % {"vaccine": first.vaccine.name},
        "bring": {
            "title": _("What to bring"),
            "items": papers.to_bring(
                registration,
                on=clock.local_day(first.starts_at),
                technology=first.vaccine.technology,
                facts=facts.load(),
            ),
            "note": _("Please allow about one hour, and come at most 10 minutes early."),
        },
        "change": _change(),
        "issued": _("As of %(moment)s") % {"moment": wording.moment(now)},
    }


def _person(registration: Registration) -> list[list[str]]:
    return [
        [_("Name"), registration.full_name],
        [_("Date of birth"), wording.plain_day(registration.birth_date)],
        [_("Case number"), codes.spoken(registration.case_number)],
    ]


def _door(registration: Registration) -> dict[str, str]:
    symbol = segno.make_qr(registration.door_code, error="h")
    return {
        "title": _("Your code for the door"),
        "code": codes.spoken(registration.door_code),
        "qr": symbol.svg_inline(border=4, omitsize=True),
        "alt": _("QR code for the door. It holds nothing but your code %(code)s.")
        % {"code": codes.spoken(registration.door_code)},
        "text": _("Show the QR code or say the code. It is valid for all your appointments."),
    }


def _place(center: Any) -> dict[str, Any]:
    return {
        "title": _("Place"),
        "lines": wording.address(center),
        "access": wording.access(center),
        "map": wording.map_url(center),
        "map_label": _("See the place on the map (openstreetmap.org)"),
    }


def _change() -> dict[str, str]:
    hours = settings.HOTLINE_HOURS_DE if wording.german() else settings.HOTLINE_HOURS_EN
    return {
        "title": _("Move, cancel, ask"),
        "text": _(
            "You can move or cancel until the appointment begins: with the link in our latest e-mail, on %(page)s, "
            "or by telephone: %(hotline)s. %(hours)s Please cancel as early as you can, so that somebody else can come."
        )
        % {"page": f"{settings.SITE_URL}/mein-termin/", "hotline": settings.HOTLINE, "hours": hours},
        "free": _("The vaccination costs you nothing. We never ask for bank details, credit cards or passwords."),
    }
