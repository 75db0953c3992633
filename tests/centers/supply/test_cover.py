"""Is there vaccine for these places: the table by weeks, the day up to which it reaches, and the refusal in words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.refusals import Refused
from accounts.roles import Role
from centers.models import Session
from centers.supply import cover
from tests.factories.staff import UserFactory
from tests.factories.supply import (
    CenterFactory,
    DeliveryFactory,
    ReserveRuleFactory,
    SlotFactory,
    VaccineFactory,
    WasteFactory,
)

pytestmark = pytest.mark.django_db
TODAY = date(2021, 4, 22)


@pytest.fixture
def center():
    return CenterFactory()


@pytest.fixture
def vaccine():
    return VaccineFactory()


@pytest.fixture
def deliver(center, vaccine):
    """deliver(600, date, **fields) for the center of this test."""

    def come(doses, due_on, **fields):
        return DeliveryFactory(center=center, vaccine=vaccine, doses=doses, due_on=due_on, **fields)

    return come


@pytest.fixture
def booked(center, vaccine):
    """booked(date, 30, free=4, state=...): a slot at noon of that day."""

    def places(day, used, free=0, **session):
        at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
        fields = {f"session__{key}": value for key, value in session.items()}
        return SlotFactory(
            starts_at=at, booked=used, capacity=used + free, session__center=center, session__vaccine=vaccine, **fields
        )

    return places


def weekdays(*days):
    return dict.fromkeys(days, 108)


@pytest.fixture
def three_weeks(deliver, booked):
    """The example of the wizard: Monday, Wednesday and Friday of the weeks 17 to 19 of 2021."""
    ReserveRuleFactory(percent=100, valid_from=date(2021, 4, 26))
    deliver(590, date(2021, 4, 19))
    booked(date(2021, 4, 28), 150)
    deliver(90, date(2021, 4, 26), confirmed=True)
    booked(date(2021, 5, 4), 210)
    deliver(120, date(2021, 5, 3), confirmed=True)
    booked(date(2021, 5, 11), 60)
    deliver(30, date(2021, 5, 10), confirmed=True)
    return [date(2021, 4, 26) + timedelta(days=week * 7 + day) for week in range(3) for day in (0, 2, 4)]


def test_weeks_add_up(center, vaccine, three_weeks):
    found = cover.check(center, vaccine, weekdays(*three_weeks), on=TODAY)

    rows = [(w.week, w.there, w.coming, w.booked, w.second_doses, w.here, w.left) for w in found.weeks]
    assert rows == [
        (17, 590, 90, 150, 90, 324, 116),
        (18, 116, 120, 210, 120, 324, -418),
        (19, -418, 30, 60, 30, 324, -802),
    ]
    assert [week.is_short for week in found.weeks] == [False, True, True]
    assert all(w.there + w.coming - w.booked - w.second_doses - w.here == w.left for w in found.weeks)


def test_plan_is_covered_up_to_a_day(center, vaccine, three_weeks):
    found = cover.check(center, vaccine, weekdays(*three_weeks), on=TODAY)

    assert (found.covered, found.short_by, found.first_short) == (False, 802, date(2021, 5, 4))


def test_bookings_after_the_plan_are_kept(center, vaccine, deliver, booked):
    """Without the day after, 80 doses would be enough for Monday; but they are promised for Friday."""
    deliver(80, date(2021, 4, 19))
    booked(date(2021, 4, 30), 50)

    found = cover.check(center, vaccine, {date(2021, 4, 26): 40}, on=TODAY)

    assert (found.covered, found.short_by, found.first_short) == (False, 10, date(2021, 4, 30))
    assert found.covered_until is None


def test_covered_until_is_the_longest_beginning_that_could_be_published(center, vaccine, deliver):
    deliver(120, date(2021, 4, 19))
    plan = {date(2021, 4, 26): 60, date(2021, 4, 28): 60, date(2021, 4, 30): 1}

    found = cover.check(center, vaccine, plan, on=TODAY)

    assert found.covered_until == date(2021, 4, 28)
    assert cover.check(center, vaccine, {day: plan[day] for day in list(plan)[:2]}, on=TODAY).covered


def test_week_is_short_when_the_delivery_comes_after_the_session(center, vaccine, deliver):
    deliver(120, date(2021, 4, 29), confirmed=True)

    week = cover.check(center, vaccine, {date(2021, 4, 26): 60}, on=TODAY).weeks[0]

    assert (week.left, week.lowest, week.is_short) == (60, -60, True)


def test_released_reserve_comes_in(center, vaccine, deliver):
    ReserveRuleFactory(percent=50)
    deliver(100, date(2021, 2, 15))

    found = cover.check(center, vaccine, {date(2021, 3, 8): 100}, on=date(2021, 2, 16))

    assert found.covered
    assert [(w.there, w.coming, w.second_doses, w.here, w.left) for w in found.weeks] == [(50, 50, 0, 100, 0)]


def test_reserve_is_not_for_first_doses(center, vaccine, deliver):
    ReserveRuleFactory(percent=50)
    deliver(100, date(2021, 2, 15))

    found = cover.check(center, vaccine, {date(2021, 2, 18): 51}, on=date(2021, 2, 16))

    assert (found.covered, found.short_by) == (False, 1)


def test_waste_is_taken_from_what_is_there(center, vaccine, deliver):
    deliver(100, date(2021, 4, 12))
    WasteFactory(center=center, vaccine=vaccine, on=date(2021, 4, 20), doses=7)

    week = cover.check(center, vaccine, {date(2021, 4, 23): 10}, on=TODAY).weeks[0]

    assert (week.there, week.left) == (93, 83)


@pytest.mark.parametrize(
    ("state", "suspended", "free"),
    [
        (Session.State.PUBLISHED, False, 40),
        (Session.State.PUBLISHED, True, 0),
        (Session.State.DRAFT, False, 0),
        (Session.State.SUSPENDED, False, 0),
        (Session.State.CLOSED, False, 0),
    ],
)
def test_free_places_count_where_they_can_be_booked(center, vaccine, booked, state, suspended, free):
    slot = booked(date(2021, 4, 26), 2, free=40, state=state)
    slot.suspended = suspended
    slot.save()

    assert cover.check(center, vaccine, {date(2021, 4, 26): 1}, on=TODAY).weeks[0].booked == 2 + free


def test_free_places_of_the_past_are_void(center, vaccine, booked, deliver):
    booked(date(2021, 4, 21), 2, free=40)
    deliver(10, date(2021, 4, 19))

    assert cover.check(center, vaccine, {date(2021, 4, 23): 8}, on=TODAY).covered


def test_other_centers_and_vaccines_do_not_count(center, vaccine):
    DeliveryFactory(vaccine=vaccine)
    DeliveryFactory(center=center, vaccine=VaccineFactory(single=True))

    found = cover.check(center, vaccine, {date(2021, 4, 23): 8}, on=TODAY)

    assert (found.covered, found.known) == (False, False)


def test_nothing_planned_is_covered(center, vaccine):
    assert cover.check(center, vaccine, {date(2021, 4, 23): 0}, on=TODAY).covered


def test_queries_do_not_grow(center, vaccine, deliver, booked, django_assert_num_queries):
    for number in range(3):
        deliver(10, date(2021, 4, 19))
        booked(date(2021, 4, 23) + timedelta(days=number), 2)

    with django_assert_num_queries(9):
        cover.check(center, vaccine, {date(2021, 4, 23): 8}, on=TODAY)


def test_words_name_the_delivery_that_does_not_count(center, vaccine, deliver):
    deliver(50, date(2021, 4, 19))
    late = deliver(390, date(2021, 5, 10), expected=True)
    deliver(390, date(2021, 6, 10), expected=True)

    found = cover.check(center, vaccine, {date(2021, 5, 10): 108}, on=TODAY)

    assert found.unconfirmed == (late,)
    assert cover.words(found) == (
        "Ab Mo 10.05. fehlen 58 Dosen Comirnaty. Die Lieferung von 390 Dosen am Mo 10.05. ist erwartet, "
        "aber nicht bestätigt, und zählt deshalb nicht."
    )


def test_covered_needs_no_reason(center, vaccine, deliver):
    deliver(50, date(2021, 4, 19))
    found = cover.check(center, vaccine, {date(2021, 4, 23): 50}, on=TODAY)

    assert cover.require(found, by=UserFactory(), reason="egal") == ""


@pytest.mark.parametrize(
    ("role", "reason", "code"),
    [
        (Role.CENTER_MANAGER, "", "not_covered"),
        (Role.CENTER_MANAGER, "Die Lieferung kommt", "not_yours"),
        (Role.PLANNER, "  ", "not_covered"),
        (Role.PLANNER, "x" * 201, "reason_too_long"),
    ],
)
def test_uncovered_is_refused(center, vaccine, role, reason, code):
    found = cover.check(center, vaccine, {date(2021, 4, 23): 50}, on=TODAY)

    with pytest.raises(Refused) as refusal:
        cover.require(found, by=UserFactory(roles=[role]), reason=reason)

    assert refusal.value.code == code


def test_planner_may_override_with_a_reason(center, vaccine):
    found = cover.check(center, vaccine, {date(2021, 4, 23): 50}, on=TODAY)

    assert (
        cover.require(found, by=UserFactory(roles=[Role.PLANNER]), reason=" Zusage am Telefon ") == "Zusage am Telefon"
    )
