"""Where a person stands, derived from her rows and never kept: what the agent reads first.

`derive` is pure: a registration with its appointments (slot and vaccine loaded) and invitations in, one stage out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from booking.models import Appointment, Invitation, Registration
from booking.models.appointment import LIVE

Status = Appointment.Status
Closing = Invitation.Closing


class Stage(Enum):
    """Exactly one holds at any moment. Why she withdrew stands in Registration.withdrawn_reason."""

    UNCONFIRMED = "unconfirmed"
    WAITING = "waiting"
    INVITED = "invited"
    EXPIRED = "expired"  # her invitation
    BOOKED = "booked"
    DISPLACED = "displaced"  # booked, and the center has no place for it any more
    ARRIVED = "arrived"
    BEGUN = "begun"  # one dose given, the next one booked
    LACKS_SECOND = "lacks_second"  # one dose given, and no appointment for the next one
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Before(Enum):
    """What became of the appointments that she had last and has no more."""

    NOTHING = ""
    MISSED = "missed"
    DEFERRED = "deferred"
    BY_CENTER = "by_center"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Standing:
    """The stage and the rows it follows from.

    `doses` are the live appointments in order; `coming` is the first one still to come to, `given` how many were
    given. `invitation` is the open or expired one. `last` is the appointment that `before` speaks of.
    """

    stage: Stage
    doses: tuple[Appointment, ...] = ()
    invitation: Invitation | None = None
    before: Before = Before.NOTHING
    last: Appointment | None = None

    @property
    def coming(self) -> Appointment | None:
        return next((one for one in self.doses if one.status == Status.BOOKED), None)

    @property
    def given(self) -> int:
        return sum(one.status == Status.VACCINATED for one in self.doses)

    def movable(self, now: datetime) -> tuple[Appointment, ...]:
        """The doses that are booked and whose time has not come."""
        return tuple(one for one in self.doses if one.status == Status.BOOKED and one.slot.starts_at > now)


def read(person: Registration, *, now: datetime) -> tuple[Standing, list[Appointment]]:
    """Where she stands, and all her appointments, newest first. Two queries."""
    slots = "slot__center", "slot__vaccine", "deferral"
    rows = person.appointments.select_related(*slots).order_by("-booked_at", "dose_number", "pk")
    found = list(rows)
    return derive(person, found, list(person.invitations.order_by("issued_at", "pk")), now=now), found


def derive(
    person: Registration, appointments: Sequence[Appointment], invitations: Sequence[Invitation], *, now: datetime
) -> Standing:
    """Invitations in the order in which they were issued; the newest one counts."""
    if person.withdrawn_at is not None:
        return Standing(Stage.WITHDRAWN)
    before, last = _before(appointments)
    doses = tuple(sorted((one for one in appointments if one.status in LIVE), key=lambda one: one.dose_number))
    if doses:
        return Standing(_booked(doses), doses, before=before, last=last)
    if person.confirmed_at is None:
        return Standing(Stage.UNCONFIRMED, before=before, last=last)
    stage, invitation = _invited(invitations[-1] if invitations else None, now)
    return Standing(stage, invitation=invitation, before=before, last=last)


def _booked(doses: Sequence[Appointment]) -> Stage:
    states = {one.status for one in doses}
    if states == {Status.VACCINATED}:
        last = doses[-1]
        return Stage.DONE if last.dose_number >= last.slot.vaccine.doses else Stage.LACKS_SECOND
    if Status.ARRIVED in states:
        return Stage.ARRIVED
    if any(one.status == Status.BOOKED and one.displaced_at is not None for one in doses):
        return Stage.DISPLACED
    return Stage.BEGUN if Status.VACCINATED in states else Stage.BOOKED


def _invited(newest: Invitation | None, now: datetime) -> tuple[Stage, Invitation | None]:
    if newest is None or newest.accepted_at is not None:
        return Stage.WAITING, None
    if newest.closed_at is None:
        return (Stage.INVITED if newest.valid_until > now else Stage.EXPIRED), newest
    return (Stage.EXPIRED, newest) if newest.closed_reason == Closing.EXPIRED else (Stage.WAITING, None)


def _before(appointments: Sequence[Appointment]) -> tuple[Before, Appointment | None]:
    """Of the series that was booked last, unless it stands: whoever misses dose 1 loses dose 2 by it."""
    if not appointments:
        return Before.NOTHING, None
    newest = max(one.booked_at for one in appointments)
    ended = [one for one in appointments if one.booked_at == newest and one.status not in LIVE]
    for status, before in ((Status.NO_SHOW, Before.MISSED), (Status.DEFERRED, Before.DEFERRED)):
        found = next((one for one in ended if one.status == status), None)
        if found is not None:
            return before, found
    if not ended:
        return Before.NOTHING, None
    first = min(ended, key=lambda one: one.dose_number)
    by_center = first.cancelled_reason == Appointment.Cancellation.BY_CENTER
    return (Before.BY_CENTER if by_center else Before.CANCELLED), first
