"""Nobody waits unseen: changes that overlap, cases that fail, and times that pass while somebody waits for word."""

from datetime import time, timedelta

import pytest
from django.core.management import call_command

from accounts.models import AuditEvent
from booking.changes.wish import Wish, overtaken
from booking.models import Appointment, Case, Change
from booking.services import caring, changes, door_end
from centers.models import Session
from notifications.models import Message
from tests.factories import NOW
from tests.factories.house import CLOSED_DAY, TODAY

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=CLOSED_DAY + 1)  # the closed day is over


@pytest.fixture(autouse=True)
def _books_agree():
    yield
    call_command("check_places", verbosity=0)


def told(person) -> list[str]:
    keyed = Message.objects.filter(dedupe_key__startswith="change:", recipient=person.email)
    return list(keyed.order_by("pk").values_list("template", flat=True))


def stopped(house, **decisions) -> Change:
    """A closure that takes the places away and is stopped before it has cared for anybody."""
    change = house.start(decisions=decisions)
    changes.stop(change=change, by=house.manager, now=NOW)
    return change


# --- Two changes at once -----------------------------------------------------------------------------------------


@pytest.fixture
def series(house):
    """Somebody with dose 1 on day 2 and dose 2 on day 23, and room for both a day later."""
    first, _second = house.slot(2, vaccine=house.double), house.slot(23, vaccine=house.double)
    person = house.booked(first)
    new = [house.slot(day, vaccine=house.double).pk for day in (3, 24)]
    return person, new


def test_who_waits_for_an_earlier_change_is_told_by_the_later_one_alone_with_all_she_lost(house, series):
    person, new = series
    earlier = house.start(house.wish(day=2))

    later = house.run(house.wish(day=23))
    caring.carry_on(now=NOW)

    assert told(person) == ["moved_by_center"]
    assert list(person.appointments.live().order_by("dose_number").values_list("slot_id", flat=True)) == new
    earlier.refresh_from_db()
    case = earlier.cases.get()
    assert (earlier.state, case.outcome) == ("done", "gone")
    assert case.details["taken_over_by"] == str(later.public_id)


def test_a_stopped_change_is_done_when_a_later_one_cares_for_the_last_who_waits(house, series):
    earlier = house.start(house.wish(day=2))
    changes.stop(change=earlier, by=house.manager, now=NOW)

    house.run(house.wish(day=23))

    earlier.refresh_from_db()
    assert (earlier.state, earlier.finished_at) == ("done", NOW)
    ended = AuditEvent.objects.filter(action="change.finished", details__change=str(earlier.public_id))
    assert ended.count() == 1


def test_who_was_told_already_hears_of_the_next_change_too(house, series):
    person, _new = series
    house.run(house.wish(day=2))
    house.slot(25, vaccine=house.double)

    house.run(house.wish(day=int((person.appointments.live().get(dose_number=2).slot.session.date - TODAY).days)))

    assert told(person) == ["moved_by_center", "moved_by_center"]


# --- The time passes -----------------------------------------------------------------------------------------------


def test_who_waits_in_a_stopped_change_is_not_missing_and_is_moved_when_it_goes_on(house):
    new = house.slot(CLOSED_DAY + 5)
    person = house.booked(house.slot(CLOSED_DAY))
    change = stopped(house)

    assert door_end.close_due(now=LATER) == 0
    assert person.appointments.get().status == "booked"

    changes.resume(change=change, by=house.manager, now=LATER)
    caring.carry_on(now=LATER)
    assert person.appointments.get().slot_id == new.pk
    case = change.cases.get()
    assert (told(person), case.outcome, case.call_reason) == (["moved_by_center"], "moved", "soon")


def test_nobody_keeps_a_time_that_is_over(house):
    person = house.booked(house.slot(CLOSED_DAY))
    change = stopped(house, no_place="keep")

    changes.resume(change=change, by=house.manager, now=LATER)
    caring.carry_on(now=LATER)

    assert told(person) == ["cancelled_by_center"]
    assert person.invitations.open(LATER).exists()
    case = change.cases.get()
    assert (case.outcome, case.call) == ("cancelled", "open")


def test_who_has_had_dose_1_and_whose_dose_2_is_over_is_called_and_not_missing(house):
    first, second = house.slot(2, vaccine=house.double), house.slot(23, vaccine=house.double)
    person = house.booked(first)
    Appointment.objects.filter(slot=first).update(status="vaccinated")
    change = house.start(house.wish(day=23))
    late = NOW + timedelta(days=24)

    caring.carry_on(now=late)
    assert door_end.close_due(now=late) == 0

    case = change.cases.get()
    assert (case.outcome, case.call, told(person)) == ("kept", "open", [])
    assert Appointment.objects.get(slot=second).status == "booked"


def test_who_is_kept_in_time_and_does_not_come_is_missing(house):
    person = house.booked(house.slot(CLOSED_DAY))
    house.run(decisions={"no_place": "keep"})

    assert door_end.close_due(now=LATER) == 1
    assert person.appointments.get().status == "no_show"


def test_who_stands_in_a_suspended_session_is_not_missing_and_can_be_cared_for_afterwards(house):
    new = house.slot(CLOSED_DAY + 5)
    person = house.booked(house.slot(CLOSED_DAY))
    suspension = house.run(house.wish("suspend"))

    assert not overtaken(house.center, now=NOW).exists()
    assert door_end.close_due(now=LATER) == 0
    assert overtaken(house.center, now=LATER).get().registration == person
    assert overtaken(house.center, now=LATER, of=suspension).count() == 1

    change = house.run(Wish("close", of=suspension.public_id), at=LATER)

    assert (change.state, change.cases.get().outcome) == ("done", "moved")
    assert person.appointments.get().slot_id == new.pk
    assert not overtaken(house.center, now=LATER).exists()
    assert set(Session.objects.filter(pk__in=suspension.sessions).values_list("state", flat=True)) == {"closed"}


def test_keeping_a_time_that_is_over_is_told_as_cancelling_before_the_deed(house):
    house.booked(house.slot(CLOSED_DAY))
    house.run(house.wish("suspend"))

    seen = house.preview(at=LATER)

    assert seen.decided({"no_place": "keep"}) == {"keep": 0, "cancel": 1}
    change = house.run(at=LATER, decisions={"no_place": "keep"})
    assert change.cases.get().outcome == "cancelled"


# --- What fails ----------------------------------------------------------------------------------------------------


def test_a_case_that_fails_again_and_again_hinders_nobody_and_waits_for_the_manager(house):
    closed = house.slot(CLOSED_DAY)
    house.slot(CLOSED_DAY + 1)
    broken, fine = house.booked(closed), house.booked(closed)
    change = house.start()
    case = change.cases.get(registration=broken)
    Case.objects.filter(pk=case.pk).update(decision="nonsense")  # as nobody can foresee

    for _turn in range(caring.FAILURES):
        change.refresh_from_db()
        assert change.state == "running"
        caring.carry_on(now=NOW)

    change.refresh_from_db()
    case.refresh_from_db()
    assert (change.state, case.outcome, case.details["failures"]) == ("stopped", "waiting", caring.FAILURES)
    assert told(fine) == ["moved_by_center"]

    Case.objects.filter(pk=case.pk).update(decision="move")
    changes.resume(change=change, by=house.manager, now=NOW)
    caring.carry_on(now=NOW)
    change.refresh_from_db()
    assert (change.state, told(broken)) == ("done", ["moved_by_center"])


def test_who_may_stand_at_the_door_is_not_moved_when_a_suspended_day_is_closed(house):
    early, present = house.booked(house.slot(0, at=time(12))), house.booked(house.slot(0, at=time(14)))
    house.run(house.wish("suspend", day=0))
    house.slot(3)

    change = house.run(house.wish(day=0), at=NOW + timedelta(hours=4, minutes=10))  # ten past two in Berlin

    assert [case.registration for case in change.cases.all()] == [early]
    assert present.appointments.get().displaced_at is None
