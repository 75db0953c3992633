"""Putting back and growing need vaccine like publishing; who is kept needs a dose like who has a place."""

from datetime import time, timedelta

import pytest

from accounts.models import AuditEvent
from accounts.refusals import Refused
from accounts.roles import Role
from booking.changes.wish import Wish
from booking.models import Appointment, Change
from centers.models import Delivery, Session
from centers.supply import outlook, stock
from tests.factories.house import CLOSED_DAY, DOSES, TODAY
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
DAY = TODAY + timedelta(days=CLOSED_DAY)


def deliver(house, doses: int) -> None:
    Delivery.objects.filter(center=house.center).update(doses=doses)


def left(house) -> int:
    """Doses of the single vaccine that are left on the evening of the closed day."""
    days = stock.of(house.center, house.single, on=TODAY).days()
    return next(day.left for day in days if day.on == DAY)


@pytest.fixture
def planner(house):
    house.manager = UserFactory(roles=[Role.PLANNER], at=[house.center])
    return house.manager


@pytest.fixture
def suspended(house):
    """A suspended session of three places, one of them booked, and vaccine for only two."""
    slot = house.slot(CLOSED_DAY, capacity=3)
    house.booked(slot)
    house.run(house.wish("suspend"))
    deliver(house, 2)
    return slot


def test_putting_places_back_without_vaccine_is_refused_with_the_numbers(house, suspended):
    with pytest.raises(Refused) as refusal:
        house.run(house.wish("reinstate"))

    assert refusal.value.code == "not_covered"
    assert str(refusal.value) == "Ab Do 25.02. fehlt 1 Dosis " + house.single.name + "."
    suspended.refresh_from_db()
    assert suspended.suspended
    assert not Change.objects.filter(kind="reinstate").exists()


def test_a_manager_who_gives_a_reason_is_told_that_only_a_planner_may(house, suspended):
    with pytest.raises(Refused) as refusal:
        house.run(house.wish("reinstate"), beyond="Lieferung ist unterwegs")
    assert refusal.value.code == "not_yours"


def test_a_planner_puts_places_back_beyond_supply_with_a_reason_that_is_kept(house, suspended, planner):
    house.run(house.wish("reinstate"), beyond="Lieferung ist unterwegs")

    session = Session.objects.get(pk=suspended.session_id)
    assert (session.state, session.uncovered_by, session.uncovered_reason) == (
        "published", planner, "Lieferung ist unterwegs"
    )  # fmt: skip
    event = AuditEvent.objects.get(action="session.reinstated")
    assert (event.actor, event.reason) == (planner, "Lieferung ist unterwegs; Impfstoff fehlt")


def test_putting_back_asks_only_for_what_is_not_counted_yet(house, suspended):
    deliver(house, 3)

    assert house.run(house.wish("reinstate")).state == "done"


def test_who_is_kept_gets_her_own_dose_back_with_the_place(house):
    slot = house.slot(CLOSED_DAY, capacity=2)
    house.booked(slot)
    house.booked(slot)
    change = house.run(decisions={"no_place": "keep"})
    deliver(house, 2)

    house.run(Wish("reinstate", of=change.public_id))

    assert not Appointment.objects.filter(displaced_at__isnull=False).exists()


@pytest.mark.parametrize("wish", [{"lines": 3}, {"ends": time(10, 20)}])
def test_more_places_without_vaccine_are_refused(house, wish):
    slot = house.slot(CLOSED_DAY, capacity=2)
    deliver(house, 2)

    with pytest.raises(Refused) as refusal:
        house.run(Wish("reshape", block=slot.session.block, **wish))

    assert refusal.value.code == "not_covered"
    deliver(house, 4)
    assert house.run(Wish("reshape", block=slot.session.block, **wish)).state == "done"


def test_fewer_or_other_places_ask_for_no_vaccine(house):
    slot = house.slot(CLOSED_DAY, capacity=2)
    deliver(house, 1)

    house.run(Wish("reshape", block=slot.session.block, lines=1))
    house.run(Wish("reshape", block=slot.session.block, starts=time(10, 10), ends=time(10, 20)))

    session = Session.objects.get(pk=slot.session_id)
    assert (session.starts, session.lines) == (time(10, 10), 1)


def test_a_suspended_session_that_grows_asks_when_it_is_put_back(house, suspended):
    house.run(Wish("reshape", block=suspended.session.block, lines=9))

    with pytest.raises(Refused) as refusal:
        house.run(house.wish("reinstate"))
    assert refusal.value.code == "not_covered"


def test_who_is_kept_without_a_place_counts_in_the_ledger(house):
    slot = house.slot(CLOSED_DAY, capacity=5)
    house.booked(slot)
    house.booked(slot)
    house.run(decisions={"no_place": "keep"})

    assert left(house) == DOSES - 2
    deliver(house, 1)
    found = outlook.of(stock.of(house.center, house.single, on=TODAY))
    assert [(gap.first, gap.missing) for gap in found.gaps] == [(DAY, 1)]


def test_who_was_given_a_dose_without_a_place_counts_for_good_and_who_never_came_does_not(house):
    slot = house.slot(CLOSED_DAY, capacity=5)
    came, _never = house.booked(slot), house.booked(slot)
    house.run(decisions={"no_place": "keep"})
    came.appointments.update(status="vaccinated")

    later = stock.of(house.center, house.single, on=DAY + timedelta(days=1)).days()
    assert later[-1].left == DOSES - 1
