"""The demo's deliveries: enough for every week, in whole trays, and added to without a change."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.demo.deliveries import plan
from centers.supply import ledger
from centers.supply.ledger import Entry, Holding, Kind

MONDAY = date(2021, 2, 15)
HALF = Holding(50, 21)

days = st.integers(0, 100).map(lambda number: MONDAY + timedelta(days=number))
needs = st.dictionaries(days, st.integers(0, 400), min_size=1, max_size=40)


def entries(portions, holding):
    return [
        entry
        for one in portions
        for entry in ledger.delivered(one.doses, due_on=one.on, state="received", holding=holding, on=one.on)
    ]


@given(needs, st.sampled_from([HALF, Holding(), Holding(0, 63), Holding(90, 42)]))
def test_no_day_ends_below_zero(need, holding):
    portions = plan(need, [], holding=lambda day: holding, tray=30)

    used = [Entry(day, Kind.BOOKED, places) for day, places in need.items()]
    assert ledger.gaps(ledger.days([*entries(portions, holding), *used])) == []
    assert all(one.doses % 30 == 0 and one.on.weekday() == 0 for one in portions)


@given(needs, needs)
def test_later_weeks_get_portions_of_their_own(need, later):
    first = plan(need, [], holding=lambda day: HALF, tray=30)
    after = max(need) + timedelta(days=7)
    more = {after + (day - MONDAY): places for day, places in later.items()}

    second = plan({**need, **more}, first, holding=lambda day: HALF, tray=30)

    used = [Entry(day, Kind.BOOKED, places) for day, places in {**need, **more}.items()]
    assert ledger.gaps(ledger.days([*entries([*first, *second], HALF), *used])) == []
    assert all(one.on > max(need) - timedelta(days=7) for one in second)
