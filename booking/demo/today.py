"""The day on which the demo begins, at the door: about 170 people in Riesa in every state, a few everywhere else.

Written in bulk, because it has happened already and nobody waits for it: registrations, both doses, arrivals, doses
given, and the trail. What the rules would not have allowed is not in it, but for one person whose second dose is too
early: her first one was given a week late, and nobody moved the second one.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet, Sum

from accounts.models import AuditEvent, User
from booking import clock, codes, identity
from booking.demo import letters, names, supply
from booking.demo.people import NEEDS, PHONE_PREFIX, STAFF
from booking.models import Appointment, Arrival, Deferral, Invitation, Registration, Vaccination
from centers.models import Center, Channel, Delivery, Session, Slot
from notifications.outbox import Medium

SEED = 20210421
FULL, MANY, FEW = "riesa", 172, 14
FIRST_AGO = 28  # days since the first doses of those who come for their second
PHYSICIANS = ("Dr. F. Seidel", "Dr. M. Petzold")
BATCHES = {"comirnaty": ("EJ6789", "EK9788"), "vaxzevria": ("ABV2856",)}
LATER = {"comirnaty": 35, "vaxzevria": 70}  # days until dose 2 of those who get their first one today
# They were told by letter when they booked, and the letters were posted a day later.
TOLD = """
INSERT INTO notifications_message (public_id, medium, lane, recipient, language, template, reference, dedupe_key, state,
                                   attempts, available_at, created_at, sent_at, last_reply)
SELECT gen_random_uuid(), 'letter', 'letter:' || person.district_id, person.case_number, person.language, 'booked',
       jsonb_build_object('registration', person.id), 'booked:' || first.id, 'sent', 1, first.booked_at,
       first.booked_at, first.booked_at + interval '1 day', ''
  FROM booking_appointment first
  JOIN booking_registration person ON person.id = first.registration_id
 WHERE first.id = ANY (%s)
"""
Status = Appointment.Status


@dataclass
class _Guest:
    """One person of the day, before she is written."""

    person: Registration
    slot: Slot
    dose_number: int
    status: str = Status.BOOKED
    other_slot: Slot | None = None  # of her other dose
    appointment: Appointment | None = None


@dataclass
class _Book:
    """Everything that will be written, table by table."""

    now: datetime
    by: User
    chance: random.Random
    full: int  # pk of the center with many people
    guests: list[_Guest] = field(default_factory=list)
    taken: Counter[int] = field(default_factory=Counter)
    known: set[tuple[str, str, date]] = field(default_factory=set)


@transaction.atomic
def add(*, now: datetime, by: User) -> int:
    """Write the day of `now`; how many people it has. Once: where sessions of the day stand, nothing happens."""
    day = clock.local_day(now)
    if Session.objects.filter(date=day).exists():
        return 0
    centers = list(Center.objects.filter(code__in=supply.LINES).order_by("pk"))
    _open(centers, day, now)
    chance = random.Random(SEED)  # noqa: S311 - the same demo every time; nothing secret comes from it
    book = _Book(now, by, chance, full=next(center.pk for center in centers if center.slug == FULL))
    for center in centers:
        _invite(book, center, day, MANY if center.slug == FULL else FEW)
    _states(book)
    _write(book)
    _deliver(book, centers, day)
    return len(book.guests)


def _open(centers: list[Center], day: date, now: datetime) -> None:
    """Sessions of the day, around the present hour whenever it is, and those of the first doses some weeks ago."""
    opens, closes = _hours(now)
    shares = supply.contingents()
    before = day - timedelta(days=FIRST_AGO)
    plan = []
    for center in centers:
        lines = supply.LINES[center.code]
        at = (center.pk, "comirnaty", shares[supply.ONLINE])
        plan.append(supply.Opening(*at, day, opens, closes, slot_minutes=15, lines=lines, first_line=1))
        phone = (center.pk, "comirnaty", shares[supply.PHONE])
        plan.append(supply.Opening(*phone, before, time(8), time(12), slot_minutes=15, lines=lines, first_line=3))
        if center.slug == FULL:
            vector = (center.pk, "vaxzevria", shares[supply.ONLINE])
            plan.append(supply.Opening(*vector, day, opens, closes, slot_minutes=30, lines=2, first_line=lines + 1))
    supply.insert(iter(plan))


def _hours(now: datetime) -> tuple[time, time]:
    """Eight to six, or longer where somebody looks at the demo early or late."""
    hour = now.astimezone(clock.ZONE).hour
    return time(min(8, max(0, hour - 2))), time(min(23, max(18, hour + 3)))


def _invite(book: _Book, center: Center, day: date, number: int) -> None:
    """So many people: a third comes for the second dose; with two products the second one has every eighth place."""
    slots = Slot.objects.filter(center=center, session__date=day).order_by("starts_at", "pk")
    places = {code: _places(slots.filter(vaccine=code)) for code in LATER}
    before = Slot.objects.filter(center=center, session__date=day - timedelta(days=FIRST_AGO), session__first_line=3)
    firsts = _places(before.order_by("starts_at", "pk"))
    later = {code: _places(_ahead(center, code, day)) for code in LATER}
    for count in range(number):
        vector = count % 8 == 7
        second = not vector and count % 3 == 0
        here = next(places["vaxzevria" if vector else "comirnaty"], None)
        if here is None:
            continue
        other = next(firsts if second else later[here.vaccine_id], None)
        if other is None:
            continue
        person = _person(book, center, day, at_work=vector)
        book.guests.append(_Guest(person, here, 2 if second else 1, other_slot=other))
        book.taken.update([here.pk, other.pk])


def _ahead(center: Center, code: str, day: date) -> QuerySet[Slot]:
    wanted = day + timedelta(days=LATER[code])
    return Slot.objects.filter(
        center=center, vaccine=code, session__date__range=(wanted, wanted + timedelta(days=4)), is_open=True
    ).order_by("starts_at", "pk")


def _places(slots: QuerySet[Slot]) -> Iterator[Slot]:
    """Free places, spread over the day: one of each start time, then the next round."""
    found = list(slots)
    for turn in range(12):
        for slot in found:
            if slot.booked + turn < slot.capacity:
                yield slot


def _person(book: _Book, center: Center, day: date, *, at_work: bool) -> Registration:
    chance = book.chance
    while True:
        age = chance.randint(25, 60) if at_work else chance.randint(80, 96)
        born = date(day.year - age - 1, 1, 1) + timedelta(days=chance.randrange(364))
        first = chance.choice(names.OLD if age > 70 else names.MIDDLE)
        last = chance.choice(names.LAST)
        if (first, last, born) not in book.known:
            book.known.add((first, last, born))
            break
    postcode, town = chance.choice(names.TOWNS[center.code])
    street = f"{chance.choice(names.STREETS)} {chance.randint(1, 120)}"
    number, registered = len(book.guests), book.now - timedelta(days=FIRST_AGO + 2 + chance.randrange(9))
    needs = {f"needs_{need}": number % 11 == place for place, need in enumerate(NEEDS)}
    return Registration(
        case_number=codes.case_number(), door_code=codes.door_code(), first_name=first, last_name=last,
        birth_date=born, street=street, postcode=postcode, town=town, district_id=center.district_id,
        phone=f"{PHONE_PREFIX}{number % 1000:03d}", language="en" if number % 19 == 5 else "de", **needs,
        criteria=[chance.choice(STAFF)] if at_work else [], medium=Medium.LETTER, channel=Channel.PHONE,
        created_at=registered,
        confirmed_at=registered,
        identity_key=identity.key(
            first_name=first, last_name=last, birth_date=born, street=street, postcode=postcode
        ),
    )  # fmt: skip


def _states(book: _Book) -> None:
    """Most of those whose time is over were vaccinated, some have just arrived, one or two are late or sent home."""
    seconds = 0
    for number, guest in enumerate(book.guests):
        since = book.now - guest.slot.starts_at
        if since < timedelta(minutes=-10):
            continue
        if since > timedelta(minutes=20):
            guest.status = Status.VACCINATED
            seconds += guest.dose_number == 2
            if guest.dose_number == 2 and seconds % 12 == 2:
                guest.status = Status.DEFERRED
            elif number % 40 == 7:
                guest.status = Status.BOOKED  # overdue
        elif number % 5 < 3:
            guest.status = Status.ARRIVED


def _write(book: _Book) -> None:
    Registration.objects.bulk_create([guest.person for guest in book.guests])
    rows = []
    for guest in book.guests:
        guest.appointment = _appointment(guest, guest.slot, guest.dose_number, guest.status)
        rows.append(guest.appointment)
        if guest.other_slot is not None:
            other = Status.VACCINATED if guest.dose_number == 2 else Status.BOOKED
            rows.append(_appointment(guest, guest.other_slot, 3 - guest.dose_number, other))
    _keep_one_without_a_place(book)
    Appointment.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute(TOLD, [[row.pk for row in rows if row.dose_number == 1]])
    letters.put_in_order(by=book.by, zone=str(clock.ZONE), now=book.now)
    Invitation.objects.bulk_create(
        Invitation(
            registration=guest.person, issued_at=guest.person.created_at, accepted_at=guest.person.created_at,
            valid_until=guest.person.created_at + timedelta(days=7),
        )
        for guest in book.guests
    )  # fmt: skip
    _count([row for row in rows if row.displaced_at is None and row.status != Status.DEFERRED])
    _entries(book, rows)


def _appointment(guest: _Guest, slot: Slot, dose_number: int, status: str) -> Appointment:
    return Appointment(
        registration=guest.person, slot=slot, dose_number=dose_number, status=status, channel=Channel.PHONE,
        booked_at=guest.person.created_at + timedelta(hours=1),
    )  # fmt: skip


def _keep_one_without_a_place(book: _Book) -> None:
    """One who is still expected stands without a place, as a change of sessions leaves people behind."""
    for guest in book.guests:
        waits = guest.slot.center_id == book.full and guest.status == Status.BOOKED and guest.dose_number == 1
        if waits and guest.appointment is not None:
            guest.appointment.displaced_at = book.now - timedelta(days=1)
            return


def _count(rows: list[Appointment]) -> None:
    """The counters of all slots concerned, in one statement."""
    taken = Counter(row.slot_id for row in rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE centers_slot s SET booked = s.booked + n.places"
            " FROM unnest(%s::bigint[], %s::int[]) AS n(id, places) WHERE s.id = n.id",
            [list(taken), list(taken.values())],
        )


def _entries(book: _Book, rows: list[Appointment]) -> None:
    """Arrivals, doses and those sent home, with what the trail says of them."""
    arrivals, doses, sent_home, trail = [], [], [], []
    early = _too_early(book)
    for row in rows:
        subject, at = row.registration.public_id, min(row.slot.starts_at + timedelta(minutes=2), book.now)
        if row.status in {Status.ARRIVED, Status.VACCINATED}:
            came = min(at - timedelta(minutes=book.chance.randint(3, 14)), book.now - timedelta(minutes=1))
            late = row.registration is early and row.dose_number == 1
            came += timedelta(days=9 if late else 0)
            arrivals.append(Arrival(appointment=row, at=came, by=book.by, evidence_seen=_seen(row)))
            trail.append(AuditEvent(at=came, actor=book.by, action="appointment.arrived", subject=subject))
            if row.status == Status.VACCINATED:
                given = came + timedelta(minutes=book.chance.randint(8, 13))
                doses.append(_dose(book, row, min(given, book.now)))
                trail.append(AuditEvent(at=given, actor=book.by, action="appointment.vaccinated", subject=subject))
        elif row.status == Status.DEFERRED:
            sent_home.append(Deferral(appointment=row, at=at, by=book.by, reason=Deferral.Reason.MEDICAL))
            trail.append(AuditEvent(at=at, actor=book.by, action="appointment.deferred", subject=subject))
    Arrival.objects.bulk_create(arrivals)
    Vaccination.objects.bulk_create(doses)
    Deferral.objects.bulk_create(sent_home)
    AuditEvent.objects.bulk_create(trail)


def _too_early(book: _Book) -> Registration | None:
    """Who comes for the second dose within three hours, and got the first one nine days later than planned."""
    soon = (
        guest.person
        for guest in book.guests
        if guest.slot.center_id == book.full and guest.dose_number == 2 and guest.status == Status.BOOKED
        and guest.slot.starts_at <= book.now + timedelta(hours=3)
    )  # fmt: skip
    return next(soon, None)


def _seen(row: Appointment) -> list[str]:
    return ["ID", "INST"] if row.registration.criteria and row.dose_number == 1 else ["ID"]


def _dose(book: _Book, row: Appointment, given_at: datetime) -> Vaccination:
    product = row.slot.vaccine_id
    return Vaccination(
        appointment=row, given_at=given_at, vaccine_id=product, batch_number=book.chance.choice(BATCHES[product]),
        responsible=book.chance.choice(PHYSICIANS), entered_at=given_at, entered_by=book.by,
    )  # fmt: skip


def _deliver(book: _Book, centers: list[Center], day: date) -> None:
    """The doses of these sessions came in time."""
    due_on = day - timedelta(days=FIRST_AGO + 3)
    mine = Slot.objects.filter(
        Q(session__date=day) | Q(session__date=day - timedelta(days=FIRST_AGO), session__first_line=3),
        center__in=centers,
    )
    Delivery.objects.bulk_create(
        Delivery(
            center_id=center, vaccine_id=vaccine, doses=places, due_on=due_on, first_due_on=due_on,
            state=Delivery.State.RECEIVED, entered_at=book.now, entered_by=book.by,
        )
        for center, vaccine, places in mine.order_by().values_list("center", "vaccine").annotate(places=Sum("capacity"))
    )  # fmt: skip
