"""Two members of staff type the same paper: each line counts once, and the second one is told."""

from datetime import timedelta
from functools import partial

import pytest

from accounts.models import AuditEvent
from booking.models import PaperPack, Vaccination
from booking.services import afterwards, paper
from booking.services.afterwards import GIVEN, Entry
from booking.services.door import Injection
from tests.concurrency import run_at_once
from tests.factories import NOW
from tests.factories.demand import RegulationFactory
from tests.factories.door import AppointmentFactory, single_slot
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory, SessionFactory, VaccineFactory

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = NOW.date()


@pytest.fixture
def center():
    RegulationFactory()
    return CenterFactory()


def given(one, batch: str) -> Entry:
    injection = Injection(
        vaccine_code="janssen", batch_number=batch, responsible="Dr. F. Seidel", given_at=NOW - timedelta(minutes=5)
    )
    return Entry(
        appointment=one.public_id, seen_as="booked", outcome=GIVEN, papers=frozenset({"ID"}), injection=injection
    )


def test_the_same_paper_typed_twice_at_once_enters_everybody_once(center):
    session = SessionFactory(center=center, vaccine=VaccineFactory(single=True), date=TODAY)
    slot = single_slot(session=session, starts_at=NOW - timedelta(minutes=30), capacity=20)
    people = AppointmentFactory.create_batch(20, slot=slot)
    staff = UserFactory.create_batch(4)
    enter = partial(afterwards.enter, center=center, day=TODAY, now=NOW)

    answers = run_at_once(
        [
            partial(enter, entries=[given(one, f"BATCH{number}") for one in people], by=user)
            for number, user in enumerate(staff)
        ]
    )

    assert Vaccination.objects.count() == 20
    assert sum(len(people) - len(problems) for problems in answers) == 20
    told = [text for problems in answers for text in problems.values()]
    assert len(told) == 60
    assert all(told)
    noted = AuditEvent.objects.filter(action="day.entered_afterwards").values_list("details", flat=True)
    assert sum(details["rows"] for details in noted) == 20
    slot.refresh_from_db()
    assert slot.booked == 20


def test_a_pack_made_by_many_at_once_is_one_pack(center):
    SessionFactory(center=center, date=TODAY)

    answers = run_at_once([partial(paper.make, center=center, day=TODAY, by=None, now=NOW)] * 6)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert PaperPack.objects.count() == 1
