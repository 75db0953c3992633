"""SMS leave as mails do: same states, same pacing, and neither waits for the other. Against real servers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from notifications import delivery, leases, outbox
from notifications.delivery import Pace
from notifications.models import Message
from tests.factories import NOW
from tests.notifications.mailserver import free_port
from tests.notifications.smsgateway import Book, SmsGateway

pytestmark = pytest.mark.django_db
NUMBER = "+49151000000{:02}"


@pytest.fixture
def gateway(settings) -> Iterator[SmsGateway]:
    with SmsGateway() as server:
        settings.SMS = server.options
        yield server


@pytest.fixture
def book(gateway) -> Book:
    return gateway.book


@pytest.fixture
def sms(post):
    """sms(3) queues one SMS to the third number."""

    def queue(number: int, **values: object) -> Message:
        return post(NUMBER.format(number), medium="sms", lane=outbox.SMS_LANE, **values)

    return queue


def drain(now=NOW, **pace) -> int:
    return delivery.drain(clock=lambda: now, pace=Pace(**pace))


def rows() -> list[tuple[str, int]]:
    return list(Message.objects.filter(medium="sms").order_by("pk").values_list("state", "attempts"))


def test_drain_sends_and_keeps_what_the_gateway_said(sms, book):
    message = sms(1)

    assert drain() == 1

    message.refresh_from_db()
    assert (message.state, message.sent_at, message.last_reply) == ("sent", NOW, '202 {"state": "queued"}')
    [request] = book.requests
    assert (request["to"], request["id"]) == (NUMBER.format(1), str(message.public_id))
    assert request["text"].startswith("Impftermin: Ihre Anmeldung ist beendet. ")


def test_nobody_is_told_by_both_ways(sms, post, book, providers):
    sms(1)
    post("a@gmx.de")

    assert drain() == 2

    assert [request["to"] for request in book.requests] == [NUMBER.format(1)]
    assert providers.order == ["a@gmx.de"]


def test_without_a_gateway_they_wait(sms, post, providers, settings):
    settings.SMS = {}
    sms(1)
    post("a@gmx.de")

    assert drain() == 1

    assert rows() == [("queued", 0)]


def test_a_refused_number_bounces_and_the_next_one_is_served(sms, book):
    bounced = sms(1)
    sms(2)
    book.answer[NUMBER.format(1)] = (422, b"no such number", {})

    drain()

    bounced.refresh_from_db()
    assert bounced.last_reply == "422 no such number"
    assert rows() == [("bounced", 1), ("sent", 1)]


def test_too_many_pauses_all_for_as_long_as_the_gateway_says(sms, book):
    for number in range(4):
        sms(number)
    book.answer[NUMBER.format(1)] = (429, b"slowly", {"Retry-After": "600"})

    drain()

    due = list(Message.objects.order_by("pk").values_list("state", "attempts", "available_at"))
    assert due[0][:2] == ("sent", 1)
    assert due[1:] == [
        ("deferred", 1, NOW + timedelta(seconds=600)),
        ("queued", 0, NOW + timedelta(seconds=600)),
        ("queued", 0, NOW + timedelta(seconds=600)),
    ]
    assert len(book.requests) == 2

    book.answer.clear()
    drain(NOW + timedelta(seconds=600))
    assert [state for state, _attempts in rows()] == ["sent"] * 4


def test_one_that_breaks_the_gateway_delays_nobody(sms, book):
    sms(1)
    sms(2)
    book.answer[NUMBER.format(1)] = (500, b"oops", {})

    drain()

    assert rows() == [("deferred", 1), ("sent", 1)]
    assert Message.objects.first().available_at == NOW + timedelta(minutes=1)


def test_a_gateway_that_is_gone_counts_against_nobody_and_delays_no_mail(sms, post, providers, settings):
    settings.SMS = {"host": "127.0.0.1", "port": free_port(), "tls": False, "timeout": 5}
    sms(1, now=NOW - timedelta(minutes=1))
    post("a@gmx.de")

    assert drain(connections=1) == 1

    assert (rows(), providers.order) == ([("queued", 0)], ["a@gmx.de"])
    assert Message.objects.get(medium="sms").available_at == NOW + delivery.TRY_AGAIN_AFTER


def test_a_mail_server_that_is_gone_delays_no_sms(sms, post, book, settings):
    settings.EMAIL = {"host": "127.0.0.1", "port": free_port(), "timeout": 5}
    post("a@gmx.de", now=NOW - timedelta(minutes=1))
    sms(1)

    assert drain(connections=1) == 1

    assert rows() == [("sent", 1)]


def test_a_wrong_token_counts_against_nobody(sms, book):
    sms(1)
    sms(2)
    book.everybody = (401, b"who are you", {})

    drain()

    assert rows() == [("queued", 0), ("queued", 0)]
    assert len(book.requests) == 1


def test_a_hanging_gateway_delays_no_mail(sms, post, book, providers):
    """The gateway answers only after the mail has been taken: were it to wait, neither would be sent."""
    book.hangs.add(NUMBER.format(1))
    sms(1, now=NOW - timedelta(minutes=1))
    post("a@gmx.de")
    providers.before_answer = lambda _recipient: book.released.set()

    assert drain(connections=1, slow_after=0.05) == 2


def test_a_gateway_that_drips_is_cut(sms, book):
    book.drips.add(NUMBER.format(1))
    sms(1)
    sms(2)

    drain(message_seconds=0.2)

    assert rows() == [("deferred", 1), ("queued", 0)]
    assert Message.objects.last().available_at == NOW + delivery.REST_AFTER


def test_garbage_counts_against_its_message_only(sms, book):
    book.garbage[NUMBER.format(1)] = b"\xff\x00 220 ready\r\n"
    sms(1)
    sms(2)

    drain()

    assert rows() == [("deferred", 1), ("queued", 0)]
    assert "\x00" not in Message.objects.first().last_reply


WORKER = """
import sys, django
django.setup()
from datetime import datetime
from django.conf import settings
from django.db import connections
from notifications import delivery, outbox
settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = sys.argv[1]
settings.SMS = {"host": "127.0.0.1", "port": int(sys.argv[2]), "tls": False, "path": "/", "token": "",
                "names": {"to": "to", "text": "text", "id": "id"}, "fields": {}, "timeout": 60}
outbox.composer("withdrawn")(lambda envelope, *, now: {"had_appointments": False})
delivery.drain(clock=lambda: datetime.fromisoformat(sys.argv[3]))
"""


def worker(gateway: SmsGateway) -> subprocess.Popen:
    """A process of its own that drains this test's database at NOW."""
    arguments = [str(connection.settings_dict["NAME"]), str(gateway.port), NOW.isoformat()]
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen([sys.executable, "-c", WORKER, *arguments], cwd=root, env=os.environ)


@pytest.mark.django_db(transaction=True)
def test_a_drain_killed_while_it_sends_loses_nothing_and_sends_nothing_twice(sms, gateway, book):
    """Accepted there, not yet written down here: the next one offers it under the same id, and the gateway knows it."""
    message = sms(1)
    started: list[subprocess.Popen] = []
    book.before_answer = lambda _body: started[0].kill()
    started.append(worker(gateway))
    started[0].wait(timeout=60)
    book.before_answer = None

    assert drain() == 0  # its lease still stands
    assert drain(NOW + leases.LEASE) == 1

    message.refresh_from_db()
    assert (message.state, message.attempts, message.last_reply) == ("sent", 2, '409 {"error": "known"}')
    assert [request["id"] for request in book.requests] == [str(message.public_id)] * 2
    assert len(book.accepted) == 1
