"""SMS: what fits into one, and the way out by a gateway that takes JSON over HTTP.

The gateway is spoken to as docs/environment.md (SMS_URL) says: POST with recipient, text and the id of the message. The
id is the same at every try, so a gateway that knows it already does not send it twice.
"""

import http.client
import json
import re
import socket
import ssl
import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from notifications.gateways import Dialogue, Interrupted, Outcome, Reply, Unreachable

# GSM 03.38, what all telephones show. One sign beyond it would make every sign of the SMS cost twice as much.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€")  # two septets each
ALIKE = str.maketrans({
    "„": '"', "“": '"', "”": '"', "‚": "'", "‘": "'", "’": "'", "–": "-", "—": "-", "\u2011": "-", "…": "...",
    "\u00a0": " ", "\u202f": " ", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ð": "d", "þ": "th",
})  # fmt: skip
ONE, PART = 160, 153  # septets of a single SMS, and of each part of a longer one

LONGEST_ANSWER = 4_096
LONGEST_REST = timedelta(hours=1)
OURS = frozenset({401, 402, 403, 404, 405, 407})  # our key, our credit, our address: nothing about the recipient
LATER = frozenset({408, 425, 429})
KNOWN = 409  # this id was accepted at an earlier try
PAUSES = frozenset({429, 503})  # the gateway wants a rest, whoever is next
_CONTROL = re.compile(r"[\x00-\x20\x7f]+")


@dataclass(frozen=True, slots=True)
class Sms:
    """One SMS; `id` is the same at every try."""

    id: str
    to: str
    text: str


def plain(text: str) -> str:
    """The text in signs that every telephone shows; accents that do not exist there are left out."""
    return "".join(_plain(sign) for sign in text.translate(ALIKE))


def parts(text: str) -> int:
    """How many SMS the text is for the network."""
    septets = sum(2 if sign in EXTENDED else 1 for sign in text)
    return 1 if septets <= ONE else -(-septets // PART)


def _plain(sign: str) -> str:
    if sign in BASIC or sign in EXTENDED:
        return sign
    return "".join(part for part in unicodedata.normalize("NFKD", sign) if part in BASIC) or "?"


class ConsoleSms:
    """For development alone: what would be sent is written to the console."""

    def send(self, sms: Sms) -> Reply:
        """Always accepted."""
        sys.stdout.write(f"SMS to {sms.to} ({parts(sms.text)}): {sms.text}\n")
        sys.stdout.flush()
        return Reply(Outcome.SENT, "written to the console")

    def busy_for(self) -> float:
        return 0.0

    def cut(self) -> None:
        """Nothing to cut."""

    def close(self) -> None:
        """Nothing to close."""


class HttpSms(Dialogue):
    """One connection to the gateway, opened when first needed. Used by one thread at a time; `cut` by any."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """`options` as config.env reads them from SMS_URL."""
        super().__init__()
        self._options = options
        self._http: http.client.HTTPConnection | None = None

    def send(self, sms: Sms) -> Reply:
        """Offer one SMS."""
        try:
            with self._running():
                return self._converse(sms)
        except (http.client.HTTPException, OSError) as broken:
            self._drop()
            raise Interrupted(f"{type(broken).__name__}: {_one_line(str(broken))}") from broken

    def close(self) -> None:
        self._drop()

    def _socket(self) -> socket.socket | None:
        connection = self._http
        return connection.sock if connection is not None else None

    def _converse(self, sms: Sms) -> Reply:
        """A connection that the gateway has closed meanwhile is opened anew, once: the id makes that safe."""
        reused = self._http is not None
        try:
            return self._offer(self._http or self._open(), sms)
        except (ConnectionError, http.client.RemoteDisconnected):
            if not reused or self._was_cut:
                raise
            self._drop()
            return self._offer(self._open(), sms)

    def _open(self) -> http.client.HTTPConnection:
        options = self._options
        place = {"host": options["host"], "port": options["port"], "timeout": options.get("timeout") or 20}
        connection = (
            http.client.HTTPSConnection(**place, context=ssl.create_default_context())
            if options["tls"]
            else http.client.HTTPConnection(**place)
        )
        self._http = connection
        try:
            connection.connect()
        except OSError as broken:
            self._drop()
            raise Unreachable(f"{type(broken).__name__}: {broken}") from broken
        return connection

    def _offer(self, connection: http.client.HTTPConnection, sms: Sms) -> Reply:
        names = self._options["names"]
        body = {**self._options["fields"], names["to"]: sms.to, names["text"]: sms.text, names["id"]: sms.id}
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Idempotency-Key": sms.id}
        if self._options["token"]:
            headers["Authorization"] = f"Bearer {self._options['token']}"
        connection.request("POST", self._options["path"], json.dumps(body).encode(), headers)
        answer = connection.getresponse()
        content = answer.read(LONGEST_ANSWER)
        if answer.will_close or not answer.isclosed():
            self._drop()  # it says goodbye, or it has more to say than anybody wants to read
        if self._was_cut:  # http.client takes headers that end anywhere
            raise http.client.IncompleteRead(content)
        return _judged(answer.status, _one_line(content.decode("utf-8", "replace")), answer.headers["Retry-After"])

    def _drop(self) -> None:
        if self._http is not None:
            self._http.close()
        self._http = None


def _judged(status: int, words: str, retry_after: str | None) -> Reply:
    answer = f"{status} {words}".strip()
    if 200 <= status < 300 or status == KNOWN:
        return Reply(Outcome.SENT, answer)
    if status in LATER or status >= 500:
        return Reply(Outcome.DEFERRED, answer, after=_rest(retry_after), pause=status in PAUSES)
    if status in OURS or status < 400:
        raise Unreachable(answer)
    return Reply(Outcome.BOUNCED, answer)


def _rest(retry_after: str | None) -> timedelta | None:
    """Retry-After as RFC 9110 has it: seconds, or a date; nonsense counts as not said."""
    if retry_after is None:
        return None
    try:
        if retry_after.strip().isdecimal():
            rest = timedelta(seconds=int(retry_after))
        else:
            at = parsedate_to_datetime(retry_after)
            rest = (at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)
    except (ValueError, OverflowError):
        return None
    return min(max(rest, timedelta(0)), LONGEST_REST)


def _one_line(words: str) -> str:
    return _CONTROL.sub(" ", words).strip()
