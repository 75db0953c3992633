"""Against a real mail server and PostgreSQL. No test measures time: order and counts show who waited for whom."""

from datetime import timedelta

import pytest

from notifications import delivery, leases
from notifications.delivery import Pace
from notifications.models import Message
from tests.factories import NOW
from tests.notifications.mailserver import free_port

pytestmark = pytest.mark.django_db


def drain(now=NOW, **pace) -> int:
    return delivery.drain(clock=lambda: now, pace=Pace(**pace))


def states() -> dict[str, str]:
    return dict(Message.objects.values_list("recipient", "state"))


def test_drain_sends_and_keeps_what_the_server_said(post, providers):
    message = post("i.richter@gmx.de")

    assert drain() == 1

    message.refresh_from_db()
    assert (message.state, message.sent_at, message.attempts) == ("sent", NOW, 1)
    assert message.last_reply == "250 2.0.0 accepted"
    assert [mail["To"] for mail in providers.mails] == ["i.richter@gmx.de"]


def test_drain_leaves_what_is_not_due(post, providers):
    post("later@gmx.de", now=NOW + timedelta(seconds=1))

    assert drain() == 0
    assert providers.mails == []


def test_drain_uses_one_connection_for_a_batch(post, providers):
    for number in range(20):
        post(f"{number}@gmx.de")

    assert drain() == 20
    assert len(providers.connections) == 1


def test_drain_serves_providers_in_turn(post, providers):
    for number in range(6):
        post(f"{number}@gmx.de")
    post("a@web.de")

    drain(batch=2, connections=1)

    assert providers.order.index("a@web.de") <= 4


def test_four_hundreds_for_six_hours_delay_nobody_else_and_lose_nothing(post, providers):
    providers.answer["gmx.de"] = "451 4.7.1 try again later"
    post("late@gmx.de")
    for number in range(5):
        post(f"{number}@web.de")

    drain()
    assert {address: state for address, state in states().items() if state != "sent"} == {"late@gmx.de": "deferred"}

    now = NOW
    while now < NOW + timedelta(hours=6):
        now += timedelta(minutes=1)
        drain(now)
    assert Message.objects.get(recipient="late@gmx.de").attempts == 10  # after 0, 1, 6, 21, 51 minutes, then hourly

    del providers.answer["gmx.de"]
    drain(NOW + timedelta(hours=7))
    assert states()["late@gmx.de"] == "sent"
    assert providers.order.count("late@gmx.de") == 1


def test_greylisting_delays_by_minutes(post, providers):
    providers.answer["gmx.de"] = lambda address: (
        "450 4.2.0 greylisted" if providers.tries[address] == 1 else "250 known by now"
    )
    message = post("a@gmx.de")

    drain()
    message.refresh_from_db()
    assert (message.state, message.available_at) == ("deferred", NOW + timedelta(minutes=1))

    drain(NOW + timedelta(minutes=1))
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("sent", 2)


def test_a_refused_recipient_bounces_and_the_next_one_is_served(post, providers):
    providers.answer["gmx.de"] = lambda address: "550 5.1.1 no such user" if address[0] == "x" else "250 OK"
    bounced = post("x@gmx.de")
    post("a@gmx.de")

    drain()

    bounced.refresh_from_db()
    assert (bounced.state, bounced.last_reply) == ("bounced", "550 5.1.1 no such user")
    assert states()["a@gmx.de"] == "sent"
    assert drain(NOW + timedelta(days=1)) == 0


def test_an_address_that_smtp_cannot_say_bounces_alone(post, providers):
    post("jürgen@gmx.de")
    post("a@gmx.de")

    drain()

    assert states() == {"jürgen@gmx.de": "bounced", "a@gmx.de": "sent"}


def test_an_unreachable_server_counts_against_nobody(post, settings):
    settings.EMAIL = {"host": "127.0.0.1", "port": free_port(), "timeout": 5}
    for address in ("a@gmx.de", "b@gmx.de", "c@web.de"):
        post(address)

    assert drain(connections=1) == 0

    assert set(Message.objects.values_list("state", "attempts")) == {("queued", 0)}
    assert Message.objects.due(NOW + delivery.TRY_AGAIN_AFTER).count() == 3


def test_a_broken_connection_counts_against_its_message_only(post, providers):
    providers.drops.add("gmx.de")
    for number in range(3):
        post(f"{number}@gmx.de")
    post("a@web.de")

    drain()

    rows = Message.objects.filter(lane="gmx.de").order_by("pk").values_list("state", "attempts", "available_at")
    assert list(rows) == [
        ("deferred", 1, NOW + timedelta(minutes=1)),
        ("queued", 0, NOW + delivery.REST_AFTER),
        ("queued", 0, NOW + delivery.REST_AFTER),
    ]
    assert states()["a@web.de"] == "sent"


def test_a_hanging_provider_delays_nobody_else(post, providers):
    """The tarpit lets go only after everybody else has been served: were they to wait for it, none would be."""
    providers.hangs.add("tarpit.de")
    for number in range(30):
        post(f"{number}@tarpit.de", now=NOW - timedelta(minutes=1))
    others = [f"{number}@{domain}" for number in range(20) for domain in ("gmx.de", "web.de", "t-online.de")]
    for address in others:
        post(address)
    providers.before_answer = lambda _recipient: len(providers.order) == len(others) and providers.released.set()

    drain(message_seconds=30, batch_seconds=0.5)

    assert set(providers.order[: len(others)]) == set(others)
    assert states()["0@tarpit.de"] == "sent"


def test_more_hanging_providers_than_connections_delay_nobody_else(post, providers):
    for number in range(6):
        providers.hangs.add(f"tarpit{number}.de")
        post(f"a@tarpit{number}.de", now=NOW - timedelta(minutes=1))
    post("a@gmx.de")
    providers.before_answer = lambda recipient: recipient == "a@gmx.de" and providers.released.set()

    drain(connections=2, slow_after=0.05, message_seconds=30)

    assert providers.order[0] == "a@gmx.de"
    assert set(states().values()) == {"sent"}


def test_an_endless_dialogue_is_cut(post, providers):
    providers.hangs.add("tarpit.de")
    post("a@tarpit.de")
    post("b@tarpit.de")

    drain(message_seconds=0.2)

    rows = Message.objects.order_by("pk").values_list("state", "attempts")
    assert list(rows) == [("deferred", 1), ("queued", 0)]


def test_a_slow_batch_gives_back_the_rest(post, providers):
    for number in range(3):
        post(f"{number}@gmx.de")

    drain(batch_seconds=0, drain_seconds=0.0001)

    assert set(Message.objects.values_list("state", "attempts")) <= {("queued", 0)}


def test_what_the_state_no_longer_wants_is_discarded(post, providers, contexts):
    contexts["a@gmx.de"] = None
    message = post("a@gmx.de")

    assert drain() == 0

    message.refresh_from_db()
    assert (message.state, message.last_reply, providers.mails) == ("discarded", "no longer true", [])


def test_what_comes_too_late_is_discarded(post, providers):
    message = post("a@gmx.de", discard_after=NOW - timedelta(seconds=1))
    post("b@gmx.de", discard_after=NOW)

    assert drain() == 1

    message.refresh_from_db()
    assert (message.state, message.last_reply) == ("discarded", "too late")


def test_the_content_is_built_anew_at_every_try(post, providers, contexts):
    providers.answer["gmx.de"] = "451 later"
    post("a@gmx.de")
    drain()
    contexts["a@gmx.de"] = {"name": "Ingeborg Neumann", "had_appointments": True}
    del providers.answer["gmx.de"]

    drain(NOW + timedelta(minutes=1))

    assert "Ingeborg Neumann" in providers.mails[0].get_body().get_content()


def test_a_message_that_cannot_be_composed_stops_nobody_and_tells_no_data(post, providers, caplog):
    broken = post("secret@gmx.de", template="nobody_knows_this")
    post("a@gmx.de")

    drain()

    broken.refresh_from_db()
    assert (broken.state, states()["a@gmx.de"]) == ("deferred", "sent")
    assert broken.last_reply.startswith("not composed: KeyError in compose")
    assert "could not be composed" in caplog.text
    assert "secret" not in caplog.text


def test_a_worker_that_dies_before_sending_is_replaced_when_its_lease_ends(post, providers):
    post("a@gmx.de")
    leases.claim(lane="gmx.de", limit=25, now=NOW)

    assert drain(NOW + leases.LEASE - timedelta(seconds=1)) == 0
    assert drain(NOW + leases.LEASE) == 1
    assert providers.order == ["a@gmx.de"]
