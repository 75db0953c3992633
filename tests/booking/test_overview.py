"""The sums of days: they always add up, they say what nobody can book, and they cost the same for many sessions."""

import random
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking import clock, day_overview, overview
from booking.models import Appointment
from centers.models import Slot
from tests.booking.openings import DAY, book, keep, opening
from tests.factories import NOW
from tests.factories.supply import CenterFactory, ContingentFactory, VaccineFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def center():
    return CenterFactory()


def slots_of(*sessions) -> list[Slot]:
    return list(Slot.objects.filter(session__in=sessions).order_by("starts_at", "pk"))


def today(center) -> overview.DaySums:
    return overview.of_days(center, DAY, DAY)[0]


def test_a_day_is_summed_by_vaccine_and_contingent(center):
    online, phone = opening(center, (2, 1))
    book(slots_of(online)[0], 2)
    book(slots_of(phone)[0])

    (group,) = today(center).groups

    assert [(line.contingent, line.tally.places, line.tally.booked, line.tally.free) for line in group.lines] == [
        ("Online", 8, 2, 6),
        ("Telefon", 4, 1, 3),
    ]
    assert group.vaccine == "Comirnaty"
    assert today(center).tally == overview.Tally(places=12, booked=3)
    assert today(center).sessions == 1


def test_who_is_kept_counts_as_a_place_and_a_booking(center):
    (session,) = opening(center)
    keep(slots_of(session)[1], 3)

    tally = today(center).tally

    assert (tally.places, tally.booked, tally.kept) == (8, 0, 3)
    assert (tally.all_places, tally.expected, tally.free) == (11, 3, 8)


def test_an_appointment_that_no_longer_stands_is_nobody(center):
    (session,) = opening(center)
    Appointment.objects.filter(pk__in=[one.pk for one in keep(slots_of(session)[0])]).update(
        status="no_show", displaced_at=None
    )

    assert today(center).tally == overview.Tally(places=8)


@pytest.mark.parametrize("fields", [{"state": "suspended"}, {"suspended": True}])
def test_suspended_places_are_shown_and_not_counted(center, fields):
    (session,) = opening(center, **fields)
    book(slots_of(session)[0])

    tally = today(center).tally

    assert (tally.places, tally.booked, tally.free, tally.suspended) == (1, 1, 0, 7)


def test_a_closed_session_is_seen_only_where_somebody_was_left_in_it(center):
    opening(center, state="closed")
    assert not today(center).opened
    (other,) = opening(center, state="closed", starts=time(9))
    keep(slots_of(other)[0])

    assert today(center).tally == overview.Tally(kept=1)


def test_a_draft_is_listed_apart(center):
    opening(center, (2, 1), state="draft", slots=0, publish_at=NOW + timedelta(hours=1))

    (draft,) = today(center).drafts

    assert (draft.starts, draft.vaccine, draft.publish_at) == (time(8), "Comirnaty", NOW + timedelta(hours=1))
    assert not today(center).opened
    assert overview.waiting(center, on=DAY) == overview.Waiting(1, DAY, NOW + timedelta(hours=1))
    assert overview.waiting(center, on=DAY + timedelta(days=1)) is None


def test_nothing_of_another_center_is_counted(center):
    (foreign,) = opening(CenterFactory())
    keep(slots_of(foreign)[0])

    assert today(center) == overview.DaySums(DAY)
    assert day_overview.of_day(center, DAY).blocks == ()


@pytest.mark.parametrize("seed", range(6))
def test_totals_add_up_whatever_happened(center, seed):
    dice = random.Random(seed)
    vaccines = [VaccineFactory(), VaccineFactory(code="vaxzevria", name="Vaxzevria")]
    for number in range(dice.randint(3, 7)):
        state = dice.choice(["published", "published", "suspended", "closed", "draft"])
        sessions = opening(
            center, [dice.randint(1, 3) for _share in range(dice.randint(1, 3))], slots=dice.randint(1, 5),
            date=DAY + timedelta(days=dice.randint(0, 2)), starts=time(8 + number), state=state,
            vaccine=dice.choice(vaccines),
        )  # fmt: skip
        for slot in slots_of(*sessions) if state != "draft" else []:
            book(slot, dice.randint(0, slot.capacity))
            keep(slot, dice.choice([0, 0, 1, 2]))
            slot.suspended = dice.random() < 0.2
            slot.save(update_fields=["suspended"])

    days = overview.of_days(center, DAY, DAY + timedelta(days=2))

    standing = Appointment.objects.live()
    assert sum(day.tally.booked for day in days) == standing.filter(displaced_at=None).count()
    assert sum(day.tally.kept for day in days) == standing.exclude(displaced_at=None).count()
    assert overview.total(group.tally for group in overview.groups_of(days)) == overview.total(d.tally for d in days)
    for day in days:
        tally = day.tally
        assert tally == overview.total(line.tally for group in day.groups for line in group.lines)
        assert tally.all_places == tally.expected + tally.free
        assert min(tally.places, tally.booked, tally.free, tally.suspended) >= 0
        view = day_overview.of_day(center, day.day)
        assert view.tally == tally
        assert overview.total(hour.tally for hour in view.hours()) == tally
        assert overview.total(share.tally for block in view.blocks for share in block.shares) == tally


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_of_queries_does_not_depend_on_the_number_of_sessions(center, number):
    for hour in range(number):
        keep(slots_of(*opening(center, (2, 1), starts=time(8 + hour)))[0])

    with CaptureQueriesContext(connection) as asked:
        overview.of_days(center, DAY, DAY + timedelta(days=6))
    assert len(asked) == 2
    with CaptureQueriesContext(connection) as asked:
        day_overview.of_day(center, DAY)
    assert len(asked) == 3


def test_blocks_have_letters_in_order_of_time_and_lines(center):
    opening(center, (2, 1), starts=time(13), first_line=1)
    opening(center, (2,), starts=time(8), first_line=4)
    opening(center, (2,), starts=time(8), first_line=1)
    opening(center, (1,), starts=time(9), state="closed")

    day = day_overview.of_day(center, DAY)

    assert [(block.letter, block.starts.hour, block.first_line, block.last_line) for block in day.blocks] == [
        ("A", 8, 1, 2), ("B", 8, 4, 5), ("C", 13, 1, 3),
    ]  # fmt: skip
    assert [block.starts.hour for block in day.closed] == [9]


def test_vials_are_counted_for_everybody_who_may_come(center):
    (session,) = opening(center, (2,), slots=5)
    keep(slots_of(session)[0], 3)

    (need,) = day_overview.of_day(center, DAY).vaccine_needs()

    assert (need.places, need.kept, need.per_vial) == (10, 3, 6)
    assert (need.vials.full, need.vials.left_over) == (3, 5)


def test_hours_of_the_night_that_is_longer_are_two(center):
    night = datetime(2021, 10, 31, tzinfo=clock.ZONE)
    (session,) = opening(center, slots=0, date=night.date(), starts=time(1), ends=time(5))
    for number in range(3):
        Slot.objects.create(
            session=session, center=center, vaccine=session.vaccine, contingent=session.contingent, capacity=2,
            starts_at=night.astimezone(UTC) + timedelta(hours=1 + number),
        )  # fmt: skip

    hours = day_overview.of_day(center, night.date()).hours()

    assert [hour.at.astimezone(clock.ZONE).hour for hour in hours] == [1, 2, 2]


def test_places_that_fall_to_another_contingent_today(center):
    rule = {"falls_back_to": ContingentFactory(), "falls_back_before": timedelta(days=2)}
    phone = ContingentFactory(phone=True, **rule)
    for days in (1, 2, 3):
        (session,) = opening(center, slots=0, date=DAY + timedelta(days=days), starts=time(8))
        session.contingent = phone
        session.save()
        for hour in (9, 14, 16):  # of three days, only this moment and later are still to fall today
            Slot.objects.create(
                session=session, center=center, vaccine=session.vaccine, contingent=phone, capacity=3, booked=1,
                starts_at=datetime.combine(session.date, time(hour), tzinfo=clock.ZONE),
            )  # fmt: skip

    (fall,) = overview.falling_back(center, now=NOW)

    assert (fall.day, fall.contingent, fall.to, fall.places) == (DAY + timedelta(days=2), "Telefon", "Online", 4)
    assert [at.astimezone(clock.ZONE).hour for at in (fall.from_at, fall.until_at)] == [14, 16]


@pytest.mark.parametrize(
    ("now", "starts", "falls"),
    [
        # a rule of 48 hours over the night of 23 hours, and over that of 25
        (
            "2021-03-27T12:00", ["2021-03-29T12:59", "2021-03-29T13:00", "2021-03-30T00:50", "2021-03-30T01:00"],
            "1200 2350",
        ),
        (
            "2021-10-30T12:00", ["2021-11-01T10:59", "2021-11-01T11:00", "2021-11-01T22:50", "2021-11-01T23:00"],
            "1200 2350",
        ),
        # the nights themselves
        (
            "2021-03-28T00:30", ["2021-03-30T01:20", "2021-03-30T01:30", "2021-03-30T23:50", "2021-03-31T00:00"],
            "0030 2350",
        ),
        (
            "2021-10-31T00:30", ["2021-11-01T23:20", "2021-11-01T23:30", "2021-11-02T23:50", "2021-11-03T00:00"],
            "0030 2350",
        ),
    ],
)  # fmt: skip
def test_what_falls_today_when_the_clocks_change(center, now, starts, falls):
    phone = ContingentFactory(phone=True, falls_back_to=ContingentFactory(), falls_back_before=timedelta(hours=48))
    moments = [datetime.fromisoformat(text).replace(tzinfo=clock.ZONE) for text in starts]
    for number, at in enumerate(moments):
        (session,) = opening(center, slots=0, date=at.date(), starts=time(number))
        session.contingent = phone
        session.save()
        Slot.objects.create(
            session=session, center=center, vaccine=session.vaccine, contingent=phone, capacity=1, starts_at=at
        )

    found = overview.falling_back(center, now=datetime.fromisoformat(now).replace(tzinfo=clock.ZONE))

    ends = [at.astimezone(clock.ZONE).strftime("%H%M") for fall in found for at in (fall.from_at, fall.until_at)]
    assert (f"{ends[0]} {ends[-1]}", sum(fall.places for fall in found)) == (falls, 2)
