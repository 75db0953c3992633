"""Two runs at once and a run that is killed: every letter lies in one batch, or in none."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from celery.contrib.testing.worker import start_worker
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.models import AuditEvent, User
from booking import telling
from booking.models import AccessLink, Invitation
from config.celery import app
from notifications import printing
from notifications.models import Message, PrintBatch
from notifications.tasks import remake_letters
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
# Makes batches; says when the letters are composed and the PDF is set, and waits there for its end.
WORKER = """
import sys, django
django.setup()
from datetime import datetime
from django.db import connections
from notifications import letters, printing
name, deed, now = sys.argv[1:]
connections["default"].settings_dict["NAME"] = name
real = letters.pdf
def pdf(*words, **values):
    made = real(*words, **values)
    print("set", flush=True)
    sys.stdin.read()
    return made
letters.pdf = pdf
getattr(printing, deed)(now=datetime.fromisoformat(now))
"""
LETTERS = 12


@pytest.fixture
def later(world):
    """The next day: the letters are due."""
    return world.now.replace(day=world.now.day + 1)


@pytest.fixture
def people(world):
    made = world.people(LETTERS)
    for person in made:
        person.medium = "letter"
        person.save(update_fields=["medium"])
        invitation = person.invitations.get()
        telling.tell("invited", person, key=f"l{person.pk}", now=world.now, reference={"invitation": invitation.pk})
    return made


def at_once(count, deed) -> list:
    """The answers of so many threads that begin together; an exception is an answer as well."""
    barrier, answers = Barrier(count), []

    def run(number):
        try:
            barrier.wait(10)
            answers.append(deed(number))
        except Exception as error:
            answers.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_runs_at_once_put_every_letter_into_one_batch(people, later, monkeypatch):
    monkeypatch.setattr(printing, "MOST", 2)

    made = at_once(4, lambda _number: printing.make_due(now=later))

    assert sum(one.letters for one in made) == LETTERS
    assert set(Message.objects.values_list("state", "attempts")) == {("sending", 1)}
    batches = PrintBatch.objects.all()
    assert sum(one.letters for one in batches) == LETTERS
    assert all(one.letters == one.messages.count() for one in batches)


@pytest.fixture
def batch(people, later):
    printing.make_due(now=later)
    return PrintBatch.objects.get()


def test_failed_by_two_at_once_makes_one_new_batch(batch, later):
    agents = [UserFactory(), UserFactory()]

    answers = at_once(2, lambda number: printing.failed(batch=batch.public_id, by=agents[number], now=later))
    made = at_once(3, lambda _number: printing.remake_due(now=later))

    assert answers == [batch] * 2
    assert sorted(made) == [0, 0, 1]
    assert PrintBatch.objects.filter(again_of=batch).count() == 1
    assert PrintBatch.objects.count() == 2
    assert set(Message.objects.values_list("state", "attempts")) == {("sending", 2)}
    assert AuditEvent.objects.filter(action="letters.failed").count() == 1


def test_kill_9_of_the_worker_that_makes_it_anew_leaves_it_due_and_it_is_made_once(batch, later):
    printing.failed(batch=batch.public_id, by=UserFactory(), now=later)

    with killed_when_the_pdf_is_set("remake_due", later):
        assert printing.remake_due(now=later) == 0  # somebody is at it
        assert PrintBatch.objects.get().state == "remaking"

    until(lambda: printing.remake_due(now=later) == 1)
    [new] = PrintBatch.objects.filter(again_of=batch)
    assert (new.letters, new.messages.count()) == (LETTERS, LETTERS)
    assert printing.remake_due(now=later) == 0
    assert set(Message.objects.values_list("state", "attempts", "batch")) == {("sending", 2, new.pk)}


@pytest.fixture
def celery_worker(settings):
    assert settings.CELERY_TASK_ROUTES["notifications.tasks.remake_letters"] == {"queue": "celery"}
    with start_worker(app, pool="solo", queues=["celery"], perform_ping_check=False, shutdown_timeout=30) as worker:
        yield worker


def test_a_real_worker_makes_it_anew(batch, celery_worker):
    Invitation.objects.update(valid_until=timezone.now() + timedelta(days=1))  # a worker has a clock of its own
    printing.failed(batch=batch.public_id, by=UserFactory(), now=timezone.now())

    remake_letters.delay()

    until(lambda: PrintBatch.objects.filter(again_of=batch, content__isnull=False).exists())


def test_printed_and_failed_at_once_exclude_each_other(batch, later):
    agent: User = UserFactory()
    deeds = [
        lambda: printing.printed(batch=batch.public_id, posted_on=later.date(), by=agent, now=later),
        lambda: printing.failed(batch=batch.public_id, by=agent, now=later),
    ]

    at_once(2, lambda number: deeds[number]())

    states = set(Message.objects.values_list("state", flat=True))
    assert (PrintBatch.objects.get(pk=batch.pk).state, states) in (("printed", {"sent"}), ("remaking", {"sending"}))


def test_kill_9_after_the_pdf_is_set_leaves_all_letters_waiting(people, later):
    links = AccessLink.objects.count()
    with killed_when_the_pdf_is_set("make_due", later):
        assert printing.make_due(now=later).letters == 0  # they are held; nobody waits for them

    until(_all_are_free)
    assert set(Message.objects.values_list("state", "batch")) == {("queued", None)}
    assert not PrintBatch.objects.exists()
    assert AccessLink.objects.count() == links
    assert printing.make_due(now=later).letters == LETTERS


@contextmanager
def killed_when_the_pdf_is_set(deed: str, now: datetime) -> Iterator[None]:
    """Inside, a worker has set its PDF and not written it; afterwards it is dead."""
    words = [sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"]), deed, now.isoformat()]
    process = subprocess.Popen(words, cwd=ROOT, env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"set\n"
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process.stdin.close()
        process.stdout.close()


def until(condition: Callable[[], object]) -> None:
    """What a server or a worker does needs a moment: a dead client still holds its rows for one."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def _all_are_free() -> bool:
    with transaction.atomic():
        return len(Message.objects.select_for_update(skip_locked=True)) == LETTERS
