"""Two runs at once and a run that is killed: every letter lies in one batch, or in none."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connection, connections, transaction

from accounts.models import AuditEvent, User
from booking import telling
from booking.models import AccessLink
from notifications import printing
from notifications.models import Message, PrintBatch
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
# Makes the batches; says when the letters are composed and the PDF is set, and waits there for its end.
WORKER = """
import sys, django
django.setup()
from datetime import datetime
from django.db import connections
from notifications import letters, printing
name, now = sys.argv[1:]
connections["default"].settings_dict["NAME"] = name
real = letters.pdf
def pdf(*words, **values):
    made = real(*words, **values)
    print("set", flush=True)
    sys.stdin.read()
    return made
letters.pdf = pdf
printing.make_due(now=datetime.fromisoformat(now))
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


def test_failed_by_two_at_once_makes_one_new_batch(people, later):
    printing.make_due(now=later)
    [batch] = PrintBatch.objects.all()
    agents = [UserFactory(), UserFactory()]

    answers = at_once(2, lambda number: printing.failed(batch=batch.public_id, by=agents[number], now=later))

    assert [one.again_of_id for one in answers] == [batch.pk] * 2
    assert PrintBatch.objects.count() == 2
    assert AuditEvent.objects.filter(action="letters.failed").count() == 1


def test_printed_and_failed_at_once_exclude_each_other(people, later):
    printing.make_due(now=later)
    [batch] = PrintBatch.objects.all()
    agent: User = UserFactory()
    deeds = [
        lambda: printing.printed(batch=batch.public_id, posted_on=later.date(), by=agent, now=later),
        lambda: printing.failed(batch=batch.public_id, by=agent, now=later),
    ]

    at_once(2, lambda number: deeds[number]())

    states = set(Message.objects.values_list("state", flat=True))
    assert (PrintBatch.objects.get(pk=batch.pk).state, states) in (("printed", {"sent"}), ("failed", {"sending"}))


def test_kill_9_after_the_pdf_is_set_leaves_all_letters_waiting(people, later):
    links = AccessLink.objects.count()
    words = [sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"]), later.isoformat()]
    process = subprocess.Popen(words, cwd=ROOT, env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"set\n"
        assert printing.make_due(now=later).letters == 0  # they are held; nobody waits for them
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process.stdin.close()
        process.stdout.close()

    _gone()
    assert set(Message.objects.values_list("state", "batch")) == {("queued", None)}
    assert not PrintBatch.objects.exists()
    assert AccessLink.objects.count() == links
    assert printing.make_due(now=later).letters == LETTERS


def _gone() -> None:
    """The server has noticed the end of the dead client: its rows are free."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with transaction.atomic():
            if len(Message.objects.select_for_update(skip_locked=True)) == LETTERS:
                return
        time.sleep(0.05)
    raise AssertionError("the dead client still holds the letters")
