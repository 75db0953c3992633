"""What each answer of an SMS gateway means, and what fits into an SMS. A real server, no database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from notifications.gateways import Interrupted, Outcome, Unreachable
from notifications.sms import ConsoleSms, HttpSms, Sms, parts, plain
from tests.notifications.mailserver import free_port
from tests.notifications.smsgateway import Book, SmsGateway

TO = "+4915123456789"


@pytest.fixture
def gateway() -> Iterator[SmsGateway]:
    with SmsGateway() as server:
        yield server


@pytest.fixture
def book(gateway) -> Book:
    return gateway.book


@pytest.fixture
def http(gateway) -> Iterator[HttpSms]:
    connection = HttpSms(gateway.options)
    yield connection
    connection.close()


def sms(number: int = 1, *, to: str = TO) -> Sms:
    return Sms(f"00000000-0000-0000-0000-{number:012}", to, "Termin: Do 18.02. 10:20 Uhr, Größe ß")


def test_what_the_gateway_is_told(http, book):
    reply = http.send(sms())

    assert (reply.outcome, reply.text) == (Outcome.SENT, '202 {"state": "queued"}')
    assert book.requests == [
        {
            "path": "/v1/messages",
            "from": "Impftermin",
            "to": TO,
            "text": "Termin: Do 18.02. 10:20 Uhr, Größe ß",
            "id": sms().id,
        }
    ]
    assert book.headers[0]["Authorization"] == "Bearer geheim"
    assert book.headers[0]["Idempotency-Key"] == sms().id


def test_the_fields_are_named_as_the_gateway_wants_them(gateway, book):
    book.names = {"to": "recipient", "text": "body", "id": "reference"}
    options = {**gateway.options, "names": book.names, "fields": {}, "token": ""}

    connection = HttpSms(options)
    connection.send(sms())
    connection.close()

    assert book.requests == [{"path": "/v1/messages", "recipient": TO, "body": sms().text, "reference": sms().id}]
    assert "Authorization" not in book.headers[0]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.SENT),
        (202, Outcome.SENT),
        (409, Outcome.SENT),
        (400, Outcome.BOUNCED),
        (422, Outcome.BOUNCED),
        (408, Outcome.DEFERRED),
        (429, Outcome.DEFERRED),
        (500, Outcome.DEFERRED),
        (503, Outcome.DEFERRED),
    ],
)
def test_answer(http, book, status, outcome):
    book.answer[TO] = (status, b'{"error": "x"}', {})

    reply = http.send(sms())

    assert (reply.outcome, reply.text) == (outcome, f'{status} {{"error": "x"}}')
    assert reply.pause is (status in (429, 503))


@pytest.mark.parametrize("status", [301, 401, 402, 403, 404])
def test_an_answer_about_us_says_nothing_about_the_recipient(http, book, status):
    book.answer[TO] = (status, b"", {})

    with pytest.raises(Unreachable, match=str(status)):
        http.send(sms())


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("120", timedelta(seconds=120)),
        ("999999999", timedelta(hours=1)),
        ("soon", None),
        ("-5", None),
        (format_datetime(datetime(2000, 1, 1, tzinfo=UTC), usegmt=True), timedelta(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(hours=1)),
    ],
)
def test_the_rest_a_gateway_asks_for(http, book, said, rest):
    book.answer[TO] = (429, b"", {"Retry-After": said})

    assert http.send(sms()).after == rest


def test_an_sms_that_is_known_already_is_not_sent_twice(http, book):
    http.send(sms())

    assert http.send(sms()).outcome is Outcome.SENT
    assert len(book.accepted) == 1


def test_one_connection_for_many(http, book):
    for number in range(10):
        http.send(sms(number))

    assert len(book.connections) == 1


def test_a_connection_that_the_gateway_has_closed_meanwhile_is_opened_anew(http, book):
    book.closes = True  # without saying so

    assert [http.send(sms(number)).outcome for number in range(3)] == [Outcome.SENT] * 3
    assert (len(book.accepted), len(book.connections)) == (3, 3)


@pytest.mark.parametrize(
    "raw",
    [b"", b"220 smtp.example.org ESMTP\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"\xff\x00\xfe" * 40, b"<html>" * 30_000],
)
def test_garbage_says_nothing_about_the_recipient_and_spoils_nothing(http, book, raw):
    book.garbage[TO] = raw

    with pytest.raises(Interrupted):
        http.send(sms())
    assert http.send(sms(2, to="+4916012345678")).outcome is Outcome.SENT


def test_an_endless_or_binary_answer_is_kept_as_one_short_line(http, book):
    book.answer[TO] = (422, b"\x00\xff bad\r\nnumber " + b"x" * 100_000, {})

    reply = http.send(sms())

    assert reply.outcome is Outcome.BOUNCED
    assert reply.text.startswith("422 \N{REPLACEMENT CHARACTER} bad number x")
    assert len(reply.text) < 5_000
    assert http.send(sms(2, to="+4916012345678")).outcome is Outcome.SENT


def test_a_gateway_that_hangs_is_given_up(gateway, book):
    book.hangs.add(TO)

    with pytest.raises(Interrupted, match=r"(?i)time"):
        HttpSms({**gateway.options, "timeout": 0.2}).send(sms())


def test_nobody_there():
    options = {"host": "127.0.0.1", "port": free_port(), "tls": False, "timeout": 5}
    with pytest.raises(Unreachable, match="refused"):
        HttpSms(options).send(sms())


def test_the_console_shows_it(capsys):
    assert ConsoleSms().send(sms()).outcome is Outcome.SENT
    assert "Do 18.02. 10:20 Uhr" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Größe ß ÄÖÜ é à €", "Größe ß ÄÖÜ é à €"),
        ("„Halle“ – 1. Stock…", '"Halle" - 1. Stock...'),
        ("Łódź, Đorđević, Ąžuolas", "Lodz, Dordevic, Azuolas"),
        ("10:20\u00a0Uhr", "10:20 Uhr"),
        ("💉", "?"),
    ],
)
def test_signs_that_every_telephone_shows(text, shown):
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("text", "number"), [("x" * 160, 1), ("x" * 161, 2), ("€" * 80, 1), ("x" * 306, 2), ("x" * 307, 3)]
)
def test_parts(text, number):
    assert parts(text) == number
