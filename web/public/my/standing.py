"""Where a person stands, derived from her rows and never kept: the first question of every page of a visit."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from django.db import connection
from django.utils import timezone

from booking.models import Appointment, Invitation, Registration
from booking.services import appointments


class Stage(Enum):
    """The stages of a registration; exactly one holds at any moment."""

    WITHDRAWN = "withdrawn"
    UNCONFIRMED = "unconfirmed"
    WAITING = "waiting"
    INVITED = "invited"
    EXPIRED = "expired"
    BOOKED = "booked"
    DONE = "done"


@dataclass(frozen=True)
class Standing:
    """The stage and the rows it follows from.

    `begun` is True once a dose is over, was given, or she has checked in: the series can no longer be moved or given up
    as a whole.
    """

    stage: Stage
    series: tuple[Appointment, ...] = ()
    invitation: Invitation | None = None
    begun: bool = False

    @property
    def last_day(self) -> date | None:
        """The last day of the invitation, which ends with the day: `valid_until` is the first moment after it."""
        return last_day(self.invitation.valid_until) if self.invitation else None


def last_day(valid_until: datetime) -> date:
    """The last day on which an invitation with this end can be used."""
    return timezone.localdate(valid_until - timedelta.resolution)


def of(registration: Registration, *, now: datetime) -> Standing:
    """At most two queries: her appointments, and without any the newest invitation."""
    if registration.withdrawn_at is not None:
        return Standing(Stage.WITHDRAWN)
    series = appointments.series_of(registration)
    if series:
        begun = not all(to_come(one, now=now) for one in series)
        return Standing(Stage.DONE if _complete(series) else Stage.BOOKED, series, begun=begun)
    if registration.confirmed_at is None:
        return Standing(Stage.UNCONFIRMED)
    return _invited(registration.invitations.order_by("-issued_at", "-pk").first(), now=now)


def to_come(appointment: Appointment, *, now: datetime) -> bool:
    """True while it is booked and its time has not come: only then can it be moved."""
    return appointment.status == Appointment.Status.BOOKED and appointment.slot.starts_at > now


def _complete(series: tuple[Appointment, ...]) -> bool:
    given = [one for one in series if one.status == Appointment.Status.VACCINATED]
    return len(given) == len(series) == series[0].slot.vaccine.doses


def _invited(invitation: Invitation | None, *, now: datetime) -> Standing:
    if invitation is None or invitation.accepted_at is not None:
        return Standing(Stage.WAITING)
    if invitation.closed_at is None and invitation.valid_until > now:
        return Standing(Stage.INVITED, invitation=invitation)
    if invitation.closed_at is None or invitation.closed_reason == Invitation.Closing.EXPIRED:
        return Standing(Stage.EXPIRED, invitation=invitation)
    return Standing(Stage.WAITING)  # renewed without a place: she stands in the line again


def invited_until(registration: Registration, *, now: datetime) -> datetime | None:
    """The end of her open invitation: stage INVITED in one small query, for the pages everybody asks for in a rush.

    Whoever has booked has no open invitation any more, so her appointments need not be looked at.
    """
    if registration.withdrawn_at is not None:
        return None
    with connection.cursor() as cursor:  # a third of what the ORM costs
        cursor.execute(OPEN_INVITATION, [registration.pk, now])
        row = cursor.fetchone()
    return row[0] if row else None


# As InvitationQuerySet.open.
OPEN_INVITATION = """
SELECT valid_until FROM booking_invitation
 WHERE registration_id = %s AND accepted_at IS NULL AND closed_at IS NULL AND valid_until > %s
"""
