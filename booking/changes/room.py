"""Where there is room for people whose places are taken away: the same search for the preview and for the run.

Open start times are read once per center and counted down while people are placed, so that the preview promises no
place twice. The run reads them anew whenever somebody else was quicker; what counts then is the database's own claim.

What may be given: the contingent somebody has booked from stays hers; others only if her way of booking reaches them
and they are not kept for people unlike her. Vaccine, pause, age and interval are judged by the dated rules of the new
day. Openings are not asked again: who had an appointment was entitled to it.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F

from booking import availability, clock, entitlement, facts
from booking.changes.people import BOOKED, Dose, Someone
from booking.entitlement import Window
from centers import vaccines
from centers.distance import kilometres
from centers.models import Center, Slot

FRESH = 1.0  # seconds
_OPEN = """
SELECT s.vaccine_id, s.id, s.contingent_id, s.starts_at, s.capacity - s.booked
  FROM centers_slot s
  JOIN centers_session n ON n.id = s.session_id AND n.state = 'published'
  JOIN centers_center c ON c.id = s.center_id
 WHERE s.center_id = %s AND s.is_open AND s.starts_at >= %s AND s.starts_at < %s
   AND n.date BETWEEN c.first_day AND coalesce(c.last_day, 'infinity')
 ORDER BY s.starts_at, s.id
"""


@dataclass(slots=True)
class Spot:
    """A start time with so many places left."""

    slot_id: int
    contingent_id: int
    starts_at: datetime
    free: int


Days = dict[date, list[Spot]]


@dataclass(frozen=True, slots=True)
class Plan:
    """Appointment pk -> spot for everything that moves. `drawn`: a second dose that moves along with its first."""

    targets: Mapping[int, Spot]
    center_id: int
    drawn: bool = False


@dataclass
class Room:
    """`left`: how many places of a start time are still free after the change (slot pk -> number)."""

    now: datetime
    left: Mapping[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = facts.load()
        self.start = self.now + timedelta(hours=settings.CHANGE_NOTICE_HOURS)
        self.end = self.now + timedelta(days=3 * settings.HORIZON_DAYS)
        self._centers: dict[int, dict[str, Days]] = {}
        self._read_at = time.monotonic()
        self._windows: dict[tuple[str, str, int, int], list[Window]] = {}
        self._near: dict[tuple[int, str], list[int]] = {}
        rows = Center.objects.values_list("pk", "latitude", "longitude", "listed")
        placed = [(pk, (lat, lon), listed) for pk, lat, lon, listed in rows if lat is not None and lon is not None]
        self._places = {pk: place for pk, place, _listed in placed}
        self._listed = {pk: place for pk, place, listed in placed if listed}

    def look_again(self, plan: Plan) -> None:
        """Somebody else was quicker: what is left at these start times."""
        spots = {spot.slot_id: spot for spot in plan.targets.values()}
        left = dict(Slot.objects.filter(pk__in=spots, is_open=True).values_list("pk", F("capacity") - F("booked")))
        for pk, spot in spots.items():
            spot.free = left.get(pk, 0)

    def read_again(self, *, older_than: float = FRESH) -> bool:
        """Forget what was read so many seconds ago: places have gone and come back; False when it is younger."""
        if time.monotonic() - self._read_at < older_than:
            return False
        self._centers.clear()
        self._read_at = time.monotonic()
        return True

    def take(self, plan: Plan) -> None:
        for spot in plan.targets.values():
            spot.free -= 1

    def plan(self, person: Someone, *, elsewhere: bool = True) -> Plan | None:
        """The nearest places for all she has lost: at her center, else at the nearest one that has them; or None."""
        own = person.affected[0].center_id
        found = self._at_own(person, own)
        if found is None and elsewhere:
            near = (self._at(person, center) for center in self.near(person, own))
            found = next((plan for plan in near if plan is not None), None)
        return found

    def near(self, person: Someone, own: int) -> list[int]:
        """The other centers within reach of her district, nearest first. Which ones she would go to is not recorded."""
        key = (own, person.district)
        if key not in self._near:
            home = person.position or self._places.get(own)
            apart = [(kilometres(*home, *place), pk) for pk, place in self._listed.items() if pk != own] if home else []
            self._near[key] = [pk for far, pk in sorted(apart) if far <= settings.CHANGE_REACH_KM]
        return self._near[key]

    def _at_own(self, person: Someone, own: int) -> Plan | None:
        first, second = person.first, person.second
        if second is not None and second.affected and not (first is not None and first.affected):
            found = self._second_alone(second, first, own)
            if found is not None or first is None or not first.booked:
                return found
        return self._at(person, own)

    def _at(self, person: Someone, center: int) -> Plan | None:
        first, second = person.first, person.second
        if first is not None and first.booked:
            return self._series(person, first, second, center)
        if second is None or (first is not None and first.status == BOOKED and center != second.center_id):
            return None  # her first dose is over and nobody has said what became of it: the series stays together
        return self._second_alone(second, first, center)

    def _series(self, person: Someone, first: Dose, second: Dose | None, center: int) -> Plan | None:
        """Both doses at this center; dose 2 stays where it stands if it can."""
        rules = self.known.vaccines[first.vaccine]
        reach = timedelta(days=settings.CHANGE_WITHIN_DAYS)
        wished = clock.local_day(first.starts_at)
        for day, spot in self._spots(person, first, center, (wished - reach, wished + reach)):
            if not vaccines.age_allowed(rules, person.birth_date, day):
                continue
            if second is None:
                return Plan({first.pk: spot}, center)
            distance = vaccines.interval(rules, day)
            if distance is None:
                continue
            low = day + timedelta(days=distance.min_days)
            high = availability.last_second_day(day, distance)
            stays = center == second.center_id and not second.affected
            if stays and low <= clock.local_day(second.starts_at) <= high:
                return Plan({first.pk: spot}, center)
            later = self._nearest(person, second, center, (low, high))
            if later is not None:
                return Plan({first.pk: spot, second.pk: later}, center, drawn=not second.affected)
        return None

    def _second_alone(self, second: Dose, first: Dose | None, center: int) -> Plan | None:
        """Dose 2 inside the interval of the rule that holds on the day of dose 1."""
        standing = clock.local_day(second.starts_at)
        low, high = standing, standing + timedelta(days=settings.CHANGE_WITHIN_DAYS)
        if first is not None:
            day = clock.local_day(first.starts_at)
            distance = vaccines.interval(self.known.vaccines[second.vaccine], day)
            if distance is not None:
                low = day + timedelta(days=distance.min_days)
                high = availability.last_second_day(day, distance)
                if standing > high:  # late already, and never void: as soon as can be
                    high = standing + timedelta(days=settings.CHANGE_WITHIN_DAYS)
        spot = self._nearest(None, second, center, (low, high))
        return None if spot is None else Plan({second.pk: spot}, center)

    def _nearest(self, person: Someone | None, dose: Dose, center: int, days: tuple[date, date]) -> Spot | None:
        return next((spot for _day, spot in self._spots(person, dose, center, days)), None)

    def _spots(
        self, person: Someone | None, dose: Dose, center: int, days: tuple[date, date]
    ) -> Iterator[tuple[date, Spot]]:
        """For each day, nearest first, the free spot nearest to the time of day that the dose has now."""
        windows = self._windows_of(person, dose)
        local = dose.starts_at.astimezone(clock.ZONE)
        for day, spots in self._days(center, dose.vaccine, local.date(), days):
            wished = datetime.combine(day, local.time(), tzinfo=clock.ZONE)
            free = [spot for spot in spots if spot.slot_id != dose.slot_id and _inside(spot, windows)]
            if free:
                yield day, min(free, key=lambda spot: (abs(spot.starts_at - wished), spot.starts_at, spot.slot_id))

    def _days(
        self, center: int, vaccine: str, wished: date, days: tuple[date, date]
    ) -> Iterator[tuple[date, list[Spot]]]:
        """The days inside the bounds that have open places, outward from the wished one; of two the later."""
        listed = self._read(center).get(vaccine, {})
        rules = self.known.vaccines[vaccine]
        ordered = [day for day in listed if days[0] <= day <= days[1] and not vaccines.paused(rules, day)]
        for day in sorted(ordered, key=lambda one: (abs(one - wished), one < wished)):
            listed[day] = [spot for spot in listed[day] if spot.free > 0]
            yield day, listed[day]

    def _windows_of(self, person: Someone | None, dose: Dose) -> list[Window]:
        """Which contingents, and when: hers always; others if her way of booking reaches them, and for a first dose if
        they are open to her age and to all groups.
        """
        year = person.birth_date.year if person is not None and dose.number == 1 else 0
        key = (dose.channel, dose.vaccine, dose.contingent_id, year)
        if key not in self._windows:
            reached = entitlement.seconds(
                channel=dose.channel, now=self.now, facts=self.known, vaccine_code=dose.vaccine
            )
            rules = self.known.contingents
            other = [
                Window(one.vaccine_code, one.contingent_id, one.from_at, one.until_at, None)
                for one in reached
                if one.contingent_id != dose.contingent_id
                and (not year or _for_everybody(rules[one.contingent_id], year))
            ]
            self._windows[key] = [Window(dose.vaccine, dose.contingent_id, self.start, self.end, None), *other]
        return self._windows[key]

    def _read(self, center: int) -> dict[str, Days]:
        if center not in self._centers:
            found: dict[str, Days] = defaultdict(lambda: defaultdict(list))
            with connection.cursor() as cursor:
                cursor.execute(_OPEN, [center, self.start, self.end])
                rows = cursor.fetchall()
            for vaccine, slot_id, contingent, starts_at, free in rows:
                left = min(free, self.left.get(slot_id, free))
                if left > 0:
                    found[vaccine][clock.local_day(starts_at)].append(Spot(slot_id, contingent, starts_at, left))
            self._centers[center] = found
        return self._centers[center]


def _inside(spot: Spot, windows: list[Window]) -> bool:
    return any(
        window.contingent_id == spot.contingent_id and window.from_at <= spot.starts_at < window.until_at
        for window in windows
    )


def _for_everybody(rule: facts.ContingentRule, year: int) -> bool:
    return rule.max_level is None and rule.fits(date(year, 1, 1), 0)
