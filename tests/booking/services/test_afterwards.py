"""Blank forms of a paper day: somebody who came without an appointment gets a place of that day, and her arrival."""

from datetime import date, timedelta

import pytest

from accounts.models import AuditEvent
from booking import codes, facts
from booking.door.checks import OVERRULABLE
from booking.enrolment import Details
from booking.models import Appointment, Arrival, Registration
from booking.services import afterwards, door
from booking.services.door import Overruling
from centers.models import Slot, VaccinePause
from notifications.models import Message
from tests.booking.door.books import books_agree
from tests.booking.door.deeds import AT, refused, status
from tests.factories.door import AppointmentFactory, booked_series, given, single_slot
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import ContingentFactory, SlotFactory, VaccineFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]
LATER = AT + timedelta(days=2)


@pytest.fixture
def by():
    return UserFactory()


@pytest.fixture
def share():
    return ContingentFactory(channels=["web", "on_site"])


def came(center, **form):
    return afterwards.Came(**{"center": center, "at": AT, "vaccine_code": "", "papers": True, **form})


def test_who_came_on_paper_gets_a_free_place_of_that_day_and_has_arrived(by, share):
    slot = single_slot(session__contingent=share)
    person = RegistrationFactory(invited=True)

    one = afterwards.add(registration=person, came=came(slot.center), by=by, now=LATER)

    assert (one.slot, status(one), one.channel, one.booked_at) == (slot, "arrived", "on_site", LATER)
    assert (Arrival.objects.get().at, Arrival.objects.get().evidence_seen) == (AT, ["ID"])
    details = AuditEvent.objects.get(action="series.walked_in").details
    assert (details["extra_place"], details["day"]) == (False, "2021-02-18")
    assert not Message.objects.exists()  # of a single dose that was given there is nothing to tell
    assert door.close_due(now=LATER + timedelta(days=1)) == 0
    books_agree()


@pytest.mark.parametrize("why", ["full", "suspended"])
def test_a_place_is_added_where_none_was_free(by, share, why):
    slot = single_slot(session__contingent=share, capacity=1)
    if why == "full":
        AppointmentFactory(slot=slot)
    else:
        Slot.objects.filter(pk=slot.pk).update(suspended=True)

    afterwards.add(registration=RegistrationFactory(), came=came(slot.center), by=by, now=LATER)

    assert Slot.objects.get(pk=slot.pk).capacity == 2
    assert AuditEvent.objects.get(action="series.walked_in").details["extra_place"] is True
    books_agree()


def test_without_ticked_papers_nothing_is_entered(by, share):
    slot = single_slot(session__contingent=share)

    refused("evidence_missing", afterwards.add, registration=RegistrationFactory(),
            came=came(slot.center, papers=False), by=by, now=LATER)  # fmt: skip

    assert not Appointment.objects.exists()
    books_agree()


def test_dose_2_is_booked_from_now_on_and_told(by, share):
    first = SlotFactory(session__contingent=share)
    second = SlotFactory(session__center=first.center, session__contingent=share,
                         starts_at=first.starts_at + timedelta(days=21))  # fmt: skip
    person = RegistrationFactory()

    afterwards.add(registration=person, came=came(first.center), by=by, now=LATER)

    assert Appointment.objects.get(dose_number=2).slot == second
    assert Message.objects.get().template == "booked"
    books_agree()


def test_who_was_vaccinated_is_entered_though_no_place_is_left_for_dose_2(by, share):
    first = SlotFactory(session__contingent=share)

    one = afterwards.add(registration=RegistrationFactory(), came=came(first.center), by=by, now=LATER)

    assert (status(one), Appointment.objects.count(), Message.objects.count()) == ("arrived", 1, 0)
    books_agree()


def test_dose_2_of_another_day_counts_for_the_paper_day(by, share):
    first, second = booked_series(days=28)
    given(first, at=AT)
    day = AT + timedelta(days=21)
    slot = SlotFactory(session__center=first.slot.center, session__contingent=share, starts_at=day)

    one = afterwards.add(
        registration=first.registration, came=came(slot.center, at=day), by=by, now=day + timedelta(days=1)
    )

    assert (one.pk, one.slot, status(second)) == (second.pk, slot, "arrived")
    books_agree()


def test_who_stands_in_the_list_of_that_day_is_entered_there(by, share):
    one = AppointmentFactory(slot=single_slot(session__contingent=share))
    door.close_day(center_id=one.slot.center_id, day=AT.date(), now=LATER)

    refused("has_today", afterwards.add, registration=one.registration, came=came(one.slot.center), by=by, now=LATER)


@pytest.mark.parametrize(("minutes", "code"), [(1, "future"), (-3 * 24 * 60, "no_session")])
def test_a_time_to_come_and_a_day_without_sessions_are_refused(by, share, minutes, code):
    slot = single_slot(session__contingent=share)

    refused(code, afterwards.add, registration=RegistrationFactory(),
            came=came(slot.center, at=AT + timedelta(minutes=minutes)), by=by, now=AT)  # fmt: skip

    assert not Appointment.objects.exists()


def test_somebody_new_is_registered_and_entered_or_neither(by, share):
    slot = single_slot(session__contingent=share)
    details = Details(
        first_name="Síle", last_name="O'Neill", birth_date=RegistrationFactory.birth_date, street="Am Markt 1",
        postcode="01589", town="Riesa",
    )  # fmt: skip
    arguments = {"details": details, "by": by, "now": LATER}

    refused("evidence_missing", afterwards.add_new, case_number=codes.case_number(),
            came=came(slot.center, papers=False), **arguments)  # fmt: skip
    assert not Registration.objects.exists()
    one = afterwards.add_new(case_number=codes.case_number(), came=came(slot.center), **arguments)

    assert (one.registration.last_name, status(one)) == ("O'Neill", "arrived")


# --- A physician decided otherwise -------------------------------------------------------------


BY_DR = Overruling(checks=OVERRULABLE, physician="Dr. Anke Vogel", reason="Reise, Abstand vertretbar")


def vaxzevria(share):
    """A place for a vaccine that is for people up to 64; somebody of 82 came."""
    vaccine = VaccineFactory(code="vaxzevria", name="Vaxzevria", doses=1)
    vaccine.age_rules.create(valid_from=date(2021, 1, 29), min_age=18, max_age=64, basis="stiko")
    return SlotFactory(session__vaccine=vaccine, session__contingent=share)


def overruled():
    arrival = Arrival.objects.get(appointment__slot__vaccine="vaxzevria")
    return arrival.overruled, arrival.overruled_by, arrival.overruled_reason


def test_age_is_no_reason_when_a_physician_decided(by, share):
    slot, person = vaxzevria(share), RegistrationFactory()
    refused("not_eligible", afterwards.add, registration=person, came=came(slot.center), by=by, now=LATER)

    one = afterwards.add(registration=person, came=came(slot.center, overruling=BY_DR), by=by, now=LATER)

    assert (one.slot, status(one)) == (slot, "arrived")
    assert overruled() == (["age"], "Dr. Anke Vogel", "Reise, Abstand vertretbar")
    assert AuditEvent.objects.get(action="appointment.arrived").details["overruled"] == ["age"]
    books_agree()


def test_somebody_new_is_entered_by_the_same_decision(by, share):
    slot = vaxzevria(share)
    details = Details(
        first_name="Síle", last_name="O'Neill", birth_date=RegistrationFactory.birth_date, street="Am Markt 1",
        postcode="01589", town="Riesa",
    )  # fmt: skip

    afterwards.add_new(
        details=details, case_number=codes.case_number(), came=came(slot.center, overruling=BY_DR), by=by, now=LATER
    )

    assert overruled()[0] == ["age"]


def test_a_second_dose_that_was_given_early_is_entered_by_decision(by, share):
    first, second = booked_series(days=28)
    given(first, at=AT)
    day = AT + timedelta(days=14)
    slot = SlotFactory(session__center=first.slot.center, session__contingent=share, starts_at=day)
    arguments = {"registration": first.registration, "by": by, "now": day + timedelta(days=1)}
    refused("interval", afterwards.add, came=came(slot.center, at=day), **arguments)

    afterwards.add(came=came(slot.center, at=day, overruling=BY_DR), **arguments)

    assert status(second) == "arrived"
    assert Arrival.objects.get(appointment=second).overruled == ["interval"]
    books_agree()


@pytest.mark.parametrize(("physician", "reason"), [("", "vertretbar"), ("Dr. Vogel", " ")])
def test_a_decision_needs_who_and_why(by, share, physician, reason):
    slot = vaxzevria(share)
    half = Overruling(checks=OVERRULABLE, physician=physician, reason=reason)

    refused("physician", afterwards.add, registration=RegistrationFactory(), came=came(slot.center, overruling=half),
            by=by, now=LATER)  # fmt: skip

    assert not Appointment.objects.exists()


def test_no_physician_decides_about_a_pause_or_a_group(by, share):
    slot = single_slot(session__contingent=share)
    VaccinePause.objects.create(vaccine=slot.vaccine, starts_on=AT.date(), ends_on=AT.date())
    refused("not_eligible", afterwards.add, registration=RegistrationFactory(),
            came=came(slot.center, overruling=BY_DR), by=by, now=LATER)  # fmt: skip
    VaccinePause.objects.all().delete()
    facts.forget()

    refused("not_open", afterwards.add, registration=RegistrationFactory(birth_date=date(1990, 1, 1)),
            came=came(slot.center, overruling=BY_DR), by=by, now=LATER)  # fmt: skip


def test_a_decision_that_nothing_spoke_against_is_not_kept(by, share):
    slot = single_slot(session__contingent=share)

    afterwards.add(registration=RegistrationFactory(), came=came(slot.center, overruling=BY_DR), by=by, now=LATER)

    assert (Arrival.objects.get().overruled, Arrival.objects.get().overruled_by) == ([], "")
