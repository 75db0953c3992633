"""May this person have this place, and why (not)? One answer for the list, the booking, the move and the API.

`decide` judges one place. `scope` says the same for all places at once, as windows of time per vaccine and contingent
that a query can use: between two dates on which anything changes (a regulation, a birthday, a vaccine rule) the answer
is the same, so it is asked once per stretch. A property test holds the two together.

What is judged when (ADR 3): group and vaccine age on the day of dose 1; openings and contingents at the moment of
booking; the distance to dose 2 by the rule in force on the day of dose 1; a pause of the vaccine on each day itself.
Where the regulation of that day knows no groups any more, openings are compared with the group of today.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from booking import clock
from booking.facts import ContingentRule, Facts
from booking.models import Registration
from centers import vaccines
from centers.models import Channel
from centers.vaccines import Interval, VaccineRules
from priority import rules
from priority.openings import OpeningRule


@dataclass(frozen=True, slots=True)
class Person:
    """What the rules need to know of somebody; no name, no address."""

    birth_date: date
    answers: frozenset[str]
    district_ags: str


@dataclass(frozen=True, slots=True)
class Place:
    """One slot as the rules see it."""

    vaccine_code: str
    contingent_id: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """`code` is "" when allowed, else the refusal's; `text` is for the person."""

    code: str = ""
    text: str = ""
    interval: Interval | None = None

    @property
    def allowed(self) -> bool:
        return not self.code


@dataclass(frozen=True, slots=True)
class Window:
    """From `from_at` until before `until_at` the person may have dose 1 of this vaccine from this contingent.

    `interval` is the distance to dose 2 that holds for every day of the window; None for a single dose.
    """

    vaccine_code: str
    contingent_id: int
    from_at: datetime
    until_at: datetime
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything the person may have for dose 1, and where dose 2 of each vaccine may lie; `why_not` when empty."""

    windows: tuple[Window, ...]
    seconds: tuple[Window, ...]
    why_not: Decision

    def kinds(self) -> frozenset[tuple[str, int]]:
        """The (vaccine code, contingent pk) pairs that this person may use."""
        return frozenset((window.vaccine_code, window.contingent_id) for window in self.windows)

    def covers(self, vaccine_code: str, contingent_id: int, at: datetime) -> bool:
        """True when one of the windows allows this vaccine from this contingent at that moment."""
        return any(
            window.vaccine_code == vaccine_code
            and window.contingent_id == contingent_id
            and window.from_at <= at < window.until_at
            for window in self.windows
        )


@dataclass(frozen=True, slots=True)
class _Terms:
    """How and when it is booked, and the facts that hold: what every judgement of one request shares."""

    channel: str
    now: datetime
    facts: Facts


def person(registration: Registration) -> Person:
    return Person(registration.birth_date, frozenset(registration.criteria), registration.district_id or "")


def decide(
    person: Person, place: Place, *, channel: str, now: datetime, facts: Facts, not_before: datetime | None = None
) -> Decision:
    """Judge dose 1 of a series at this place, booked this way at `now`; `not_before` as in `scope`."""
    if place.starts_at < _first_start(channel, now, not_before):
        return Decision("too_late", _("This time is too soon to be booked this way. Please choose a later one."))
    terms = _Terms(channel, now, facts)
    contingent = facts.contingents.get(place.contingent_id)
    shares = _shares(contingent, terms) if contingent else []
    usable = [share for share, limit in shares if limit is None or place.starts_at <= limit]
    vaccine = facts.vaccines.get(place.vaccine_code)
    return _judge(person, vaccine, usable, clock.local_day(place.starts_at), terms)


def scope(
    person: Person,
    *,
    channel: str,
    now: datetime,
    facts: Facts,
    on: date | None = None,
    not_before: datetime | None = None,
) -> Scope:
    """All windows of dose 1 from now to the horizon, by the same judgement as `decide`; with `on` of that day alone.

    `not_before`: when her papers are with her, where that is later than this way of booking asks for (ADR 23).
    """
    first = _first_start(channel, now, not_before)
    last = clock.local_day(now) + timedelta(days=settings.HORIZON_DAYS)
    if on is not None:
        first, last = max(first, clock.start_of(on)), min(last, on)
    windows: list[Window] = []
    refusals: list[Decision] = []
    for day, next_turn in _stretches(person, clock.local_day(first), last, facts):
        start, end = max(first, clock.start_of(day)), clock.start_of(next_turn)
        for vaccine, contingent, limit, decision in _judge_all(person, day, _Terms(channel, now, facts)):
            until = end if limit is None else min(end, limit + timedelta.resolution)
            if not decision.allowed:
                refusals.append(decision)
            elif start < until:
                windows.append(Window(vaccine, contingent, start, until, decision.interval))
    ordered = tuple(sorted(_joined(windows), key=_order))
    return Scope(ordered, seconds(channel=channel, now=now, facts=facts), _plainest(refusals))


def seconds(*, channel: str, now: datetime, facts: Facts, vaccine_code: str = "") -> tuple[Window, ...]:
    """Where dose 2 may lie: every contingent this way of booking reaches, except while the vaccine is paused.

    Of all vaccines, or of the one that is named.
    """
    terms = _Terms(channel, now, facts)
    start = now + settings.LEAD_TIME[channel]
    end = now + timedelta(days=2 * settings.HORIZON_DAYS)
    found = []
    products = [one for one in facts.vaccines.values() if vaccine_code in ("", one.code)]
    for contingent in facts.contingents.values():
        limits = [limit for _share, limit in _shares(contingent, terms)]
        if not limits:
            continue
        until = end if None in limits else min(end, max(limit for limit in limits if limit) + timedelta.resolution)
        for vaccine in products:
            found += [
                Window(vaccine.code, contingent.pk, from_at, until_at, None)
                for from_at, until_at in _unpaused(vaccine, start, until)
            ]
    return tuple(found)


def _first_start(channel: str, now: datetime, not_before: datetime | None) -> datetime:
    lead = now + settings.LEAD_TIME[channel]
    return lead if not_before is None else max(lead, not_before)


def level_on(person: Person, day: date, *, now: datetime, facts: Facts) -> int:
    """The group that openings and contingents are compared with; see above on regulations without groups."""
    regulation = rules.regulation_on(facts.regulations, day)
    if not regulation.grouped:
        day = clock.local_day(now)
        regulation = rules.regulation_on(facts.regulations, day)
    return rules.assess(person.answers, person.birth_date, day, regulation).level


def _judge(
    person: Person,
    vaccine: VaccineRules | None,
    shares: list[ContingentRule],
    day: date,
    terms: _Terms,
) -> Decision:
    if vaccine is None or vaccines.paused(vaccine, day):
        return Decision("not_eligible", _("This vaccine is not given on that day."))
    if not vaccines.age_allowed(vaccine, person.birth_date, day):
        text = _("%(vaccine)s is not given at your age on that day.") % {"vaccine": vaccine.name}
        return Decision("not_eligible", text)
    distance = vaccines.interval(vaccine, day)
    if vaccine.doses > 1 and distance is None:
        return Decision("not_eligible", _("This vaccine is not given on that day."))
    try:
        level = level_on(person, day, now=terms.now, facts=terms.facts)
    except rules.NoRegulation:
        return Decision("not_eligible", _("No rules are in force for that day yet."))
    if not any(_opens(opening, person, level, vaccine.code, terms) for opening in terms.facts.openings):
        return Decision("not_open", _("Your group cannot book yet. We will write to you when it is your turn."))
    if not any(share.fits(person.birth_date, level) for share in shares):
        return Decision("other_contingent", _("This place is kept for other people."))
    return Decision(interval=distance)


def _opens(opening: OpeningRule, person: Person, level: int, vaccine_code: str, terms: _Terms) -> bool:
    return (
        opening.in_force(terms.now)
        and opening.fits_place(vaccine_code=vaccine_code, channel=terms.channel)
        and opening.fits_person(
            level=level, answers=person.answers, birth_date=person.birth_date, district_ags=person.district_ags
        )
    )


def _judge_all(person: Person, day: date, terms: _Terms) -> Iterator[tuple[str, int, datetime | None, Decision]]:
    """Every vaccine with every reachable contingent, and up to which start its places may be used."""
    for contingent in terms.facts.contingents.values():
        for share, limit in _shares(contingent, terms):
            for vaccine in terms.facts.vaccines.values():
                yield vaccine.code, contingent.pk, limit, _judge(person, vaccine, [share], day, terms)


def _shares(contingent: ContingentRule, terms: _Terms) -> list[tuple[ContingentRule, datetime | None]]:
    """Whose rules open this contingent's places this way, and up to which start (None: all of them).

    A contingent that would stay empty falls to another one so long before the slot; then the other one's rules hold,
    and who could book it before may still book what is free there.
    """
    found: list[tuple[ContingentRule, datetime | None]] = []
    share: ContingentRule | None = contingent
    limit: datetime | None = None
    seen: set[int] = set()
    while share is not None and share.pk not in seen:
        seen.add(share.pk)
        if share.takes(terms.channel, terms.now):
            found.append((share, limit))
        if share.falls_back_to is None or share.falls_back_before is None:
            break
        step = terms.now + share.falls_back_before
        limit = step if limit is None else min(limit, step)
        share = terms.facts.contingents.get(share.falls_back_to)
    shared = max(_fallen_to(contingent, terms), default=None)
    if shared is not None and not contingent.takes(terms.channel, terms.now):
        found.append((contingent, shared))
    return found


def _fallen_to(contingent: ContingentRule, terms: _Terms) -> Iterator[datetime]:
    """Up to which starts places that were booked this way may have fallen to this contingent (ADR 21).

    They fell because nobody had taken them yet, so who calls, or stands at the door, may still have what is free there,
    by the rules of that contingent. Never the web: it gets no place that it was not given.
    """
    if terms.channel == Channel.WEB or not contingent.is_open(terms.now):
        return
    ways: list[tuple[int, datetime | None]] = [(contingent.pk, None)]
    seen = {contingent.pk}
    while ways:
        pk, limit = ways.pop()
        for source in terms.facts.contingents.values():
            if source.falls_back_to != pk or source.falls_back_before is None or source.pk in seen:
                continue
            seen.add(source.pk)
            step = terms.now + source.falls_back_before
            step = step if limit is None else min(limit, step)
            ways.append((source.pk, step))
            if source.takes(terms.channel, terms.now):
                yield step


def _stretches(person: Person, first: date, last: date, facts: Facts) -> Iterator[tuple[date, date]]:
    """Half-open runs of days in which no dated fact and no birthday changes the answer."""
    turns = {first, *(day for day in _turning_days(person, first, last, facts) if first < day <= last)}
    ordered = sorted(turns)
    yield from zip(ordered, [*ordered[1:], last + timedelta(days=1)], strict=True)


def _turning_days(person: Person, first: date, last: date, facts: Facts) -> Iterator[date]:
    yield from facts.turning_days
    for year in range(first.year, last.year + 1):
        yield _birthday(person.birth_date, year)


def _birthday(birth_date: date, year: int) -> date:
    try:
        return birth_date.replace(year=year)
    except ValueError:  # 29 February, in a year without it
        return date(year, 3, 1)


def _unpaused(vaccine: VaccineRules, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The stretches between `start` and `end` in which the vaccine is given."""
    parts = [(start, end)]
    for pause in vaccine.pauses:
        begin = clock.start_of(pause.starts_on)
        over = end if pause.ends_on is None else clock.end_of(pause.ends_on)
        parts = [
            (low, high)
            for low0, high0 in parts
            for low, high in ((low0, min(high0, begin)), (max(low0, over), high0))
            if low < high
        ]
    return parts


def _joined(windows: list[Window]) -> Iterator[Window]:
    """Windows that touch and say the same become one; overlapping ones of one kind are cut to what is new."""
    open_ended: dict[tuple[str, int, Interval | None], Window] = {}
    for window in sorted(windows, key=lambda one: (one.from_at, one.until_at)):
        key = (window.vaccine_code, window.contingent_id, window.interval)
        before = open_ended.get(key)
        if before is not None and window.from_at <= before.until_at:
            until = max(before.until_at, window.until_at)
            open_ended[key] = Window(*key[:2], before.from_at, until, window.interval)
            continue
        if before is not None:
            yield before
        open_ended[key] = window
    yield from open_ended.values()


def _order(window: Window) -> tuple[datetime, str, int]:
    return window.from_at, window.vaccine_code, window.contingent_id


def _plainest(refusals: list[Decision]) -> Decision:
    """The refusal that tells most: her group is not open; else the vaccine; else the contingent."""
    order = {"not_open": 0, "not_eligible": 1, "other_contingent": 2}
    if not refusals:
        return Decision("nothing_open", _("There is nothing to book at the moment."))
    return min(refusals, key=lambda one: order.get(one.code, 3))
