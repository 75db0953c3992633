"""How many more people can be invited: series that are free, and who may use them.

A free place counts as a first dose only together with a free second dose inside its interval, and each place counts
once, whichever it is used for. People differ in what they may have, so one total is not enough: for every set of kinds
of places, the people who may use nothing else must not outnumber them (Hall's condition). `Matching` keeps that by
giving each invited person a series of her own, and moving others to another of theirs where that makes room.

A series is booked in one way from end to end. What is open online counts as online, and only what that leaves over
counts as a series by telephone, for people who may be told to call (booking/inviting.py).
"""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection

from booking import clock, entitlement
from booking.entitlement import Person, Scope, Window
from booking.facts import Facts
from centers import vaccines
from centers.models import Channel
from centers.vaccines import Interval, VaccineRules

# Free places and open invitations in one statement, so as of one moment: of somebody who books between two statements
# the place would count as free and the invitation as used up, and one person too many would be invited.
STANDING = """
SELECT s.center_id, s.vaccine_id, s.contingent_id, (s.starts_at AT TIME ZONE %(zone)s)::date,
       NULL::text[], NULL, NULL::boolean, sum(s.capacity - s.booked)::int
  FROM centers_slot s
  JOIN centers_session n ON n.id = s.session_id AND n.state = 'published'
  JOIN centers_center c ON c.id = s.center_id AND c.listed
 WHERE s.is_open AND s.starts_at >= %(start)s AND s.starts_at < %(end)s
   AND n.date >= c.first_day AND (c.last_day IS NULL OR n.date <= c.last_day)
 GROUP BY 1, 2, 3, 4
UNION ALL
SELECT NULL, NULL, NULL, person.birth_date, person.criteria::text[], person.district_id, person.medium <> 'email',
       count(*)::int
  FROM booking_invitation i
  JOIN booking_registration person ON person.id = i.registration_id
 WHERE i.accepted_at IS NULL AND i.closed_at IS NULL
 GROUP BY 4, 5, 6, 7
"""
WAYS = (Channel.WEB, Channel.PHONE)  # in this order they count what is free


@dataclass(frozen=True, slots=True, order=True)
class Bucket:
    """First doses of one vaccine, one contingent and one local day, in all centers together, booked in one way."""

    vaccine_code: str
    contingent_id: int
    day: date
    channel: str = Channel.WEB


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole days, both included, on which a person may have dose 1 of this kind, booked in this way."""

    vaccine_code: str
    contingent_id: int
    first: date
    last: date
    channel: str = Channel.WEB

    def holds(self, bucket: Bucket) -> bool:
        return (
            self.vaccine_code == bucket.vaccine_code
            and self.contingent_id == bucket.contingent_id
            and self.channel == bucket.channel
            and self.first <= bucket.day <= self.last
        )


Days = dict[date, dict[int, int]]  # day -> contingent -> free places
Class = frozenset[Stretch]  # people with the same one may use the same places
# People who are alike to the rules, whether they may be told to call, and how many of them hold an open invitation.
Invited = list[tuple[Person, bool, int]]


def free_series(*, now: datetime, facts: Facts) -> dict[Bucket, int]:
    """Series that can be booked online or by telephone and are free, by the kind and day of dose 1. One query."""
    return standing(now=now, facts=facts)[0]


def standing(*, now: datetime, facts: Facts) -> tuple[dict[Bucket, int], Invited]:
    """The free series, and everybody who held an open invitation at the same moment. One query.

    An invitation whose time has run out counts until it is closed: it may be about to be prolonged.
    """
    last_first = clock.local_day(now) + timedelta(days=settings.HORIZON_DAYS)
    found: dict[Bucket, int] = defaultdict(int)
    places, invited = _read(_start(now), now + timedelta(days=2 * settings.HORIZON_DAYS))
    for channel in WAYS:
        seconds = entitlement.seconds(channel=channel, now=now, facts=facts)
        usable = class_of(seconds, start=_start(now), channel=channel)
        for (_center, vaccine), free in places.items():
            reached = _reached(free, vaccine, usable, channel)
            if not reached:
                continue
            for (day, contingent), series in _matched(facts.vaccines[vaccine], reached, last_first).items():
                found[Bucket(vaccine, contingent, day, channel)] += series
            for day, left in reached.items():
                free[day].update(left)
    return dict(found), invited


def _start(now: datetime) -> datetime:
    """From when on places are read, for both ways; of a way that begins later its first day is left out."""
    return now + settings.LEAD_TIME[Channel.WEB]


def _reached(free: Days, vaccine: str, usable: Class, channel: str) -> Days:
    """A copy of what can be booked in this way at all."""
    found: Days = defaultdict(dict)
    for day, left in free.items():
        for contingent, number in left.items():
            if any(stretch.holds(Bucket(vaccine, contingent, day, channel)) for stretch in usable):
                found[day][contingent] = number
    return found


def class_of(windows: Iterable[Window], *, start: datetime, channel: str = Channel.WEB) -> Class:
    """The whole days inside the windows; the rest of the first day counts as whole, because earlier is over.

    A day of which the person may use a part is left out: it might be the other part that is free.
    """
    found = set()
    for window in windows:
        first = clock.local_day(window.from_at)
        if window.from_at > max(start, clock.start_of(first)):
            first += timedelta(days=1)
        last = clock.local_day(window.until_at) - timedelta(days=1)  # it ends before this moment
        if first <= last:
            found.add(Stretch(window.vaccine_code, window.contingent_id, first, last, channel))
    return frozenset(found)


def class_of_scope(scope: Scope, *, channel: str, now: datetime) -> Class:
    """What the person with this scope may use, booked in this way."""
    return class_of(scope.windows, start=_start(now), channel=channel)


class Matching:
    """People placed on series so that each has one of her own. The people of a class count alike."""

    def __init__(self, series: Mapping[Bucket, int]) -> None:
        self._spare = dict(series)
        self._taken: dict[Bucket, dict[Class, int]] = defaultdict(lambda: defaultdict(int))
        self._full: set[Bucket] = set()  # nothing in here can be freed by moving anybody
        self._buckets: dict[Class, tuple[Bucket, ...]] = {}

    def place(self, people: Class, count: int = 1) -> int:
        """Place so many people of the class; how many of them found a series."""
        placed = 0
        while placed < count:
            path = self._path(people)
            if not path:
                break
            placed += self._shift(path, people, count - placed)
        return placed

    def spare(self) -> int:
        """Series that nobody has been placed on."""
        return sum(self._spare.values())

    def has_room(self, people: Class) -> bool:
        """True when one more person of the class would find a series."""
        return bool(self._path(people))

    def kinds_with_room(self, channel: str = Channel.WEB) -> frozenset[tuple[str, int]]:
        """The (vaccine, contingent) pairs on some day of which one more person would find a series in this way."""
        found = set()
        buckets = (bucket for bucket in self._spare if bucket.channel == channel)
        for kind in {(bucket.vaccine_code, bucket.contingent_id) for bucket in buckets}:
            if self.has_room(frozenset({Stretch(*kind, date.min, date.max, channel)})):
                found.add(kind)
        return frozenset(found)

    def _of(self, people: Class) -> tuple[Bucket, ...]:
        if people not in self._buckets:
            inside = (bucket for bucket in self._spare if any(stretch.holds(bucket) for stretch in people))
            self._buckets[people] = tuple(sorted(inside, key=lambda bucket: (bucket.day, bucket)))
        return self._buckets[people]

    def _path(self, people: Class) -> list[tuple[Bucket, Class | None]]:
        """Buckets from a spare one back to one of `people`, each with the class that moves into it; [] if none.

        A search that ends without a spare place has found buckets whose people have nowhere else to go (Hall's
        violator): nobody will ever find room there in this matching, so they are not searched again.
        """
        for bucket in self._of(people):
            if self._spare[bucket] > 0:
                return [(bucket, None)]
        came: dict[Bucket, tuple[Bucket | None, Class | None]] = {
            bucket: (None, None) for bucket in self._of(people) if bucket not in self._full
        }
        line = deque(came)
        asked: set[Class] = set()
        while line:
            bucket = line.popleft()
            if self._spare[bucket] > 0:
                return _walk_back(came, bucket)
            for others, number in self._taken[bucket].items():
                if number and others not in asked:
                    asked.add(others)
                    fresh = [other for other in self._of(others) if other not in came and other not in self._full]
                    came.update((other, (bucket, others)) for other in fresh)
                    line.extend(fresh)
        self._full.update(came)
        return []

    def _shift(self, path: list[tuple[Bucket, Class | None]], people: Class, wanted: int) -> int:
        """Move as many as every step allows along the path, and put `people` into the room at its end."""
        steps = [(path[n][0], path[n + 1][0], path[n][1]) for n in range(len(path) - 1)]
        number = min(
            wanted,
            self._spare[path[0][0]],
            *(self._taken[out][movers] for _into, out, movers in steps if movers is not None),
        )
        self._spare[path[0][0]] -= number
        for into, out, movers in steps:
            if movers is not None:
                self._taken[out][movers] -= number
                self._taken[into][movers] += number
        self._taken[path[-1][0]][people] += number
        return number


def _walk_back(
    came: Mapping[Bucket, tuple[Bucket | None, Class | None]], bucket: Bucket
) -> list[tuple[Bucket, Class | None]]:
    path: list[tuple[Bucket, Class | None]] = []
    here: Bucket | None = bucket
    while here is not None:
        before, movers = came[here]
        path.append((here, movers))
        here = before
    return path


def _read(start: datetime, end: datetime) -> tuple[dict[tuple[int, str], Days], Invited]:
    """Free places by (center, vaccine); who is invited."""
    found: dict[tuple[int, str], Days] = defaultdict(lambda: defaultdict(dict))
    invited: Invited = []
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"zone": str(clock.ZONE), "start": start, "end": end})
        for center, vaccine, contingent, day, answers, district, calls, number in cursor.fetchall():
            if center is None:  # `day` is a birth date
                invited.append((Person(day, frozenset(answers), district or ""), calls, number))
            else:
                found[center, vaccine][day][contingent] = number
    return found, invited


def _matched(vaccine: VaccineRules, free: Days, last_first: date) -> dict[tuple[date, int], int]:
    """Series of one center and vaccine by day and contingent of dose 1.

    Each first dose, earliest first, with the earliest second ones, as people book.
    `free` is used up on the way. The result can be had for certain; a cleverer pairing might now and then find more.
    """
    found: dict[tuple[date, int], int] = {}
    days = sorted(free)
    for day in days:
        if day > last_first:
            break
        distance = vaccines.interval(vaccine, day)
        for contingent, left in sorted(free[day].items()):
            number = left
            if vaccine.doses > 1:
                number = _pair(free, days, day, distance, left) if distance else 0
            free[day][contingent] -= number
            if number:
                found[day, contingent] = number
    return found


def _pair(free: Days, days: list[date], day: date, distance: Interval, number: int) -> int:
    """Take up to `number` second doses for first doses on `day`; how many there were."""
    missing = number
    start = bisect_left(days, day + timedelta(days=distance.min_days))
    for later in days[start:]:
        if not missing or (distance.max_days is not None and (later - day).days > distance.max_days):
            break
        for contingent, left in free[later].items():
            taken = min(missing, left)
            free[later][contingent] -= taken
            missing -= taken
    return number - missing
