"""Agents after the last places, the sweeper against the booking, a manager against them all."""

from collections import Counter
from datetime import date, time, timedelta
from functools import partial

import pytest
from django.core.management import call_command

from booking import enrolment, entitlement
from booking.changes import effect
from booking.changes.wish import Kind, Wish
from booking.enrolment import Details
from booking.models import Hold, Registration
from booking.services import calls, changes, holds, phone
from booking.services.changes import Order
from booking.services.holds import Wanted
from booking.services.phone import Caller
from centers.models import Slot
from tests.concurrency import run_at_once, tally
from tests.factories.calls import CallFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

AGENTS = 50
PLACES = 7


def series(world, capacity=PLACES):
    return [world.slot(day, capacity=capacity, vaccine=world.two_doses, contingent=world.phone) for day in (2, 44)]


def keep(world, slot):
    call = CallFactory()
    person = entitlement.Person(world.people(1)[0].birth_date, frozenset(), "")
    return partial(holds.make, call=call, wanted=Wanted(person, slot.pk), by=call.agent, now=world.now)


def counters(*slots):
    rows = Slot.objects.filter(pk__in=[one.pk for one in slots]).order_by("starts_at")
    return list(rows.values_list("booked", flat=True))


def test_fifty_agents_hold_the_last_places_once(world):
    first, second = series(world)

    answers = run_at_once([keep(world, first) for _agent in range(AGENTS)])

    assert tally(answers) == {"done": PLACES, "slot_taken": AGENTS - PLACES}
    assert (counters(first, second), Hold.objects.count()) == ([PLACES, PLACES], PLACES)
    call_command("check_places")


def test_many_sweepers_give_each_place_back_once(world):
    first, second = series(world)
    for deed in [keep(world, first) for _agent in range(PLACES)]:
        deed()

    over = world.now + timedelta(minutes=10)
    answers = run_at_once([partial(holds.sweep, now=over) for _beat in range(8)])

    assert sum(answers) == PLACES
    assert counters(first, second) == [0, 0]
    call_command("check_places")


def test_a_manager_who_closes_takes_what_is_held_and_what_is_being_held(world):
    first, second = series(world, capacity=AGENTS)
    for deed in [keep(world, first) for _agent in range(5)]:
        deed()
    manager = UserFactory()
    day = first.session.date
    wish = Wish(kind=Kind.CLOSE, first=day, last=day)
    seen = effect.preview(world.center, wish, now=world.now)
    order = Order(wish, "Stromausfall", seen.fingerprint)
    close = partial(changes.start, center=world.center, order=order, by=manager, now=world.now)

    answers = run_at_once([close, *[keep(world, first) for _agent in range(20)]])

    assert tally(answers[:1]) == {"done": 1}
    assert not Hold.objects.exists()
    assert counters(first, second) == [0, 0]
    call_command("check_places")


def test_the_sweeper_and_the_booking_end_each_hold_once(world):
    first, second = series(world)
    held = [deed() for deed in [keep(world, first) for _agent in range(PLACES)]]
    people = world.people(PLACES)
    over = world.now + timedelta(minutes=10)
    deeds = []
    for hold, person in zip(held, people, strict=True):
        deeds.append(partial(phone.book, registration=person, hold=hold, by=hold.call.agent, now=world.now))
        deeds.append(partial(holds.sweep, now=over))

    answers = run_at_once(deeds)

    booked = tally(answers[::2])
    assert booked["done"] + booked["hold_over"] == PLACES
    assert counters(first, second) == [booked["done"]] * 2
    assert not Hold.objects.exists()
    call_command("check_places")


def test_two_clicks_and_two_agents_register_a_caller_once(world):
    first, second = series(world)
    details = Details(
        first_name="Gerda", last_name="Hofmann", birth_date=date(1938, 3, 14),
        street="Meißner Straße 48", postcode="01558", town="Großenhain",
    )  # fmt: skip
    deeds = []
    for hold in [deed() for deed in [keep(world, first) for _agent in range(4)]]:
        caller = Caller(details=details, call=hold.call)
        deeds += 3 * [partial(phone.register_and_book, caller=caller, hold=hold, by=hold.call.agent, now=world.now)]

    answers = run_at_once(deeds)

    said = tally(answers)
    assert set(said) == {"done", "known"}
    assert said["done"] <= 3  # all of one agent; who clicks while her own booking is being written may hear "known"
    assert Registration.objects.filter(identity_key=enrolment.key_of(details)).count() == 1
    assert counters(first, second) == [4, 4]  # one booked, three still held by the others
    assert Hold.objects.count() == 3
    call_command("check_places")


def test_households_and_single_callers_after_the_last_places_never_share_one(world):
    """Several slots in one transaction, from both ends: nobody gets half a household, nothing hangs."""
    early, its_second = series(world)
    late, later_second = (
        world.slot(day, capacity=PLACES, at=time(11), vaccine=world.two_doses, contingent=world.phone)
        for day in (2, 44)
    )
    couples = [keep_together(world, early, late) for _agent in range(10)]
    alone = [keep(world, slot) for slot in (early, late) for _agent in range(5)]

    answers = run_at_once([deed for pair in zip(couples, alone, strict=True) for deed in pair])

    with_names = [call for call, person in Hold.objects.values_list("call", "registration") if person is not None]
    assert all(with_names.count(call) == 2 for call in with_names)
    assert tally(answers)["done"] == len(set(with_names)) + Hold.objects.filter(registration=None).count()
    assert sum(counters(early, late)) == sum(counters(its_second, later_second)) == Hold.objects.count()
    call_command("check_places")


def test_two_clicks_on_two_proposals_keep_one_series_for_each_of_a_household(world):
    first, second = series(world, capacity=AGENTS)
    later, its_second = (
        world.slot(day, capacity=AGENTS, at=time(11), vaccine=world.two_doses, contingent=world.phone)
        for day in (2, 44)
    )
    families = {CallFactory(): world.people(2) for _agent in range(10)}
    deeds = [
        keep_together(world, slot, slot, call=call, people=people)
        for call, people in families.items()
        for slot in (first, later)
    ]

    answers = run_at_once(deeds)

    assert tally(answers) == {"done": 20}
    kept = Counter(Hold.objects.values_list("call", "registration"))
    assert kept == {(call.pk, person.pk): 1 for call, people in families.items() for person in people}
    assert sum(counters(first, later)) == sum(counters(second, its_second)) == 20
    call_command("check_places")


def test_who_keeps_other_places_and_who_finishes_the_call_do_not_wait_for_each_other_in_a_circle(world, deadlocks):
    first, second = series(world, capacity=AGENTS)
    before = [keep_together(world, first, first) for _agent in range(8)]
    for deed in before:
        deed()
    ends = [partial(calls.finish, deed.keywords["by"], world.now) for deed in before]

    answers = run_at_once([deed for pair in zip(before, ends, strict=True) for deed in pair])

    assert set(tally(answers)) <= {"done", "call_over"}
    assert deadlocks() == 0
    assert (counters(first, second), Hold.objects.count()) == ([0, 0], 0)


def keep_together(world, *slots, call=None, people=None):
    call, people = call or CallFactory(), people or world.people(len(slots))
    wanted = [
        Wanted(entitlement.person(one), slot.pk, registration=one) for one, slot in zip(people, slots, strict=True)
    ]
    return partial(holds.make_all, call=call, wanted=wanted, agreed=False, by=call.agent, now=world.now)
