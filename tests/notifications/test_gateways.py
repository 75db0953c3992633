"""What each answer of a mail server means. A real server, no database."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.core.mail import EmailMessage

from notifications.gateways import MESSAGES_PER_CONNECTION, Interrupted, Outcome, Smtp, Unreachable
from tests.notifications.mailserver import MailServer, Providers, free_port


class Moody(Providers):
    """Refuses at MAIL FROM or after DATA, as it is told."""

    sender_answer = "250 OK"
    data_answer = "250 OK"

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.sender_answer

    async def handle_DATA(self, server, session, envelope):
        await super().handle_DATA(server, session, envelope)
        return self.data_answer


@pytest.fixture
def server() -> Iterator[MailServer]:
    mail_server = MailServer()
    mail_server.providers = mail_server.controller.handler = Moody()
    with mail_server:
        yield mail_server


@pytest.fixture
def smtp(server) -> Iterator[Smtp]:
    connection = Smtp(server.options)
    yield connection
    connection.close()


def mail(to="a@gmx.de") -> EmailMessage:
    return EmailMessage("Betreff", ".\nÄnderung\n.", "Haus <house@example.org>", [to])


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("250 OK", Outcome.SENT),
        ("251 will forward", Outcome.SENT),
        ("450 4.2.0 greylisted", Outcome.DEFERRED),
        ("452 4.2.2 mailbox full", Outcome.DEFERRED),
        ("550 5.1.1 no such user", Outcome.BOUNCED),
    ],
)
def test_answer_to_the_recipient(server, smtp, answer, outcome):
    server.providers.answer["gmx.de"] = answer

    reply = smtp.send(mail())

    assert reply.outcome is outcome
    assert outcome is Outcome.SENT or reply.text == answer


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("250 2.0.0 queued as 4711", Outcome.SENT),
        ("451 4.3.0 try again", Outcome.DEFERRED),
        ("554 5.7.1 looks like spam", Outcome.BOUNCED),
    ],
)
def test_answer_to_the_content(server, smtp, answer, outcome):
    server.providers.data_answer = answer

    reply = smtp.send(mail())

    assert (reply.outcome, reply.text) == (outcome, answer)


def test_a_refusal_leaves_the_connection_usable(server, smtp):
    server.providers.answer["gmx.de"] = "550 no"

    assert smtp.send(mail()).outcome is Outcome.BOUNCED
    assert smtp.send(mail("a@web.de")).outcome is Outcome.SENT
    assert len(server.providers.connections) == 1


def test_a_server_that_takes_its_leave_says_nothing_about_the_recipient(server, smtp):
    server.providers.answer["gmx.de"] = "421 4.3.2 closing"

    with pytest.raises(Interrupted, match="421"):
        smtp.send(mail())


def test_a_server_that_refuses_our_sender_says_nothing_about_the_recipient(server, smtp):
    server.providers.sender_answer = "550 5.7.1 not from you"

    with pytest.raises(Interrupted, match="not from you"):
        smtp.send(mail())


def test_a_new_connection_after_so_many_messages(server, smtp):
    for _number in range(MESSAGES_PER_CONNECTION + 1):
        smtp.send(mail())

    assert len(server.providers.connections) == 2


def test_text_arrives_as_it_was_written(server, smtp):
    smtp.send(mail())

    assert server.providers.mails[0].get_content().splitlines() == [".", "Änderung", "."]


def test_nobody_there():
    with pytest.raises(Unreachable, match="refused"):
        Smtp({"host": "127.0.0.1", "port": free_port(), "timeout": 5}).send(mail())


@pytest.mark.parametrize(("password", "accepted"), [("right", True), ("wrong", False)])
def test_password(password, accepted):
    def authenticate(server, session, envelope, mechanism, data):
        return AuthResult(success=data.login == b"impf" and data.password == b"right", handled=False)

    providers = Providers()
    controller = Controller(
        providers,
        hostname="127.0.0.1",
        port=free_port(),
        ready_timeout=20,
        authenticator=authenticate,
        auth_require_tls=False,
    )
    controller.start()
    smtp = Smtp({"host": "127.0.0.1", "port": controller.port, "username": "impf", "password": password, "timeout": 5})
    try:
        if accepted:
            assert smtp.send(mail()).outcome is Outcome.SENT
        else:
            with pytest.raises(Unreachable, match="535"):
                smtp.send(mail())
    finally:
        smtp.close()
        controller.stop()
