"""Arriving, vaccinating, sending home and correcting: each rule, and what stands in the trail."""

from datetime import date, timedelta

import pytest

from accounts.models import AuditEvent
from booking.models import Appointment, Arrival, Deferral, Invitation, Vaccination
from booking.services import door
from tests.booking.door.books import books_agree
from tests.booking.door.deeds import AT, injection, refused, status
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.door import AppointmentFactory, arrived, booked_series, given
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory, SlotFactory, VaccineFactory

pytestmark = pytest.mark.django_db
PHYSICIAN = {"physician": "Dr. F. Seidel", "reason": "Reise"}


@pytest.fixture
def by():
    return UserFactory(first_name="Karin", last_name="Vogel")


@pytest.fixture
def rules():
    RegulationFactory()
    OpeningFactory()


# --- Arriving


def test_arrive_keeps_what_was_seen_and_who_let_her_in(by):
    one = AppointmentFactory()

    door.arrive(appointment=one, evidence={"ID"}, by=by, now=AT)

    arrival = Arrival.objects.get()
    assert (status(one), arrival.evidence_seen, arrival.by, arrival.at) == ("arrived", ["ID"], by, AT)
    event = AuditEvent.objects.get(action="appointment.arrived")
    assert (event.subject, event.actor) == (one.registration.public_id, by)


def test_arrive_without_a_paper_is_refused(by):
    one = AppointmentFactory()

    refused("evidence_missing", door.arrive, appointment=one, evidence=set(), by=by, now=AT)

    assert (status(one), Arrival.objects.count()) == ("booked", 0)


def test_arrive_on_another_day_names_the_day(by):
    one = AppointmentFactory()

    text = refused("other_day", door.arrive, appointment=one, evidence={"ID"}, by=by, now=AT + timedelta(days=1))

    assert "18" in text


def test_arrive_twice_names_who_was_first(by):
    one = AppointmentFactory()
    door.arrive(appointment=one, evidence={"ID"}, by=by, now=AT)

    text = refused("already_entered", door.arrive, appointment=one, evidence={"ID"}, by=UserFactory(), now=AT)

    assert "K. Vogel" in text
    assert Arrival.objects.count() == 1


def test_arrive_of_a_cancelled_appointment_is_refused(by):
    one = AppointmentFactory(cancelled=True)

    refused("cancelled", door.arrive, appointment=one, evidence={"ID"}, by=by, now=AT)


@pytest.mark.parametrize(("born", "code"), [(date(2005, 2, 18), ""), (date(2005, 2, 19), "age")])
def test_arrive_judges_age_on_the_day(by, born, code):
    """Fifteen when it was booked, sixteen on the day: the day counts."""
    one = AppointmentFactory(registration=RegistrationFactory(birth_date=born))

    if code:
        refused(code, door.arrive, appointment=one, evidence={"ID"}, by=by, now=AT)
    else:
        door.arrive(appointment=one, evidence={"ID"}, by=by, now=AT)


def too_early(by):
    """Dose 2 on day 20: dose 1 was given a day late."""
    first, second = booked_series(days=21)
    given(first, at=first.slot.starts_at + timedelta(days=1))
    return second, AT + timedelta(days=21)


def test_arrive_too_early_for_dose_2_says_the_days(by):
    second, at = too_early(by)

    text = refused("interval", door.arrive, appointment=second, evidence={"ID"}, by=by, now=at)

    assert "20" in text
    assert "21" in text


def test_a_physician_overrules_the_distance_with_name_and_reason(by):
    second, at = too_early(by)
    overruled = door.Overruling(checks=frozenset({"interval"}), **PHYSICIAN)

    arrival = door.arrive(appointment=second, evidence={"ID"}, by=by, now=at, overruled=overruled)

    assert (arrival.overruled, arrival.overruled_by) == (["interval"], "Dr. F. Seidel")
    assert AuditEvent.objects.get(action="appointment.arrived").details["overruled"] == ["interval"]


def test_overruling_without_a_name_is_refused(by):
    second, at = too_early(by)
    overruled = door.Overruling(checks=frozenset({"interval"}), physician=" ", reason="Reise")

    refused("physician", door.arrive, appointment=second, evidence={"ID"}, by=by, now=at, overruled=overruled)


def test_no_physician_overrules_a_pause(by):
    one = AppointmentFactory()
    one.slot.vaccine.pauses.create(starts_on=date(2021, 2, 18))
    overruled = door.Overruling(checks=frozenset({"paused"}), **PHYSICIAN)

    refused("paused", door.arrive, appointment=one, evidence={"ID"}, by=by, now=AT, overruled=overruled)


def test_who_was_kept_without_a_place_is_let_in(by):
    one = AppointmentFactory(displaced_at=AT - timedelta(days=1))

    door.arrive(appointment=one, evidence={"ID"}, by=by, now=AT)

    assert status(one) == "arrived"
    books_agree()


# --- Vaccinating


def test_vaccinate_keeps_product_batch_time_and_physician(by):
    one = AppointmentFactory()
    arrived(one, at=AT)

    door.vaccinate(appointment=one, injection=injection(batch_number=" ej6789 "), by=by, now=AT)

    dose = Vaccination.objects.get()
    assert (status(one), dose.batch_number, dose.responsible) == ("vaccinated", "EJ6789", "Dr. F. Seidel")


def test_vaccinate_before_she_arrived_is_refused(by):
    refused("not_arrived", door.vaccinate, appointment=AppointmentFactory(), injection=injection(), by=by, now=AT)


@pytest.mark.parametrize("typed", ["", "EJ", "E" * 21, "Charge?", "ÄÖ123"])
def test_vaccinate_refuses_what_is_no_batch_number(by, typed):
    one = AppointmentFactory()
    arrived(one, at=AT)

    refused("batch_number", door.vaccinate, appointment=one, injection=injection(batch_number=typed), by=by, now=AT)

    assert status(one) == "arrived"


def test_a_batch_number_with_blanks_is_asked_about(by):
    one = AppointmentFactory()
    arrived(one, at=AT)

    wrong = injection(batch_number="EJ 67 89")
    text = refused("batch_number", door.vaccinate, appointment=one, injection=wrong, by=by, now=AT)

    assert "EJ6789" in text


@pytest.mark.parametrize("given_at", [AT + timedelta(minutes=1), AT - timedelta(days=1)])
def test_vaccinate_refuses_the_future_and_another_day(by, given_at):
    one = AppointmentFactory()
    arrived(one, at=AT)

    refused("given_at", door.vaccinate, appointment=one, injection=injection(given_at=given_at), by=by, now=AT)


def test_an_arrival_in_the_future_is_refused(by):
    one = AppointmentFactory()

    refused("future", door.arrive, appointment=one, evidence={"ID"}, by=by, now=AT, at=AT + timedelta(minutes=1))


def test_vaccinate_refuses_a_product_with_other_doses(by):
    one = AppointmentFactory()
    arrived(one, at=AT)
    VaccineFactory()

    wrong = injection(vaccine_code="comirnaty")
    refused("vaccine", door.vaccinate, appointment=one, injection=wrong, by=by, now=AT)


def test_dose_2_with_another_product_is_refused(by):
    first, second = booked_series(days=21)
    given(first, at=first.slot.starts_at)
    at = AT + timedelta(days=21)
    arrived(second, at=at)
    VaccineFactory(code="moderna", name="Moderna")

    wrong = injection(vaccine_code="moderna", given_at=at)
    refused("vaccine", door.vaccinate, appointment=second, injection=wrong, by=by, now=at)


# --- Sending home


def test_defer_dose_1_releases_the_series_and_invites_her_again(by, rules):
    first, second = booked_series(confirmed_at=AT - timedelta(days=9))
    free = SlotFactory(session__center=first.slot.center, starts_at=AT + timedelta(days=2))
    SlotFactory(session__center=first.slot.center, starts_at=free.starts_at + timedelta(days=21))

    door.defer(appointment=first, reason="evidence", for_good=False, by=by, now=AT)

    assert (status(first), status(second)) == ("deferred", "cancelled")
    assert Invitation.objects.filter(registration=first.registration, accepted_at=None, closed_at=None).count() == 1
    books_agree()


def test_defer_for_good_ends_the_registration(by):
    first, _second = booked_series()

    door.defer(appointment=first, reason="own_wish", for_good=True, by=by, now=AT)

    first.registration.refresh_from_db()
    assert first.registration.withdrawn_at == AT
    assert not Invitation.objects.exists()
    books_agree()


def test_defer_somebody_who_has_arrived_takes_back_the_arrival(by):
    one = AppointmentFactory()
    arrived(one, at=AT)

    door.defer(appointment=one, reason="medical", for_good=False, by=by, now=AT)

    assert (status(one), Deferral.objects.get().reason, Arrival.objects.count()) == ("deferred", "medical", 0)


def test_defer_after_the_vaccination_is_refused(by):
    one = AppointmentFactory()
    given(one, at=AT)

    refused("already_entered", door.defer, appointment=one, reason="medical", for_good=False, by=by, now=AT)


def test_who_was_sent_home_and_comes_back_is_let_in(by):
    one = AppointmentFactory()
    door.defer(appointment=one, reason="evidence", for_good=False, by=by, now=AT)

    door.arrive(appointment=one, evidence={"ID"}, by=by, now=AT + timedelta(hours=1))

    assert (status(one), Deferral.objects.count()) == ("arrived", 0)
    books_agree()


# --- Putting right


def test_correct_keeps_before_and_after_without_personal_data(by):
    one = AppointmentFactory()
    given(one, at=AT, batch_number="EJ1111")

    door.correct(appointment=one, injection=injection(responsible="Dr. Anders"), by=by, now=AT)

    details = AuditEvent.objects.get(action="appointment.corrected").details
    assert (details["before"], details["after"]) == ({"batch_number": "EJ1111"}, {"batch_number": "EJ6789"})
    assert details["responsible"] == "changed"
    assert Vaccination.objects.get().responsible == "Dr. Anders"


def test_undo_goes_back_one_step_at_a_time(by):
    first, _second = booked_series()
    given(first, at=AT)

    door.undo(appointment=first, seen_as="vaccinated", by=by, now=AT)
    assert status(first) == "arrived"
    door.undo(appointment=first, seen_as="arrived", by=by, now=AT)
    assert status(first) == "booked"
    refused("nothing_to_undo", door.undo, appointment=first, seen_as="booked", by=by, now=AT)
    assert AuditEvent.objects.filter(action="appointment.entry_undone").count() == 2


def test_undo_of_a_first_dose_without_a_second_is_refused(by):
    first, second = booked_series()
    arrived(first, at=AT)
    second.delete()

    refused("no_second_dose", door.undo, appointment=first, seen_as="arrived", by=by, now=AT)


def test_undo_of_a_first_dose_whose_second_was_moved_to_another_center_is_refused(by):
    first, second = booked_series()
    arrived(first, at=AT)
    elsewhere = SlotFactory(session__center=CenterFactory(), starts_at=second.slot.starts_at)
    Appointment.objects.filter(pk=second.pk).update(slot=elsewhere)

    refused("no_second_dose", door.undo, appointment=first, seen_as="arrived", by=by, now=AT)

    assert status(first) == "arrived"


def test_a_second_click_takes_back_one_step_and_not_two(by):
    one = AppointmentFactory()
    given(one, at=AT)
    door.undo(appointment=one, seen_as="vaccinated", by=by, now=AT)

    refused("changed", door.undo, appointment=one, seen_as="vaccinated", by=by, now=AT)

    assert status(one) == "arrived"


def test_arrive_keeps_only_papers_that_were_asked_for(by):
    one = AppointmentFactory()

    arrival = door.arrive(appointment=one, evidence={"ID", "something quite else"}, by=by, now=AT)

    assert arrival.evidence_seen == ["ID"]
