"""What the lists show: the reads behind centers, days and times, against slots laid out by hand."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from booking import availability, clock
from booking.availability import _Times
from booking.entitlement import Decision, Scope, Window
from centers.vaccines import Interval
from tests.factories import NOW
from tests.factories.supply import CenterFactory, ContingentFactory, SlotFactory, VaccineFactory

pytestmark = pytest.mark.django_db

INTERVAL = Interval(21, 42)
DAY = date(2021, 2, 18)


@pytest.fixture
def center():
    return CenterFactory()


@pytest.fixture
def slot(center):
    """slot(day, hour, minute): an open start time at the center."""

    def make(day: date, hour: int = 10, minute: int = 0, **values):
        starts_at = datetime.combine(day, time(hour, minute), tzinfo=clock.ZONE)
        return SlotFactory(**{"starts_at": starts_at, "session__center": center, **values})

    return make


def scope(*, interval: Interval | None = INTERVAL, days: int = 100) -> Scope:
    """Everything from now on, of the two-dose vaccine (or of the single dose) and the contingent of the web."""
    vaccine = VaccineFactory(single=interval is None).code
    end = NOW + timedelta(days=days)
    first = Window(vaccine, ContingentFactory().pk, NOW, end, interval)
    second = Window(vaccine, ContingentFactory().pk, NOW, end + timedelta(days=100), None)
    return Scope((first,), (second,), Decision())


def after(day: date, days: int) -> date:
    return day + timedelta(days=days)


def test_days_names_the_first_day_of_dose_2(center, slot):
    slot(DAY)
    slot(after(DAY, 20))
    slot(after(DAY, 23))

    [offer, *_later] = availability.days(scope(), center.pk)

    assert (offer.day, offer.second_day, offer.few) == (DAY, after(DAY, 23), True)


def test_days_leaves_out_a_day_without_a_second(center, slot):
    slot(DAY)
    slot(after(DAY, 20))
    slot(after(DAY, 43))

    assert [offer.day for offer in availability.days(scope(), center.pk)] == [after(DAY, 20)]


def test_days_is_one_query_however_many_windows(center, slot, django_assert_num_queries):
    slot(DAY)
    whole = scope()
    [first] = whole.windows
    turn = clock.start_of(after(DAY, 10))
    cut = Scope(
        (
            Window(first.vaccine_code, first.contingent_id, NOW, turn, INTERVAL),
            Window(first.vaccine_code, first.contingent_id, turn, first.until_at, Interval(42, 42)),
        ),
        whole.seconds,
        Decision(),
    )
    slot(after(DAY, 11))
    slot(after(DAY, 53))

    with django_assert_num_queries(1):
        offers = availability.days(cut, center.pk)

    assert [(offer.day, offer.second_day) for offer in offers] == [(after(DAY, 11), after(DAY, 53))]


def test_days_counts_up_to_few(center, slot):
    for minute in range(0, 40, 5):
        slot(DAY, 10, minute)
    slot(after(DAY, 30))

    assert [offer.few for offer in availability.days(scope(), center.pk)] == [False]


def test_times_shows_with_each_time_the_nearest_one_of_the_first_second_day(center, slot):
    slot(DAY, 9)
    slot(DAY, 16)
    early, late = slot(after(DAY, 25), 8, 30), slot(after(DAY, 25), 15)
    slot(after(DAY, 26), 9)

    offers = availability.times(scope(), center.pk, DAY)

    assert [offer.second_at for offer in offers] == [early.starts_at, late.starts_at]


def test_times_of_a_full_second_day_go_on_to_the_next(center, slot):
    slot(DAY)
    slot(after(DAY, 21), full=True)
    free = slot(after(DAY, 22))

    assert [offer.second_at for offer in availability.times(scope(), center.pk, DAY)] == [free.starts_at]


def test_times_without_a_second_place_are_not_shown(center, slot):
    slot(DAY)

    assert availability.times(scope(), center.pk, DAY) == []


def test_times_is_two_queries_for_a_vaccine_in_two_doses(center, slot, django_assert_num_queries):
    slot(DAY, 9)
    slot(DAY, 10)
    slot(after(DAY, 21))
    wanted = scope()

    with django_assert_num_queries(2):
        availability.times(wanted, center.pk, DAY)


def test_earliest_skips_days_without_a_second(center, slot):
    slot(DAY)
    slot(after(DAY, 50))
    slot(after(DAY, 75))

    [offer] = availability.earliest_by_center(scope())

    assert (clock.local_day(offer.starts_at), offer.vaccine_code, offer.few) == (after(DAY, 50), "comirnaty", True)


def test_earliest_counts_the_times_of_its_own_day(center, slot):
    for minute in range(0, 45, 5):
        slot(DAY, 10, minute, session__vaccine=VaccineFactory(single=True))

    [offer] = availability.earliest_by_center(scope(interval=None))

    assert offer.few is False


def test_earliest_of_several_vaccines_is_the_first(center, slot):
    single = VaccineFactory(single=True)
    slot(after(DAY, 1), session__vaccine=single)
    slot(after(DAY, 2))
    slot(after(DAY, 24))
    two, one = scope(), scope(interval=None)

    [offer] = availability.earliest_by_center(Scope((*two.windows, *one.windows), two.seconds, Decision()))

    assert (clock.local_day(offer.starts_at), offer.vaccine_code) == (after(DAY, 1), "janssen")


def test_earliest_lists_centers_without_a_place_last(center, slot):
    empty = CenterFactory(name="A")
    slot(DAY)
    slot(after(DAY, 21))

    offers = availability.earliest_by_center(scope())

    assert [(offer.center_id, offer.starts_at is None) for offer in offers] == [(center.pk, False), (empty.pk, True)]


@pytest.mark.parametrize(
    ("starts", "wished", "nearest"),
    [
        ([], 10, None),
        ([9], 10, 9),
        ([9, 11], 10, 9),  # equally near: the earlier, as in the claim
        ([8, 11], 10, 11),
        ([11, 12], 10, 11),
        ([7, 8], 10, 8),
    ],
)
def test_the_nearest_time_of_day(starts, wished, nearest):
    times = _Times(datetime(2021, 3, 11, hour, tzinfo=UTC) for hour in starts)

    found = times.nearest(datetime(2021, 2, 18, wished, tzinfo=UTC))

    assert (found and found.hour) == nearest
