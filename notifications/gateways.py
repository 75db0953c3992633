"""The ways out, whose every answer is told apart; here SMTP, in sms.py the gateway for SMS.

An answer about the recipient (4xx, 5xx) is a value. A connection that fails is an exception, because it says nothing
about any recipient: `Unreachable` before a message was offered, `Interrupted` in the middle of one.
"""

import contextlib
import smtplib
import socket
import ssl
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from django.core.mail import EmailMessage
from django.core.mail.utils import DNS_NAME

MESSAGES_PER_CONNECTION = 100  # common servers hang up after so many (and a load balancer shall get its turn)


Parcel_contra = TypeVar("Parcel_contra", contravariant=True)  # what is sent: an e-mail, an SMS


class Outcome(StrEnum):
    SENT = "sent"
    DEFERRED = "deferred"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said to one message, in its own words.

    Deferred: `after` is the rest it asks for. With `pause` that is about us: nobody else's turn is now either.
    """

    outcome: Outcome
    text: str
    after: timedelta | None = None
    pause: bool = False


class Unreachable(Exception):
    """No connection: server gone, not answering, or it refuses us (not the recipient)."""


class Interrupted(Exception):
    """The connection broke, or stood still, while a message was on it. Whether it arrived, nobody knows."""


class Gateway(Protocol[Parcel_contra]):
    """One connection, opened when first needed. Used by one thread at a time; `busy_for` and `cut` by any."""

    def send(self, parcel: Parcel_contra, /) -> Reply:
        """Offer one message; Unreachable or Interrupted when nobody can answer."""

    def busy_for(self) -> float:
        """Seconds since the running dialogue began; 0 when none runs."""

    def cut(self) -> None:
        """End a dialogue that takes too long."""

    def close(self) -> None:
        """Say goodbye, if anybody is there."""


class Dialogue(ABC):
    """What every connection knows of its running dialogue: since when, and how another thread ends it."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._was_cut = False

    @contextlib.contextmanager
    def _running(self) -> Iterator[None]:
        self._began, self._was_cut = time.monotonic(), False
        try:
            yield
        finally:
            self._began = None

    def busy_for(self) -> float:
        """Seconds since the running dialogue began; 0 when none runs."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def cut(self) -> None:
        """End a dialogue that takes too long. The socket's own timeout does not help against a server that drips."""
        self._was_cut = True
        sock = self._socket()
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    @abstractmethod
    def _socket(self) -> socket.socket | None:
        """That of the connection, if there is one; asked by any thread."""


class Smtp(Dialogue):
    """One connection to the mail server, opened when first needed. Used by one thread at a time; `cut` by any."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """`options` as config.env reads them from EMAIL_URL."""
        super().__init__()
        self._options = options
        self._smtp: smtplib.SMTP | None = None
        self._messages = 0

    def send(self, email: EmailMessage) -> Reply:
        """Offer one message to its one recipient."""
        if self._messages >= MESSAGES_PER_CONNECTION:
            self.close()
        try:
            with self._running():
                return self._converse(self._smtp or self._open(), email)
        except (smtplib.SMTPException, OSError) as broken:
            self._drop()
            raise Interrupted(_words(broken)) from broken
        except ValueError as impossible:  # an address or header that cannot be put into words of this protocol
            self._drop()
            return Reply(Outcome.BOUNCED, f"cannot be written as an e-mail: {type(impossible).__name__}")

    def close(self) -> None:
        """Say goodbye, if anybody is there."""
        if self._smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
        self._drop()

    def _socket(self) -> socket.socket | None:
        smtp = self._smtp
        return smtp.sock if smtp is not None else None

    def _open(self) -> smtplib.SMTP:
        options = self._options
        tls = ssl.create_default_context()
        place = {"local_hostname": DNS_NAME.get_fqdn(), "timeout": options.get("timeout") or 20}
        smtp = smtplib.SMTP_SSL(context=tls, **place) if options.get("use_ssl") else smtplib.SMTP(**place)
        # Known before it answers, so that `cut` can end a server that accepts a connection and stays silent.
        self._smtp = smtp
        smtp._host = options["host"]  # type: ignore[attr-defined]  # what connect() from the constructor sets: TLS checks it
        try:
            code, text = smtp.connect(options["host"], options["port"])
            if code != 220:
                raise smtplib.SMTPConnectError(code, text)
            if options.get("use_tls"):
                smtp.starttls(context=tls)
            if options.get("username"):
                smtp.login(options["username"], options["password"])
            smtp.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError) as broken:
            self._drop()
            raise Unreachable(_words(broken)) from broken
        return smtp

    def _converse(self, smtp: smtplib.SMTP, email: EmailMessage) -> Reply:
        """MAIL, RCPT, DATA. smtplib's own sendmail() throws the server's last words away; they are kept here."""
        content = email.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own message has it
        self._messages += 1
        options = ["body=8bitmime"] if smtp.has_extn("8bitmime") else []
        code, text = smtp.mail(parseaddr(email.from_email)[1], options)
        if code != 250:
            # It refuses our sender: nothing that a recipient could mend or has to suffer for.
            raise smtplib.SMTPResponseException(code, text)
        code, text = smtp.rcpt(email.to[0])
        if code in {250, 251}:
            try:
                code, text = smtp.data(content)
            except smtplib.SMTPDataError as refused:
                code, text = refused.smtp_code, _bytes(refused.smtp_error)
        return self._judged(smtp, code, text)

    def _judged(self, smtp: smtplib.SMTP, code: int, text: bytes) -> Reply:
        if code == 421 or code < 0:  # the server takes its leave
            raise smtplib.SMTPResponseException(code, text)
        answer = f"{code} {text.decode('utf-8', 'replace')}".strip()
        if code in {250, 251}:
            return Reply(Outcome.SENT, answer)
        smtp.rset()
        return Reply(Outcome.BOUNCED if code >= 500 else Outcome.DEFERRED, answer)

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp, self._messages = None, 0


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _words(broken: Exception) -> str:
    if isinstance(broken, smtplib.SMTPResponseException):
        return f"{broken.smtp_code} {_bytes(broken.smtp_error).decode('utf-8', 'replace')}"
    return f"{type(broken).__name__}: {broken}"
