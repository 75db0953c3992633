"""A kept connection: one that died is replaced before anybody notices, one that lives is not asked."""

import time

import psycopg2
import pytest
from django.db import connection

from config.postgres.base import RESTED_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept(monkeypatch):
    """This thread's connection as a web worker keeps it: used by a request a moment ago."""
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 60)
    monkeypatch.setitem(connection.settings_dict, "CONN_HEALTH_CHECKS", True)
    connection.close()
    connection.ensure_connection()
    connection.looked_at = time.monotonic()
    yield connection
    connection.close()


def next_request() -> int:
    """What the beginning of a request does, and its first statement; the number of the server process that answered."""
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
    return pid


def end_session(pid: int) -> None:
    """As a restart, a failover or an administrator does."""
    other = psycopg2.connect(**{**connection.get_connection_params(), "cursor_factory": None})
    other.autocommit = True
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])
    other.close()


@pytest.mark.parametrize("rested", [0.0, RESTED_SECONDS + 1])
def test_a_session_that_was_ended_is_replaced(kept, rested):
    before = next_request()
    end_session(before)
    kept.looked_at -= rested

    assert next_request() != before


@pytest.mark.parametrize(("rested", "asked"), [(0.0, 0), (RESTED_SECONDS + 1, 1)])
def test_only_a_connection_that_rested_is_asked(kept, monkeypatch, rested, asked):
    questions = []
    usable = kept.is_usable
    monkeypatch.setattr(kept, "is_usable", lambda: questions.append(1) or usable())
    before = next_request()
    questions.clear()
    kept.looked_at -= rested

    assert next_request() == before
    assert len(questions) == asked
