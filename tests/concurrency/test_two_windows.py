"""One person in two windows: what is judged by the other dose stays true when the other dose moves meanwhile."""

from datetime import time, timedelta
from functools import partial

import pytest

from booking.services import appointments
from centers.models import Channel
from tests.concurrency import run_at_once, tally
from tests.concurrency.books import balanced

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 12


def test_both_doses_moved_at_once_towards_each_other_keep_the_interval(world):
    terms = {"channel": Channel.WEB, "by": None, "now": world.now}
    first, _second = world.pair(capacity=PEOPLE)  # in 2 and in 44 days
    nearer = world.slot(23, capacity=PEOPLE, vaccine=world.two_doses)
    last = world.slot(42, capacity=PEOPLE, at=time(11), vaccine=world.two_doses)
    later = world.slot(12, capacity=PEOPLE, vaccine=world.two_doses)
    people = world.people(PEOPLE)
    for person in people:
        appointments.book(registration=person, slot_id=first.pk, **terms)
        appointments.move(registration=person, dose_number=2, slot_id=last.pk, **terms)

    move = partial(appointments.move, **terms)
    deeds = [
        partial(move, registration=person, dose_number=dose, slot_id=slot.pk)
        for person in people
        for dose, slot in ((1, later), (2, nearer))
    ]
    answers = run_at_once(deeds)

    assert tally(answers) == {"done": PEOPLE, "outside_window": PEOPLE}
    for person in people:
        one, two = appointments.series_of(person)
        assert two.slot.starts_at - one.slot.starts_at >= timedelta(days=20)
    balanced()
