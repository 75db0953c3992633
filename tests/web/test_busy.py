"""The database in the way: a row somebody holds, a deadlock, a slow statement, a lost connection, no server at all."""

import logging
import re
import threading
from collections.abc import Callable, Iterator

import psycopg2
import pytest
import time_machine
from django.db import connection
from django.db.models import Model
from django.test import Client
from psycopg2 import sql

from accounts.roles import Role
from booking.models import Appointment
from tests.factories import NOW
from tests.factories.door import AppointmentFactory
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory
from tests.web.public.my.conftest import book, browser, person, pirna

__all__ = ["person", "pirna"]  # fixtures

pytestmark = pytest.mark.django_db(transaction=True)
CANCEL = "/mein-termin/absagen/"
BUSY, AWAY = "Gerade ist sehr viel los", "Das System ist gerade nicht erreichbar"
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def visitor(person, pirna) -> Client:
    """Her browser, and she has booked; the server answers as it does in an installation."""
    book(person, pirna.first.pk)
    return browser(person, raise_request_exception=False)


@pytest.fixture
def other(db: None) -> Iterator[psycopg2.extensions.connection]:
    """Somebody else's connection."""
    parameters = {**connection.get_connection_params(), "cursor_factory": None}
    parameters.pop("options", None)
    somebody = psycopg2.connect(**parameters)
    yield somebody
    somebody.close()


def hold(other: psycopg2.extensions.connection, row: Model) -> None:
    """Lock one row until the other connection's rollback."""
    lock = sql.SQL("SELECT 1 FROM {} WHERE id = %s FOR UPDATE").format(sql.Identifier(row._meta.db_table))
    with other.cursor() as cursor:
        cursor.execute(lock, [row.pk])


def patience(**milliseconds: int) -> None:
    """How long this thread's connection waits; PostgreSQL's own settings, as config/settings.py sets them."""
    with connection.cursor() as cursor:
        for name, value in milliseconds.items():
            cursor.execute(f"SET {name} = %s", [value])


def booked() -> int:
    return Appointment.objects.filter(status="booked").count()


@pytest.fixture(autouse=True)
def _own_connection(transactional_db: None) -> Iterator[None]:
    """What a test sets on its connection ends with it."""
    yield
    connection.close()


@pytest.mark.parametrize(
    ("limit", "code"), [("lock_timeout", "55P03"), ("statement_timeout", "57014")], ids=["lock", "statement"]
)
def test_a_row_that_somebody_holds_says_so_and_the_same_form_works_a_moment_later(
    visitor, person, other, caplog, limit, code
):
    hold(other, person)
    patience(**{limit: 150})

    response = visitor.post(CANCEL, {"was": "nur"})
    page = response.content.decode()
    other.rollback()

    assert (response.status_code, response["Retry-After"], booked()) == (503, "5", 2)
    assert BUSY in page
    assert "no-store" in response["Cache-Control"]  # what she typed stands in it
    assert "Es wurde nichts gespeichert" in page
    fields = dict(HIDDEN.findall(page))
    assert fields.pop("csrfmiddlewaretoken")
    assert fields == {"was": "nur"}
    assert f'action="{CANCEL}"' in page
    assert [record.getMessage() for record in caplog.records] == [f"the database could not answer: {code}"]

    assert visitor.post(CANCEL, fields).status_code == 302
    assert booked() == 0


def test_a_deadlock_is_tried_again_by_the_visitor(visitor, person, pirna, other):
    """Somebody holds her place and wants her row, which she holds while she waits for the place."""
    hold(other, pirna.first)
    patience(lock_timeout=0, deadlock_timeout=100)
    with other.cursor() as cursor:
        cursor.execute("SET deadlock_timeout = '20s'")  # she is the one who is sent away
    crossing = threading.Thread(target=_cross, args=(other, person))

    crossing.start()
    response = visitor.post(CANCEL, {"was": "nur"})
    crossing.join(20)
    other.rollback()

    assert (response.status_code, booked()) == (503, 2)
    assert BUSY in response.content.decode()
    assert visitor.post(CANCEL, {"was": "nur"}).status_code == 302


def _cross(other: psycopg2.extensions.connection, row: Model) -> None:
    """Want the row as soon as another connection waits for what we hold."""
    with other.cursor() as cursor:
        waiting: tuple[bool, ...] | None = None
        while not (waiting and waiting[0]):
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
            )
            waiting = cursor.fetchone()
    hold(other, row)


@pytest.fixture
def door() -> tuple[Client, Appointment]:
    """Somebody at the door of a center, and a person with an appointment there today."""
    one = AppointmentFactory(slot__starts_at=NOW, slot__session__date=NOW.date(), registration=RegistrationFactory())
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(roles=[Role.CENTER_STAFF], at=[one.slot.center]))
    return client, one


def test_at_the_door_the_page_is_the_staffs(door, other):
    client, one = door
    hold(other, one.registration)
    patience(lock_timeout=150)
    address = f"/zentrum/heute/{one.registration.public_id}/einlassen/"

    response = client.post(address, {"was": "ä <b>"})
    page = response.content.decode()

    assert response.status_code == 503
    assert "Das System ist gerade beschäftigt" in page
    assert ("was", "ä &lt;b&gt;") in HIDDEN.findall(page)
    assert 'class="staff"' in page


def cut_off() -> None:
    """The server ends this connection, as an administrator does or a crash; the pool's next user finds out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with psycopg2.connect(**{**connection.get_connection_params(), "cursor_factory": None}) as killer:
        killer.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    killer.close()


def no_server() -> None:
    """Nobody listens where the database was."""
    connection.close()
    connection.settings_dict["HOST"], connection.settings_dict["PORT"] = "127.0.0.1", "1"


@pytest.fixture
def _comes_back() -> Iterator[None]:
    where = dict(connection.settings_dict)
    yield
    connection.close()
    connection.settings_dict.update(where)


@pytest.mark.usefixtures("_comes_back")
@pytest.mark.parametrize("gone", [cut_off, no_server])
def test_a_citizen_is_told_that_the_database_is_away(visitor, gone: Callable[[], None], caplog):
    gone()

    response = visitor.post(CANCEL, {"was": "nur"})
    page = response.content.decode()

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert AWAY in page
    assert "Es wurde nichts gespeichert" not in page  # a commit may have gone through unheard
    assert ("was", "nur") in HIDDEN.findall(page)
    assert all(
        re.fullmatch(r"the database could not answer: (57P01|unreachable)", r.getMessage()) for r in caplog.records
    )


@pytest.mark.usefixtures("_comes_back")
@pytest.mark.parametrize("gone", [cut_off, no_server])
def test_the_staff_is_told_before_it_is_known_who_asks(door, gone: Callable[[], None]):
    client, _one = door
    gone()

    response = client.get("/zentrum/heute/?ab=10")
    page = response.content.decode()

    assert response.status_code == 503
    assert "Die Datenbank ist nicht erreichbar" in page
    assert 'href="/zentrum/heute/?ab=10"' in page
    assert 'class="staff"' in page


@pytest.mark.usefixtures("_comes_back")
def test_a_password_is_typed_again_and_not_written_into_the_page():
    client = Client(raise_request_exception=False)
    no_server()

    response = client.post("/personal/anmelden/", {"login": "mandy", "password": "sehr-geheimes-wort"})
    page = response.content.decode()

    assert response.status_code == 503
    assert "sehr-geheimes-wort" not in page
    assert "mandy" not in page
    assert 'href="/personal/anmelden/"' in page


@pytest.mark.usefixtures("_comes_back")
def test_a_file_is_chosen_again(tmp_path):
    user = UserFactory(roles=[Role.PLANNER])
    center = CenterFactory()
    client = Client(raise_request_exception=False)
    client.force_login(user)
    path = tmp_path / "lieferungen.csv"
    path.write_text("Zentrum;Tag\n", encoding="utf-8")
    assert center.pk
    no_server()

    with path.open("rb") as file:
        response = client.post("/zentrum/vorrat/liste/", {"file": file, "x": "1"})

    assert response.status_code == 503
    assert HIDDEN.findall(response.content.decode()) == []


@pytest.mark.usefixtures("_comes_back")
@pytest.mark.parametrize(("method", "address"), [("get", "/zentrum/heute/liste/"), ("post", "/zentrum/heute/suche/")])
def test_a_part_of_a_page_gets_a_note_and_the_page_stays(door, method, address):
    client, _one = door
    no_server()

    response = getattr(client, method)(address, headers={"HX-Request": "true"})
    page = response.content.decode()

    assert response.status_code == 503
    assert response["HX-Retarget"] == "#stoerung"
    assert "<html" not in page
    assert ("Ihre Eingaben sind noch da" in page) == (method == "post")


@pytest.mark.usefixtures("_comes_back")
def test_a_whole_page_that_htmx_fetches_is_a_whole_page(visitor):
    no_server()

    response = visitor.get(CANCEL, headers={"HX-Request": "true", "HX-Boosted": "true"})

    assert "<html" in response.content.decode()
    assert "HX-Retarget" not in response


def test_a_fault_of_ours_stays_a_500_with_its_traceback(visitor, caplog):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE booking_appointment RENAME TO elsewhere")
    try:
        response = visitor.get(CANCEL)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO booking_appointment")

    assert response.status_code == 500
    assert [record.exc_info is not None for record in caplog.records if record.levelno >= logging.ERROR] == [True]
