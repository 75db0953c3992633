"""Free places fall to another share while people book on both sides, cancel, and the job runs many times at once."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.db.models import Sum

from accounts.models import AuditEvent
from booking.services import appointments, fall_back
from centers.models import Contingent, Session, Slot
from tests.concurrency import run_at_once, tally
from tests.concurrency.books import balanced

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = timedelta(days=2)
TIMES, WEB, PHONE = 3, 4, 4  # start times, and places of each share at each
PEOPLE, CALLERS = 50, 8  # two for each place; the callers leave some of theirs, so something falls in any order


@pytest.fixture
def opening(world):
    """One block: at each start time some places online and some by telephone; all of them are due to fall."""
    Contingent.objects.filter(pk=world.phone.pk).update(falls_back_to=world.web, falls_back_before=BEFORE)
    first = {code: world.slot(2, capacity=WEB + PHONE, contingent=share) for code, share in _shares(world)}
    block = first["web"].session.block
    for code, capacity in (("web", WEB), ("phone", PHONE)):
        slot = first[code]
        Session.objects.filter(pk=slot.session_id).update(block=block, places=capacity * TIMES)
        Slot.objects.filter(pk=slot.pk).update(capacity=capacity)
        for number in range(1, TIMES):
            start = slot.starts_at + timedelta(minutes=10 * number)
            slot.session.slots.create(
                center=slot.center, vaccine=slot.vaccine, contingent=slot.contingent, starts_at=start, capacity=capacity
            )
    return block


def _shares(world):
    return (("web", world.web), ("phone", world.phone))


def due(world) -> datetime:
    """The moment at which the last of the start times falls."""
    last = Slot.objects.latest("starts_at").starts_at
    return last.astimezone(UTC) - BEFORE


def slots(block, contingent) -> list[int]:
    of_share = Slot.objects.filter(session__block=block, session__contingent=contingent)
    return list(of_share.order_by("starts_at").values_list("pk", flat=True))


def test_fifty_bookings_by_phone_and_web_against_the_job(world, opening, deadlocks, settings):
    settings.LEAD_TIME = {**settings.LEAD_TIME, "phone": timedelta(0)}
    now = due(world)
    web, phone = slots(opening, world.web), slots(opening, world.phone)
    deeds = []
    for number, person in enumerate(world.people(PEOPLE)):
        called = number % (PEOPLE // CALLERS) == 0 and number < PEOPLE // CALLERS * CALLERS
        channel, here = ("phone", phone) if called else ("web", web)
        slot = here[number // (PEOPLE // CALLERS) % TIMES]
        deeds.append(partial(appointments.book, registration=person, slot_id=slot, channel=channel, by=None, now=now))
        if number % 5 == 0:
            deeds.append(partial(fall_back.fall_due, now=now))

    answers = run_at_once(deeds)
    fall_back.fall_due(now=now)

    assert set(tally(answers)) <= {"done", "slot_taken"}
    every = Slot.objects.filter(session__block=opening)
    assert every.aggregate(Sum("capacity"))["capacity__sum"] == TIMES * (WEB + PHONE)
    for start in every.values_list("starts_at", flat=True).distinct():
        assert every.filter(starts_at=start).aggregate(Sum("capacity"))["capacity__sum"] == WEB + PHONE
    balanced()
    call_command("check_places", verbosity=0)
    rows = Session.objects.filter(block=opening)
    assert rows.aggregate(Sum("places"), Sum("fallen")) == {"places__sum": TIMES * (WEB + PHONE), "fallen__sum": 0}
    for row in rows:
        assert row.places == row.slots.aggregate(Sum("capacity"))["capacity__sum"]
    fallen = sum(event.details["places"] for event in AuditEvent.objects.filter(action="session.fell_back"))
    assert fallen == rows.get(contingent=world.web).fallen > 0
    assert not Slot.objects.filter(pk__in=phone, is_open=True).exists()
    assert deadlocks() == 0


def test_many_runs_at_once_move_each_place_once(world, opening, deadlocks):
    now = due(world)

    answers = run_at_once([partial(fall_back.fall_due, now=now)] * 12)

    assert sum(answers) == TIMES * PHONE
    assert AuditEvent.objects.filter(action="session.fell_back").count() == 1
    assert deadlocks() == 0
