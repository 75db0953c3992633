"""Looking for people beyond the own center: on record with whom it found, and not without end."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from booking import codes
from booking.models import Appointment
from tests.factories.people import RegistrationFactory

pytestmark = pytest.mark.django_db

WALK_IN, NEW = reverse("centeradmin:today_walk_in"), reverse("centeradmin:today_walk_in_new")


def text(response):
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("typed", [
    {"code": "AAAA22"}, {"first_name": "Ute", "last_name": "Fremd", "birth_date_day": "12.02.1939"},
])  # fmt: skip
def test_whoever_is_found_beyond_the_center_is_named_in_the_trail_and_counted(staff, expect, rules, settings, typed):
    settings.RATE_LIMITS = {"door_elsewhere": "2/hour"}
    expect(30)
    person = RegistrationFactory(first_name="Ute", last_name="Fremd", birth_date=date(1939, 2, 12), door_code="AAAA22")
    staff.post(WALK_IN, typed)
    assert AuditEvent.objects.get(action="registration.found").subject == person.public_id
    staff.post(WALK_IN, {"code": "ZZZZ99"})
    answer = staff.post(WALK_IN, {**typed, "aufnehmen": "1"})
    assert answer.status_code == 429
    assert "sehr oft" in text(answer)
    assert not Appointment.objects.filter(registration=person).exists()
    assert AuditEvent.objects.filter(action="registration.found").count() == 1
    known = {"first_name": "Ute", "last_name": "Fremd", "birth_date_day": "12.02.1939", "street": "Weg 1",
             "postcode": "01587", "town": "Riesa", "language": "de"}  # fmt: skip
    answer = staff.post(NEW, known)
    assert answer.status_code == 429
    assert "schon registriert" not in text(answer)


def ended(code, merged_into):
    return RegistrationFactory(
        door_code=code, withdrawn_at=merged_into.created_at, withdrawn_reason="merged", merged_into=merged_into
    )


def test_the_paper_of_a_registration_that_was_merged_opens_who_is_left(staff, expect):
    one = expect(30, door_code="BBBB33")
    ended("CCCC44", ended("AAAA22", one.registration))  # merged twice
    for typed in ("AAAA22", "CCCC44", codes.checked("CCCC44")):
        answer = staff.post(reverse("centeradmin:today"), {"wer": typed})
        assert answer.url == reverse("centeradmin:today_person", args=[one.registration.public_id])


def test_an_old_paper_of_somebody_of_another_center_names_no_row(staff, expect):
    expect(30)
    ended("AAAA22", RegistrationFactory(first_name="Ute", last_name="Fremd"))
    answer = staff.post(reverse("centeradmin:today"), {"wer": "AAAA22"})
    assert "Der Code stimmt: Die Person ist angemeldet, hat aber keinen Termin." in text(answer)


def test_who_is_left_comes_in_without_an_appointment_by_her_old_paper(staff, expect, rules):
    expect(30)
    person = RegistrationFactory(first_name="Ute", last_name="Fremd")
    ended("AAAA22", person)
    assert "Ute Fremd" in text(staff.post(WALK_IN, {"code": "AAAA22"}))
