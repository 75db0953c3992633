"""Looking for people beyond the own center: on record with whom it found, and not without end."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from booking.models import Appointment
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import RegistrationFactory

pytestmark = pytest.mark.django_db

WALK_IN, NEW = reverse("centeradmin:today_walk_in"), reverse("centeradmin:today_walk_in_new")


@pytest.fixture
def rules(session):
    RegulationFactory()
    OpeningFactory()
    session.contingent.channels.append("on_site")
    session.contingent.save()


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
