"""Another shape for a session: fewer lines, other hours. Who has a place keeps it as far as there is one."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command

from accounts.refusals import Refused
from booking.changes.wish import Wish
from booking.models import Appointment
from centers.models import Session
from notifications.models import Message
from tests.factories import NOW
from tests.factories.house import CLOSED_DAY
from tests.factories.supply import ContingentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books_agree():
    yield
    call_command("check_places", verbosity=0)


def told(person) -> list[str]:
    """The messages of changes to this person."""
    keyed = Message.objects.filter(dedupe_key__startswith="change:", recipient=person.email)
    return list(keyed.values_list("template", flat=True))


def slots_of(person) -> list[int]:
    return list(person.appointments.live().order_by("dose_number").values_list("slot_id", flat=True))


@pytest.fixture
def morning(house):
    """Four start times of two lines from 8 on, 15 minutes each."""
    first = house.slot(CLOSED_DAY, at=time(8))
    Session.objects.filter(pk=first.session_id).update(ends=time(9), slot_minutes=15)
    session = Session.objects.get(pk=first.session_id)
    others = [
        session.slots.create(
            center=first.center, vaccine=first.vaccine, contingent=first.contingent, capacity=2,
            starts_at=first.starts_at + timedelta(minutes=15 * number),
        )
        for number in (1, 2, 3)
    ]  # fmt: skip
    return [first, *others]


def test_fewer_lines_displace_who_booked_last(house, morning):
    early, late = house.booked(morning[0]), house.booked(morning[0])
    Appointment.objects.filter(registration=late).update(booked_at=NOW + timedelta(minutes=1))

    house.run(Wish("reshape", block=morning[0].session.block, lines=1))

    assert slots_of(early) == [morning[0].pk]
    assert slots_of(late) == [morning[1].pk]
    assert told(early) == []
    assert set(morning[0].session.slots.values_list("capacity", flat=True)) == {1}


def test_more_lines_adopt_the_displaced_in_the_order_of_booking(house, morning):
    people = [house.booked(morning[0]), house.booked(morning[0])]
    house.run(Wish("reshape", block=morning[0].session.block, lines=1), {"same_center": "keep"})
    assert sum(person.appointments.get().displaced_at is not None for person in people) == 1

    house.run(Wish("reshape", block=morning[0].session.block, lines=3))

    assert not Appointment.objects.filter(displaced_at__isnull=False).exists()
    assert set(morning[0].session.slots.values_list("capacity", "booked")) == {(3, 0), (3, 2)}


def test_a_later_start_and_an_earlier_end_take_whole_start_times_away(house, morning):
    person = house.booked(morning[3])

    house.run(Wish("reshape", block=morning[0].session.block, starts=time(8, 15), ends=time(8, 45)))

    session = Session.objects.get(pk=morning[0].session_id)
    assert (session.starts, session.ends, session.version) == (time(8, 15), time(8, 45), 2)
    assert slots_of(person) == [morning[2].pk]
    open_ = session.slots.filter(capacity__gt=0).order_by("starts_at").values_list("pk", flat=True)
    assert list(open_) == [morning[1].pk, morning[2].pk]


def test_a_start_off_the_grid_is_refused_and_the_two_nearest_are_offered(house, morning):
    house.booked(morning[0])

    with pytest.raises(Refused) as refusal:
        house.preview(Wish("reshape", block=morning[0].session.block, starts=time(8, 20)))

    assert refusal.value.code == "off_grid_starts"
    assert refusal.value.alternatives == (time(8, 15), time(8, 30))
    assert "08:15" in str(refusal.value)


def test_longer_hours_add_start_times(house, morning):
    house.booked(morning[0])

    house.run(Wish("reshape", block=morning[0].session.block, starts=time(7, 45), ends=time(9, 30)))

    starts = morning[0].session.slots.order_by("starts_at").values_list("starts_at", "capacity")
    assert [(start - morning[0].starts_at, size) for start, size in starts] == [
        (timedelta(minutes=15 * number), 2) for number in range(-1, 6)
    ]


def test_a_line_less_takes_the_free_places_of_the_other_share_first(house):
    block = uuid4()
    web = house.slot(CLOSED_DAY, block=block, places=2)
    phone = house.slot(CLOSED_DAY, block=block, places=2, contingent=ContingentFactory(phone=True))
    Session.objects.filter(block=block).update(lines=4)
    people = [house.booked(web), house.booked(web)]

    change = house.run(Wish("reshape", block=block, lines=3))

    assert not change.cases.exists()
    assert [slots_of(person) for person in people] == [[web.pk], [web.pk]]
    shares = Session.objects.filter(block=block).order_by("pk").values_list("lines", "places", "slots__capacity")
    assert list(shares) == [(3, 2, 2), (3, 1, 1)]
    phone.refresh_from_db()
    assert phone.booked == 0
