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
    """The stage and the rows it follows from."""

    stage: Stage
    series: tuple[Appointment, ...] = ()
    invitation: Invitation | None = None

    @property
    def last_day(self) -> date | None:
        """The last day of the invitation, which ends with the day: `valid_until` is the first moment after it."""
        if self.invitation is None:
            return None
        return timezone.localdate(self.invitation.valid_until - timedelta.resolution)

    @property
    def begun(self) -> bool:
        """True once a dose has been given or she has checked in: the series can no longer be given up as a whole."""
        return any(appointment.status != Appointment.Status.BOOKED for appointment in self.series)


def of(registration: Registration, *, now: datetime) -> Standing:
    """At most two queries: her appointments, and without any the newest invitation."""
    if registration.withdrawn_at is not None:
        return Standing(Stage.WITHDRAWN)
    series = appointments.series_of(registration)
    if series:
        return Standing(Stage.DONE if _complete(series) else Stage.BOOKED, series)
    if registration.confirmed_at is None:
        return Standing(Stage.UNCONFIRMED)
    return _invited(registration.invitations.order_by("-issued_at", "-pk").first(), now=now)


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


def may_book(registration: Registration, *, now: datetime) -> bool:
    """The same as stage INVITED in one small query: the pages everybody asks for in a rush need no more."""
    if registration.withdrawn_at is not None:
        return False
    with connection.cursor() as cursor:  # a third of what the ORM costs
        cursor.execute(OPEN_INVITATION, [registration.pk, now])
        return bool(cursor.fetchone()[0])


# As InvitationQuerySet.open.
OPEN_INVITATION = """
SELECT EXISTS (SELECT FROM booking_invitation
                WHERE registration_id = %s AND accepted_at IS NULL AND closed_at IS NULL AND valid_until > %s)
"""
