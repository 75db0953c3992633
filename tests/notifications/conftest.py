"""A mail server, and messages whose words a test chooses."""

import time
from collections.abc import Callable, Iterator

import pytest

from notifications import outbox
from notifications.models import Message
from tests.factories import NOW
from tests.notifications.mailserver import MailServer, Providers


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:
    with MailServer() as server:
        settings.EMAIL = server.options
        yield server


@pytest.fixture
def providers(mail_server) -> Providers:
    return mail_server.providers


@pytest.fixture
def contexts(monkeypatch) -> dict[str, dict | None]:
    """What the composer of "withdrawn" answers, by recipient; somebody unnamed gets a plain message."""
    known: dict[str, dict | None] = {}

    def compose(envelope, *, now):
        return known.get(envelope.recipient, {"name": "Ingeborg Richter", "had_appointments": False})

    monkeypatch.setitem(outbox._composers, "withdrawn", compose)
    return known


@pytest.fixture
def post(contexts):
    """post("anna@gmx.de") queues one message that would leave at once."""

    def queue(recipient: str, **values: object) -> Message:
        key = values.pop("dedupe_key", f"withdrawn:{recipient}")
        outbox.queue(
            **{
                "template": "withdrawn",
                "recipient": recipient,
                "language": "de",
                "reference": {},
                "dedupe_key": key,
                "now": NOW,
                **values,
            }
        )
        return Message.objects.get(dedupe_key=key)

    return queue


@pytest.fixture
def wait_until():
    """wait_until(condition): for what another thread or process does; fails after a minute."""

    def wait(condition: Callable[[], object]) -> None:
        until = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < until, "waited a minute in vain"
            time.sleep(0.02)

    return wait
