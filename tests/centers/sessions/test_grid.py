"""The grid: every place belongs to one share, every time adds up, and what cannot be is said in words."""

from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.refusals import Refused
from centers.sessions import grid
from centers.sessions.grid import Hours
from centers.supply.ledger import Vials

MORNING = Hours(time(8), time(13), 10, time(10, 30), time(11))


@st.composite
def plans(draw):
    """(times, lines, shares) where the shares add up."""
    times, lines = draw(st.integers(1, 60)), draw(st.integers(1, 20))
    cuts = sorted(draw(st.lists(st.integers(0, times * lines), max_size=4)))
    edges = [0, *cuts, times * lines]
    return times, lines, [end - start for start, end in pairwise(edges)]


def refused(call, *args) -> Refused:
    with pytest.raises(Refused) as refusal:
        call(*args)
    return refusal.value


@given(plans())
def test_every_time_has_all_its_lines_and_every_share_all_its_places(plan):
    times, lines, shares = plan
    rows = grid.distribute(times, lines, shares)
    assert [sum(row) for row in rows] == [lines] * times
    assert [sum(column) for column in zip(*rows, strict=True)] == shares
    assert all(places >= 0 for row in rows for places in row)


@given(plans())
def test_a_share_is_spread_over_the_whole_day(plan):
    """At every hour each share has had as many places as its part of the day, give or take one per other share."""
    times, lines, shares = plan
    given_so_far = [0] * len(shares)
    for number, row in enumerate(grid.distribute(times, lines, shares), start=1):
        for share, places in enumerate(row):
            given_so_far[share] += places
            assert abs(given_so_far[share] - shares[share] * number / times) <= len(shares)


@given(plans())
def test_the_same_plan_gives_the_same_grid(plan):
    assert grid.distribute(*plan) == grid.distribute(*plan)


@given(st.integers(0, 5000), st.lists(st.integers(0, 100), min_size=1, max_size=6).filter(any))
def test_by_weight_gives_everything_away_and_misses_nobody_by_a_whole_place(total, weights):
    given_ = grid.by_weight(total, weights)
    assert sum(given_) == total
    assert all(abs(got - total * weight / sum(weights)) < 1 for got, weight in zip(given_, weights, strict=True))


def test_the_picture_60_30_10_percent_of_108():
    assert grid.by_weight(108, [60, 30, 10]) == (65, 32, 11)


def test_the_break_is_left_out():
    times = grid.start_times(MORNING)
    assert len(times) == 27
    assert time(10, 20) in times
    assert not [one for one in times if time(10, 30) <= one < time(11)]
    assert (times[0], times[-1]) == (time(8), time(12, 50))


@given(st.integers(0, 90), st.integers(1, 24), st.sampled_from([5, 7, 10, 12, 15]))
def test_start_times_follow_each_other_without_a_gap(begin, count, minutes):
    starts = timedelta(hours=6, minutes=begin)
    ends = starts + timedelta(minutes=count * minutes)
    hours = Hours(_time(starts), _time(ends), minutes)
    assert [timedelta(hours=one.hour, minutes=one.minute) for one in grid.start_times(hours)] == [
        starts + timedelta(minutes=number * minutes) for number in range(count)
    ]


def _time(passed: timedelta) -> time:
    return time(passed.seconds // 3600, passed.seconds // 60 % 60)


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        (Hours(time(13), time(8), 10), "ends"),
        (Hours(time(8), time(8), 10), "ends"),
        (Hours(time(8), time(13), 0), "minutes"),
        (Hours(time(8), time(13), 7), "minutes"),
        (Hours(time(8), time(13), 10, time(10, 30), None), "break_ends"),
        (Hours(time(8), time(13), 10, time(11), time(10, 30)), "break_ends"),
        (Hours(time(8), time(13), 10, time(8), time(9)), "break_starts"),
        (Hours(time(8), time(13), 10, time(12), time(14)), "break_starts"),
        (Hours(time(8), time(13), 20, time(10, 30), time(11)), "minutes"),
    ],
)
def test_hours_that_make_no_grid_are_refused(hours, code):
    assert refused(grid.start_times, hours).code == code


def test_minutes_that_do_not_divide_offer_the_two_nearest():
    assert "6 oder 10" in str(refused(grid.start_times, Hours(time(8), time(13), 7)))


@pytest.mark.parametrize("lines", [0, -1, 61, 500])
def test_no_center_has_so_many_lines(lines):
    assert refused(grid.check_lines, lines).code == "lines"


@pytest.mark.parametrize("shares", [[65, 32], [65, 32, 12], [130, -22]])
def test_shares_that_do_not_add_up_are_refused(shares):
    assert refused(grid.distribute, 27, 4, shares).code == "shares"


@pytest.mark.parametrize(("day", "starts"), [(date(2021, 3, 28), time(2)), (date(2021, 10, 31), time(2))])
def test_the_hour_that_is_skipped_or_comes_twice_is_refused(day, starts):
    hours = Hours(starts, time(4), 30)
    assert refused(grid.instants, hours, day).code == "clocks"
    assert len(grid.instants(hours, day + timedelta(days=1))) == 4


@pytest.mark.parametrize("day", [date(2021, 3, 28), date(2021, 10, 31)])
def test_a_usual_day_is_open_on_the_sundays_of_the_clocks(day):
    local = [one.astimezone(grid.ZONE).time() for one in grid.instants(MORNING, day)]
    assert tuple(local) == grid.start_times(MORNING)


def test_48_places_are_8_vials_and_50_leave_4_doses():
    assert grid.Capacity(24, 2, 1, 6).vials == Vials(full=8, left_over=0)
    assert grid.Capacity(25, 2, 9, 6).vials == Vials(full=9, left_over=4)
    assert grid.Capacity(27, 4, 9, 6).total == 972
