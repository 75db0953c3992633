"""Two windows of one agent are one call."""

from functools import partial
from time import sleep

import pytest
from django.db import IntegrityError

from booking.models import Call, CallPerson
from booking.services import calls
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
