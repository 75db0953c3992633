"""Checks 4 and 6: what the list does not show cannot be had by a request made by hand either."""

from datetime import date, timedelta

import pytest

from accounts.refusals import Refused
from booking import availability, clock, entitlement, facts
from booking.models import Appointment
from booking.services import appointments
from centers.models import Center, Channel, Session, VaccineAgeRule
from tests.concurrency.books import balanced

pytestmark = pytest.mark.django_db(transaction=True)


def shown(world, person, *, channel=Channel.WEB) -> set[int]:
    """Every slot that the lists of this person lead to."""
    scope = entitlement.scope(entitlement.person(person), channel=channel, now=world.now, facts=facts.load())
    found = set()
    for offer in availability.earliest_by_center(scope):
        days = availability.days(scope, offer.center_id)
        times = [availability.times(scope, offer.center_id, one.day) for one in days]
        assert (offer.starts_at is None) == (not days)
        assert all(times)
        if times:
            assert offer.starts_at == times[0][0].starts_at
        found |= {time.slot_id for group in times for time in group}
    return found


def refused(world, person, slot, *, channel=Channel.WEB) -> str:
    """The code with which the booking is refused; nothing may have been written."""
    with pytest.raises(Refused) as refusal:
        appointments.book(registration=person, slot_id=slot.pk, channel=channel, by=None, now=world.now)
    slot.refresh_from_db()
    assert slot.booked == 0
    assert not Appointment.objects.filter(registration=person).exists()
    return refusal.value.code


@pytest.fixture
def person(world):
    return world.people(1)[0]


@pytest.fixture
def open_slot(world):
    """A place that everybody may have: the lists are never empty for another reason."""
    return world.slot(4, capacity=5)


def test_the_age_is_that_of_the_day_in_list_booking_and_move(world):
    """60 today plus ten days: 59 when booking."""
    VaccineAgeRule.objects.create(
        vaccine=world.one_dose, valid_from=date(2021, 1, 1), min_age=60, basis=VaccineAgeRule.Basis.STIKO
    )
    birthday = world.day(10)
    [person] = world.people(1, born=birthday.replace(year=birthday.year - 60))
    person.criteria = ["P1_HOMECARE"]
    person.save(update_fields=["criteria"])
    eve, day, after = (world.slot(number, capacity=1) for number in (9, 10, 11))

    assert shown(world, person) == {day.pk, after.pk}
    assert refused(world, person, eve) == "not_eligible"
    terms = {"channel": Channel.WEB, "by": None, "now": world.now}
    appointments.book(registration=person, slot_id=after.pk, **terms)
    appointments.move(registration=person, dose_number=1, slot_id=day.pk, **terms)
    for move in (appointments.move, appointments.move_both):
        with pytest.raises(Refused):
            move(
                registration=person,
                slot_id=eve.pk,
                **terms,
                **({"dose_number": 1} if move is appointments.move else {}),
            )
    assert Appointment.objects.get().slot_id == day.pk
    balanced()


def test_the_group_is_that_of_the_day_in_list_and_booking(world):
    """80 tomorrow plus nine days: the second group today, the first one then."""
    birthday = world.day(10)
    [person] = world.people(1, born=birthday.replace(year=birthday.year - 80))
    eve, day = world.slot(9, capacity=1), world.slot(10, capacity=1)

    assert shown(world, person) == {day.pk}
    assert refused(world, person, eve) == "not_open"
    appointments.book(registration=person, slot_id=day.pk, channel=Channel.WEB, by=None, now=world.now)


def test_a_hidden_center(world, person, open_slot):
    slot = world.slot(2, capacity=5, center=world.other)
    Center.objects.filter(pk=world.other.pk).update(listed=False)

    assert refused(world, person, slot) == "slot_taken"
    assert shown(world, person) == {open_slot.pk}


def test_a_closed_center(world, person, open_slot):
    slot = world.slot(5, capacity=5, center=world.other)
    Center.objects.filter(pk=world.other.pk).update(last_day=world.day(4))

    assert refused(world, person, slot) == "slot_taken"
    assert shown(world, person) == {open_slot.pk}


def test_a_center_that_closes_before_the_second_dose(world, person, open_slot):
    slot = world.slot(2, capacity=5, center=world.other, vaccine=world.two_doses)
    world.slot(44, capacity=5, center=world.other, vaccine=world.two_doses)
    Center.objects.filter(pk=world.other.pk).update(last_day=world.day(40))

    assert refused(world, person, slot) == "no_second_dose"
    assert shown(world, person) == {open_slot.pk}


@pytest.mark.parametrize("state", [Session.State.DRAFT, Session.State.SUSPENDED, Session.State.CLOSED])
def test_a_session_that_is_not_published(world, person, open_slot, state):
    slot = world.slot(2, capacity=5, state=state, suspended=True)

    assert refused(world, person, slot) == "slot_taken"
    assert shown(world, person) == {open_slot.pk}


@pytest.mark.parametrize("state", [Session.State.DRAFT, Session.State.SUSPENDED, Session.State.CLOSED])
def test_a_session_that_is_not_published_whose_slots_nobody_suspended(world, person, state):
    assert refused(world, person, world.slot(2, capacity=5, state=state)) == "slot_taken"


def test_a_past_slot(world, person, open_slot):
    slot = world.slot(-1, capacity=5)

    assert refused(world, person, slot) == "too_late"
    assert shown(world, person) == {open_slot.pk}


def test_a_slot_of_the_next_hour(world, person, open_slot):
    soon = (world.now + timedelta(hours=1)).astimezone(clock.ZONE).time()
    slot = world.slot(0, capacity=5, at=soon)

    assert refused(world, person, slot) == "too_late"
    assert shown(world, person) == {open_slot.pk}


def test_a_foreign_contingent(world, person, open_slot):
    slot = world.slot(6, capacity=5, contingent=world.phone)

    assert refused(world, person, slot) == "other_contingent"
    assert shown(world, person) == {open_slot.pk}
    assert shown(world, person, channel=Channel.PHONE) == {slot.pk}


def test_a_slot_that_does_not_exist(world, person, open_slot):
    with pytest.raises(Refused) as refusal:
        appointments.book(registration=person, slot_id=open_slot.pk + 1000, channel=Channel.WEB, by=None, now=world.now)

    assert refusal.value.code == "slot_taken"


def test_somebody_who_was_not_invited(world, person, open_slot):
    person.invitations.all().delete()

    assert refused(world, person, open_slot) == "not_invited"


def test_somebody_whose_invitation_ran_out(world, person, open_slot):
    person.invitations.update(issued_at=world.now - timedelta(days=8), valid_until=world.now)

    assert refused(world, person, open_slot) == "not_invited"


def test_somebody_who_has_withdrawn(world, person, open_slot):
    person.withdrawn_at, person.withdrawn_reason = world.now, "own_wish"
    person.save(update_fields=["withdrawn_at", "withdrawn_reason"])

    assert refused(world, person, open_slot) == "withdrawn"
