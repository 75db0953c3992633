"""Filling an empty installation with the demo, once; afterwards only the calendar is kept six weeks long."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction

from accounts.models import User
from booking import clock, facts, reference_facts
from booking.demo import deliveries, story, supply
from priority.models import Opening

REFERENCE_DAY = date(2021, 2, 16)  # the day that the first day of the demo stands for
PLANNER, APPROVER, AGENT = "demo-planung", "demo-leitung", "demo-telefon"
TABLES = (
    "centers_session, centers_slot, centers_delivery, booking_registration, booking_appointment, booking_invitation"
)


class NotADemo(Exception):
    """The installation holds real facts. str() says what to do."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What was added; `first_day` is the local day of the first fill."""

    first_day: date
    people: int
    sessions: int
    slots: int


def fill(*, now: datetime) -> Filled:
    """Facts with today's dates, sessions, openings and people; a second run only adds the sessions that are missing.

    All of it or nothing. Raises NotADemo, and writes nothing, where facts were loaded with their real dates.
    """
    today = clock.local_day(now)
    with transaction.atomic():
        first = not User.objects.filter(username=PLANNER).exists()
        recorded = reference_facts.recorded_shift()
        if first and recorded is not None:
            raise NotADemo("The facts are loaded with their own dates. The demo needs an empty database.")
        shift = (today - REFERENCE_DAY).days if recorded is None else recorded
        reference_facts.load(shift_days=shift)
        first_day = REFERENCE_DAY + timedelta(days=shift)
        agent = _staff_and_openings(shift) if first else None
        past = supply.add_past(first_day=first_day) if first else (0, 0)
        ahead = supply.top_up(first_day=first_day, today=today)
        facts.forget()
        people = story.tell(now=now, first_day=first_day, agent=agent) if agent else 0
        deliveries.top_up(today=today, by=User.objects.get(username=PLANNER), now=now)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {TABLES}")
    facts.forget()
    return Filled(first_day, people, past[0] + ahead[0], past[1] + ahead[1])


def _staff_and_openings(shift: int) -> User:
    """Two people who open groups, and one who sits at the telephone. None of them can log in."""
    planner, approver, agent = (_user(name) for name in (PLANNER, APPROVER, AGENT))
    openings = [
        (1, date(2020, 12, 27), time(8), "Gruppe 1: höchste Priorität", "Group 1: highest priority"),
        (2, date(2021, 3, 8), time(9), "Gruppe 2: hohe Priorität", "Group 2: high priority"),
    ]
    Opening.objects.bulk_create(
        Opening(
            level=level,
            opens_at=datetime.combine(day + timedelta(days=shift), at, tzinfo=clock.ZONE),
            name_de=name_de,
            name_en=name_en,
            created_by=planner,
            approved_by=approver,
        )
        for level, day, at, name_de, name_en in openings
    )
    return agent


def _user(username: str) -> User:
    user = User(username=username, is_active=False)
    user.set_unusable_password()
    user.save()
    return user
