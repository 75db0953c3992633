"""Two registrations become one while somebody books, moves or merges: all or nothing, and no place is lost."""

from functools import partial

import pytest

from accounts.refusals import Refused
from booking.models import Appointment, Registration
from booking.services import appointments, merging
from booking.services.merging import Choice
from centers.models import Slot
from tests.concurrency import run_at_once, tally
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def counted():
    """Every slot counts exactly its live appointments."""
    return all(
        slot.booked == Appointment.objects.live().filter(slot=slot, displaced_at__isnull=True).count()
        for slot in Slot.objects.all()
    )


def book(world, person, slot):
    return appointments.book(registration=person, slot_id=slot.pk, channel="web", by=None, now=world.now)


def merge(world, stays, ends, by):
    try:
        choice = Choice(stays=stays, ends=ends, data_of=stays, seen=frozenset(), compared=True)
        return merging.merge(choice=choice, by=by, now=world.now)
    except Refused as reason:
        return reason


def live(person):
    return Appointment.objects.live().filter(registration=person).count()


@pytest.mark.parametrize("again", range(4))
def test_both_book_while_they_are_merged(world, again):
    slot = world.slot(2, capacity=2)
    one, other = world.people(2)
    agent = UserFactory()

    answers = run_at_once([
        partial(book, world, one, slot), partial(merge, world, one, other, agent), partial(book, world, other, slot),
    ])  # fmt: skip

    assert not [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Refused)]
    other.refresh_from_db()
    if other.withdrawn_at is None:  # a booking came first: the agent is asked to look again
        assert answers[1].code == "changed"
        assert other.merged_into_id is None
    else:
        assert other.merged_into_id == one.pk
        assert live(other) == 0
    assert counted()


def test_two_agents_merge_the_same_two_the_other_way_round(world):
    one, other = world.people(2)
    agents = [UserFactory(), UserFactory()]

    answers = run_at_once([
        partial(merge, world, one, other, agents[0]), partial(merge, world, other, one, agents[1]),
    ] * 4)  # fmt: skip

    assert sum(isinstance(answer, Registration) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"withdrawn"}
    assert Registration.objects.filter(withdrawn_reason="merged").count() == 1


def test_three_of_one_person_merged_at_once_end_as_one(world):
    first, second, third = world.people(3)
    agent = UserFactory()

    answers = run_at_once([
        partial(merge, world, first, second, agent), partial(merge, world, second, third, agent),
        partial(merge, world, third, first, agent),
    ])  # fmt: skip

    assert tally(answers)
    left = Registration.objects.filter(withdrawn_at__isnull=True)
    for ended in Registration.objects.filter(withdrawn_reason="merged"):
        assert ended.merged_into in left
