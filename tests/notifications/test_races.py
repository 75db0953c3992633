"""Many workers, killed workers, a real Celery worker: each message leaves once, or can be seen to be the same."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from celery.contrib.testing.worker import start_worker
from django.conf import settings as django_settings
from django.db import connection, connections

from config.celery import app
from notifications import delivery, leases
from notifications.models import Message
from notifications.tasks import drain_outbox
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
WORKER = """
import sys, django
django.setup()
from datetime import datetime
from django.conf import settings
from django.db import connections
from notifications import delivery, outbox
settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = sys.argv[1]
settings.EMAIL = {"host": "127.0.0.1", "port": int(sys.argv[2]), "timeout": 60}
outbox.composer("withdrawn")(lambda envelope, *, now: {"name": "Ingeborg Richter", "had_appointments": False})
delivery.drain(clock=lambda: datetime.fromisoformat(sys.argv[3]))
"""


def worker(mail_server) -> subprocess.Popen:
    """A process of its own that drains this test's database at NOW."""
    database = connection.settings_dict["NAME"]
    arguments = [str(database), str(mail_server.controller.port), NOW.isoformat()]
    return subprocess.Popen([sys.executable, "-c", WORKER, *arguments], cwd=ROOT, env=os.environ)


def drain_in_a_thread(_number: int) -> int:
    try:
        return delivery.drain(clock=lambda: NOW, pace=delivery.Pace(batch=7))
    finally:
        connections.close_all()


def test_eight_drains_send_each_of_200_messages_once(post, providers):
    addresses = [f"{number}@{domain}" for number in range(50) for domain in ("gmx.de", "web.de", "t-online.de", "a.de")]
    for address in addresses:
        post(address)

    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(drain_in_a_thread, range(8)))

    assert sum(sent) == 200
    assert sorted(providers.order) == sorted(addresses)
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_without_a_lease_eight_drains_would_send_a_message_more_than_once(post, providers, monkeypatch):
    """The control: the race is real. Who only looks which messages are due sends what others are sending."""

    def look(*, lane, limit, now):
        return list(Message.objects.due(now).filter(lane=lane)[:limit])

    monkeypatch.setattr(leases, "claim", look)
    for number in range(20):
        post(f"{number}@gmx.de")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(drain_in_a_thread, range(8)))

    assert len(providers.order) > len(set(providers.order))


def test_a_drain_killed_while_it_sends_loses_nothing(post, mail_server, providers):
    providers.hangs.add("gmx.de")
    message = post("a@gmx.de")
    process = worker(mail_server)
    assert providers.waiting.acquire(timeout=60), "the worker never reached the mail server"

    process.kill()
    process.wait()
    providers.hangs.clear()
    providers.released.set()

    assert delivery.drain(clock=lambda: NOW) == 0  # its lease still stands
    assert delivery.drain(clock=lambda: NOW + leases.LEASE) == 1
    message.refresh_from_db()
    assert (providers.order, message.state, message.attempts) == (["a@gmx.de"], "sent", 2)


def test_a_drain_killed_after_sending_repeats_itself_under_the_same_message_id(post, mail_server, providers):
    """The window that no outbox can close: accepted there, not yet written down here."""
    post("a@gmx.de")
    started: list[subprocess.Popen] = []
    providers.before_answer = lambda _recipient: started[0].kill()
    started.append(worker(mail_server))
    started[0].wait(timeout=60)
    providers.before_answer = None

    assert delivery.drain(clock=lambda: NOW + leases.LEASE) == 1

    assert providers.order == ["a@gmx.de", "a@gmx.de"]
    assert len({mail["Message-ID"] for mail in providers.mails}) == 1


@pytest.fixture
def celery_worker(settings):
    assert django_settings.CELERY_TASK_ROUTES["notifications.tasks.*"] == {"queue": "messages"}
    with start_worker(app, pool="solo", queues=["messages"], perform_ping_check=False, shutdown_timeout=30) as worker:
        yield worker


def test_a_real_worker_drains_the_outbox(post, providers, celery_worker, wait_until):
    post("a@gmx.de")

    drain_outbox.delay()

    wait_until(lambda: Message.objects.get().state == "sent")
    assert providers.order == ["a@gmx.de"]
