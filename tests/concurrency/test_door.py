"""Two members of staff at one door: what one enters the other sees, and no place is counted twice."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from accounts.models import AuditEvent
from accounts.refusals import Refused
from booking.models import Appointment, Arrival, Vaccination
from booking.services import door
from centers.models import Slot
from tests.booking.door.books import books_agree
from tests.concurrency import run_at_once
from tests.factories import NOW
from tests.factories.door import AppointmentFactory, arrived, single_slot
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import ContingentFactory

pytestmark = pytest.mark.django_db(transaction=True)


def outcome(deed, **arguments):
    try:
        deed(**arguments)
    except Refused as refusal:
        return refusal.code
    return "done"


@pytest.fixture
def today(world):
    """A time that is now, with two places."""
    world.web.channels = ["web", "on_site"]
    world.web.save()
    return single_slot(
        starts_at=NOW, capacity=2, session__center=world.center, session__contingent=ContingentFactory(),
        session__vaccine=world.one_dose,
    )  # fmt: skip


def test_eight_who_let_in_the_same_person_make_one_arrival(today):
    one = AppointmentFactory(slot=today)

    def let_in(by):
        return outcome(door.arrive, appointment=one, evidence={"ID"}, by=by, now=NOW)

    outcomes = Counter(run_at_once([partial(let_in, by) for by in UserFactory.create_batch(8)]))

    assert outcomes == {"done": 1, "already_entered": 7}
    assert Arrival.objects.count() == AuditEvent.objects.filter(action="appointment.arrived").count() == 1


def test_two_who_enter_the_same_dose_make_one_vaccination(today):
    one = AppointmentFactory(slot=today)
    arrived(one, at=NOW)
    doses = [door.Injection(vaccine_code="janssen", batch_number=f"EJ{number}", responsible="Dr. Seidel", given_at=NOW)
             for number in range(100, 108)]  # fmt: skip
    by = UserFactory()

    def enter(dose):
        return outcome(door.vaccinate, appointment=one, injection=dose, by=by, now=NOW)

    assert Counter(run_at_once([partial(enter, dose) for dose in doses])) == {"done": 1, "already_entered": 7}
    assert Vaccination.objects.count() == 1


def test_letting_in_while_the_day_is_closed_loses_nobody(today):
    people = [AppointmentFactory(slot=today) for _number in range(2)]
    by, later = UserFactory(), NOW + timedelta(minutes=5)
    let_in = partial(outcome, door.arrive, evidence={"ID"}, by=by, now=later)
    close = partial(door.close_day, center_id=today.center_id, day=NOW.date(), now=later)

    answers = run_at_once([*(partial(let_in, appointment=one) for one in people), close, close])

    assert answers[:2] == ["done", "done"]
    assert set(Appointment.objects.values_list("status", flat=True)) == {"arrived"}
    books_agree()


def test_eight_without_an_appointment_on_two_places_all_get_in_and_the_books_agree(today):
    by = UserFactory()
    people = RegistrationFactory.create_batch(8)

    def take(person):
        return outcome(door.walk_in, registration=person, center=today.center, vaccine_code="", by=by, now=NOW)

    assert Counter(run_at_once([partial(take, person) for person in people])) == {"done": 8}
    slot = Slot.objects.get(pk=today.pk)
    assert (slot.capacity, slot.booked) == (8, 8)
    books_agree()
