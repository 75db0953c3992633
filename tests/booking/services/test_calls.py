"""Calls: one per agent, what was opened in it and by whom else, and how it ends."""

from datetime import timedelta

import pytest

from accounts.models import AuditEvent
from accounts.roles import Role
from booking.models import Call, CallPerson, Hold
from booking.services import calls
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import SlotFactory

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def jana():
    return UserFactory(roles=[Role.CALL_AGENT])


def events(action):
    return AuditEvent.objects.filter(action=action)


def test_a_call_begins_once_and_is_seen_again(jana):
    first = calls.begin(jana, NOW)

    again = calls.begin(jana, LATER)

    assert (again.pk, again.opened_at, again.seen_at) == (first.pk, NOW, LATER)
    assert calls.current(jana) == first


def test_nobody_is_in_a_call_before_it_begins(jana):
    calls.begin(UserFactory(), NOW)

    assert calls.current(jana) is None
    assert calls.finish(jana, NOW) is None


def test_who_is_opened_is_on_record_and_can_be_read(jana):
    person, other = RegistrationFactory(), RegistrationFactory()

    call = calls.open_person(jana, person, NOW)

    assert calls.opened(jana, person.public_id) == person
    assert calls.opened(jana, other.public_id) is None
    event = events("registration.opened").get()
    assert (event.subject, event.actor, event.details) == (person.public_id, jana, {"call": str(call.public_id)})


def test_what_one_agent_opened_is_not_open_to_another(jana):
    person = RegistrationFactory()
    calls.open_person(UserFactory(), person, NOW)

    assert calls.opened(jana, person.public_id) is None


def test_opening_twice_is_one_person_of_the_call_and_two_events(jana):
    person = RegistrationFactory()

    calls.open_person(jana, person, NOW)
    calls.open_person(jana, person, LATER)

    assert CallPerson.objects.get().opened_at == NOW
    assert events("registration.opened").count() == 2


def test_the_second_agent_is_told_of_the_first_while_that_call_lives(jana):
    person, other = RegistrationFactory(), UserFactory()
    calls.open_person(other, person, NOW)
    calls.open_person(jana, person, LATER)

    assert [one.call.agent for one in calls.others_at(person, jana, LATER)] == [other]
    assert [one.call.agent for one in calls.others_at(person, other, LATER)] == [jana]
    assert calls.others_at(person, jana, NOW + calls.IDLE) == []
    calls.finish(other, LATER)
    assert calls.others_at(person, jana, LATER) == []


def test_a_finished_call_is_empty_and_its_people_are_closed(jana):
    person = RegistrationFactory()
    call = calls.open_person(jana, person, NOW)
    Call.objects.update(draft={"last_name": "Richter"})

    calls.finish(jana, LATER)

    call.refresh_from_db()
    assert (call.done_at, call.draft) == (LATER, {})
    assert calls.opened(jana, person.public_id) is None
    assert events("call.finished").get().subject == call.public_id
    assert calls.begin(jana, LATER) != call


def test_a_call_left_alone_ends_as_of_its_last_page(jana):
    left, lively = calls.begin(jana, NOW), calls.begin(UserFactory(), LATER)
    Call.objects.filter(pk=left.pk).update(draft={"last_name": "Richter"})

    assert calls.leave_idle(NOW + calls.IDLE - timedelta(seconds=1)) == 0
    assert calls.leave_idle(NOW + calls.IDLE) == 1
    assert calls.leave_idle(NOW + calls.IDLE) == 0

    left.refresh_from_db()
    assert (left.done_at, left.draft) == (NOW, {})
    assert Call.objects.get(done_at__isnull=True) == lively
    assert events("call.left").get().actor is None


@pytest.mark.parametrize(
    "end", [lambda agent: calls.finish(agent, LATER), lambda _: calls.leave_idle(NOW + calls.IDLE)]
)
def test_places_kept_for_a_call_are_free_when_it_ends(jana, end):
    slot = SlotFactory(capacity=3, booked=1)
    call = calls.begin(jana, NOW)
    Hold.objects.create(call=call, first=slot, made_at=NOW, expires_at=NOW + timedelta(hours=2))

    end(jana)

    slot.refresh_from_db()
    assert (slot.booked, Hold.objects.count()) == (0, 0)
