"""What stands in the database: the real facts with today's dates, as in the demo, and places in three centers."""

from datetime import date, datetime, time, timedelta
from itertools import count

from booking import clock, codes, reference_facts
from booking.enrolment import Details
from booking.models import AccessLink, Registration
from booking.services import links, registrations
from centers.models import Center, Channel, Contingent, Slot, Vaccine
from tests.factories.demand import OpeningFactory
from tests.factories.supply import ContingentFactory, SessionFactory

REFERENCE_DAY = date(2021, 2, 16)  # the day that today stands for
OPEN_IN = ("pirna", "dresden", "annaberg-buchholz")
EVERY = timedelta(minutes=15)
BORN = date(1938, 3, 14)

_numbers = count(1)


def build(*, now: datetime) -> None:
    """Facts with today's dates; group 1 may book; three centers with places for eight weeks from tomorrow."""
    today = clock.local_day(now)
    reference_facts.load(shift_days=(today - REFERENCE_DAY).days)
    OpeningFactory(level=1, opens_at=now - timedelta(days=30))
    share = ContingentFactory()
    for slug in OPEN_IN:
        for away in range(1, 58):
            day(slug, today + timedelta(days=away), share=share)


def day(
    slug: str, on: date, *, share: Contingent, starts: time = time(8), ends: time = time(18), lines: int = 4
) -> None:
    """A published session with a start time every quarter of an hour, on the center's clock."""
    made = SessionFactory(
        center=Center.objects.get(slug=slug), vaccine=Vaccine.objects.get(code="comirnaty"), contingent=share,
        date=on, starts=starts, ends=ends, slot_minutes=15, lines=lines,
    )  # fmt: skip
    slots = []
    at = datetime.combine(on, starts)
    while at < datetime.combine(on, ends):
        slots.append(
            Slot(
                session=made,
                center=made.center,
                vaccine=made.vaccine,
                contingent=share,
                capacity=lines,
                starts_at=at.replace(tzinfo=clock.ZONE),
            )
        )
        at += EVERY
    Slot.objects.bulk_create(slots)


def new_email(provider: str = "example.org") -> str:
    """An address that nobody has yet."""
    return f"reise{next(_numbers)}@{provider}"


def registered(
    *, now: datetime, born: date = BORN, email: str | None = None, phone: str = "", language: str = "de"
) -> Registration:
    """A person in the line who has not confirmed; her mail waits in the outbox."""
    number = next(_numbers)
    details = Details(
        first_name="Ingeborg", last_name=f"Richter-{number}", birth_date=born, street=f"Schandauer Straße {number}",
        postcode="01796", town="Pirna", email=new_email() if email is None else email, phone=phone, language=language,
        needs=frozenset(), criteria=frozenset(),
    )  # fmt: skip
    made = registrations.register(
        details=details, case_number=codes.case_number(), channel=Channel.WEB, by=None, now=now
    )
    assert made is not None
    return made


def confirmed(*, now: datetime, **details: object) -> Registration:
    """As above, and she has confirmed: who is 80 is invited, who is not waits."""
    return registrations.confirm(registration=registered(now=now, **details), by=None, now=now)  # type: ignore[arg-type]


def new_link(site: str, person: Registration, *, now: datetime) -> str:
    """The address of a link that opens her page."""
    link = links.issue(registration=person, purpose=AccessLink.Purpose.VISIT, now=now)
    return f"{site}/link/{links.token(link)}/"
