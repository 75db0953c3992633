"""Neighbouring times for a household in one center: all of it, or as many as fit."""

from datetime import date, timedelta

import pytest

from booking import clock, entitlement, facts, together
from booking.earliest import Wish
from booking.together import Member
from centers.models import Channel, PostcodeArea, Slot
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.door import AppointmentFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import CenterFactory, ContingentFactory, DistrictFactory, SlotFactory

pytestmark = pytest.mark.django_db

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _rules():
    RegulationFactory()
    OpeningFactory()
    PostcodeArea.objects.create(prefix="01", district=DistrictFactory())


@pytest.fixture
def share():
    return ContingentFactory(phone=True)


@pytest.fixture
def riesa():
    return CenterFactory(slug="riesa")


def place(center, share, day, minutes=0, capacity=1):
    """A start on that day from 10 o'clock on, and plenty of places three weeks later."""
    starts = NOW + day * DAY + minutes * MINUTE
    made = SlotFactory(starts_at=starts, capacity=capacity, session__center=center, session__contingent=share)
    SlotFactory(starts_at=starts + 21 * DAY, capacity=9, session__center=center, session__contingent=share)
    return made


def book(person, first):
    """Both doses of somebody, the first one of them at this place."""
    second = Slot.objects.get(starts_at=first.starts_at + 21 * DAY, session__center=first.center)
    AppointmentFactory(registration=person, slot=second, dose_number=2)
    return AppointmentFactory(registration=person, slot=first)


def family(*born):
    return [member(RegistrationFactory(birth_date=day, postcode="01558")) for day in born]


def member(person, **more):
    scope = entitlement.scope(entitlement.person(person), channel=Channel.PHONE, now=NOW, facts=facts.load(), **more)
    return Member(person, scope)


COUPLE = (date(1938, 3, 14), date(1936, 5, 2))


def seats(proposal):
    return [(one.person.pk, one.offer.starts_at.astimezone(clock.ZONE).strftime("%d. %H:%M")) for one in proposal.seats]


def test_a_couple_gets_the_same_time_where_it_has_two_places(riesa, share):
    place(riesa, share, 8, capacity=1)
    two = place(riesa, share, 8, 30, capacity=2)
    gerda, karl = family(*COUPLE)

    [found] = together.proposals([gerda, karl], wish=Wish())

    assert [one.offer.slot_id for one in found.seats] == [two.pk, two.pk]
    assert [one.person for one in found.seats] == [gerda.person, karl.person]
    assert not found.left_out
    assert found.center.center_id == riesa.pk


def test_neighbouring_times_lie_within_an_hour(riesa, share):
    places = [place(riesa, share, 8, minutes) for minutes in (0, 50, 70)]
    found = together.proposals(family(*COUPLE), wish=Wish())

    assert [[one.offer.slot_id for one in proposal.seats] for proposal in found] == [[places[1].pk, places[2].pk]]


def test_what_seats_all_comes_before_what_is_earlier_and_leaves_somebody_out(riesa, share):
    for minutes in (0, 10):
        place(riesa, share, 8, minutes)
    place(riesa, share, 9, capacity=3)
    people = family(*COUPLE, date(1939, 1, 1))

    found = together.proposals(people, wish=Wish())

    assert [(len(one.seats), len(one.left_out)) for one in found] == [(3, 0), (2, 1)]
    assert found[1].left_out == (people[2].person,)


def test_one_place_alone_is_nothing_together(riesa, share):
    place(riesa, share, 8)

    assert together.proposals(family(*COUPLE), wish=Wish()) == []


def test_each_center_and_half_of_a_day_is_proposed_once_by_time(riesa, share):
    messe = CenterFactory(slug="messe")
    place(riesa, share, 9, capacity=2)
    place(riesa, share, 9, 15, capacity=2)
    place(riesa, share, 9, 180, capacity=2)
    place(messe, share, 8, capacity=2)

    found = together.proposals(family(*COUPLE), wish=Wish())

    assert [(one.center.slug, seats(one)[0][1]) for one in found] == [
        ("messe", "24. 10:00"), ("riesa", "25. 10:00"), ("riesa", "25. 13:00"),
    ]  # fmt: skip


def test_who_needs_her_letter_first_decides_for_both(riesa, share):
    place(riesa, share, 3, capacity=2)
    place(riesa, share, 8, capacity=2)
    by_code, by_letter = (RegistrationFactory(birth_date=day) for day in COUPLE)
    people = [member(by_code), member(by_letter, not_before=NOW + 5 * DAY)]

    found = together.proposals(people, wish=Wish())

    assert [seats(one)[0][1] for one in found if not one.left_out] == ["24. 10:00"]


def test_who_has_the_least_choice_sits_first(riesa, share):
    """Of two starts the one may only have the later one: the other takes the earlier one, whoever is asked first."""
    early, late = place(riesa, share, 8), place(riesa, share, 8, 10)
    free, bound = (RegistrationFactory(birth_date=day) for day in COUPLE)
    for order in ([free, bound], [bound, free]):
        people = [member(one, not_before=late.starts_at if one is bound else None) for one in order]

        [found] = together.proposals(people, wish=Wish())

        assert {one.person.pk: one.offer.slot_id for one in found.seats} == {free.pk: early.pk, bound.pk: late.pk}


def test_beside_somebody_who_is_booked_comes_first(riesa, share):
    messe = CenterFactory(slug="messe")
    place(messe, share, 8)
    for minutes in (40, 100):
        place(riesa, share, 10, minutes)
    his = place(riesa, share, 10, 90, capacity=2)
    appointment = book(RegistrationFactory(birth_date=date(1936, 5, 2)), his)

    found = together.proposals(family(COUPLE[0]), wish=Wish(), beside=appointment)

    assert [one.center.slug for one in found] == ["riesa", "messe", "riesa"]
    assert found[0].seats[0].offer.slot_id == his.pk


def test_filters_of_the_caller_hold(riesa, share):
    CenterFactory(slug="stufen", step_free=False)
    place(riesa, share, 8, capacity=2)
    place(riesa, share, 8, 240, capacity=2)

    afternoon = together.proposals(family(*COUPLE), wish=Wish(half="pm"))

    assert [seats(one)[0][1] for one in afternoon] == ["24. 14:00"]


def test_reads_do_not_grow_with_people_of_the_same_scope(riesa, share, django_assert_max_num_queries):
    place(riesa, share, 8, capacity=5)
    people = family(*COUPLE, date(1937, 1, 1), date(1938, 1, 1), date(1939, 1, 1))

    with django_assert_max_num_queries(7):
        [found] = together.proposals(people, wish=Wish())

    assert len(found.seats) == 5


@pytest.mark.parametrize("days", [4, 12])
def test_where_nobody_fits_together_the_search_ends(riesa, share, days, monkeypatch, django_assert_num_queries):
    """Two who may have different things, and single places on each of many days: only so many are looked at."""
    monkeypatch.setattr(together, "LOOKED", 3)
    for day in range(8, 8 + days):
        place(riesa, share, day)
    free, bound = (RegistrationFactory(birth_date=day) for day in COUPLE)
    people = [member(free), member(bound, not_before=NOW + 9 * DAY)]

    with django_assert_num_queries(19):
        assert together.proposals(people, wish=Wish()) == []
