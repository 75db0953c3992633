"""Somebody of another day, and people without an appointment: found, registered, taken in, or told why not."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from booking.models import Appointment
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.web.centeradmin.today.pages import at, text

pytestmark = pytest.mark.django_db


def test_somebody_of_another_day_is_taken_today(staff, expect, rules):
    expect(30)
    one = expect(0, days=2)
    assert "Nicht heute" in text(staff.get(at(one)))

    staff.post(at(one, "take"))

    assert Appointment.objects.live().get(registration=one.registration).slot.starts_at == NOW + timedelta(minutes=30)


WALK_IN, NEW = reverse("centeradmin:today_walk_in"), reverse("centeradmin:today_walk_in_new")


@pytest.mark.parametrize(
    "typed",
    [
        {"code": "7h4 k2m"},
        {"first_name": "Klaus", "last_name": "Haenel", "birth_date_day": "12.02.1939"},
    ],
)
def test_a_registered_person_without_an_appointment_is_found_and_taken_in(staff, expect, rules, typed):
    expect(30)
    person = RegistrationFactory(
        first_name="Klaus", last_name="Hänel", birth_date=date(1939, 2, 12), door_code="7H4K2M"
    )

    assert "Diese Person hat keinen Termin." in text(staff.post(WALK_IN, typed))
    response = staff.post(WALK_IN, {**typed, "aufnehmen": "1"})

    assert response.url == reverse("centeradmin:today_person", args=[person.public_id])
    assert AuditEvent.objects.filter(action="day_list.searched").count() == 2


@pytest.mark.parametrize("typed", [{}, {"code": "ZZZZZZ"}, {"last_name": "Hänel"}])
def test_nobody_found_is_answered_in_words(staff, expect, rules, typed):
    assert staff.post(WALK_IN, typed).context["form"].errors


NEWCOMER = {
    "first_name": "Erna", "last_name": "Kurz", "birth_date_day": "1", "birth_date_month": "5",
    "birth_date_year": "1935", "street": "Am Markt 1", "postcode": "01589", "town": "Riesa", "language": "de",
}  # fmt: skip


def test_somebody_new_is_registered_and_taken_in(staff, expect, rules):
    expect(30)

    staff.post(NEW, NEWCOMER)

    one = Appointment.objects.get(registration__last_name="Kurz")
    assert (one.channel, one.status) == ("on_site", "booked")


def test_somebody_new_whose_group_is_not_open_is_refused_with_the_form_filled(staff, expect, rules):
    expect(30)

    page = text(staff.post(NEW, {**NEWCOMER, "birth_date_year": "1990"}))

    assert "kann noch nicht buchen" in page
    assert 'value="Kurz"' in page


@pytest.mark.parametrize("url", [WALK_IN, NEW])
def test_the_pages_for_people_without_an_appointment_open(staff, url):
    assert staff.get(url).status_code == 200
