"""What a manager asks for, and which sessions that means."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from booking import clock
from booking.models import Appointment, Change
from centers.models import Center, Session, Slot

REMEMBERED = timedelta(hours=48)  # so long closed sessions can be put back
State = Session.State
Kind = Change.Kind


@dataclass(frozen=True, slots=True)
class Wish:
    """One kind of change, and for what: one opening (`block`), the days from `first` to `last`, one vaccine of them,
    the sessions of an earlier change (`of`), or all after `last_day`. `lines`, `starts`, `ends` are the new shape.
    """

    kind: str
    first: date | None = None
    last: date | None = None
    vaccine: str = ""
    block: UUID | None = None
    of: UUID | None = None
    last_day: date | None = None
    lines: int | None = None
    starts: time | None = None
    ends: time | None = None

    def as_json(self) -> dict[str, Any]:
        """For Change.scope; what is not asked for is left out."""
        found: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if name == "kind" or value in (None, ""):
                continue
            if isinstance(value, date | time):
                value = value.isoformat()
            found[name] = str(value) if isinstance(value, UUID) else value
        return found


def sessions_of(center: Center, wish: Wish, *, now: datetime) -> QuerySet[Session]:
    """The sessions of the wish that have start times to come, in the order of time.

    Those that were suspended can be closed afterwards too, as long as somebody still waits for word.
    """
    slots = Slot.objects.filter(session=OuterRef("pk"), starts_at__gt=now)
    to_come = Q(Exists(slots), date__gte=clock.local_day(now))
    if wish.kind == Kind.CLOSE:
        to_come |= Q(Exists(waiting_in(OuterRef("pk"))), state=State.SUSPENDED)
    found = Session.objects.filter(_extent(wish), _states(center, wish, now=now), to_come, center=center)
    return found.order_by("date", "starts", "pk")


def waiting_in(session: Any) -> QuerySet[Appointment]:
    """Who is booked in a session; by its pk."""
    return Appointment.objects.filter(slot__session=session, status=Appointment.Status.BOOKED)


def overtaken(center: Center, *, now: datetime, of: Change | None = None) -> QuerySet[Appointment]:
    """Whose day is over while her session was suspended: nobody was let in, nobody is missing, and she waits for word.

    At this center, or in the sessions of one change.
    """
    found = Appointment.objects.filter(
        slot__session__center=center, slot__session__state=State.SUSPENDED,
        slot__session__date__lt=clock.local_day(now), status=Appointment.Status.BOOKED,
    )  # fmt: skip
    return found if of is None else found.filter(slot__session__in=of.sessions)


def about_to_open(center: Center, wish: Wish) -> QuerySet[Session]:
    """Drafts inside the wish that would open by themselves at a set time."""
    return Session.objects.filter(_extent(wish), center=center, state=State.DRAFT, publish_at__isnull=False)


def remembered(center: Center, *, now: datetime) -> set[int]:
    """The sessions which a change of the last 48 hours has closed."""
    closings = Change.objects.filter(
        center=center, kind__in=[Kind.CLOSE, Kind.LAST_DAY], started_at__gt=now - REMEMBERED
    )
    return {pk for sessions in closings.values_list("sessions", flat=True) for pk in sessions}


def _extent(wish: Wish) -> Q:
    found = Q()
    if wish.block is not None:
        found &= Q(block=wish.block)
    if wish.first is not None:
        found &= Q(date__gte=wish.first)
    if wish.last is not None:
        found &= Q(date__lte=wish.last)
    if wish.vaccine:
        found &= Q(vaccine=wish.vaccine)
    if wish.last_day is not None:
        found &= Q(date__gt=wish.last_day)
    if wish.of is not None:
        sessions = Change.objects.filter(public_id=wish.of).values_list("sessions", flat=True).first()
        found &= Q(pk__in=sessions or [])
    return found


def _states(center: Center, wish: Wish, *, now: datetime) -> Q:
    """Which of them such a change touches. Nothing is put back behind the last day of the center."""
    if wish.kind == Kind.SUSPEND:
        return Q(state=State.PUBLISHED)
    if wish.kind != Kind.REINSTATE:
        return Q(state__in=[State.PUBLISHED, State.SUSPENDED])
    open_days = Q() if center.last_day is None else Q(date__lte=center.last_day)
    return open_days & (Q(state=State.SUSPENDED) | Q(state=State.CLOSED, pk__in=remembered(center, now=now)))
