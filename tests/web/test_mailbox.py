"""The demo's mailbox: mails go through the demo's real mail server, and the page shows what it kept."""

import asyncio
import threading
from datetime import timedelta
from email.message import EmailMessage
from smtplib import SMTP

import pytest
from aiosmtpd.controller import Controller

from booking import telling
from devkit.mailbox_sink import Sink, SmsSink
from notifications import delivery, outbox
from notifications.models import Message
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.notifications.mailserver import free_port

pytestmark = pytest.mark.django_db

PAGE = "/postfach/"


@pytest.fixture
def mailbox(settings, tmp_path):
    """A Maildir that is shown, and the port of the server that fills it."""
    settings.DEMO_MAILBOX = str(tmp_path / "mail")
    controller = Controller(Sink(tmp_path / "mail"), hostname="127.0.0.1", port=free_port(), ready_timeout=20)
    controller.start()
    settings.EMAIL = {"host": "127.0.0.1", "port": controller.port, "timeout": 10}
    yield controller.port
    controller.stop()


def send(port, to, subject="Hallo", text="Guten Tag", **headers):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "house@example.org", to, subject
    message.set_content(text)
    with SMTP("127.0.0.1", port) as smtp:
        smtp.send_message(message)


@pytest.fixture
def sms_sink(settings, tmp_path):
    """The demo's SMS gateway in a thread of its own; `settings.SMS` leads there."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)  # in this thread runs the loop of the browser
    thread.start()
    starting = asyncio.start_server(SmsSink(tmp_path / "mail").handle, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(starting, loop).result(timeout=20)
    settings.DEMO_MAILBOX = str(tmp_path / "mail")
    settings.SMS = {
        "host": "127.0.0.1", "port": server.sockets[0].getsockname()[1], "tls": False, "path": "/sms", "token": "",
        "names": {"to": "to", "text": "text", "id": "id"}, "fields": {}, "timeout": 10,
    }  # fmt: skip
    yield
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_an_sms_arrives_once_and_is_found_by_its_number(client, sms_sink):
    person = RegistrationFactory(phone="+4915123456789", medium="sms")
    telling.tell("contact_changed", person, key="sms", now=NOW, to="+4916012345678")
    message = Message.objects.get()

    assert delivery.drain(clock=lambda: NOW) == 1
    Message.objects.update(state="queued", sent_at=None, available_at=NOW)
    assert delivery.drain(clock=lambda: NOW) == 1  # the same id

    [sms] = client.get(PAGE, {"format": "json", "to": " 4916012345678"}).json()
    assert (sms["sms"], sms["to"], sms["subject"]) == (True, "+4916012345678", "SMS")
    assert sms["text"].startswith("Impftermin: Ihre Kontaktdaten wurden geändert.")
    message.refresh_from_db()
    assert message.last_reply == "409"
    assert "Ihre Kontaktdaten wurden geändert" in client.get(PAGE).text


def test_there_is_no_mailbox_outside_the_demo(client, settings):
    settings.DEMO_MAILBOX = ""

    assert client.get(PAGE).status_code == 404
    assert client.get(PAGE, {"format": "json"}).status_code == 404


def test_an_empty_mailbox_says_so(client, settings, tmp_path):
    settings.DEMO_MAILBOX = str(tmp_path / "not-there-yet")

    assert "Noch keine Nachricht" in client.get(PAGE).text
    assert client.get(PAGE, {"format": "json"}).json() == []


def test_newest_mail_comes_first(client, mailbox):
    for subject in ("eins", "zwei", "drei"):
        send(mailbox, "a@example.org", subject)

    found = client.get(PAGE, {"format": "json"}).json()

    assert [mail["subject"] for mail in found] == ["drei", "zwei", "eins"]


def test_json_names_everything_a_program_needs(client, mailbox):
    send(mailbox, "a@example.org", text="Bitte hier: http://testserver/link/abc/\nund http://testserver/regeln/.\n")

    (mail,) = client.get(PAGE, {"format": "json"}).json()

    assert mail["to"] == "a@example.org"
    assert mail["subject"] == "Hallo"
    assert mail["text"].startswith("Bitte hier")
    assert mail["links"] == ["http://testserver/link/abc/", "http://testserver/regeln/"]
    assert mail["at"][:2] == "20"


def test_page_can_show_one_address_only(client, mailbox):
    send(mailbox, "a@example.org", "für A")
    send(mailbox, "b@example.org", "für B")

    page = client.get(PAGE, {"to": "A@example.org"}).text

    assert "für A" in page
    assert "für B" not in page


def test_page_shows_text_harmlessly_and_links_clickable(client, mailbox):
    send(mailbox, "a@example.org", "<b>fett</b>", "<script>alert(1)</script>\nhttp://testserver/link/abc/\n")

    page = client.get(PAGE).text

    assert "<b>fett" not in page
    assert "<script>alert" not in page
    assert 'href="http://testserver/link/abc/"' in page


def test_mail_of_the_house_arrives_readable(client, mailbox):
    person = RegistrationFactory(first_name="Thị", last_name="Nguyễn")
    outbox.queue(
        template="contact_changed",
        recipient="alt@example.org",
        language="de",
        reference={"registration": person.pk},
        dedupe_key="test",
        now=NOW,
    )
    delivery.drain(clock=lambda: NOW + timedelta(seconds=1))

    (mail,) = client.get(PAGE, {"format": "json", "to": "alt@example.org"}).json()

    assert mail["subject"] == "Ihre Kontaktdaten wurden geändert"
    assert "Guten Tag Thị Nguyễn," in mail["text"]


def test_mailbox_only_reads(client, mailbox):
    assert client.post(PAGE).status_code == 405
