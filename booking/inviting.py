"""Who is invited next: the line, the free series and the rules put together, under one lock.

Who is written to by letter or SMS is told a number to call as well as a link: she may have what is open online, and
what is kept for callers. Whoever has e-mail is invited to what is open online alone.

Everything here runs inside the caller's transaction and writes nothing (booking/services/invitations.py does).
"""

import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from booking import clock, entitlement, facts, line, places
from booking.entitlement import Person, Scope
from booking.facts import Facts
from booking.line import Kinds
from booking.models import Registration
from booking.places import Class, Matching
from centers.models import Channel
from notifications.outbox import Medium
from priority.rules import NoRegulation

LOCK = 20_210_216  # any number, the same for everybody who counts places in order to invite
LOOK_AHEAD = 3  # rows read per invitation wanted: most people whom the query finds can be invited
READ_AT_LEAST = 50
COSTLY = 0.25  # seconds
REST = 4  # times as long as a costly count
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL: lock_timeout


_rest_until = 0.0  # time.monotonic()


@dataclass
class Turn:
    """People to invite now, all of them annotated with `level`, and what was found on the way; see Plan."""

    people: list[Any] = field(default_factory=list)
    room: int = 0
    stopped: str = "limit"


class _Places:
    """The free series with everybody who holds an open invitation already placed on one."""

    def __init__(self, *, now: datetime, known: Facts) -> None:
        self.now = now
        self.known = known
        self._alike = _Alike(now=now, known=known)
        series, invited = places.standing(now=now, facts=known)
        self.matching = Matching(series)
        self._classes: dict[Hashable, Class] = {}
        for person, calls, number in invited:
            self.matching.place(self._class_of(person, calls), number)

    def class_of(self, person: Registration) -> Class:
        """What the person may use; people whom the rules cannot tell apart are judged once."""
        return self._class_of(entitlement.person(person), may_call(person))

    def _class_of(self, person: Person, calls: bool) -> Class:
        key = (self._alike.key(person), calls)
        if key not in self._classes:
            found: Class = frozenset()
            for channel, scope in _scopes(person, calls, now=self.now, known=self.known).items():
                found |= places.class_of_scope(scope, channel=channel, now=self.now)
            self._classes[key] = found
        return self._classes[key]

    def room(self) -> tuple[Kinds, Kinds]:
        """The kinds for which one more person would find a series: online, and by telephone."""
        return self.matching.kinds_with_room(), self.matching.kinds_with_room(Channel.PHONE)


def may_call(person: Registration) -> bool:
    """True when an agent may book for her what an invitation promises: she is told the number, and may have no web."""
    return person.medium != Medium.EMAIL


def _scopes(person: Person, calls: bool, *, now: datetime, known: Facts) -> dict[str, Scope]:
    ways = places.WAYS if calls else places.WAYS[:1]
    return {one: entitlement.scope(person, channel=one, now=now, facts=known) for one in ways}


class _Alike:
    """Whom the rules cannot tell apart in the time of first doses: same answers, same days of reaching an age."""

    def __init__(self, *, now: datetime, known: Facts) -> None:
        self._first = clock.local_day(now)
        self._after = self._first + timedelta(days=settings.HORIZON_DAYS + 1)
        self._ages = tuple(sorted(set(_ages(known))))
        self._by_year = any(one.birth_year_from or one.birth_year_to for one in known.openings) or any(
            one.min_birth_year or one.max_birth_year for one in known.contingents.values()
        )
        self._by_district = any(one.district_ags for one in known.openings)

    def key(self, person: Person) -> Hashable:
        born = person.birth_date
        return (
            tuple(min(max(line.turns(born, age), self._first), self._after) for age in self._ages),
            person.answers,
            born.year if self._by_year else 0,
            person.district_ags if self._by_district else "",
        )


def _ages(known: Facts) -> Iterator[int]:
    """Every age at which some rule begins or no longer holds."""
    for regulation in known.regulations:
        yield from {rule.min_age for rule in regulation.criteria if rule.min_age is not None}
    for vaccine in known.vaccines.values():
        yield from {rule.min_age for rule in vaccine.age_rules if rule.min_age is not None}
        yield from {rule.max_age + 1 for rule in vaccine.age_rules if rule.max_age is not None}


def choose(wanted: int, *, now: datetime, dry_run: bool) -> Turn:
    """The next people in the line for whom a series is free, at most `wanted`.

    Without `dry_run` it belongs into a transaction: it takes the lock and the rows of the people, until the commit.
    Somebody whose row is being changed at this moment is passed over; her turn is in a minute.
    """
    known = facts.load()
    try:
        if not dry_run and not _wait_for_lock():
            return Turn(stopped="busy")
        return _choose(wanted, _Places(now=now, known=known), dry_run=dry_run)
    except NoRegulation:
        return Turn(stopped="no_rules")


def valid_until(medium: str, *, now: datetime) -> datetime:
    """The end of the local day on which an invitation issued now runs out. A letter takes its time to reach her."""
    days = settings.INVITATION_DAYS + (settings.LETTER_DAYS if medium == Medium.LETTER else 0)
    return clock.end_of(clock.local_day(now) + timedelta(days=days))


def is_her_turn(person: Registration, *, now: datetime) -> bool:
    """True, and the lock held, when she stands in the line, nobody before her can be invited, and a series is free.

    Another one who is counting just now makes it False rather than make her wait: her turn comes within a minute. So
    does a count that took long a moment ago, or a rush of confirmations would count places and do nothing else.
    """
    known = facts.load()
    try:
        scopes = _scopes(entitlement.person(person), may_call(person), now=now, known=known)
        if not any(scope.windows for scope in scopes.values()) or not line.stands_in(person):
            return False
        if time.monotonic() < _rest_until or not _try_lock():
            return False
        with _resting_after():
            return _is_next(person, scopes, _Places(now=now, known=known))
    except NoRegulation:
        return False


def _is_next(person: Registration, scopes: dict[str, Scope], standing: _Places) -> bool:
    matching = standing.matching
    if not matching.has_room(standing.class_of(person)):
        return False
    kinds = [matching.kinds_with_room(channel) & scope.kinds() for channel, scope in scopes.items()]
    others = line.candidates(*kinds, now=standing.now, facts=standing.known)
    return not line.ahead_of(person, others, now=standing.now, facts=standing.known)


@contextmanager
def _resting_after() -> Iterator[None]:
    global _rest_until
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    if took > COSTLY:
        _rest_until = time.monotonic() + REST * took


def _choose(wanted: int, standing: _Places, *, dry_run: bool) -> Turn:
    matching = standing.matching
    kinds = standing.room()
    turn = Turn(room=matching.spare())
    after: tuple[int, int] | None = None
    while any(kinds):
        size = max(READ_AT_LEAST, LOOK_AHEAD * (wanted - len(turn.people)))
        people: list[Any] = list(_following(kinds, after, standing, dry_run=dry_run)[:size])
        if not people:
            turn.stopped = "line"
            return turn
        for person in _still_waiting(people, dry_run=dry_run):
            if len(turn.people) < wanted and matching.place(standing.class_of(person)):
                turn.people.append(person)
        if len(turn.people) == wanted:
            return turn
        after = (people[-1].level, people[-1].rank)
        kinds = standing.room()
    turn.stopped = "no_places"
    return turn


def _following(
    kinds: tuple[Kinds, Kinds], after: tuple[int, int] | None, standing: _Places, *, dry_run: bool
) -> QuerySet[Registration]:
    """The line behind (level, rank)."""
    people = line.candidates(*kinds, now=standing.now, facts=standing.known).select_related(None)
    if after is not None:
        people = people.filter(Q(level__gt=after[0]) | Q(level=after[0], rank__gt=after[1]))
    return people if dry_run else people.select_for_update(of=("self",), no_key=True, skip_locked=True)


def _still_waiting(people: list[Any], *, dry_run: bool) -> list[Any]:
    """Those of the locked rows who wait: somebody may have booked or been invited while the rows were read."""
    if dry_run:
        return people
    waiting = set(Registration.objects.waiting().filter(pk__in=[one.pk for one in people]).values_list("pk", flat=True))
    return [person for person in people if person.pk in waiting]


def _wait_for_lock() -> bool:
    """Hold the lock until the commit; False when others held it for too long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:  # a savepoint: the refusal spoils nothing else
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) == LOCK_NOT_AVAILABLE:
            return False
        raise
    return True


def _try_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])
