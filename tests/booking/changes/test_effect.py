"""The preview: everybody in exactly one group, and never more promised than there is."""

from datetime import date, time, timedelta

import pytest
from django.db import connection

from booking import facts
from booking.models import Appointment, Hold
from centers.models import District, Slot, VaccinePause
from tests.factories import NOW
from tests.factories.calls import CallFactory
from tests.factories.house import CLOSED_DAY, TODAY
from tests.factories.supply import CenterFactory


def groups(effect) -> dict[str, int]:
    return {group.code: group.people for group in effect.groups}


def target(effect, person) -> list[int]:
    [concern] = [one for one in effect.concerns if one.person.pk == person.pk]
    return [] if concern.plan is None else [spot.slot_id for spot in concern.plan.targets.values()]


def test_the_nearest_time_at_the_same_center_is_found(house):
    closed = house.slot(CLOSED_DAY)
    house.slot(CLOSED_DAY + 3)
    near = house.slot(CLOSED_DAY - 1, at=time(9))
    house.slot(CLOSED_DAY - 1, at=time(15))
    person = house.booked(closed)

    effect = house.preview()

    assert groups(effect) == {"same_center": 1}
    assert target(effect, person) == [near.pk]
    assert [(one.day, one.sessions, one.places, one.appointments) for one in effect.days()] == [
        (date(2021, 2, 25), 1, 2, 1)
    ]


def test_what_is_kept_for_a_caller_while_the_effect_is_read_is_nobodys_appointment(house):
    closed = house.slot(CLOSED_DAY, capacity=3)
    before = house.preview()
    kept = []

    def keep(execute, sql, params, many, context):
        if not kept and sql.startswith('SELECT "centers_slot"."id"'):
            kept.append(Hold(call=CallFactory(), first=closed, made_at=NOW, expires_at=NOW + timedelta(minutes=10)))
            kept[0].save()
            Slot.objects.filter(pk=closed.pk).update(booked=1)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        effect = house.preview()

    assert kept
    assert effect.fingerprint == before.fingerprint


def test_no_place_is_promised_twice(house):
    closed = house.slot(CLOSED_DAY, capacity=5)
    house.slot(CLOSED_DAY + 1, capacity=2)
    for _number in range(5):
        house.booked(closed)

    assert groups(house.preview()) == {"same_center": 2, "no_place": 3}


def test_another_center_within_reach_comes_second_and_one_beyond_it_not_at_all(house):
    closed = house.slot(CLOSED_DAY, capacity=3)
    house.slot(CLOSED_DAY + 1, capacity=1)
    near = CenterFactory(name="Pirna", latitude=50.96, longitude=13.94)
    house.slot(CLOSED_DAY, capacity=1, center=near)
    house.slot(CLOSED_DAY, capacity=9, center=CenterFactory(name="Leipzig", latitude=51.34, longitude=12.37))
    for _number in range(3):
        house.booked(closed)

    effect = house.preview()

    assert groups(effect) == {"same_center": 1, "elsewhere": 1, "no_place": 1}
    assert next(group.centers for group in effect.groups if group.code == "elsewhere") == ["Pirna"]


def test_dose_2_stays_when_the_interval_still_holds_and_is_drawn_along_when_not(house):
    closed = house.slot(CLOSED_DAY, vaccine=house.double)
    second = house.slot(CLOSED_DAY + 21, vaccine=house.double)
    person = house.booked(closed)
    earlier = house.slot(CLOSED_DAY - 2, vaccine=house.double)
    assert target(house.preview(), person) == [earlier.pk]

    Appointment.objects.filter(slot=second).update(slot=house.slot(CLOSED_DAY + 42, vaccine=house.double).pk)
    between = house.slot(CLOSED_DAY + 30, vaccine=house.double)

    effect = house.preview()

    assert target(effect, person) == [earlier.pk, between.pk]
    assert effect.drawn == 1


def test_dose_2_alone_stays_inside_the_interval_of_dose_1(house):
    first, second = house.slot(2, vaccine=house.double), house.slot(23, vaccine=house.double)
    person = house.booked(first)
    house.slot(22, vaccine=house.double)  # 20 days after dose 1
    fits = house.slot(30, vaccine=house.double)

    effect = house.preview(house.wish(day=23))

    assert [one.slot_id for one in effect.held] == [second.pk]
    assert target(effect, person) == [fits.pk]


def test_whoever_has_had_dose_1_comes_before_whoever_has_had_none(house):
    first, second = house.slot(2, vaccine=house.double), house.slot(23, vaccine=house.double, capacity=9)
    begun = house.booked(first)
    later = [house.booked(house.slot(day, vaccine=house.double)) for day in (1,)]
    Appointment.objects.filter(registration__in=[begun, *later], dose_number=2).update(slot=second)
    Appointment.objects.filter(registration=begun, dose_number=1).update(status="vaccinated")
    only = house.slot(26, vaccine=house.double, capacity=1)

    effect = house.preview(house.wish(day=23))

    assert effect.concerns[0].person.pk == begun.pk
    assert target(effect, begun) == [only.pk]


def test_a_vaccine_that_is_paused_is_given_to_nobody(house):
    closed = house.slot(CLOSED_DAY)
    house.slot(CLOSED_DAY + 1)
    house.booked(closed)
    VaccinePause.objects.create(vaccine=house.single, starts_on=TODAY, ends_on=TODAY + timedelta(days=60))
    facts.forget()

    assert groups(house.preview()) == {"no_place": 1}


def test_how_people_can_be_reached_adds_up(house):
    closed = house.slot(3, capacity=4)
    house.booked(closed)
    house.booked(closed, phone="+4915123456789", medium="sms")
    for phone in ("+4935014711", ""):
        house.booked(closed, email="", phone=phone)

    found = house.preview(house.wish(day=3))

    assert dict(found.reach) == {"email": 1, "sms": 1, "letter": 2}
    assert [(group.soon, group.soon_without_phone) for group in found.groups] == [(2, 1)]


def test_suspending_and_bookings_meanwhile_leave_the_fingerprint_alone(house):
    slot = house.slot(CLOSED_DAY)
    before = house.preview(house.wish("suspend"))
    closing = house.preview()
    house.booked(slot)

    assert house.preview(house.wish("suspend")).fingerprint == before.fingerprint
    assert house.preview().fingerprint != closing.fingerprint


@pytest.mark.parametrize("district", [True, False])
def test_a_person_without_a_known_district_is_sought_a_place_around_her_center(house, district):
    closed = house.slot(CLOSED_DAY)
    near = CenterFactory(name="Pirna", latitude=50.96, longitude=13.94)
    house.slot(CLOSED_DAY, center=near)
    person = house.booked(closed)
    person.district = District.objects.get(ags="14612") if district else None
    person.save()

    assert groups(house.preview()) == {"elsewhere": 1}


def test_past_and_foreign_sessions_are_not_concerned(house):
    house.slot(CLOSED_DAY, center=CenterFactory())
    past = house.slot(0, at=time(9))
    assert past.starts_at < NOW

    assert house.preview().sessions == ()
    assert house.preview(house.wish(day=0)).sessions == ()
