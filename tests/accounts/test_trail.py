"""Reading the trail: in the order of time, in pages and whole, as cheaply for last winter as for today."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts import audit, trail
from accounts.models import AuditEvent
from accounts.trail import Question
from tests.factories import NOW

pytestmark = pytest.mark.django_db
ALWAYS = Question(since=NOW - timedelta(days=1000), until=NOW + timedelta(days=1))


def many(number, *, every):
    """So many events, the newest one now, each so many seconds after the one before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_auditevent (at, action, reason, details) "
            "SELECT %s - (%s - n) * %s, 'series.booked', '', jsonb_build_object('number', n) "
            "FROM generate_series(1, %s) AS n",
            [NOW, number, timedelta(seconds=every), number],
        )
        cursor.execute("ANALYZE accounts_auditevent")


def record(action, *, minutes=0):
    audit.record(action, subject=None, by=None, now=NOW - timedelta(minutes=minutes))


def numbers(events):
    return [event.details["number"] for event in events]


@pytest.mark.parametrize("limit", [51, trail.AT_A_TIME])
def test_a_week_of_long_ago_reads_its_own_rows_alone(limit):
    many(30_000, every=1000)  # almost a year
    week = Question(since=NOW - timedelta(days=307), until=NOW - timedelta(days=300))
    found = trail.events(week)
    pages = [found, trail._older(found, found[200])]

    for page in pages:
        plan = page[:limit].explain(analyze=True, format="text")

        assert "audit_in_order" in plan, plan
        assert "Seq Scan on accounts_auditevent" not in plan
        assert ("Sort" in plan) == (limit > 604), plan  # a page stops after its rows; a whole week may be sorted
        assert "Rows Removed by Filter" not in plan.replace("Rows Removed by Filter: 1\n", ""), plan


def test_events_stand_in_the_order_of_time_and_of_one_moment_the_last_written_first():
    for action, minutes in (("b", 5), ("d", 0), ("a", 9), ("c", 5), ("e", 0)):
        record(action, minutes=minutes)

    assert [event.action for event in trail.events(ALWAYS)] == ["e", "d", "c", "b", "a"]


def test_pages_meet_where_many_are_of_one_moment():
    many(7, every=0)
    seen, before = [], None
    while not seen or before:
        rows, before = trail.page(ALWAYS, before=before, size=2)
        seen += numbers(rows)

    assert seen == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(("there", "most"), [(0, 5), (1, 5), (5, 5), (9, 5), (5, 9)])
def test_a_stream_has_the_newest_ones_each_once(monkeypatch, there, most):
    monkeypatch.setattr(trail, "AT_A_TIME", 2)
    many(there, every=1)

    number, events = trail.stream(ALWAYS, most=most)

    assert number == min(there, most)
    assert numbers(events) == list(range(there, there - number, -1))


def test_what_happens_while_it_is_sent_is_not_in_it(monkeypatch):
    monkeypatch.setattr(trail, "AT_A_TIME", 2)
    many(5, every=1)
    _number, events = trail.stream(ALWAYS, most=100)
    head = [next(events)]
    record("audit.exported")

    assert [event.action for event in [*head, *events]] == ["series.booked"] * 5
    assert AuditEvent.objects.count() == 6


def test_a_stream_asks_in_short_statements_and_keeps_few_rows(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(trail, "AT_A_TIME", 10)
    many(35, every=1)

    with django_assert_num_queries(2):
        _number, events = trail.stream(ALWAYS, most=100)
    with django_assert_num_queries(1):
        [next(events) for _event in range(11)]
    with django_assert_num_queries(3):
        assert len(list(events)) == 24
