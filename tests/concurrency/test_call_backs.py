"""Many agents want the same call-backs."""

from functools import partial

import pytest

from accounts.models import AuditEvent
from booking.models import CallBack
from booking.services import call_backs
from tests.concurrency import run_at_once, tally
from tests.factories import NOW
from tests.factories.calls import CallBackFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
AGENTS = 20


def test_one_agent_takes_a_call_back_and_the_others_are_told(deadlocks):
    row, agents = CallBackFactory(), UserFactory.create_batch(AGENTS)

    answers = run_at_once([partial(call_backs.take, row, by=agent, now=NOW) for agent in agents])

    assert tally(answers) == {"done": 1, "taken": AGENTS - 1}
    assert AuditEvent.objects.get(action="call_back.taken").actor == CallBack.objects.get().taken_by
    assert deadlocks() == 0


def test_the_next_one_is_another_one_for_each(deadlocks):
    CallBackFactory.create_batch(AGENTS - 5)
    agents = UserFactory.create_batch(AGENTS)

    answers = run_at_once([partial(call_backs.take_next, by=agent, now=NOW) for agent in agents])

    taken = [answer.pk for answer in answers if answer is not None]
    assert len(taken) == len(set(taken)) == AGENTS - 5
    assert deadlocks() == 0
