"""The demo's places: contingents, sessions and slots, at the pace at which vaccine came in February 2021.

Each center opens with a few places at first and in full some days later (`START`), so that lists show "few" and
"many". Sessions for first doses reach six weeks ahead; sessions of the contingent "Zweittermine" reach as far as the
second doses of those six weeks can lie. All of it is bound to the first day of the demo, so running it again only adds
later days.
"""

from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from datetime import date, time, timedelta
from itertools import count, islice

from django.db import connection

from booking import clock
from centers.models import Center, Channel, Contingent

AHEAD = timedelta(days=42)
PAST = timedelta(days=35)
LAST_SECOND = {"comirnaty": timedelta(days=42), "vaxzevria": timedelta(days=84)}  # longest interval of the rules
ONLINE, PHONE, SECOND = "online", "telefon", "zweittermine"
LINES = {
    "SN01": 10, "SN02": 10, "SN03": 8, "SN04": 5, "SN05": 5, "SN06": 4, "SN07": 3,
    "SN08": 4, "SN09": 5, "SN10": 2, "SN11": 4, "SN12": 4, "SN13": 6,
}  # fmt: skip
# Days after the first day of the demo on which full sessions begin; with True, that day has few places.
START = {
    "SN06": (1, True), "SN11": (2, True), "SN10": (2, False), "SN09": (3, False), "SN08": (3, True), "SN04": (4, False),
    "SN01": (6, True), "SN05": (6, False), "SN07": (7, False), "SN12": (8, False), "SN02": (8, True), "SN03": (9, True),
    "SN13": (10, True),
}  # fmt: skip
PHONE_FROM = 5  # callers get their papers by post, so nothing earlier could be booked by telephone
BATCH = 400  # sessions per statement: each stays well below any statement timeout

# New sessions with all their slots, in one statement. Where there has been one of the same kind on the day nothing is
# added: it is left alone with its bookings, and what a manager has changed or closed stays so.
INSERT = """
WITH plan AS (
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::date[], %s::time[], %s::time[], %s::int[],
                         %s::int[], %s::int[])
        AS plan(center_id, vaccine_id, contingent_id, date, starts, ends, slot_minutes, lines, first_line)
     WHERE NOT EXISTS (
        SELECT FROM centers_session one
         WHERE one.center_id = plan.center_id AND one.date = plan.date
           AND one.vaccine_id = plan.vaccine_id AND one.contingent_id = plan.contingent_id)
), session AS (
    INSERT INTO centers_session (public_id, center_id, vaccine_id, contingent_id, date, starts, ends, slot_minutes,
                                 lines, first_line, state, version)
    SELECT gen_random_uuid(), center_id, vaccine_id, contingent_id, date, starts, ends, slot_minutes, lines, first_line,
           'published', 1
      FROM plan
    ON CONFLICT DO NOTHING
    RETURNING *
), slot AS (
    INSERT INTO centers_slot (session_id, center_id, vaccine_id, contingent_id, starts_at, capacity, booked, suspended)
    SELECT session.id, session.center_id, session.vaccine_id, session.contingent_id, start.at, session.lines, 0, false
      FROM session
     CROSS JOIN LATERAL generate_series(
        (session.date + session.starts) AT TIME ZONE %s,
        (session.date + session.ends) AT TIME ZONE %s - make_interval(mins => session.slot_minutes),
        make_interval(mins => session.slot_minutes)) AS start(at)
    RETURNING 1
)
SELECT (SELECT count(*) FROM session), (SELECT count(*) FROM slot)
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """One session to be, in the order of the columns that INSERT takes."""

    center_id: int
    vaccine: str
    contingent_id: int
    day: date
    starts: time
    ends: time
    slot_minutes: int
    lines: int
    first_line: int


@dataclass(frozen=True, slots=True)
class _At:
    """A center on one day: what the plans below need to know."""

    center_id: int
    code: str
    day: date
    number: int
    """Days since the first day of the demo."""
    contingents: dict[str, int]

    def session(self, vaccine: str, share: str, hours: tuple[time, time], *, minutes: int, lines: range) -> Opening:
        return Opening(
            self.center_id, vaccine, self.contingents[share], self.day, *hours,
            slot_minutes=minutes, lines=len(lines), first_line=lines.start,
        )  # fmt: skip


def contingents() -> dict[str, int]:
    """The demo's contingents, made once; code -> pk."""
    online, _made = Contingent.objects.get_or_create(
        code=ONLINE, defaults={"name": "Online", "channels": [Channel.WEB, Channel.ON_SITE]}
    )
    phone, _made = Contingent.objects.get_or_create(
        code=PHONE,
        defaults={
            "name": "Telefon",
            "channels": [Channel.PHONE],
            "falls_back_to": online,
            "falls_back_before": timedelta(days=2),
        },
    )
    second, _made = Contingent.objects.get_or_create(
        code=SECOND, defaults={"name": "Zweittermine", "channels": [Channel.WEB, Channel.PHONE, Channel.ON_SITE]}
    )
    return {row.code: row.pk for row in (online, phone, second)}


def top_up(*, first_day: date, today: date) -> tuple[int, int]:
    """Add the sessions that are missing from tomorrow on; (sessions, slots) added. Touches none that is there."""
    plan = _plan(first_day, today + timedelta(days=1), today + AHEAD + max(LAST_SECOND.values()), today + AHEAD)
    return insert(plan)


def add_past(*, first_day: date) -> tuple[int, int]:
    """The sessions of the weeks before the demo, in which the first people were vaccinated."""
    shares = contingents()
    places = [(center.pk, center.code, center.first_day) for center in Center.objects.filter(code__in=LINES)]
    plan = (
        _At(pk, code, day, 0, shares).session("comirnaty", ONLINE, (time(10), time(16)), minutes=30, lines=range(1, 3))
        for day in _days(first_day - PAST, first_day)
        for pk, code, first in places
        if day >= first
    )
    return insert(plan)


def hours(day: date) -> tuple[time, time]:
    """Opening hours of all centers: Monday to Friday 8-18, at weekends 9-17, local time."""
    return (time(9), time(17)) if day.weekday() >= 5 else (time(8), time(18))


def _plan(first_day: date, start: date, end: date, ahead: date) -> Iterator[Opening]:
    shares = contingents()
    centers = list(Center.objects.filter(code__in=LINES).order_by("pk"))
    for day in _days(start, end + timedelta(days=1)):
        for center in centers:
            if center.last_day is None or day <= center.last_day:
                at = _At(center.pk, center.code, day, (day - first_day).days, shares)
                yield from _first_doses(at) if day <= ahead else _second_doses(at, (day - ahead).days)


def _first_doses(at: _At) -> Iterator[Opening]:
    """All sessions of a day within six weeks."""
    begins, few = START[at.code]
    lines = LINES[at.code]
    lane = _lanes()
    if at.number < begins:
        yield at.session("comirnaty", ONLINE, (time(10), time(10, 30)), minutes=30, lines=lane(2))
        return
    if at.number == begins and few:
        yield at.session("comirnaty", ONLINE, (time(9), time(10, 30)), minutes=15, lines=lane(2))
    else:
        yield at.session("comirnaty", ONLINE, hours(at.day), minutes=15, lines=lane(lines))
        yield at.session("vaxzevria", ONLINE, hours(at.day), minutes=30, lines=lane(max(2, lines // 2)))
    if at.number >= PHONE_FROM:
        yield at.session("comirnaty", PHONE, hours(at.day), minutes=30, lines=lane(max(2, lines // 3)))
        yield at.session("vaxzevria", PHONE, hours(at.day), minutes=60, lines=lane(2))


def _second_doses(at: _At, beyond: int) -> Iterator[Opening]:
    """Fewer lines on the days on which the second doses of these six weeks lie; `beyond` = days after them."""
    lane = _lanes()
    for vaccine, last in LAST_SECOND.items():
        if beyond <= last.days:
            yield at.session(vaccine, SECOND, hours(at.day), minutes=60, lines=lane(LINES[at.code]))


def _lanes() -> Callable[[int], range]:
    """The next so many lines of a day that nobody has yet, from line 1 on."""
    free = count(1)

    def lane(number: int) -> range:
        lines = list(islice(free, number))
        return range(lines[0], lines[-1] + 1)

    return lane


def insert(plan: Iterator[Opening]) -> tuple[int, int]:
    """Add these sessions with their slots where none stands yet; (sessions, slots) added."""
    sessions = slots = 0
    with connection.cursor() as cursor:
        while batch := list(islice(plan, BATCH)):
            columns = [list(column) for column in zip(*map(astuple, batch), strict=True)]
            cursor.execute(INSERT, [*columns, str(clock.ZONE), str(clock.ZONE)])
            added = cursor.fetchone()
            sessions, slots = sessions + added[0], slots + added[1]
    return sessions, slots


def _days(start: date, end: date) -> Iterator[date]:
    """Every day from `start` until before `end`."""
    return (start + timedelta(days=number) for number in range((end - start).days))
