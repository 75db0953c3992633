"""The day on which the demo begins: enough people in every state, and books that agree."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from booking import clock, facts
from booking.demo import fill, today
from booking.door import day_list
from booking.models import Appointment
from centers.models import Center
from tests.booking.door.books import books_agree
from tests.factories import NOW
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


class Undo(Exception):
    """Leaves a transaction without a trace."""


@pytest.fixture(scope="module", autouse=True)
def filled(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                fill.fill(now=NOW)
                yield
                raise Undo
        except Undo:
            facts.forget()


@pytest.mark.parametrize("hour", [0, 9, 22])
def test_the_day_has_people_in_every_state_at_any_hour(hour):
    now = datetime(2021, 2, 16, hour, 10, tzinfo=UTC) if hour else datetime(2021, 2, 15, 23, 10, tzinfo=UTC)

    number = today.add(now=now, by=UserFactory())

    connection.check_constraints()
    books_agree()
    call_command("check_places", verbosity=0)
    rows = day_list.rows(Center.objects.get(slug="riesa").pk, clock.local_day(now))
    states = Counter(row.state for row in rows)
    assert 160 <= len(rows) <= 172
    assert number > 300
    if hour == 9:  # ten o'clock in Riesa
        assert min(states[state] for state in ("booked", "arrived", "vaccinated", "deferred")) >= 1
        assert {row.problem for row in rows} == {"", "interval"}
        assert sum(row.displaced for row in rows) == 1


def test_the_day_is_written_once():
    today.add(now=NOW, by=UserFactory())
    before = Appointment.objects.count()

    assert today.add(now=NOW + timedelta(hours=1), by=UserFactory()) == 0
    assert Appointment.objects.count() == before
