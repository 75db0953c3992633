"""Deliveries, waste and rules: what is refused and why, that two editors lose nothing, and the center's history."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import AuditEvent
from accounts.refusals import Refused
from centers.models import Delivery, ReserveRule, Waste
from centers.supply import services
from centers.supply.services import Content, Loss
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory, DeliveryFactory, VaccineFactory, WasteFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2021, 2, 16, 9, tzinfo=UTC)
TODAY = date(2021, 2, 16)


@pytest.fixture
def center():
    center = CenterFactory(last_day=date(2021, 9, 30))
    center.refresh_from_db()
    return center


@pytest.fixture
def vaccine():
    return VaccineFactory()


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def delivery(center, vaccine):
    return DeliveryFactory(center=center, vaccine=vaccine, doses=390, due_on=date(2021, 2, 20), expected=True)


def events(center):
    return list(AuditEvent.objects.filter(subject=center.public_id).order_by("pk"))


def code_of(deed, **arguments):
    with pytest.raises(Refused) as refusal:
        deed(**arguments)
    return refusal.value.code


def test_entering_a_delivery_is_in_the_history_of_the_center(center, vaccine, user):
    content = Content(390, date(2021, 2, 20), "expected", "angekündigt")

    delivery = services.enter_delivery(center=center, vaccine=vaccine, content=content, by=user, now=NOW)

    assert (delivery.doses, delivery.first_due_on, delivery.entered_by) == (390, date(2021, 2, 20), user)
    (event,) = events(center)
    assert (event.action, event.actor, event.at) == ("delivery.entered", user, NOW)
    assert event.details == {
        "delivery": str(delivery.public_id),
        "vaccine": "comirnaty",
        "after": {"doses": 390, "due_on": "2021-02-20", "state": "expected"},
    }


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (Content(0, TODAY, "received"), "doses"),
        (Content(-5, TODAY, "received"), "doses"),
        (Content(100_001, TODAY, "received"), "doses"),
        (Content(6, TODAY, "stolen"), "state"),
        (Content(6, TODAY + timedelta(days=1), "received"), "due_on"),
        (Content(6, TODAY - timedelta(days=1), "expected"), "due_on"),
        (Content(6, TODAY - timedelta(days=1), "confirmed"), "due_on"),
        (Content(6, TODAY - timedelta(days=400), "received"), "due_on"),
        (Content(6, TODAY + timedelta(days=400), "expected"), "due_on"),
        (Content(6, date(2021, 10, 1), "expected"), "due_on"),
    ],
)
def test_delivery_that_cannot_be_is_refused(center, vaccine, user, content, code):
    refused = code_of(
        services.enter_delivery, center=center, vaccine=vaccine, content=content, by=user, now=NOW, again=True
    )

    assert refused == code
    assert not Delivery.objects.exists()


def test_same_delivery_twice_is_asked_about(center, vaccine, user):
    content = Content(390, date(2021, 2, 20), "expected")
    entry = {"center": center, "vaccine": vaccine, "content": content, "by": user, "now": NOW}
    services.enter_delivery(**entry)

    assert code_of(services.enter_delivery, **entry) == "again"
    services.enter_delivery(**entry, again=True)
    assert Delivery.objects.count() == 2


def test_postponed_delivery_remembers_when_it_was_due_first(delivery, user, center):
    content = Content(390, date(2021, 3, 1), "confirmed")

    changed = services.change_delivery(delivery=delivery, content=content, version=1, by=user, now=NOW)

    assert (changed.due_on, changed.first_due_on, changed.version) == (date(2021, 3, 1), date(2021, 2, 20), 2)
    (event,) = events(center)
    assert event.details["before"] == {"doses": 390, "due_on": "2021-02-20", "state": "expected"}
    assert event.details["after"] == {"doses": 390, "due_on": "2021-03-01", "state": "confirmed"}


def test_changing_nothing_is_no_event(delivery, user, center):
    content = services.content_of(delivery)

    assert services.change_delivery(delivery=delivery, content=content, version=1, by=user, now=NOW).version == 1
    assert events(center) == []


def test_second_editor_gets_what_the_first_one_wrote(delivery, user):
    first, second = Content(200, date(2021, 2, 20), "confirmed"), Content(390, date(2021, 2, 25), "expected")
    services.change_delivery(delivery=delivery, content=first, version=1, by=user, now=NOW)

    with pytest.raises(Refused) as refusal:
        services.change_delivery(delivery=delivery, content=second, version=1, by=UserFactory(), now=NOW)

    (fresh,) = refusal.value.alternatives
    assert (refusal.value.code, services.content_of(fresh)) == ("changed_meanwhile", first)
    delivery.refresh_from_db()
    assert services.content_of(delivery) == first


@pytest.mark.parametrize("deed", ["receive", "cancel"])
def test_other_deeds_ask_for_the_version_too(delivery, user, deed):
    arguments = {"doses": 390, "on": TODAY} if deed == "receive" else {"reason": "abgesagt"}

    refused = code_of(
        getattr(services, f"{deed}_delivery"), delivery=delivery, version=9, by=user, now=NOW, **arguments
    )

    assert refused == "changed_meanwhile"


def test_received_is_what_came_on_the_day_it_came(delivery, user, center):
    got = services.receive_delivery(delivery=delivery, doses=384, on=TODAY, version=1, by=user, now=NOW)

    assert services.content_of(got) == Content(384, TODAY, "received")
    assert [event.action for event in events(center)] == ["delivery.received"]


def test_nothing_can_be_received_tomorrow(delivery, user):
    refused = code_of(
        services.receive_delivery, delivery=delivery, doses=1, on=date(2021, 2, 17), version=1, by=user, now=NOW
    )

    assert refused == "due_on"


def test_delivery_is_received_once(delivery, user):
    services.receive_delivery(delivery=delivery, doses=384, on=TODAY, version=1, by=user, now=NOW)

    refused = code_of(services.receive_delivery, delivery=delivery, doses=384, on=TODAY, version=2, by=user, now=NOW)

    assert refused == "closed"


def test_cancelled_delivery_keeps_its_reason(delivery, user, center):
    services.cancel_delivery(delivery=delivery, reason=" Hersteller liefert nicht ", version=1, by=user, now=NOW)

    (event,) = events(center)
    assert (event.action, event.reason) == ("delivery.cancelled", "Hersteller liefert nicht")
    assert code_of(services.cancel_delivery, delivery=delivery, reason="x", version=2, by=user, now=NOW) == "closed"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_cancelling_needs_a_reason_that_fits(delivery, user, reason):
    assert code_of(services.cancel_delivery, delivery=delivery, reason=reason, version=1, by=user, now=NOW) == "reason"


def test_cancelled_delivery_can_come_after_all(delivery, user):
    services.cancel_delivery(delivery=delivery, reason="abgesagt", version=1, by=user, now=NOW)

    content = Content(390, date(2021, 3, 5), "confirmed")
    again = services.change_delivery(delivery=delivery, content=content, version=2, by=user, now=NOW)

    assert again.state == "confirmed"


def test_waste_is_recorded_and_taken_back(center, vaccine, user):
    DeliveryFactory(center=center, vaccine=vaccine, doses=60)
    loss = Loss(vaccine, 6, TODAY, "Flasche zerbrochen")

    waste = services.record_waste(center=center, loss=loss, by=user, now=NOW)
    services.take_back_waste(waste=waste, by=user, now=NOW)
    services.take_back_waste(waste=waste, by=user, now=NOW)

    assert not Waste.objects.exists()
    assert [event.action for event in events(center)] == ["waste.recorded", "waste.taken_back"]


@pytest.mark.parametrize(
    ("doses", "on", "reason", "code"),
    [
        (0, TODAY, "x", "doses"),
        (61, TODAY, "x", "doses"),
        (6, TODAY + timedelta(days=1), "x", "on"),
        (6, TODAY - timedelta(days=400), "x", "on"),
        (6, date(2021, 2, 14), "x", "doses"),
        (6, TODAY, " ", "reason"),
    ],
)
def test_waste_that_cannot_be_is_refused(center, vaccine, user, doses, on, reason, code):
    DeliveryFactory(center=center, vaccine=vaccine, doses=60, due_on=date(2021, 2, 15))

    loss = Loss(vaccine, doses, on, reason)
    assert code_of(services.record_waste, center=center, loss=loss, by=user, now=NOW) == code


def test_waste_cannot_exceed_what_is_left_of_all_that_came(center, vaccine, user):
    DeliveryFactory(center=center, vaccine=vaccine, doses=60)
    WasteFactory(center=center, vaccine=vaccine, doses=56)

    loss = Loss(vaccine, 5, TODAY, "zu warm")
    assert code_of(services.record_waste, center=center, loss=loss, by=user, now=NOW) == "doses"


def test_same_waste_twice_is_asked_about(center, vaccine, user):
    DeliveryFactory(center=center, vaccine=vaccine, doses=60)
    loss = Loss(vaccine, 6, TODAY, "Flasche zerbrochen")
    services.record_waste(center=center, loss=loss, by=user, now=NOW)

    assert code_of(services.record_waste, center=center, loss=loss, by=user, now=NOW) == "again"
    services.record_waste(center=center, loss=loss, by=user, now=NOW, again=True)
    assert Waste.objects.count() == 2


def test_reserve_rule_is_added_with_a_trace(vaccine, user):
    rule = services.add_reserve_rule(
        vaccine=vaccine, valid_from=date(2021, 3, 1), percent=10, note="", by=user, now=NOW
    )

    assert ReserveRule.objects.get() == rule
    event = AuditEvent.objects.get(action="reserve_rule.added")
    assert event.details == {"vaccine": "comirnaty", "valid_from": "2021-03-01", "percent": 10}


@pytest.mark.parametrize(
    ("valid_from", "percent", "code"),
    [(date(2021, 2, 15), 10, "past"), (TODAY, 101, "percent"), (TODAY, -1, "percent")],
)
def test_reserve_rule_that_cannot_be_is_refused(vaccine, user, valid_from, percent, code):
    refused = code_of(
        services.add_reserve_rule, vaccine=vaccine, valid_from=valid_from, percent=percent, note="", by=user, now=NOW
    )

    assert refused == code


def test_one_reserve_rule_per_day(vaccine, user):
    rule = {"vaccine": vaccine, "valid_from": TODAY, "note": "", "by": user, "now": NOW}
    services.add_reserve_rule(percent=10, **rule)

    assert code_of(services.add_reserve_rule, percent=20, **rule) == "twice"


def test_many_deliveries_are_entered_all_or_none(center, vaccine, user):
    good, bad = Content(60, date(2021, 2, 20), "expected"), Content(0, date(2021, 2, 20), "expected")

    assert code_of(
        services.enter_deliveries, rows=[(center, vaccine, good), (center, vaccine, bad)], by=user, now=NOW
    ) == "doses"  # fmt: skip
    assert not Delivery.objects.exists()


def test_entering_the_same_list_again_adds_nothing(center, vaccine, user):
    rows = [(center, vaccine, Content(60, date(2021, 2, 20), "expected"))]

    assert services.enter_deliveries(rows=rows, by=user, now=NOW) == 1
    assert services.enter_deliveries(rows=rows, by=user, now=NOW) == 0
