"""Managers open sessions while others do the same, and while people book."""

from dataclasses import replace
from datetime import time, timedelta
from functools import partial

import pytest
from django.db.models import F

from booking.services import appointments
from centers.models import Channel, Session, Slot
from centers.sessions import publishing, services
from centers.sessions.grid import Hours
from centers.sessions.plans import Plan, Share
from centers.sessions.publishing import Opening, Scope
from tests.concurrency import run_at_once, tally
from tests.concurrency.books import balanced
from tests.factories.staff import UserFactory
from tests.factories.supply import DeliveryFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def boss(world):
    return UserFactory(at=[world.center])


@pytest.fixture
def plan(world) -> Plan:
    """One hour, one line, ten minutes each: six places, all on the web."""
    hours = Hours(time(10), time(11), 10)
    return Plan(world.center, world.one_dose, (world.day(3),), hours, 1, 1, (Share(world.web, 6),))


def deliver(world, doses: int) -> None:
    DeliveryFactory(center=world.center, vaccine=world.one_dose, doses=doses, due_on=world.day(-1))


def drafts(world, boss, *wanted: Plan) -> list:
    made = services.create(wanted, confirmed=True, opening=Opening(), by=boss, now=world.now)
    return list(made.blocks)


def test_two_managers_publish_the_same_draft_and_one_of_them_is_told(world, boss, plan):
    deliver(world, 60)
    blocks = drafts(world, boss, plan)

    answers = run_at_once([partial(publishing.publish, world.center, blocks, by=boss, now=world.now)] * 8)

    assert tally(answers) == {"done": 1, "published": 7}
    assert Session.objects.get().version == 2


def test_two_drafts_for_the_same_doses_are_not_both_published(world, boss, plan):
    deliver(world, 6)
    first, second = drafts(world, boss, plan, replace(plan, first_line=2))

    answers = run_at_once(
        [partial(publishing.publish, world.center, [block], by=boss, now=world.now) for block in (first, second)]
    )

    assert tally(answers) == {"done": 1, "not_covered": 1}
    assert sorted(Session.objects.values_list("state", flat=True)) == ["draft", "published"]


def test_of_two_who_open_the_same_lines_at_once_the_second_is_asked(world, boss, plan):
    deliver(world, 60)
    other = replace(plan, hours=replace(plan.hours, starts=time(9, 30)), shares=(Share(world.web, 9),))
    opening = Opening(Scope.ALL)

    answers = run_at_once(
        [
            partial(services.create, [one], confirmed=False, opening=opening, by=boss, now=world.now)
            for one in (plan, other)
        ]
    )

    assert tally(answers) == {"done": 1, "overlap": 1}
    assert Session.objects.count() == 1


def test_the_beat_runs_twice_at_once_and_opens_once(world, boss, plan):
    deliver(world, 60)
    blocks = drafts(world, boss, plan, replace(plan, first_line=2))
    at = world.now + timedelta(hours=1)
    publishing.publish_at(world.center, blocks, at=at, by=boss, now=world.now)

    answers = run_at_once([partial(publishing.publish_due, now=at)] * 4)

    assert sorted(answers) == [0, 0, 0, 2]
    assert set(Session.objects.values_list("state", "version")) == {("published", 3)}


def test_people_book_while_it_is_published_and_every_place_is_given_once(world, boss, plan):
    deliver(world, 60)
    blocks = drafts(world, boss, plan)
    slots = list(Slot.objects.order_by("starts_at"))
    people = world.people(30)
    book = [
        partial(
            appointments.book, registration=person, slot_id=slots[number % 6].pk, channel=Channel.WEB, by=None,
            now=world.now,
        )
        for number, person in enumerate(people)
    ]  # fmt: skip
    publish = partial(publishing.publish, world.center, blocks, by=boss, now=world.now)

    answers = run_at_once([*book[:15], publish, *book[15:]])

    assert set(tally(answers)) <= {"done", "slot_taken"}
    assert Session.objects.get().state == "published"
    assert not Slot.objects.filter(booked__gt=F("capacity")).exists()
    balanced()


def test_a_draft_is_discarded_while_it_is_published_and_only_one_of_both_happens(world, boss, plan):
    deliver(world, 60)
    blocks = drafts(world, boss, plan)

    answers = run_at_once(
        [
            partial(publishing.publish, world.center, blocks, by=boss, now=world.now),
            partial(services.discard, world.center, blocks, by=boss, now=world.now),
        ]
    )

    counted = tally(answers)
    assert counted["done"] == 1
    assert (Session.objects.count(), counted) in [(1, {"done": 1, "published": 1}), (0, {"done": 1, "gone": 1})]
