"""The doses of one person as the door sees them, and where a second dose can be put from here."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking import availability, clock, entitlement, facts
from booking.availability import DayOffer, TimeOffer
from booking.claims import SecondDose, Target
from booking.door import checks
from booking.entitlement import Scope, Window
from booking.models import Appointment
from centers import vaccines
from centers.models import Channel

OFFERS = 3
LATE_REACH = timedelta(days=42)  # a second dose beyond its window is looked for so far ahead


@dataclass(frozen=True, slots=True)
class FirstDose:
    """Dose 1: when it was given, or where nothing was entered, when its slot was (`entered` is False)."""

    at: datetime
    planned_at: datetime
    vaccine_code: str
    vaccine_name: str
    batch_number: str
    responsible: str
    center_id: int
    center_slug: str
    center_name: str
    status: str
    entered: bool

    @property
    def first(self) -> checks.First:
        return checks.First(clock.local_day(self.at), self.vaccine_code)


@dataclass(frozen=True, slots=True)
class Reach:
    """The days on which dose 2 may lie, seen from now, and everything that is open in them."""

    center_id: int
    vaccine_code: str
    first_day: date
    last_day: date
    scope: Scope

    def contains(self, slot: Target) -> bool:
        return slot.center_id == self.center_id and self.scope.covers(
            slot.vaccine_id, slot.contingent_id, slot.starts_at
        )

    def days(self) -> list[DayOffer]:
        return availability.days(self.scope, self.center_id)

    def times(self, day: date) -> list[TimeOffer]:
        return availability.times(self.scope, self.center_id, day)


def first_dose(registration_id: int) -> FirstDose | None:
    """The dose 1 that counts: the one that was given, else the one that stands; None when there is neither."""
    found = Appointment.objects.live().filter(registration=registration_id, dose_number=1)
    one = (
        found.select_related("slot__center", "slot__vaccine", "vaccination__vaccine").order_by("-status", "-pk").first()
    )
    if one is None:
        return None
    given = getattr(one, "vaccination", None)
    product = given.vaccine if given else one.slot.vaccine
    return FirstDose(
        at=given.given_at if given else one.slot.starts_at,
        planned_at=one.slot.starts_at,
        vaccine_code=product.code,
        vaccine_name=product.name,
        batch_number=given.batch_number if given else "",
        responsible=given.responsible if given else "",
        center_id=one.slot.center_id,
        center_slug=one.slot.center.slug,
        center_name=one.slot.center.name,
        status=one.status,
        entered=given is not None,
    )


def dose_of(appointment: Appointment, first: FirstDose | None) -> checks.Dose:
    """What booking/door/checks.py judges; `appointment` with slot and registration."""
    return checks.Dose(
        number=appointment.dose_number,
        birth_date=appointment.registration.birth_date,
        vaccine=facts.load().vaccines[appointment.slot.vaccine_id],
        first=first.first if first and appointment.dose_number > 1 else None,
    )


def reach(
    first: checks.First, *, center_id: int, vaccine_code: str, now: datetime, channel: str = Channel.ON_SITE
) -> Reach:
    """Where dose 2 of this vaccine may be put by this channel: from the shortest distance on, after now, to the last.

    Whoever is late already gets the next places there are: the series goes on.
    """
    known = facts.load()
    distance = vaccines.interval(known.vaccines[vaccine_code], first.on)
    today = clock.local_day(now)
    low = max(today, first.on + timedelta(days=distance.min_days if distance else 0))
    high = availability.last_second_day(first.on, distance) if distance else today + LATE_REACH
    if high <= today:
        high = today + LATE_REACH
    opened = entitlement.seconds(channel=channel, now=now, facts=known, vaccine_code=vaccine_code)
    windows = [
        Window(one.vaccine_code, one.contingent_id, from_at, until_at, None)
        for one in opened
        for from_at, until_at in [(max(one.from_at, clock.start_of(low)), min(one.until_at, clock.end_of(high)))]
        if from_at < until_at
    ]
    return Reach(center_id, vaccine_code, low, high, Scope(tuple(windows), (), entitlement.Decision()))


def offers(found: Reach, *, wanted: datetime, not_on: date | None = None) -> list[TimeOffer]:
    """Up to three places: on the first free day the same time of day, then the earliest and the last; else later days.

    `not_on` leaves out a day: the one she stands on.
    """
    chosen: list[TimeOffer] = []
    for offer in found.days():
        if offer.day != not_on:
            chosen += [one for one in _spread(found.times(offer.day), wanted) if one not in chosen]
        if len(chosen) >= OFFERS:
            break
    return chosen[:OFFERS]


def wanted_second(
    *, vaccine_code: str, starts_at: datetime, closes_on: date | None, now: datetime
) -> SecondDose | None:
    """Where dose 2 is looked for after a dose 1 on the spot; None when the vaccine needs none."""
    known = facts.load()
    day = clock.local_day(starts_at)
    distance = vaccines.interval(known.vaccines[vaccine_code], day)
    if distance is None:
        return None
    last = availability.last_second_day(day, distance)
    return SecondDose(
        wished=clock.later(starts_at, distance.min_days),
        last_day=last if closes_on is None else min(last, closes_on),
        windows=entitlement.seconds(channel=Channel.ON_SITE, now=now, facts=known, vaccine_code=vaccine_code),
    )


def _spread(times: list[TimeOffer], wanted: datetime) -> list[TimeOffer]:
    """The time nearest to the wished one, the earliest before it and the last after it."""
    if not times:
        return []
    nearest = min(times, key=lambda one: (_apart(one.starts_at, wanted), one.starts_at, one.slot_id))
    before = [one for one in times if one.starts_at < nearest.starts_at][:1]
    after = [one for one in times if one.starts_at > nearest.starts_at][-1:]
    return [nearest, *before, *after]


def _apart(one: datetime, other: datetime) -> int:
    first, second = (instant.astimezone(clock.ZONE) for instant in (one, other))
    return abs(first.hour * 60 + first.minute - second.hour * 60 - second.minute)
