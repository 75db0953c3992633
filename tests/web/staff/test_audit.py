"""The audit trail: read by the auditor alone, in pages, by what is asked; and nobody can change it."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import audit, trail
from accounts.models import AuditEvent, User
from accounts.roles import Role
from tests.factories import NOW
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory
from web.staff.audit import PAGE

pytestmark = pytest.mark.django_db

LIST, CSV = reverse("staff:audit"), reverse("staff:audit_csv")


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def auditor(client) -> Client:
    client.force_login(UserFactory(username="ute", roles=[Role.AUDITOR]))
    return client


def record(action: str, *, by: User | None = None, days: int = 0, **more: object) -> None:
    audit.record(action, subject=more.pop("subject", None), by=by, now=NOW - timedelta(days=days), **more)


def actions(answer) -> list[str]:
    return [
        event.action for event in answer.context["events"] if not event.action.startswith(("account.logged", "audit."))
    ]


def test_the_newest_stand_first_and_the_last_week_is_shown(auditor):
    record("session.published", days=8)
    record("session.changed", days=6)
    record("series.booked")
    assert actions(auditor.get(LIST)) == ["series.booked", "session.changed"]


def test_looking_is_kept_too_without_names(auditor):
    mandy = UserFactory(username="mandy@example.org")
    answer = auditor.get(LIST, {"wer": str(mandy.public_id), "was": "session."})
    assert f'<option value="{mandy.public_id}" selected>' in answer.content.decode()
    assert "mandy" not in answer.context["query"]
    event = AuditEvent.objects.get(action="audit.read")
    assert event.actor.username == "ute"
    assert event.details == {"von": "2021-02-10", "bis": "2021-02-16", "wer": str(mandy.public_id), "was": "session."}


def test_every_condition_narrows(auditor):
    mandy, subject = UserFactory(username="mandy"), uuid4()
    riesa, borna = CenterFactory(slug="riesa"), CenterFactory(slug="borna")
    record("session.published", by=mandy, days=1, details={"center": "riesa"}, subject=subject)
    record("session.closed", by=mandy, days=3, details={"center": "borna"})
    record("delivery.received", days=3, subject=riesa.public_id)
    record("series.booked", days=20)

    def found(**asked: str) -> list[str]:
        return actions(auditor.get(LIST, asked))

    assert found(wer=str(mandy.public_id)) == ["session.published", "session.closed"]
    assert found(was="session.p") == ["session.published"]
    assert found(objekt=str(subject)) == ["session.published"]
    assert found(zentrum="riesa") == ["session.published", "delivery.received"]
    assert found(zentrum=borna.slug, wer=str(mandy.public_id)) == ["session.closed"]
    assert found(von="2021-02-15") == ["session.published"]
    assert found(von="27.01.2021", bis="28.01.2021") == ["series.booked"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [({"von": "31.02.2021"}, "24.12.2021"), ({"von": "2021-02-16", "bis": "2021-02-15"}, "liegt vor dem ersten"),
     ({"wer": "niemand"}, "Dieses Konto gibt es nicht"), ({"wer": str(uuid4())}, "Dieses Konto gibt es nicht"),
     ({"objekt": "1"}, "32 Zeichen"), ({"was": "'; drop"}, "Kleinbuchstaben"),
     ({"zentrum": "mars"}, "Auswahl")],
)  # fmt: skip
def test_a_bad_question_gets_its_cure_and_no_events(auditor, asked, says):
    record("series.booked")
    answer = auditor.get(LIST, asked)
    assert says in answer.content.decode()
    assert actions(answer) == []
    assert auditor.get(CSV, asked).status_code == 400


@pytest.mark.parametrize("mark", ["x", "-1", "9" * 30, "²", ""])
def test_a_bad_mark_shows_the_first_page(auditor, mark):
    record("series.booked")
    assert "series.booked" in actions(auditor.get(LIST, {"vor": mark}))


def test_pages_follow_each_other_without_a_gap(auditor):
    for number in range(2 * PAGE + 5):
        record(f"step.{'abcdefgh'[number % 8]}", details={"number": number})
    seen, query = [], ""
    while query is not None:
        answer = auditor.get(f"{LIST}?was=step.&{query}")
        seen += [event.details["number"] for event in answer.context["events"]]
        assert len(answer.context["events"]) <= PAGE
        query = answer.context["more"]
    assert seen == list(range(2 * PAGE + 4, -1, -1))


def test_the_page_asks_no_more_for_many_than_for_one(auditor, django_assert_num_queries):
    auditor.get(LIST)
    record("series.booked", by=UserFactory())
    with django_assert_num_queries(6):
        auditor.get(LIST)
    for _event in range(10):
        record("series.booked", by=UserFactory())
    with django_assert_num_queries(6):
        auditor.get(LIST)


def test_the_table_opens_in_a_spreadsheet_and_runs_nothing(auditor):
    record(
        "session.closed",
        reason='=HYPERLINK("https://evil.example")',
        details={"was": "=1+1"},
        by=UserFactory(username="-x"),
    )
    answer = auditor.get(CSV, {"was": "session."})
    text = b"".join(answer.streaming_content).decode("utf-8")
    assert text.startswith("\ufeff")
    assert 'attachment; filename="protokoll-2021-02-16.csv"' in answer["Content-Disposition"]
    head, row = csv.reader(io.StringIO(text[1:]), delimiter=";")
    assert head == ["time", "actor", "action", "subject", "reason", "details"]
    assert row[:3] == ["2021-02-16T10:00:00+01:00", "'-x", "session.closed"]
    assert row[4] == '\'=HYPERLINK("https://evil.example")'
    assert AuditEvent.objects.get(action="audit.exported").details["rows"] == 1


def test_the_table_is_sent_while_it_is_read(auditor, monkeypatch):
    """What a file of many rows holds in memory is one part of it."""
    monkeypatch.setattr(trail, "AT_A_TIME", 5)
    for number in range(23):
        record("session.closed", details={"number": number})
    with CaptureQueriesContext(connection) as asked:
        answer = auditor.get(CSV, {"was": "session."})
        before = len(asked)
        lines = [line for line in answer.streaming_content if b"session.closed" in line]
    assert len(lines) == 23
    assert len(asked) - before == 5
    assert AuditEvent.objects.get(action="audit.exported").details["rows"] == 23


def test_an_event_outlives_what_it_tells_of(auditor):
    center = CenterFactory()
    record("center.closed", subject=center.public_id)
    center.delete()
    assert actions(auditor.get(LIST)) == ["center.closed"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditevent SET action = 'nothing'",
        "DELETE FROM accounts_auditevent",
        "TRUNCATE accounts_auditevent CASCADE",
    ],
)
def test_the_database_refuses_to_change_the_trail(statement):
    record("series.booked")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the commit would refuse TRUNCATE by itself
    with pytest.raises(DatabaseError, match="append"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEvent.objects.get().action == "series.booked"


def test_times_are_those_of_the_clock_on_the_wall(auditor):
    assert timezone.now() == NOW
    record("series.booked")
    assert "16.02.2021 10:00:00" in auditor.get(LIST).content.decode()
