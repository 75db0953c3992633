"""Somebody holds in the database what others want: they are told, lose nothing, and go on when it is free again."""

from collections.abc import Callable, Iterator

import psycopg2
import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from booking.models import Appointment
from tests.journeys import test_staff_today, world
from tests.journeys.staff import sign_in
from tests.journeys.walk import Walk

BUSY = "Gerade ist sehr viel los"
team = test_staff_today.team


@pytest.fixture
def hold(house, transactional_db) -> Iterator[Callable[..., psycopg2.extensions.connection]]:
    """hold(statement, *values) locks by a connection of its own; its rollback lets go."""
    somebody = psycopg2.connect(**{**connection.get_connection_params(), "cursor_factory": None})

    def lock(statement: str, *values: object) -> psycopg2.extensions.connection:
        with somebody.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = 0")
            cursor.execute(statement, values)
        return somebody

    yield lock
    somebody.close()


def forgive(walk: Walk) -> None:
    """The 503 is what these tests are about; everything else stays a complaint."""
    walk.watch.complaints[:] = [one for one in walk.watch.complaints if "503" not in one]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_booking_that_had_to_wait_too_long_is_repeated_by_one_button(walker, house, hold, scripts):
    person, walk = world.confirmed(now=timezone.now()), walker(scripts=scripts, axe=scripts)
    walk.enter(world.new_link(house.site, person, now=timezone.now()))
    walk.arrive("your turn")
    walk.press("choose a center")
    walk.choose()
    held = hold("SELECT 1 FROM booking_registration WHERE id = %s FOR UPDATE", person.pk)

    walk.press("book")
    walk.sees(BUSY)
    walk.reads("Es wurde nichts gespeichert")
    held.rollback()
    walk.press("Noch einmal versuchen")
    walk.arrive("booked")

    forgive(walk)
    assert Appointment.objects.filter(registration=person, status="booked").count() == 2


def test_an_open_list_stays_says_so_once_and_takes_it_back(walker, team, house, hold):
    walk = walker()
    sign_in(walk, team[0])
    walk.page.goto(house.site + test_staff_today.TODAY)
    rows = walk.page.locator("#liste tbody tr").count()
    held = hold("LOCK TABLE booking_appointment IN ACCESS EXCLUSIVE MODE")

    note = walk.page.get_by_role("status").filter(has_text=BUSY)
    expect(note).to_have_count(1)
    with walk.page.expect_response(lambda response: response.status == 503):  # once more, and it is not said again
        pass
    expect(note).to_have_count(1)
    assert walk.page.locator("#liste tbody tr").count() == rows
    held.rollback()
    expect(note).to_have_count(0)

    forgive(walk)
