"""The appointments as a calendar file (iCalendar, RFC 5545 and 5546).

The UID of an appointment never changes; its `sequence` grows with every change, so that a calendar that holds an
older version replaces it. Nothing in the file is about the person: no name, no case number, no code for the door.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText

from booking import clock, wording
from booking.models import Appointment

STAY = timedelta(hours=1)  # with registration, talk, vaccination and a quarter of an hour of observation
REMIND_BEFORE = timedelta(days=-1)
LIVE = {Appointment.Status.BOOKED, Appointment.Status.ARRIVED, Appointment.Status.VACCINATED}


def calendar(series: Sequence[Appointment], *, now: datetime) -> bytes:
    """One VCALENDAR, in the active language, for appointments with slot, center and vaccine loaded.

    Live appointments are published. If none is live, the file takes all of them out of a calendar (METHOD CANCEL).
    """
    live = [appointment for appointment in series if appointment.status in LIVE]
    file = Calendar()
    file.add("prodid", "-//Impftermin//Impftermin//DE")
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    file.add("method", "PUBLISH" if live else "CANCEL")
    file.add_component(_berlin())
    for appointment in live or series:
        file.add_component(_event(appointment, now=now, cancelled=not live))
    return bytes(file.to_ical())


def uid(appointment: Appointment) -> str:
    """Random and stable; says nothing and cannot be counted up."""
    return f"{appointment.public_id}@{urlsplit(settings.SITE_URL).hostname}"


def _event(appointment: Appointment, *, now: datetime, cancelled: bool) -> Event:
    slot = appointment.slot
    starts_at = slot.starts_at.astimezone(clock.ZONE)
    title = wording.dose_title(appointment.dose_number, doses=slot.vaccine.doses)
    event = Event()
    event.add("uid", uid(appointment))
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", starts_at)
    event.add("dtend", (slot.starts_at + STAY).astimezone(clock.ZONE))
    event.add("summary", _("Appointment: %(title)s") % {"title": title})
    event.add("location", ", ".join(wording.address(slot.center)))
    if slot.center.latitude is not None and slot.center.longitude is not None:
        event.add("geo", (slot.center.latitude, slot.center.longitude))
    event.add("description", _description())
    event.add("url", f"{settings.SITE_URL}/mein-termin/")
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("organizer", _organizer())
    if not cancelled:
        event.add_component(_alarm(title))
    return event


def _description() -> str:
    return _(
        "Please bring your confirmation: it holds your code for the door and says what else you need. "
        "To move or cancel, use the link in our latest e-mail or call %(hotline)s."
    ) % {"hotline": settings.HOTLINE}


def _organizer() -> vCalAddress:
    organizer = vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    organizer.params["CN"] = vText(settings.OPERATOR["name"])
    return organizer


def _alarm(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", REMIND_BEFORE)
    return alarm


def _berlin() -> Timezone:
    """Europe/Berlin with the rule that has held since 1996. DTSTART is the local time before the change (RFC 5545)."""
    zone = Timezone()
    zone.add("tzid", str(clock.ZONE))
    summer, winter = timedelta(hours=2), timedelta(hours=1)
    for part, name, begins, month, before, after in (
        (TimezoneDaylight(), "CEST", datetime(1996, 3, 31, 2), 3, winter, summer),  # noqa: DTZ001  local by definition
        (TimezoneStandard(), "CET", datetime(1996, 10, 27, 3), 10, summer, winter),  # noqa: DTZ001
    ):
        part.add("dtstart", begins)
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
        part.add("tzname", name)
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        zone.add_component(part)
    return zone
