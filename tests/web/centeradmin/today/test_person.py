"""The page of one person: who may be opened, what it says, what can be done, and that nothing typed is lost."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.roles import Role
from booking.models import Appointment, Arrival, Vaccination
from booking.services import door
from tests.factories import NOW
from tests.factories.demand import RegulationFactory
from tests.factories.door import AppointmentFactory, arrived, given
from tests.factories.people import RegistrationFactory
from tests.factories.supply import ContingentFactory, SessionFactory, SlotFactory, VaccineFactory
from tests.web.centeradmin.today.pages import at, status, text

pytestmark = pytest.mark.django_db
TODAY = reverse("centeradmin:today")


@pytest.fixture
def second(center):
    """Somebody who got dose 1 so many days ago, and comes for dose 2 now."""

    def make(days_ago: int, **person):
        vaccine = VaccineFactory()
        registration = RegistrationFactory(**person)
        slots = [
            SlotFactory(
                starts_at=NOW - timedelta(days=days),
                session=SessionFactory(center=center, vaccine=vaccine, date=(NOW - timedelta(days=days)).date()),
            )
            for days in (days_ago, 0)
        ]
        first = AppointmentFactory(registration=registration, slot=slots[0])
        one = AppointmentFactory(registration=registration, slot=slots[1], dose_number=2)
        given(first, at=NOW - timedelta(days=days_ago))
        return one

    return make


# --- Who may be opened


@pytest.mark.parametrize(
    "name", ["person", "arrive", "vaccinate", "defer", "second", "take", "correct", "undo", "confirmation"]
)
def test_people_of_another_center_cannot_be_opened(staff, name):
    url = at(AppointmentFactory(), name)

    response = staff.get(url) if name in {"person", "confirmation"} else staff.post(url)

    assert response.status_code == 404
    assert not AuditEvent.objects.filter(action="appointment.read").exists()


def test_a_person_without_any_appointment_cannot_be_opened(staff):
    assert staff.get(reverse("centeradmin:today_person", args=[RegistrationFactory().public_id])).status_code == 404


def test_opening_somebody_is_written_down(staff, expect):
    one = expect(0)

    staff.get(at(one))

    event = AuditEvent.objects.get(action="appointment.read")
    assert (event.subject, event.actor.has_role(Role.CENTER_STAFF)) == (one.registration.public_id, True)


def test_the_second_of_two_sees_who_opened_the_same_person(login, expect):
    one = expect(0)
    login(Role.CENTER_STAFF).get(at(one))

    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        page = text(login(Role.CENTER_STAFF).get(at(one)))

    assert "hat dieselbe Person um 10:00 geöffnet. Eingetragen ist noch nichts." in page


# --- Letting in


def test_from_the_list_with_the_papers_ticked_and_back_to_the_list(staff, expect):
    one = expect(0)

    response = staff.post(at(one, "arrive"), {"gesehen": "ID", "ab": "10:30"})

    assert response.url == f"{TODAY}?ab=10:30"
    assert (status(one), Arrival.objects.get().evidence_seen) == ("arrived", ["ID"])


def test_the_way_back_leads_nowhere_else(staff, expect):
    assert staff.post(at(expect(0), "arrive"), {"gesehen": "ID", "ab": "//example.org"}).url == TODAY


def test_without_the_papers_her_page_says_what_is_missing_and_keeps_the_ticks(staff, expect):
    RegulationFactory().criteria.create(
        code="P1_PROVED", position=9, level=1, kind="occupation", evidence=["ID", "INST"], paragraph="§ 2",
        label_de="Pflege", label_en="Care",
    )  # fmt: skip
    one = expect(0, birth_date=date(1990, 1, 1), criteria=["P1_PROVED"])

    response = staff.post(at(one, "arrive"), {"gesehen": "ID"})

    assert "Noch nicht gesehen: Bescheinigung." in text(response)
    assert response.context["ticked"] == {"ID"}
    assert status(one) == "booked"


def test_the_second_of_two_is_told_who_was_first(staff, expect):
    one = expect(0)
    arrived(one, at=NOW)

    page = text(staff.post(at(one, "arrive"), {"gesehen": "ID"}))

    assert "M. Vogel" in page
    assert "um 10:00 Uhr schon eingetragen: angekommen." in page


def test_a_physician_decides_with_name_and_reason(staff, second):
    one = second(20)

    kept = staff.post(at(one, "arrive"), {"gesehen": "ID", "arzt": "Dr. Seidel", "grund": ""})
    assert 'value="Dr. Seidel"' in text(kept)
    staff.post(at(one, "arrive"), {"gesehen": "ID", "arzt": "Dr. Seidel", "grund": "Reise"})

    assert (status(one), Arrival.objects.latest("pk").overruled_reason) == ("arrived", "Reise")


def test_signs_that_nobody_types_break_nothing(staff, second):
    one = second(20)
    typed = {"gesehen": ["ID", "x" * 99, "\x00"], "arzt": "Dr. \x00Seidel", "grund": "Reise\x00"}

    assert staff.post(at(one, "arrive"), typed).status_code == 302

    arrival = Arrival.objects.latest("pk")
    assert (arrival.evidence_seen, arrival.overruled_by, arrival.overruled_reason) == (["ID"], "Dr. Seidel", "Reise")


def test_59_when_booking_and_60_on_the_day(staff, expect, session):
    """A vaccine from 60 on: the birthday of today counts."""
    session.vaccine.age_rules.update(min_age=60)
    sixty = expect(0, birth_date=date(1961, 2, 16))
    younger = expect(0, birth_date=date(1961, 2, 17))

    assert "Erwartet." in text(staff.get(at(sixty)))
    assert "In diesem Alter wird es nicht gegeben" in text(staff.get(at(younger)))


@pytest.mark.parametrize(("before", "words"), [("no_show", "Gilt als nicht gekommen"), ("deferred", "Zurückgestellt")])
def test_who_was_missed_or_sent_home_can_still_be_taken(staff, expect, before, words):
    one = expect(0)
    if before == "no_show":
        door.close_day(center_id=one.slot.center_id, day=NOW.date(), now=NOW)
    else:
        staff.post(at(one, "defer"), {"grund": "evidence"})
    assert words in text(staff.get(at(one)))

    staff.post(at(one, "arrive"), {"gesehen": "ID"})

    assert status(one) == "arrived"


def test_who_was_kept_without_a_place_is_taken(staff, expect):
    one = expect(0)
    Appointment.objects.filter(pk=one.pk).update(displaced_at=NOW)
    assert "auch wenn sein Platz weggefallen ist" in text(staff.get(at(one)))

    staff.post(at(one, "arrive"), {"gesehen": "ID"})

    assert status(one) == "arrived"


# --- The dose


@pytest.fixture
def here(expect):
    one = expect(0)
    arrived(one, at=NOW)
    return one


TYPED = {"vaccine": "janssen", "batch_number": "EJ6789", "time": "10:00", "responsible": "Dr. F. Seidel"}


def test_a_dose_is_entered(staff, here):
    assert staff.post(at(here, "vaccinate"), TYPED).url == at(here)

    dose = Vaccination.objects.get()
    assert (dose.batch_number, dose.given_at, dose.entered_by.has_role(Role.CENTER_STAFF)) == ("EJ6789", NOW, True)
    assert "Geimpft am 16.02.2021 um 10:00 mit Janssen, Charge EJ6789." in text(staff.get(at(here)))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"batch_number": "EJ 6789"}, "Meinten Sie EJ6789?"),
        ({"batch_number": ""}, "wie sie auf dem Fläschchen steht"),
        ({"time": "25:00"}, "Stunden und Minuten"),
        ({"time": "10:01"}, "nicht in der Zukunft"),
        ({"responsible": ""}, "Bitte füllen Sie dieses Feld aus."),
        ({"vaccine": "nixda"}, "nixda"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(staff, here, wrong, words):
    page = text(staff.post(at(here, "vaccinate"), {**TYPED, **wrong}))

    assert words in page
    assert 'value="Dr. F. Seidel"' in page or "responsible" in wrong
    assert status(here) == "arrived"


def test_batch_and_physician_of_the_last_dose_are_filled_in(staff, here, expect):
    given(expect(-30), at=NOW - timedelta(minutes=20), batch_number="AB1234")

    page = text(staff.get(at(here)))

    assert 'value="AB1234"' in page
    assert 'value="Dr. F. Seidel"' in page


def test_an_entry_is_corrected_and_taken_back(staff, here):
    staff.post(at(here, "vaccinate"), TYPED)
    staff.post(at(here, "correct"), {**TYPED, "batch_number": "EK1111"})
    assert Vaccination.objects.get().batch_number == "EK1111"

    assert 'name="stand" value="vaccinated"' in text(staff.get(at(here)))
    staff.post(at(here, "undo"), {"stand": "vaccinated"})
    assert status(here) == "arrived"
    page = text(staff.post(at(here, "undo"), {"stand": "vaccinated"}))  # the second click
    assert "Mehr wurde nicht zurückgenommen" in page
    assert status(here) == "arrived"


def test_a_dose_in_the_small_hours_is_entered_for_the_evening_before(login, expect):
    one = expect(13 * 60 + 45)  # 23:45
    arrived(one, at=NOW + timedelta(hours=13, minutes=55))

    with time_machine.travel(NOW + timedelta(hours=14, minutes=10), tick=False):
        staff = login(Role.CENTER_STAFF)
        page = text(staff.get(at(one)))
        staff.post(at(one, "vaccinate"), {**TYPED, "time": "00:05"})

    assert "Angekommen am Dienstag, 16. Februar 2021, 23:55 Uhr; eine Impfung ist nicht eingetragen." in page
    assert "Heute annehmen" not in page
    assert Vaccination.objects.get().given_at == NOW + timedelta(hours=14, minutes=5)


def test_taking_back_an_arrival_says_what_becomes_of_her(login, staff, here):
    assert "wird wieder erwartet" in text(staff.get(at(here)))

    with time_machine.travel(NOW + timedelta(hours=9), tick=False):
        late = login(Role.CENTER_STAFF)
        page = text(late.get(at(here)))
        late.post(at(here, "undo"))

    assert "Der Tag ist vorbei" in page
    assert status(here) == "no_show"


def test_somebody_is_sent_home_with_a_reason(staff, here):
    assert staff.post(at(here, "defer"), {"grund": ""}).context["refusal"]

    staff.post(at(here, "defer"), {"grund": "medical"})

    assert status(here) == "deferred"
    assert "Zurückgestellt" in text(staff.get(at(here)))


# --- Second doses


@pytest.fixture
def places(center):
    """Free places of the vaccine in two doses so many days from now."""

    def make(*days):
        share = ContingentFactory(code="vor-ort", name="Vor Ort", channels=["on_site"])
        return [
            SlotFactory(session__center=center, session__contingent=share, starts_at=NOW + timedelta(days=number))
            for number in days
        ]

    return make


def test_too_early_for_dose_2_is_said_with_the_days_and_moved_from_here(staff, second, places):
    one = second(14)
    _early, right = places(6, 7)

    page = text(staff.get(at(one)))
    assert "erst 14 Tage seit der 1. Impfung, nötig sind 21." in page
    assert "Frühester Tag ist Dienstag, 23. Februar 2021." in page
    assert [offer.slot_id for offer in staff.get(at(one)).context["offers"]] == [right.pk]

    staff.post(at(one, "second"), {"platz": right.pk})
    assert Appointment.objects.get(pk=one.pk).slot == right
    page = text(staff.get(at(one)))
    assert "Nicht heute: Der Termin ist am Dienstag, 23. Februar 2021" in page
    assert "Heute annehmen" not in page  # a week too early


def test_another_day_can_be_chosen(staff, second, places):
    one = second(14)
    _soon, later = places(7, 9)

    page = staff.get(at(one), {"tag": "2021-02-25"})

    assert [offer.slot_id for offer in page.context["offers"]] == [later.pk]


@pytest.mark.parametrize("typed", ["", "x", "0", "9" * 30, "-1", "²"])
def test_a_place_that_is_none_is_refused_in_words(staff, second, places, typed):
    one = second(14)
    places(7)

    assert "Dieser Platz wurde gerade vergeben" in text(staff.post(at(one, "second"), {"platz": typed}))


def test_dose_2_that_was_put_off_gets_a_new_place(staff, second, places):
    one = second(21)
    [later] = places(3)
    staff.post(at(one, "defer"), {"grund": "medical"})

    staff.post(at(one, "second"), {"platz": later.pk})

    assert Appointment.objects.live().get(dose_number=2).slot == later


def test_a_late_second_dose_is_given_all_the_same(staff, second):
    one = second(50)

    page = text(staff.get(at(one)))
    staff.post(at(one, "arrive"), {"gesehen": "ID"})

    assert "8 Tage später als vorgesehen" in page
    assert status(one) == "arrived"


def test_dose_2_that_was_moved_is_taken_along_on_paper(staff, second, places, center):
    one = second(14, language="en", first_name="Síle", last_name="O'Neill")
    [right] = places(7)
    assert at(one, "confirmation") not in text(staff.get(at(one)))
    staff.post(at(one, "second"), {"platz": right.pk})
    assert at(one, "confirmation") in text(staff.get(at(one)))

    response = staff.get(at(one, "confirmation"))

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="confirmation-of-appointments.pdf"'
    assert response.content.startswith(b"%PDF-")
    event = AuditEvent.objects.get(action="confirmation.read")
    assert (event.subject, event.details) == (one.registration.public_id, {"center": center.slug})


def test_where_nothing_is_left_to_come_to_there_is_no_paper(staff, second):
    one = second(21)
    given(one, at=NOW)

    assert staff.get(at(one, "confirmation")).url == at(one)
    assert not AuditEvent.objects.filter(action="confirmation.read").exists()


def test_a_refused_deed_that_draws_the_page_is_written_down_as_well(staff, expect):
    one = expect(0)

    staff.post(at(one, "vaccinate"), {})

    assert AuditEvent.objects.filter(action="appointment.read", subject=one.registration.public_id).exists()
