"""How many people can be invited: free series, who may use them, and Hall's condition."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking import clock, facts, places
from booking.entitlement import Window
from booking.places import Bucket, Matching, Stretch
from centers.models import VaccinePause
from tests.factories import NOW
from tests.factories.supply import CenterFactory, ContingentFactory, SlotFactory, VaccineFactory, series_slots

DAY = date(2021, 2, 18)
KINDS = [("a", 1), ("b", 1), ("c", 1)]


def stretch(kind, first=date.min, last=date.max):
    return Stretch(*kind, first, last)


def everything():
    return frozenset(stretch(kind) for kind in KINDS)


def class_of(*windows):
    return places.class_of([Window("a", 1, *window, None) for window in windows], start=NOW)


# --- Hall's condition --------------------------------------------------------------------------

FREE = st.lists(st.integers(0, 4), min_size=3, max_size=3)
PEOPLE = st.lists(st.sets(st.sampled_from(KINDS), min_size=1).map(frozenset), max_size=14)


@given(FREE, PEOPLE)
def test_matching_places_everybody_exactly_when_hall_allows_it(free, people):
    matching = Matching({Bucket(*kind, DAY): number for kind, number in zip(KINDS, free, strict=True)})

    placed = [matching.place(frozenset(map(stretch, kinds))) for kinds in people]

    room = dict(zip(KINDS, free, strict=True))
    kept = Counter()
    for kinds, got in zip(people, placed, strict=True):
        assert bool(got) == hall(room, [*kept.elements(), kinds])
        kept[kinds] += got


def hall(room, people):
    """Nobody too many in any set of kinds: by definition, set by set."""
    return all(
        sum(1 for kinds in people if kinds <= set(chosen)) <= sum(room[kind] for kind in chosen)
        for size in range(1, len(KINDS) + 1)
        for chosen in combinations(KINDS, size)
    )


def test_matching_keeps_the_ways_of_booking_apart():
    matching = Matching({Bucket("a", 1, DAY, "phone"): 1})

    assert not matching.has_room(everything())
    assert (matching.kinds_with_room(), matching.kinds_with_room("phone")) == (frozenset(), {("a", 1)})
    assert matching.place(frozenset({Stretch("a", 1, DAY, DAY, "phone")}), 2) == 1


def test_matching_moves_people_who_may_use_something_else():
    matching = Matching({Bucket("a", 1, DAY): 1, Bucket("b", 1, DAY): 1})
    either, only_a = frozenset({stretch(KINDS[0]), stretch(KINDS[1])}), frozenset({stretch(KINDS[0])})

    assert (matching.place(either), matching.place(only_a), matching.place(either)) == (1, 1, 0)


def test_matching_places_many_at_once():
    matching = Matching({Bucket("a", 1, DAY + timedelta(days=n)): 10 for n in range(3)})

    assert matching.place(everything(), 40) == 30
    assert (matching.spare(), matching.has_room(everything()), matching.kinds_with_room()) == (0, False, frozenset())


def test_matching_keeps_to_the_days_of_a_person():
    matching = Matching({Bucket("a", 1, DAY): 1, Bucket("a", 1, DAY + timedelta(days=1)): 1})
    early = frozenset({stretch(KINDS[0], last=DAY)})

    assert (matching.place(early, 2), matching.spare()) == (1, 1)


def test_kinds_with_room_counts_what_can_be_freed_by_moving_others():
    matching = Matching({Bucket("a", 1, DAY): 1, Bucket("b", 1, DAY): 1})
    matching.place(frozenset({stretch(KINDS[0]), stretch(KINDS[1])}))

    assert matching.kinds_with_room() == {("a", 1), ("b", 1)}


# --- Whole days --------------------------------------------------------------------------------


def test_class_of_counts_the_rest_of_today_as_whole():
    found = class_of((NOW, clock.start_of(date(2021, 2, 20))))

    assert found == {Stretch("a", 1, date(2021, 2, 16), date(2021, 2, 19))}


def test_class_of_leaves_out_a_day_that_begins_or_ends_inside():
    begins, ends = datetime(2021, 2, 18, 12, tzinfo=clock.ZONE), datetime(2021, 2, 20, 12, tzinfo=clock.ZONE)

    assert class_of((begins, ends)) == {Stretch("a", 1, date(2021, 2, 19), date(2021, 2, 19))}


def test_class_of_knows_the_short_day_of_march():
    sunday = date(2021, 3, 28)

    assert class_of((clock.start_of(sunday), clock.end_of(sunday))) == {Stretch("a", 1, sunday, sunday)}


# --- Free series -------------------------------------------------------------------------------


def series():
    return {
        (bucket.vaccine_code, bucket.day): number
        for bucket, number in places.free_series(now=NOW, facts=facts.read()).items()
    }


@pytest.mark.django_db
def test_free_series_needs_the_second_dose():
    SlotFactory(capacity=5)

    assert series() == {}


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "found"), [(20, 0), (21, 2), (42, 2), (43, 0)])
def test_free_series_needs_it_inside_the_interval(days, found):
    series_slots(days=days)

    assert sum(series().values()) == found


@pytest.mark.django_db
def test_free_series_uses_each_place_once():
    center = CenterFactory()
    first, _second = series_slots(center, capacity=3)
    SlotFactory(starts_at=first.starts_at + timedelta(days=42), session__center=center, capacity=2)

    assert series() == {("comirnaty", DAY): 3}  # not 3 and 2 more: the middle ones are second doses already


@pytest.mark.django_db
def test_free_series_stays_in_one_center():
    first = SlotFactory()
    SlotFactory(starts_at=first.starts_at + timedelta(days=21))

    assert series() == {}


@pytest.mark.django_db
def test_free_series_counts_single_doses_alone():
    SlotFactory(session__vaccine=VaccineFactory(single=True), capacity=4)

    assert series() == {("janssen", DAY): 4}


@pytest.mark.django_db
def test_free_series_leaves_out_what_cannot_be_booked():
    series_slots(contingent=ContingentFactory(code="vor-ort", channels=["on_site"]))
    series_slots(state="draft")
    series_slots(center=CenterFactory(listed=False))
    series_slots(center=CenterFactory(last_day=date(2021, 3, 1)))
    first, second = series_slots()
    type(first).objects.filter(pk=first.pk).update(booked=2)
    type(first).objects.filter(pk=second.pk).update(suspended=True)

    assert series() == {}


@pytest.mark.django_db
def test_free_series_leaves_out_a_paused_vaccine():
    series_slots()
    VaccinePause.objects.create(vaccine_id="comirnaty", starts_on=date(2021, 3, 1), ends_on=date(2021, 3, 31))

    assert series() == {}
