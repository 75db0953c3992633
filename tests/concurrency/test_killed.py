"""A process that dies between claim and commit leaves nothing, and half a series cannot be committed at all."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from accounts.models import AuditEvent
from booking.models import AccessLink, Appointment, Invitation
from booking.services import appointments
from centers.models import Channel, Slot
from notifications.models import Message
from tests.concurrency.books import balanced

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
# Books inside a transaction of its own, says so, and waits for somebody to end it.
CLIENT = """
import sys, django
django.setup()
from datetime import datetime
from django.db import connections, transaction
from booking.models import Registration
from booking.services import appointments
name, person, slot, now = sys.argv[1:]
connections["default"].settings_dict["NAME"] = name
with transaction.atomic():
    series = appointments.book(registration=Registration.objects.get(pk=person), slot_id=int(slot), channel="web",
                               by=None, now=datetime.fromisoformat(now))
    print(len(series.appointments), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def client_of(world):
    """client_of(person, slot): a process that has claimed and not committed; killed at the end at the latest."""
    started = []

    def start(person, slot) -> subprocess.Popen:
        name = str(connection.settings_dict["NAME"])
        words = [sys.executable, "-c", CLIENT, name, str(person.pk), str(slot.pk), world.now.isoformat()]
        process = subprocess.Popen(words, cwd=ROOT, env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout.readline() == b"2\n"
        return process

    yield start
    for process in started:
        kill(process)
        process.stdin.close()
        process.stdout.close()


def kill(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(10)


def untouched() -> bool:
    links = AccessLink.objects.filter(used_at__isnull=True)
    accepted = Invitation.objects.filter(accepted_at__isnull=False)
    written = (Appointment.objects.all(), Message.objects.all(), AuditEvent.objects.all(), links, accepted)
    return not any(rows.exists() for rows in written) and set(Slot.objects.values_list("booked", flat=True)) == {0}


def test_kill_9_between_claim_and_commit_leaves_nothing(world, client_of):
    first, _second = world.pair(capacity=1)
    [person] = world.people(1)

    process = client_of(person, first)
    assert untouched()  # nobody sees what is not committed
    kill(process)

    with transaction.atomic():  # waits for the end of the dead client's transaction
        list(Slot.objects.select_for_update().all())
    assert untouched()
    appointments.book(registration=person, slot_id=first.pk, channel=Channel.WEB, by=None, now=world.now)
    balanced()


def test_who_waits_for_the_last_place_of_a_killed_client_gets_it(world, client_of):
    first, _second = world.pair(capacity=1)
    dying, waiting = world.people(2)
    process = client_of(dying, first)
    answers = []

    def book():
        try:
            deed = partial(appointments.book, channel=Channel.WEB, by=None, now=world.now)
            answers.append(deed(registration=waiting, slot_id=first.pk))
        finally:
            connections.close_all()

    thread = Thread(target=book)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()  # held by the lock on the slot
    kill(process)
    thread.join(10)

    assert [answer.fresh for answer in answers] == [True]
    assert set(Appointment.objects.values_list("registration", flat=True)) == {waiting.pk}
    balanced()


# --- Half a series -----------------------------------------------------------------------------------------------


@pytest.fixture
def series(world):
    """A booked series; its appointments in the order of doses."""
    first, _second = world.pair(capacity=2)
    [person] = world.people(1)
    made = appointments.book(registration=person, slot_id=first.pk, channel=Channel.WEB, by=None, now=world.now)
    return made.appointments


def half(deed) -> str:
    """The name of the constraint that refuses the deed at commit."""
    with pytest.raises((IntegrityError, DatabaseError)) as refusal, transaction.atomic():
        deed()
    return refusal.value.__cause__.diag.constraint_name


def test_a_first_dose_alone_is_refused_at_commit(world):
    first, _second = world.pair(capacity=2)
    [person] = world.people(1)

    def insert():
        Appointment.objects.create(
            registration=person, slot=first, dose_number=1, channel=Channel.WEB, booked_at=world.now
        )

    assert half(insert) == "appointment_series_complete"
    assert not Appointment.objects.exists()


def test_cancelling_dose_2_alone_is_refused_at_commit(world, series):
    values = {"status": "cancelled", "cancelled_at": world.now, "cancelled_reason": "own_wish"}

    assert half(lambda: Appointment.objects.filter(pk=series[1].pk).update(**values)) == "appointment_series_complete"
    assert Appointment.objects.filter(status="booked").count() == 2


@pytest.mark.parametrize("where", ["center", "vaccine", "time"])
def test_dose_2_at_another_center_of_another_vaccine_or_before_dose_1_is_refused(world, series, where):
    slot = {
        "center": lambda: world.slot(44, capacity=1, vaccine=world.two_doses, center=world.other),
        "vaccine": lambda: world.slot(44, capacity=1, vaccine=world.one_dose),
        "time": lambda: world.slot(1, capacity=1, vaccine=world.two_doses),
    }[where]()

    assert half(lambda: Appointment.objects.filter(pk=series[1].pk).update(slot=slot)) == "appointment_series_complete"
    balanced()


@pytest.mark.parametrize("change", [{"booked": 2}, {"booked": -1}, {"capacity": -1}])
def test_a_slot_beyond_its_capacity_or_below_nothing_is_refused(world, change):
    slot = world.slot(2, capacity=1)

    assert half(lambda: Slot.objects.filter(pk=slot.pk).update(**change)) == "slot_never_overbooked"
