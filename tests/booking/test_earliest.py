"""The ranked list over all centers, and from when on somebody with a letter can come."""

from datetime import UTC, date, datetime, timedelta

import pytest

from booking import clock, earliest, entitlement, facts
from booking.earliest import Wish
from booking.entitlement import Person
from centers.models import Channel, PostcodeArea
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.supply import CenterFactory, ContingentFactory, DistrictFactory, SlotFactory

pytestmark = pytest.mark.django_db

GERDA = Person(date(1938, 3, 14), frozenset(), "14612")
HOUR = timedelta(hours=1)
SATURDAY = 11  # days from Tuesday 16 February on


@pytest.fixture(autouse=True)
def _rules():
    RegulationFactory()
    OpeningFactory()
    PostcodeArea.objects.create(prefix="01", district=DistrictFactory())


def scope(**more):
    return entitlement.scope(GERDA, channel=Channel.PHONE, now=NOW, facts=facts.load(), **more)


def place(center, day, hours=0, *, second=True, capacity=3):
    """A start on that day from now, and one three weeks later."""
    share = ContingentFactory(phone=True)
    starts = NOW + timedelta(days=day) + hours * HOUR
    made = SlotFactory(starts_at=starts, capacity=capacity, session__center=center, session__contingent=share)
    if second:
        SlotFactory(starts_at=starts + timedelta(days=21), session__center=center, session__contingent=share)
    return made


def listed(wish=Wish(), limit=9, **more):  # noqa: B008  (frozen)
    found = earliest.everywhere(scope(**more), postcode="01067", wish=wish, limit=limit)
    return [(one.center.slug, clock.local_day(one.starts_at).day, one.places) for one in found]


@pytest.fixture
def riesa():
    return CenterFactory(slug="riesa", latitude=51.3, longitude=13.3, step_free=False)


@pytest.fixture
def messe():
    return CenterFactory(slug="messe")


def test_all_centers_stand_in_one_list_by_time_then_by_distance(riesa, messe):
    place(riesa, 8)
    place(messe, 8)
    place(messe, 9)

    assert listed() == [("messe", 24, 3), ("riesa", 24, 3), ("messe", 25, 3)]


def test_of_each_half_of_a_day_there_is_the_first_time(messe):
    place(messe, 8, 0)
    place(messe, 8, 1)
    place(messe, 8, 4)

    found = earliest.everywhere(scope(), postcode="01067", wish=Wish(), limit=9)

    assert [clock.local_day(one.starts_at).day for one in found] == [24, 24]
    assert [one.starts_at.astimezone(clock.ZONE).hour for one in found] == [10, 14]


def test_a_first_dose_without_a_second_is_not_listed(messe):
    place(messe, 8, second=False)
    place(messe, 9, second=False)

    assert listed() == []


def test_a_second_place_is_told_as_the_claim_would_take_it(messe):
    made = place(messe, 8)

    assert [one.second_at for one in earliest.everywhere(scope(), postcode="", wish=Wish(), limit=1)] == [
        made.starts_at + timedelta(days=21)
    ]


def test_filters_take_what_the_caller_cannot_reach(riesa, messe):
    place(riesa, 8)
    place(messe, SATURDAY, 4)

    assert listed(Wish(weekdays="mo-fr")) == [("riesa", 24, 3)]
    assert listed(Wish(weekdays="sa-so")) == [("messe", 27, 3)]
    assert listed(Wish(half="pm")) == [("messe", 27, 3)]
    assert listed(Wish(within_km=20)) == [("messe", 27, 3)]
    assert listed(Wish(step_free=True)) == [("messe", 27, 3)]


def test_how_far_is_said_in_round_figures_and_left_out_where_nobody_knows(riesa):
    place(riesa, 8)

    near = earliest.everywhere(scope(), postcode="01067", wish=Wish(), limit=1)
    unknown = earliest.everywhere(scope(), postcode="99999", wish=Wish(within_km=20), limit=1)

    assert [one.km for one in near] == [40]
    assert [one.km for one in unknown] == [None]


@pytest.mark.parametrize(
    ("written", "first"),
    [
        (datetime(2021, 2, 16, 9, tzinfo=UTC), date(2021, 2, 21)),  # Tuesday: with her on Friday
        (datetime(2021, 2, 12, 15, tzinfo=UTC), date(2021, 2, 18)),  # Friday afternoon: posted on Monday
        (datetime(2021, 4, 1, 15, tzinfo=UTC), date(2021, 4, 9)),  # before Easter: posted on Tuesday
    ],
)
def test_nobody_comes_by_letter_before_the_post_has(written, first):
    assert earliest.first_day_by_letter(written) == first


def test_a_letter_needs_its_days_unless_the_code_was_told(messe):
    place(messe, 2)
    place(messe, 5)
    papers = earliest.papers_there("letter", code_told=False, now=NOW)

    assert listed(not_before=papers) == [("messe", 21, 3)]
    assert [earliest.papers_there(medium, code_told=told, now=NOW) for medium, told in
            (("letter", True), ("sms", False), ("email", False))] == [None, None, None]  # fmt: skip


def test_times_beside_another_ones_are_the_nearest_of_that_day(messe):
    made = [place(messe, 8, hours) for hours in (0, 1, 3)]

    found = earliest.beside(scope(), center_id=messe.pk, starts_at=made[1].starts_at, postcode="01067", limit=2)

    assert [one.slot_id for one in found] == [made[1].pk, made[0].pk]
    assert {one.km for one in found} == {everywhere.km for everywhere in found_everywhere()}


def found_everywhere():
    return earliest.everywhere(scope(), postcode="01067", wish=Wish(), limit=1)


def test_the_list_takes_four_queries_however_long_it_is(messe, riesa, django_assert_num_queries):
    for day in (8, 9, 10):
        place(messe, day)
        place(riesa, day)
    known = scope()

    with django_assert_num_queries(4):
        assert len(earliest.everywhere(known, postcode="01067", wish=Wish(), limit=40)) == 6
