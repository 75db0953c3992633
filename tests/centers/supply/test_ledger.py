"""The stock by day: what counts, what is kept for second doses, and what never depends on the order of entries."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centers.supply import ledger
from centers.supply.ledger import Entry, Gap, Holding, Kind, Vials

TODAY = date(2021, 2, 16)
HALF = Holding(percent=50, days=21)

dates = st.dates(date(2021, 1, 1), date(2021, 6, 30))
entries = st.lists(st.builds(Entry, dates, st.sampled_from(Kind), st.integers(0, 2000)), min_size=1, max_size=30)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def left(*found: Entry) -> list[int]:
    return [one.left for one in ledger.days(found)]


def delivered(doses: int, number: int = 0, state: str = "received", holding: Holding = HALF) -> list[Entry]:
    return ledger.delivered(doses, due_on=day(number), state=state, holding=holding, on=TODAY)


@pytest.mark.parametrize(
    ("state", "number", "stock"),
    [
        ("received", -3, 60),
        ("received", 0, 60),
        ("confirmed", 0, 60),
        ("confirmed", 5, 60),
        ("confirmed", -1, 0),
        ("expected", 5, 0),
        ("expected", -1, 0),
    ],
)
def test_delivery_counts_when_it_is_there_or_promised_and_not_overdue(state, number, stock):
    found = ledger.days(delivered(60, number, state, Holding()))

    assert found[-1].left == stock
    assert found[0].coming + found[0].expected == 60


def test_cancelled_delivery_is_no_entry():
    assert delivered(60, 3, "cancelled") == []


def test_half_is_held_back_until_the_second_doses_are_due():
    found = ledger.days(delivered(101))

    assert [(one.reserved, one.left) for one in (found[0], found[20], found[21])] == [(51, 50), (51, 50), (0, 101)]
    assert len(found) == 22


def test_what_was_not_delivered_is_not_held_back():
    assert ledger.days(delivered(100, 3, "expected"))[0].reserved == 0


def test_nothing_is_held_back_for_a_single_dose():
    assert Holding(percent=50, days=None).of(100) == 0


def test_free_places_count_like_booked_ones():
    found = [Entry(day(0), Kind.RECEIVED, 100), Entry(day(1), Kind.BOOKED, 30), Entry(day(1), Kind.PLANNED, 10)]

    assert left(*found, Entry(day(2), Kind.WASTED, 4)) == [100, 60, 56]


def test_days_without_entries_are_there_too():
    assert left(Entry(date(2024, 2, 27), Kind.RECEIVED, 5), Entry(date(2024, 3, 1), Kind.BOOKED, 1)) == [5, 5, 5, 4]


def test_change_of_the_clocks_is_a_day_like_any_other():
    found = ledger.days([Entry(date(2021, 3, 27), Kind.RECEIVED, 5), Entry(date(2021, 3, 29), Kind.BOOKED, 1)])

    assert [one.on.day for one in found] == [27, 28, 29]


def test_days_begin_with_the_stock_of_before():
    found = [Entry(day(-9), Kind.RECEIVED, 100), Entry(day(-2), Kind.BOOKED, 40)]

    assert [(one.on, one.left) for one in ledger.days(found, since=day(0), until=day(1))] == [
        (day(0), 60),
        (day(1), 60),
    ]


def test_days_of_nothing_are_none():
    assert ledger.days([], since=day(0), until=day(5)) == []


def test_gaps_are_runs_of_days_with_the_worst_of_them():
    found = [
        Entry(day(0), Kind.BOOKED, 5), Entry(day(1), Kind.BOOKED, 3), Entry(day(2), Kind.RECEIVED, 10),
        Entry(day(4), Kind.BOOKED, 9),
    ]  # fmt: skip

    assert ledger.gaps(ledger.days(found)) == [Gap(day(0), day(1), 8), Gap(day(4), day(4), 7)]


@pytest.mark.parametrize(
    ("places", "in_vial", "expected"),
    [(48, 6, Vials(8, 0)), (48, 10, Vials(5, 2)), (1, 10, Vials(1, 9)), (0, 6, Vials(0, 0)), (108, 6, Vials(18, 0))],
)
def test_vials(places, in_vial, expected):
    assert ledger.vials(places, in_vial) == expected


@given(st.integers(0, 10_000), st.integers(1, 50))
def test_vials_hold_all_places_and_less_than_one_vial_more(places, in_vial):
    found = ledger.vials(places, in_vial)

    assert found.full * in_vial == places + found.left_over
    assert 0 <= found.left_over < in_vial


@given(entries, st.randoms())
def test_order_of_entries_does_not_matter(found, chance):
    mixed = list(found)
    chance.shuffle(mixed)

    assert ledger.days(mixed) == ledger.days(found)


@given(entries)
def test_every_dose_is_somewhere(found):
    """In the end: what came is what is left, held, used or lost."""
    rows = ledger.days(found)
    came = sum(row.coming for row in rows)
    gone = sum(row.places + row.wasted for row in rows)

    assert came == gone + rows[-1].left + rows[-1].reserved
    assert all((later.on - earlier.on).days == 1 for earlier, later in pairwise(rows))


@given(entries, dates, st.integers(1, 500))
def test_one_more_place_never_helps_and_touches_no_earlier_day(found, on, places):
    before = {row.on: row.left for row in ledger.days(found, since=date(2021, 1, 1), until=date(2021, 6, 30))}
    more = [*found, Entry(on, Kind.PLANNED, places)]
    after = {row.on: row.left for row in ledger.days(more, since=date(2021, 1, 1), until=date(2021, 6, 30))}

    assert after == {row: stock - (places if row >= on else 0) for row, stock in before.items()}


@given(st.integers(1, 5000), st.integers(0, 100), st.integers(1, 90))
def test_what_is_held_back_becomes_free_again(doses, percent, days):
    rows = ledger.days(delivered(doses, holding=Holding(percent, days)))

    assert rows[0].left + rows[0].reserved == doses
    assert rows[0].reserved * 100 >= doses * percent
    assert rows[-1].left == doses


@given(entries)
def test_gaps_cover_exactly_the_days_below_zero(found):
    rows = ledger.days(found)
    short = {row.on for row in rows if row.left < 0}
    covered = {
        gap.first + timedelta(days=number)
        for gap in ledger.gaps(rows)
        for number in range((gap.last - gap.first).days + 1)
    }

    assert covered == short
