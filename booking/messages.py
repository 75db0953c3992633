"""What each message says, read from the state at the moment it is sent (docs/messages.md lists them).

A composer gets the ids that the message was queued with and answers with the words for its template, or None when the
state no longer wants it: a "booked" that is overtaken by a cancellation is not sent, the "cancelled" tells the truth.
A message about appointments that was queued for an address the person has left goes to her present one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from booking import clock, codes, entitlement, facts, papers, telling, wording
from booking.models import AccessLink, Appointment, Change, Invitation, Registration
from booking.services import appointments, links
from notifications import outbox
from notifications.outbox import Envelope, Medium
from priority import rules

Context = dict[str, Any]
VISIT = AccessLink.Purpose.VISIT
# Each says when and where all appointments are. Those by a center add its reason, so they are overtaken by none.
APPOINTMENTS = ("booked", "moved", "moved_by_center", "kept_by_center")


@outbox.composer("confirm_registration")
@outbox.composer("confirm_reminder")
def confirm_registration(envelope: Envelope, *, now: datetime) -> Context | None:
    """As long as she has not confirmed, and the address is still hers: a link sent to a stranger's is dead."""
    person = _person(envelope)
    if person is None or person.confirmed_at is not None or person.email != envelope.recipient:
        return None
    link = _named_link(envelope)
    return None if link is None else {**_greeting(person), **_way_in(envelope, link)}


@outbox.composer("already_registered")
def already_registered(envelope: Envelope, *, now: datetime) -> Context | None:
    person = _person(envelope)
    confirmed = person is not None and person.confirmed_at is not None
    if person is None or envelope.recipient != (telling.way(person).recipient if confirmed else person.email):
        return None
    link = _visit_link(envelope, person, now=now) if confirmed else _named_link(envelope)
    return None if link is None else {**_greeting(person), **_way_in(envelope, link), "confirmed": confirmed}


@outbox.composer("registered")
def registered(envelope: Envelope, *, now: datetime) -> Context | None:
    """While she waits. An invitation or a booking since then has its own message."""
    person = _present(envelope, now=now)
    if person is None or not _waits(person):
        return None
    link = _visit_link(envelope, person, now=now)
    return {**_greeting(person), **_way_in(envelope, link), "group": _group(person, now=now)}


@outbox.composer("invited")
@outbox.composer("invitation_reminder")
def invited(envelope: Envelope, *, now: datetime) -> Context | None:
    """While the invitation is open."""
    person = _person(envelope)
    if person is None or telling.way(person).recipient != envelope.recipient:
        return None
    invitation = Invitation.objects.open(now).filter(registration=person, pk=envelope.reference["invitation"]).first()
    if invitation is None:
        return None
    link = _visit_link(envelope, person, now=now)
    return {**_greeting(person), **_way_in(envelope, link), "valid_until": wording.until(invitation.valid_until)}


@outbox.composer("invitation_expired")
def invitation_expired(envelope: Envelope, *, now: datetime) -> Context | None:
    """While nothing has come after it."""
    person = _present(envelope, now=now)
    if person is None or not _waits(person):
        return None
    return {**_greeting(person), **_way_in(envelope, _visit_link(envelope, person, now=now))}


@outbox.composer("new_link")
def new_link(envelope: Envelope, *, now: datetime) -> Context | None:
    """While this link is the newest: a dead one would only be asked for again."""
    person, link = _person(envelope), _named_link(envelope)
    if person is None or link is None or links.state(link, now) != "open":
        return None
    if telling.way(person).recipient != envelope.recipient:
        return None
    valid_until = wording.until(link.valid_until) if link.valid_until else ""
    return {**_greeting(person), **_way_in(envelope, link), "valid_until": valid_until}


@outbox.composer("booked", overtaken_by=APPOINTMENTS)
@outbox.composer("moved", overtaken_by=APPOINTMENTS)
def booked(envelope: Envelope, *, now: datetime) -> Context | None:
    """The appointments as they stand now, not as they stood when it was queued."""
    person = _present(envelope, now=now)
    series = appointments.series_of(person) if person is not None else ()
    if person is None or not any(dose.slot.starts_at > now for dose in _booked(series)):
        return None
    link = _visit_link(envelope, person, now=now)
    return {**_greeting(person), **_appointments(person, series, _booked(series)), **_way_in(envelope, link)}


@outbox.composer("cancelled")
def cancelled(envelope: Envelope, *, now: datetime) -> Context | None:
    """While she has no appointment. Who booked again is told of those."""
    person = _present(envelope, now=now)
    if person is None or _booked(appointments.series_of(person)):
        return None
    return {**_greeting(person), **_way_in(envelope, _visit_link(envelope, person, now=now))}


@outbox.composer("moved_by_center")
@outbox.composer("kept_by_center")
def changed_by_center(envelope: Envelope, *, now: datetime) -> Context | None:
    """The appointments as they stand now, with the center's reason. Who has none to come needs no such message."""
    told = booked(envelope, now=now)
    return None if told is None else {**told, "reason": _reason(envelope)}


@outbox.composer("cancelled_by_center")
def cancelled_by_center(envelope: Envelope, *, now: datetime) -> Context | None:
    """While she has no appointment. Who booked again is told of those."""
    told = cancelled(envelope, now=now)
    if told is None:
        return None
    invitation = Invitation.objects.open(now).filter(registration=envelope.reference["registration"]).first()
    valid_until = wording.until(invitation.valid_until) if invitation is not None else ""
    return {**told, "reason": _reason(envelope), "valid_until": valid_until}


@outbox.composer("withdrawn")
def withdrawn(envelope: Envelope, *, now: datetime) -> Context | None:
    """Not to somebody who has died, nor to a person who goes on as another registration."""
    person = Registration.objects.filter(pk=envelope.reference["registration"], withdrawn_at__isnull=False).first()
    if person is None or person.withdrawn_reason in telling.SILENT:
        return None
    return {**_greeting(person), "had_appointments": bool(envelope.reference.get("appointments"))}


@outbox.composer("appointment_reminder")
def appointment_reminder(envelope: Envelope, *, now: datetime) -> Context | None:
    """On the day before or on the day itself; a dose that was moved away is reminded of on its own day."""
    person = _present(envelope, now=now)
    series = appointments.series_of(person) if person is not None else ()
    end = clock.end_of(clock.local_day(now) + timedelta(days=1))
    due = [
        dose
        for dose in _booked(series)
        if dose.pk == envelope.reference["appointment"] and now < dose.slot.starts_at < end
    ]
    if person is None or not due:
        return None
    link = _visit_link(envelope, person, now=now)
    return {**_greeting(person), **_appointments(person, series, due), **_way_in(envelope, link)}


@outbox.composer("contact_changed")
def contact_changed(envelope: Envelope, *, now: datetime) -> Context | None:
    """To the old address or number, unless it is hers again."""
    person = _person(envelope)
    return None if person is None or telling.way(person).recipient == envelope.recipient else _greeting(person)


def _person(envelope: Envelope) -> Registration | None:
    """The person, unless she has left: then she gets no message but "withdrawn"."""
    return Registration.objects.filter(pk=envelope.reference["registration"], withdrawn_at__isnull=True).first()


def _present(envelope: Envelope, *, now: datetime) -> Registration | None:
    """The person, if the message goes to where she is; otherwise it is queued again for that place, once."""
    person = _person(envelope)
    if person is None or telling.way(person).recipient == envelope.recipient:
        return person
    key = f"{envelope.dedupe_key.partition('@')[0]}@{person.contact_changes}"
    telling.tell(envelope.template, person, key=key, reference=envelope.reference, now=now)
    return None


def _reason(envelope: Envelope) -> str:
    """Why the center changed its sessions, in the manager's own words."""
    return Change.objects.values_list("reason", flat=True).get(pk=envelope.reference["change"])


def _waits(person: Registration) -> bool:
    return Registration.objects.waiting().filter(pk=person.pk).exists()


def _greeting(person: Registration) -> Context:
    """Who she is; a letter asks for her address, as it is on the day of printing, and how large it is set."""
    return {
        "name": person.full_name,
        "case_number": codes.spoken(person.case_number),
        "address": [person.full_name, person.street, f"{person.postcode} {person.town}"],
        "large_print": person.large_print,
    }


def _group(person: Registration, *, now: datetime) -> str:
    """Today's group in words; "" where there are none."""
    known = facts.load()
    today = clock.local_day(now)
    try:
        if not rules.regulation_on(known.regulations, today).grouped:
            return ""
        return wording.group(entitlement.level_on(entitlement.person(person), today, now=now, facts=known))
    except rules.NoRegulation:
        return ""


def _booked(series: Sequence[Appointment]) -> list[Appointment]:
    """Those still to come to, in the order of doses."""
    return [dose for dose in series if dose.status == Appointment.Status.BOOKED]


def _appointments(person: Registration, series: Sequence[Appointment], told: Sequence[Appointment]) -> Context:
    """When and where `told` are, and what to bring; see templates/notifications/includes/appointments.html.

    The whole series is needed because her reason is judged on the day of dose 1.
    """
    first = series[0].slot
    technology = first.vaccine.technology
    return {
        "code": codes.spoken(person.door_code),
        "door_code": person.door_code,
        "vaccine": first.vaccine.name,
        "doses": [
            {
                "title": wording.dose_title(dose.dose_number, doses=first.vaccine.doses),
                "when": wording.moment(dose.slot.starts_at),
                "short": wording.short_moment(dose.slot.starts_at),
            }
            for dose in told
        ],
        "center": {
            "lines": wording.address(told[0].slot.center),
            "access_note": wording.access(told[0].slot.center),
            "short": ", ".join(wording.address(told[0].slot.center)),
        },
        "bring": papers.to_bring(
            person,
            on=clock.local_day(first.starts_at),
            technology=technology,
            facts=facts.load(),
            by_letter=person.medium == Medium.LETTER,
        ),
        "forms": papers.forms_on_site(technology),
    }


def _named_link(envelope: Envelope) -> AccessLink | None:
    """The link the message was queued with; None when it is gone (its address turned out to be wrong)."""
    pk = envelope.reference.get("link")
    return AccessLink.objects.select_related("registration").filter(pk=pk).first() if pk else None


def _way_in(envelope: Envelope, link: AccessLink) -> Context:
    """The link for whoever presses or photographs it; a letter has a code as well, for whoever types."""
    by_letter = envelope.medium == Medium.LETTER
    return {"link": links.url(link), "link_code": links.code(link) if by_letter else ""}


def _visit_link(envelope: Envelope, person: Registration, *, now: datetime) -> AccessLink:
    """A link that opens when she reads it: the message's own, else her newest unused one, else a new one."""
    read_at = now + timedelta(days=settings.LETTER_DAYS if envelope.medium == Medium.LETTER else 0)
    named = _named_link(envelope)
    if named is not None and named.purpose == VISIT and links.state(named, read_at) == "open":
        return named
    for link in person.links.filter(purpose=VISIT, used_at__isnull=True).order_by("-pk"):
        if links.state(link, read_at) == "open":
            return link
    until = read_at + timedelta(hours=settings.LINK_HOURS)
    return links.issue(registration=person, purpose=VISIT, now=now, valid_until=until)
