"""The doors to the SQL functions that take and give places: one round trip each (booking/sql/).

Nothing else writes `Slot.booked`, except here `give_back`, which only ever lowers it, and `take` and `add_one` for the
door of a center, where people stand whose time is now or over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import F

from accounts.models import User
from booking import clock
from booking.entitlement import Window
from booking.models import Registration
from centers.models import Slot
from notifications import outbox


@dataclass(frozen=True, slots=True)
class Claim:
    """What `claim_series` answered; `outcome` as in booking/sql/claim_series.sql."""

    outcome: str
    first_appointment: int | None
    second_slot: int | None


@dataclass(frozen=True, slots=True)
class SecondDose:
    """Where dose 2 is looked for: wished instant, last possible day, and the stretches that may be used."""

    wished: datetime
    last_day: date
    windows: tuple[Window, ...]

    def arrays(self) -> tuple[list[int], list[datetime], list[datetime]]:
        """Contingents, beginnings and ends as the parallel arrays that the SQL functions take."""
        return (
            [window.contingent_id for window in self.windows],
            [window.from_at for window in self.windows],
            [window.until_at for window in self.windows],
        )


@dataclass(frozen=True, slots=True)
class Target:
    """A start time that somebody asks for, with what decides about it. Read without models: every booking begins so."""

    pk: int
    center_id: int
    vaccine_id: str
    contingent_id: int
    starts_at: datetime
    center_closes_on: date | None


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody in a visit and the start time that she asks for, read together; `target` as `target` would answer.

    The registration has the fields that judging and claiming need; any other one is read when it is asked for.
    """

    registration: Registration
    target: Target | None


# In the order of the model, as `from_db` takes them.
_OF_THE_PERSON = [
    field.attname
    for field in Registration._meta.concrete_fields
    if field.attname in {"id", "birth_date", "criteria", "district_id", "email"}
]
_WISH = (
    f"SELECT {', '.join(_OF_THE_PERSON)}, slot, center, vaccine, contingent, starts_at, closes_on"  # noqa: S608 - ours
    " FROM visit_and_target(%s, %s, %s)"
)


def wish(link_id: int, slot_id: int) -> Wish | None:
    """Whose visit it is, if it stands, and the place asked for: in a rush one round trip instead of two."""
    with connection.cursor() as cursor:
        cursor.execute(_WISH, [link_id, slot_id, str(clock.ZONE)])
        row = cursor.fetchone()
    if row is None:
        return None
    known = len(_OF_THE_PERSON)
    person = Registration.from_db(connection.alias, _OF_THE_PERSON, row[:known])
    return Wish(person, Target(*row[known:]) if row[known] is not None else None)


def target(slot_id: int) -> Target | None:
    """The slot, when it belongs to a published session of a listed center on one of its days; full or not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM slot_target(%s, %s)", [slot_id, str(clock.ZONE)])
        row = cursor.fetchone()
    return Target(*row) if row else None


def claim_series(
    registration: Registration,
    slot_id: int,
    *,
    second: SecondDose | None,
    channel: str,
    by: User | None,
    now: datetime,
) -> Claim:
    """Take dose 1 at `slot_id` and the best dose 2, with appointments, audit and message; or change nothing."""
    looked = second or SecondDose(now, clock.local_day(now), ())
    parameters = [
        registration.pk, slot_id, 2 if second else 1, looked.wished, looked.last_day, str(clock.ZONE),
        *looked.arrays(), str(channel), by.pk if by else None, now, outbox.lane_of(registration.email),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outcome, first_appointment, second_slot FROM claim_series("
            "%s, %s, %s, %s, %s, %s, %s::bigint[], %s::timestamptz[], %s::timestamptz[],"
            "%s, %s, %s, %s)",
            parameters,
        )
        return Claim(*cursor.fetchone())


def move_appointments(
    registration: Registration, targets: Mapping[int, int], *, by: User | None, now: datetime, told: bool = True
) -> str:
    """Move appointment pk -> slot pk, all or none; the outcome as in booking/sql/move_appointments.sql.

    Without `told` the caller writes the message.
    """
    parameters: list[Any] = [
        registration.pk, list(targets.keys()), list(targets.values()), by.pk if by else None, now,
        outbox.lane_of(registration.email), told,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT move_appointments(%s, %s::bigint[], %s::bigint[], %s, %s, %s, %s)", parameters)
        outcome: str = cursor.fetchone()[0]
    return outcome


def give_back(slot_ids: Sequence[int]) -> None:
    """Free one place in each slot, in the order in which everybody locks slots. Only inside a transaction."""
    for slot_id in Slot.objects.filter(pk__in=slot_ids).order_by("starts_at", "pk").values_list("pk", flat=True):
        Slot.objects.filter(pk=slot_id).update(booked=F("booked") - 1)


def displace(appointment_ids: Sequence[int], *, now: datetime) -> int:
    """Take their places away and leave the appointments; how many. The caller holds the people and the slots."""
    return _count("SELECT displace_appointments(%s::bigint[], %s)", [list(appointment_ids), now])


def adopt(slot_ids: Sequence[int]) -> int:
    """Give displaced appointments of these slots their places again, as far as there are any; how many."""
    return _count("SELECT adopt_displaced(%s::bigint[])", [list(slot_ids)])


def _count(query: str, parameters: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        number: int = cursor.fetchone()[0]
    return number


def take(slot_id: int) -> bool:
    """Take a place if there is one, also of a time that is over; a suspended time has none to give.

    Only inside a transaction that holds the person.
    """
    free = Slot.objects.filter(pk=slot_id, booked__lt=F("capacity"), suspended=False)
    return free.update(booked=F("booked") + 1) == 1


def add_one(slot_id: int) -> None:
    """One more person than planned: a place is added and taken. Only inside a transaction that holds the person."""
    Slot.objects.filter(pk=slot_id).update(booked=F("booked") + 1, capacity=F("capacity") + 1)
