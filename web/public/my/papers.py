"""What stands on the page of a person who has appointments: doses, code for the door, place, what to bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext

from booking import facts, wording
from booking import papers as booking_papers
from booking.models import Appointment, Registration
from notifications import qr
from web.public.my import words
from web.public.my.standing import to_come


@dataclass(frozen=True)
class DoseCard:
    """One appointment as shown."""

    title: str
    starts_at: datetime
    weekday: str
    vaccine: str
    maker: str
    note: str = ""
    move_url: str = ""
    move_label: str = ""


@dataclass(frozen=True)
class Row:
    """A line that leads somewhere."""

    url: str
    title: str
    text: str = ""


def context(registration: Registration, series: Sequence[Appointment], *, now: datetime) -> dict[str, Any]:
    """Everything both pages of a person with appointments show."""
    first = series[0]
    center = first.slot.center
    label = gettext("QR code for the door. It holds your door code and nothing else.")
    return {
        "registration": registration,
        "doses": cards(series, now=now),
        "door_code": registration.door_code,
        "qr": qr.svg(registration.door_code, label=label),
        "center": center,
        "address": wording.address(center),
        "access": wording.access(center),
        "map_url": wording.map_url(center),
        "bring": booking_papers.to_bring(
            registration,
            on=timezone.localdate(first.slot.starts_at),
            technology=first.slot.vaccine.technology,
            facts=facts.load(),
        ),
        "needs": needs(registration),
    }


def cards(series: Sequence[Appointment], *, now: datetime) -> list[DoseCard]:
    """The doses in order; one to come can be moved, the others say what became of them."""
    return [_card(appointment, now=now) for appointment in series]


def _card(appointment: Appointment, *, now: datetime) -> DoseCard:
    slot, today = appointment.slot, timezone.localdate(now)
    day = timezone.localdate(slot.starts_at)
    booked = appointment.status == Appointment.Status.BOOKED
    movable = to_come(appointment, now=now)
    return DoseCard(
        title=words.dose_name(appointment.dose_number),
        starts_at=slot.starts_at,
        weekday=formats.date_format(timezone.localtime(slot.starts_at), "l"),
        vaccine=slot.vaccine.name,
        maker=slot.vaccine.maker,
        note=words.in_days(day, today) if booked else STATES[appointment.status](),
        move_url=reverse("public:my_move_dose", args=[appointment.dose_number]) if movable else "",
        move_label=gettext("Move the %(dose)s") % {"dose": words.dose_name(appointment.dose_number)},
    )


STATES = {
    Appointment.Status.ARRIVED: lambda: gettext("You have checked in."),
    Appointment.Status.VACCINATED: lambda: gettext("You have been given this vaccination."),
}


def needs(registration: Registration) -> list[str]:
    """What she told us she needs, said back to her."""
    wheelchair = gettext("You told us that you use a wheelchair or cannot walk far. The staff know.")
    told = (
        (registration.needs_wheelchair, wheelchair),
        (registration.needs_companion, gettext("You may bring one person to accompany you.")),
        (registration.needs_sign_language, gettext("You asked for sign language. The staff know.")),
    )
    return [text for wanted, text in told if wanted]
