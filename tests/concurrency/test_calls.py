"""Two windows of one agent are one call."""

from datetime import timedelta
from functools import partial
from time import sleep

import pytest
from django.db import IntegrityError

from accounts.models import AuditEvent
from booking.models import Call, CallPerson
from booking.services import calls, notes
from tests.concurrency import run_at_once, tally
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def naive(agent):
    """What `begin` must not be: look first, then write."""
    if not Call.objects.filter(agent=agent, done_at__isnull=True).exists():
        sleep(0.2)
        Call.objects.create(agent=agent, opened_at=NOW, seen_at=NOW)


def test_opening_one_person_12_times_at_once_is_one_call_about_one_person():
    agent, person = UserFactory(), RegistrationFactory()

    answers = run_at_once([partial(calls.open_person, agent, person, NOW)] * 12)

    assert tally(answers) == {"done": 12}
    assert Call.objects.count() == CallPerson.objects.count() == 1


def test_looking_first_and_writing_then_breaks():
    agent = UserFactory()

    answers = run_at_once([partial(naive, agent)] * 12)

    assert any(isinstance(answer, IntegrityError) for answer in answers)
    assert Call.objects.count() == 1


def test_the_next_caller_searched_for_in_12_windows_ends_the_call_once():
    agent, first, second = UserFactory(), RegistrationFactory(street="Weg 1"), RegistrationFactory(street="Weg 2")
    calls.turn_to(agent, first, NOW)
    notes.write(registration=first, text="Kommt mit Rollator", by=agent, now=NOW)

    answers = run_at_once([partial(calls.turn_to, agent, second, NOW + timedelta(minutes=1))] * 12)

    assert tally(answers) == {"done": 12}
    assert [call.done_at for call in Call.objects.order_by("pk")] == [NOW, None]
    assert AuditEvent.objects.filter(action="call.finished").count() == 1
    assert calls.opened(agent, first.public_id) is None
