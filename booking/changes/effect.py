"""What a change would do, before anything is done: read-only, and the numbers are what the run can keep.

Each person is in exactly one group: `same_center` (a place at her center, same vaccine, in the interval), `elsewhere`
(the same at another center within reach) or `no_place`. Room is finite, so people are placed one after another, those
with the least choice first (people.Someone.freedom), each taking what she is given.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from booking import clock
from booking.changes import people, shape
from booking.changes import wish as wishes
from booking.changes.people import Held, Someone
from booking.changes.room import Plan, Room
from booking.changes.wish import Kind, Wish
from booking.models import Hold
from centers.models import Center, Session, Slot
from notifications.outbox import Medium

SAME, ELSEWHERE, NO_PLACE = "same_center", "elsewhere", "no_place"
MOVE, KEEP, CANCEL = "move", "keep", "cancel"
CHOICES: Mapping[str, tuple[str, ...]] = {
    SAME: (MOVE, KEEP, CANCEL),
    ELSEWHERE: (MOVE, KEEP, CANCEL),
    NO_PLACE: (KEEP, CANCEL),
}
QUIET = (Kind.SUSPEND, Kind.REINSTATE)  # nobody's appointment is touched


@dataclass(frozen=True, slots=True)
class Place:
    """A start time that is concerned, and what it holds afterwards."""

    slot_id: int
    session_id: int
    starts_at: datetime
    capacity: int
    booked: int
    capacity_after: int


# Sessions, start times, who stands in them, and what an earlier change has still to care for (appointments).
State = tuple[tuple[Session, ...], tuple[Place, ...], tuple[Held, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class DaySum:
    """One line of the table of days."""

    day: date
    sessions: int
    places: int
    appointments: int


@dataclass(frozen=True, slots=True)
class Concern:
    """One person, her group, and where she would go."""

    person: Someone
    group: str
    plan: Plan | None


@dataclass
class Group:
    """The sums of one group. `begun` of them have had a dose and can be moved or kept, not cancelled."""

    code: str
    reach: Counter[str] = field(default_factory=Counter)
    begun: int = 0
    too_late: int = 0  # their time is over: moved or cancelled, not kept
    soon: int = 0  # so soon that a message may come too late: called as well
    soon_without_phone: int = 0  # of them
    first_day: date | None = None
    last_day: date | None = None
    centers: list[str] = field(default_factory=list)

    @property
    def people(self) -> int:
        return self.reach.total()

    @property
    def choices(self) -> tuple[str, ...]:
        return CHOICES[self.code]


@dataclass(frozen=True)
class Effect:
    """The preview of one wish. `base` is the state it stands on, `fingerprint` that and every person's group."""

    wish: Wish
    sessions: tuple[Session, ...]
    places: tuple[Place, ...]
    held: tuple[Held, ...]
    concerns: tuple[Concern, ...]
    groups: tuple[Group, ...]
    base: str
    fingerprint: str

    @property
    def people(self) -> int:
        return len(self.concerns)

    @property
    def first_doses(self) -> int:
        return sum(any(dose.number == 1 for dose in one.person.affected) for one in self.concerns)

    @property
    def drawn(self) -> int:
        return sum(one.plan is not None and one.plan.drawn for one in self.concerns)

    @property
    def appointments(self) -> int:
        return sum(len(one.person.affected) for one in self.concerns)

    @property
    def standing(self) -> int:
        """Appointments in these sessions, whether they lose their places or not."""
        return len(self.held)

    @property
    def closed_places(self) -> int:
        return sum(place.capacity - place.capacity_after for place in self.places)

    @property
    def reach(self) -> Counter[str]:
        return sum((group.reach for group in self.groups), Counter())

    def decided(self, decisions: Mapping[str, str]) -> Counter[str]:
        """How many people are moved, kept and cancelled by these decisions; who has begun is kept at
        least, and whose time is over cannot be kept.
        """
        found: Counter[str] = Counter()
        for group in self.groups:
            decision = decisions.get(group.code, group.choices[0])
            begun = group.begun if decision == CANCEL else 0
            too_late = group.too_late if decision == KEEP else 0
            found[KEEP] += begun
            found[CANCEL] += too_late
            found[decision] += group.people - begun - too_late
        return found

    def days(self) -> list[DaySum]:
        """Sessions, places and appointments by day; they add up to those of the whole."""
        day_of = {session.pk: session.date for session in self.sessions}
        session_of = {place.slot_id: place.session_id for place in self.places}
        sessions = Counter(day_of.values())
        places: Counter[date] = Counter()
        standing: Counter[date] = Counter()
        for place in self.places:
            places[day_of[place.session_id]] += place.capacity
        for one in self.held:
            standing[day_of[session_of[one.slot_id]]] += 1
        return [DaySum(day, sessions[day], places[day], standing[day]) for day in sorted(sessions)]


def preview(center: Center, wish: Wish, *, now: datetime) -> Effect:
    """The effect of this wish as of now. Four reads, one more for each center that is looked at.

    Whoever still waits because of an earlier change is cared for by this one, with all that she has lost.
    """
    sessions, places, held, waiting = read(center, wish, now=now)
    base = _base(wish, sessions, places, held, waiting)
    if wish.kind in QUIET:
        return Effect(wish, sessions, places, held, (), (), base, base)
    losing = displaced(places, held, wish)
    persons = people.read({one.registration_id for one in losing}, {one.pk for one in losing} | set(waiting), now=now)
    concerns = tuple(_placed(persons, _room(places, held, losing, now=now)))
    fingerprint = _digest([base, sorted((one.person.pk, one.group) for one in concerns)])
    return Effect(wish, sessions, places, held, concerns, _grouped(concerns, center, now=now), base, fingerprint)


def read(center: Center, wish: Wish, *, now: datetime) -> State:
    """The sessions of the wish, their start times to come with what they hold afterwards, and who stands in them.

    Of suspended sessions that are closed also the start times that are over: nobody was let in, and nobody is missing.
    Whoever may stand at the door at this moment is left to the door.
    """
    sessions = tuple(wishes.sessions_of(center, wish, now=now).select_related("vaccine", "contingent"))
    pks = [one.pk for one in sessions]
    ahead, over = Q(starts_at__gt=now), None
    if wish.kind == Kind.CLOSE:
        over = now - settings.DOOR_CLOSES_AFTER
        ahead |= Q(session__state=Session.State.SUSPENDED, starts_at__lte=over)
    slots = Slot.objects.filter(ahead, session__in=pks).order_by("starts_at", "pk")
    # In one statement, or a place that is kept for a caller between two of them would count as booked.
    stand = F("booked") - _kept("first") - _kept("second")
    rows = list(slots.annotate(stand=stand).values_list("pk", "session", "starts_at", "capacity", "stand"))
    held = tuple(people.held(pks, now=now, over=over))
    after = shape.capacities(sessions, rows, wish, now=now) if wish.kind == Kind.RESHAPE else {}
    places = tuple(
        Place(pk, session, start, capacity, booked, capacity if wish.kind in QUIET else after.get((session, start), 0))
        for pk, session, start, capacity, booked in rows
    )
    waiting = () if wish.kind in QUIET else people.waiting({one.registration_id for one in held})
    return sessions, places, held, waiting


def _kept(dose: str) -> Coalesce:
    """How many places a change takes without anybody losing an appointment: the agent chooses others."""
    holds = Hold.objects.filter(**{dose: OuterRef("pk")}).order_by().values(dose)
    return Coalesce(Subquery(holds.annotate(number=Count("pk")).values("number")), 0)


def state_of(center: Center, wish: Wish, *, now: datetime) -> str:
    """The `base` of an effect as it is at this moment; read it with the rows locked."""
    return _base(wish, *read(center, wish, now=now))


def displaced(places: Sequence[Place], held: Sequence[Held], wish: Wish) -> list[Held]:
    """Who loses a place. Closing: everybody, also who had none any more. Reshaping: who is beyond the new capacity,
    first doses before second ones, and who booked last before who booked first.
    """
    if wish.kind != Kind.RESHAPE:
        return list(held)
    by_slot: dict[int, list[Held]] = {}
    for one in held:
        if not one.displaced:
            by_slot.setdefault(one.slot_id, []).append(one)
    found = []
    for place in places:
        over = place.booked - place.capacity_after
        if over > 0:
            newest = sorted(by_slot.get(place.slot_id, []), key=lambda one: (one.booked_at, one.pk), reverse=True)
            found += sorted(newest, key=lambda one: one.dose_number)[:over]
    return found


def _room(places: Sequence[Place], held: Sequence[Held], losing: Sequence[Held], *, now: datetime) -> Room:
    gone = Counter(one.slot_id for one in losing if not one.displaced)
    return Room(now, {one.slot_id: one.capacity_after - one.booked + gone[one.slot_id] for one in places})


def _placed(persons: Sequence[Someone], room: Room) -> list[Concern]:
    found = []
    for person in persons:
        plan = room.plan(person)
        if plan is None:
            found.append(Concern(person, NO_PLACE, None))
            continue
        room.take(plan)
        same = plan.center_id == person.affected[0].center_id
        found.append(Concern(person, SAME if same else ELSEWHERE, plan))
    return found


def _grouped(concerns: Sequence[Concern], center: Center, *, now: datetime) -> tuple[Group, ...]:
    groups = {code: Group(code) for code in CHOICES}
    where: dict[str, Counter[int]] = {code: Counter() for code in CHOICES}
    for one in concerns:
        group = groups[one.group]
        group.reach[one.person.medium] += 1
        group.begun += one.person.begun
        group.too_late += one.person.too_late
        soon = is_soon(one.person, one.plan, now=now)
        group.soon += soon
        group.soon_without_phone += soon and not one.person.phone
        if one.plan is not None:
            where[one.group][one.plan.center_id] += 1
            days = [clock.local_day(spot.starts_at) for spot in one.plan.targets.values()][:1]
            group.first_day = min([*days, group.first_day or days[0]])
            group.last_day = max([*days, group.last_day or days[0]])
    names = dict(Center.objects.filter(pk__in=where[ELSEWHERE]).values_list("pk", "name"))
    groups[ELSEWHERE].centers = [names[pk] for pk, _number in where[ELSEWHERE].most_common()]
    return tuple(group for group in groups.values() if group.people)


def is_soon(person: Someone, plan: Plan | None, *, now: datetime) -> bool:
    """Her appointment was so soon that a message may come too late: she is called as well.

    A letter takes LETTER_DAYS, so the new appointment of `plan` counts, too.
    """
    times = [dose.starts_at for dose in person.affected]
    if person.medium == Medium.LETTER:
        planned = [spot.starts_at for spot in plan.targets.values()] if plan is not None else []
        return min(times + planned) < now + timedelta(days=settings.LETTER_DAYS)
    return min(times) < now + timedelta(hours=settings.CHANGE_NOTICE_HOURS)


def _base(
    wish: Wish, sessions: Sequence[Session], places: Sequence[Place], held: Sequence[Held], waiting: Sequence[int]
) -> str:
    """Where nobody's appointment is touched, bookings that go on meanwhile change nothing that was read."""
    versions = [[one.pk, one.version, one.state] for one in sessions]
    if wish.kind in QUIET:
        return _digest(versions)
    return _digest(
        [
            versions,
            [[one.slot_id, one.capacity, one.booked, one.capacity_after] for one in places],
            sorted([one.pk, one.slot_id, one.displaced] for one in held),
            waiting,
        ]
    )


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()
