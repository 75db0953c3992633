"""The list of a day: who is on it, what is known of each, and how many queries it costs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from booking.door import day_list
from booking.models import Appointment
from tests.factories.demand import RegulationFactory
from tests.factories.door import AppointmentFactory, booked_series, given, single_slot
from tests.factories.people import RegistrationFactory
from tests.factories.supply import CenterFactory

pytestmark = pytest.mark.django_db
DAY = date(2021, 2, 18)


@pytest.fixture(autouse=True)
def _german():
    with translation.override("de"):
        yield


def test_rows_stand_in_the_order_of_time_and_name():
    slot = single_slot(capacity=3)
    later = single_slot(session=slot.session, starts_at=slot.starts_at + timedelta(minutes=10))
    for last_name, place in (("Zander", slot), ("Arnold", later), ("böhm", slot)):
        AppointmentFactory(slot=place, registration=RegistrationFactory(last_name=last_name))

    assert [row.last_name for row in day_list.rows(slot.center_id, DAY)] == ["böhm", "Zander", "Arnold"]


def test_rows_leave_out_cancelled_ones_other_days_and_other_centers():
    slot = single_slot(capacity=3)
    mine = AppointmentFactory(slot=slot)
    AppointmentFactory(slot=slot, cancelled=True)
    AppointmentFactory(slot=single_slot(session__center=slot.center, starts_at=slot.starts_at + timedelta(days=1)))
    AppointmentFactory(slot=single_slot(starts_at=slot.starts_at, session__center=CenterFactory()))

    assert [row.appointment for row in day_list.rows(slot.center_id, DAY)] == [mine.public_id]


def test_rows_say_reason_and_evidence_of_the_first_dose():
    RegulationFactory()
    nurse = AppointmentFactory(registration=RegistrationFactory(nurse=True))

    [row] = day_list.rows(nurse.slot.center_id, DAY)

    assert (row.reason, row.evidence) == ("P1_HOMECARE", ("ID",))


def test_rows_count_the_days_since_dose_1_was_really_given():
    first, second = booked_series(days=21)
    given(first, at=first.slot.starts_at + timedelta(days=7))

    [row] = day_list.rows(second.slot.center_id, DAY + timedelta(days=21))

    assert (row.day, row.problem, row.reason) == (14, "interval", "")


def test_rows_count_from_the_slot_where_nothing_was_entered():
    first, second = booked_series(days=21)
    Appointment.objects.filter(pk=first.pk).update(status="vaccinated")

    [row] = day_list.rows(second.slot.center_id, DAY + timedelta(days=21))

    assert (row.day, row.problem) == (21, "")


def test_rows_know_a_second_dose_without_a_first():
    first, second = booked_series(days=21)
    Appointment.objects.filter(pk=first.pk).update(status="no_show")

    [row] = day_list.rows(second.slot.center_id, DAY + timedelta(days=21))

    assert row.problem == "no_first"


@pytest.mark.parametrize(("born", "problem"), [(date(2005, 2, 18), ""), (date(2005, 2, 19), "age")])
def test_rows_judge_age_on_the_day(born, problem):
    one = AppointmentFactory(registration=RegistrationFactory(birth_date=born))

    [row] = day_list.rows(one.slot.center_id, DAY)

    assert row.problem == problem


def test_rows_of_the_sunday_on_which_the_clocks_change_hold_the_whole_day():
    center = CenterFactory()
    sunday = date(2021, 3, 28)
    for hour in (22, 21):  # Sunday 00:00 in winter time, and Sunday 23:00 in summer time
        day = 27 if hour == 22 else 28
        starts_at = datetime(2021, 3, day, 23 if hour == 22 else hour, tzinfo=UTC)
        AppointmentFactory(slot=single_slot(starts_at=starts_at, session__center=center, session__date=sunday))

    hours = [row.starts_at.astimezone(day_list.clock.ZONE).hour for row in day_list.rows(center.pk, sunday)]

    assert hours == [0, 23]


@pytest.mark.parametrize("number", [1, 3])
def test_rows_cost_one_query(number, django_assert_num_queries):
    slot = single_slot(capacity=3)
    AppointmentFactory.create_batch(number, slot=slot)
    day_list.facts.load()

    with django_assert_num_queries(1):
        found = day_list.rows(slot.center_id, DAY)

    assert len(found) == number
