from datetime import UTC, datetime, timedelta

import pytest

from booking.services import appointments, reminders
from centers.models import Channel
from notifications.models import Message
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import SlotFactory, series_slots

pytestmark = pytest.mark.django_db

DAY_BEFORE = datetime(2021, 2, 17, 9, 0, tzinfo=UTC)  # ten o'clock in Berlin; dose 1 is on the 18th at 10:20


@pytest.fixture(autouse=True)
def _open_group():
    RegulationFactory()
    OpeningFactory()


@pytest.fixture
def person():
    registration = RegistrationFactory(invited=True)
    appointments.book(registration=registration, slot_id=series_slots()[0].pk, channel=Channel.WEB, by=None, now=NOW)
    return registration


def reminders_queued() -> list[Message]:
    return list(Message.objects.filter(template="appointment_reminder").order_by("pk"))


def test_reminder_is_queued_once_on_the_day_before(person):
    first = person.appointments.get(dose_number=1)

    assert reminders.remind_appointments(now=DAY_BEFORE) == 1
    assert reminders.remind_appointments(now=DAY_BEFORE + timedelta(minutes=1)) == 0

    (message,) = reminders_queued()
    assert (message.recipient, message.reference) == (
        person.email,
        {"registration": person.pk, "appointment": first.pk},
    )
    assert message.discard_after == first.slot.starts_at


@pytest.mark.parametrize(
    "now", [NOW, DAY_BEFORE - timedelta(minutes=1), DAY_BEFORE + timedelta(days=1), DAY_BEFORE + timedelta(days=-1)]
)
def test_no_reminder_at_another_time(person, now):
    assert reminders.remind_appointments(now=now) == 0


def test_second_dose_is_reminded_of_on_its_own_day(person):
    assert reminders.remind_appointments(now=datetime(2021, 3, 10, 12, tzinfo=UTC)) == 1
    assert reminders_queued()[0].reference["appointment"] == person.appointments.get(dose_number=2).pk


def test_a_moved_dose_is_reminded_of_again(person):
    reminders.remind_appointments(now=DAY_BEFORE)
    slot = person.appointments.get(dose_number=1).slot
    day_later = SlotFactory(starts_at=slot.starts_at + timedelta(days=1), session__center=slot.center)
    second = person.appointments.get(dose_number=2).slot
    SlotFactory(starts_at=second.starts_at + timedelta(days=1), session__center=slot.center)
    appointments.move_both(
        registration=person, slot_id=day_later.pk, channel=Channel.WEB, by=None, now=DAY_BEFORE + timedelta(hours=1)
    )

    assert reminders.remind_appointments(now=DAY_BEFORE + timedelta(days=1)) == 1
    assert len(reminders_queued()) == 2


def test_no_reminder_for_what_was_cancelled(person):
    appointments.cancel(registration=person, reason="own_wish", by=None, now=NOW)

    assert reminders.remind_appointments(now=DAY_BEFORE) == 0


def test_no_reminder_for_who_booked_today():
    registration = RegistrationFactory(invited=True)
    appointments.book(
        registration=registration, slot_id=series_slots()[0].pk, channel=Channel.WEB, by=None, now=DAY_BEFORE
    )

    assert reminders.remind_appointments(now=DAY_BEFORE + timedelta(hours=2)) == 0


def test_no_reminder_for_who_has_no_email(person):
    type(person).objects.update(email="", medium="letter")

    assert reminders.remind_appointments(now=DAY_BEFORE) == 0


def test_limit_leaves_the_rest_for_the_next_minute():
    slot = series_slots(capacity=3)[0]
    for _number in range(3):
        appointments.book(
            registration=RegistrationFactory(invited=True), slot_id=slot.pk, channel=Channel.WEB, by=None, now=NOW
        )

    assert reminders.remind_appointments(now=DAY_BEFORE, limit=2) == 2
    assert reminders.remind_appointments(now=DAY_BEFORE, limit=2) == 1
