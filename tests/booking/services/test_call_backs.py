"""Who is to be called back: one agent each, five tries, and nothing of her is kept longer than needed."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent
from accounts.refusals import Refused
from booking.models import CallBack
from booking.services import call_backs, upkeep
from booking.services.call_backs import Wanted
from tests.factories import NOW
from tests.factories.calls import CallBackFactory
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def jana():
    return UserFactory(first_name="Jana", last_name="Kretzschmar")


@pytest.fixture
def uwe():
    return UserFactory(first_name="Uwe", last_name="Lange")


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_somebody_is_put_on_the_list_and_it_is_on_record_without_her_name(jana):
    person, center = RegistrationFactory(), CenterFactory()
    made = call_backs.add(
        Wanted(person.full_name, "+4935254471", center, "vormittags", "2. Termin", person), by=jana, now=NOW
    )

    (event,) = AuditEvent.objects.all()
    assert (event.action, event.subject, event.actor) == ("call_back.added", person.public_id, jana)
    assert event.details == {"call_back": str(made.public_id)}
    assert list(call_backs.waiting(NOW)) == [made]


def test_the_same_name_and_number_wait_once(jana):
    wanted = Wanted("Ursula Müller", "+4935254471")
    made = call_backs.add(wanted, by=jana, now=NOW)
    assert call_backs.add(wanted, by=jana, now=NOW + timedelta(seconds=20)) == made  # the second click

    for agent, at in ((jana, NOW + timedelta(seconds=30)), (UserFactory(), NOW)):
        with pytest.raises(Refused, match="wartet unter dieser Nummer"):
            call_backs.add(wanted, by=agent, now=at)
    call_backs.add(Wanted("Karl Müller", "+4935254471"), by=jana, now=NOW)  # a house has one number

    assert CallBack.objects.count() == 2


def test_who_waits_longest_is_next(jana):
    CallBackFactory()
    oldest = CallBackFactory(created_at=NOW - timedelta(hours=3))

    assert call_backs.take_next(by=jana, now=NOW) == oldest
    assert list(call_backs.mine(jana)) == [oldest]
    assert call_backs.take_next(by=jana, now=NOW) != oldest
    assert call_backs.take_next(by=jana, now=NOW) is None


def test_the_second_agent_is_told_who_was_first(jana, uwe):
    row = CallBackFactory()
    call_backs.take(row, by=jana, now=NOW)
    call_backs.take(row, by=jana, now=NOW)  # her own click again

    with pytest.raises(Refused, match="Jana Kretzschmar"):
        call_backs.take(row, by=uwe, now=NOW)
    for deed in (call_backs.give_back, call_backs.not_reached, partial(call_backs.finish, outcome="served")):
        with pytest.raises(Refused, match="Jana Kretzschmar"):
            deed(row, by=uwe, now=NOW)
    assert actions() == ["call_back.taken"]


def test_nobody_answers_it_comes_back_in_half_an_hour_and_is_done_the_fifth_time(jana):
    row, now = CallBackFactory(), NOW
    for number in range(1, call_backs.TRIES):
        call_backs.take(row, by=jana, now=now)
        fresh = call_backs.not_reached(row, by=jana, now=now)
        assert (fresh.tries, fresh.taken_by, fresh.done_at) == (number, None, None)
        assert list(call_backs.resting(now)) == [row]
        with pytest.raises(Refused):
            call_backs.take(row, by=jana, now=now + call_backs.REST - timedelta(seconds=1))
        assert not call_backs.waiting(now + call_backs.REST - timedelta(seconds=1)).exists()
        now += call_backs.REST
        assert list(call_backs.waiting(now)) == [row]

    call_backs.take(row, by=jana, now=now)
    fresh = call_backs.not_reached(row, by=jana, now=now)

    assert (fresh.tries, fresh.outcome, fresh.done_by, fresh.done_at) == (5, "not_reached", jana, now)
    assert not call_backs.waiting(now + timedelta(days=1)).exists()


def test_a_second_click_counts_no_second_try(jana):
    row = call_backs.take(CallBackFactory(), by=jana, now=NOW)
    call_backs.not_reached(row, by=jana, now=NOW)

    with pytest.raises(Refused):
        call_backs.not_reached(row, by=jana, now=NOW)

    assert CallBack.objects.get().tries == 1


def test_done_says_what_came_of_it(jana):
    row = call_backs.take(CallBackFactory(of=RegistrationFactory()), by=jana, now=NOW)
    with pytest.raises(Refused):
        call_backs.finish(row, outcome="gold", by=jana, now=NOW)

    call_backs.finish(row, outcome="served", by=jana, now=NOW)

    event = AuditEvent.objects.get(action="call_back.done")
    assert (event.subject, event.details["outcome"]) == (row.registration.public_id, "served")
    assert not call_backs.mine(jana).exists()


def test_given_back_it_keeps_its_place_in_the_list(jana):
    oldest = CallBackFactory(created_at=NOW - timedelta(hours=3))
    CallBackFactory()
    call_backs.take(oldest, by=jana, now=NOW)

    call_backs.give_back(oldest, by=jana, now=NOW)

    assert call_backs.waiting(NOW).first() == oldest


def test_what_an_agent_has_forgotten_waits_again(jana):
    row = call_backs.take(CallBackFactory(), by=jana, now=NOW)
    early, late = (NOW + call_backs.FORGOTTEN - timedelta(seconds=1), NOW + call_backs.FORGOTTEN)

    assert upkeep.tend(now=early)["forgotten_call_backs"] == 0
    assert upkeep.tend(now=late)["forgotten_call_backs"] == 1

    assert list(call_backs.waiting(late)) == [row]


def test_a_month_after_it_was_done_name_and_number_are_deleted(jana):
    row = call_backs.take(CallBackFactory(), by=jana, now=NOW)
    call_backs.finish(row, outcome="not_needed", by=jana, now=NOW)
    waits = CallBackFactory(created_at=NOW - timedelta(days=90))

    assert upkeep.tend(now=NOW + call_backs.KEPT - timedelta(seconds=1))["old_call_backs"] == 0
    assert upkeep.tend(now=NOW + call_backs.KEPT)["old_call_backs"] == 1
    assert upkeep.tend(now=NOW + call_backs.KEPT)["old_call_backs"] == 0

    assert list(CallBack.objects.all()) == [waits]
    assert AuditEvent.objects.get(action="call_backs.deleted").details == {"number": 1}


def test_who_rests_is_with_nobody(jana):
    with pytest.raises(IntegrityError, match="call_back_rests_with_nobody"), transaction.atomic():
        CallBackFactory(again_at=NOW, taken_at=NOW, taken_by=jana)
