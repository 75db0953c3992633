"""The demo's mail server and SMS gateway: SMTP and JSON in, a Maildir out, which the page /postfach/ shows.

`python -m devkit.mailbox_sink MAILDIR SMTP HTTP`; the last two are listening sockets that dev.py opened.
It hands nothing on: a demo must never write to real people.
"""

import asyncio
import json
import mailbox
import signal
import socket
import sys
from email import message_from_bytes
from email.message import EmailMessage, Message
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST = 5_000_000


class Sink:
    """Keeps every message; `bounce.example` and `later.example` are refused, to show what that looks like."""

    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder, create=True)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept a recipient, or answer as a provider that refuses or delays."""
        domain = address.rpartition("@")[2].lower()
        if domain == "bounce.example":
            return "550 5.1.1 No such mailbox here"
        if domain == "later.example":
            return "451 4.7.1 Too much mail, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Write the message down before saying so."""
        content = envelope.content
        message: Message = message_from_bytes(content if isinstance(content, bytes) else (content or "").encode())
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        self._box.add(message)
        return "250 Message kept"


class SmsSink:
    """Keeps every SMS as a mail to the number; as gateways do, it knows an id that it has accepted already."""

    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder, create=True)
        self._known: set[str] = set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after another."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                headers = [line.partition(b":") for line in head.lower().split(b"\r\n")]
                [size] = [int(value) for name, _colon, value in headers if name == b"content-length"]
                status = self._keep(await reader.readexactly(min(size, LARGEST)))
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, KeyError, ValueError):
            pass  # it has hung up, or this is nobody who sends SMS
        finally:
            writer.close()

    def _keep(self, body: bytes) -> str:
        sms = json.loads(body)
        if sms["id"] in self._known:
            return "409 Known"
        message = EmailMessage()
        message["To"], message["Subject"], message["X-Medium"] = sms["to"], "SMS", "sms"
        message.set_content(sms["text"], cte="base64")
        self._box.add(message)
        self._known.add(sms["id"])
        return "202 Accepted"


async def serve(folder: Path, smtp: socket.socket, http: socket.socket) -> None:
    """Answer until SIGTERM."""
    sink = Sink(folder)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    server = await loop.create_server(
        lambda: SMTP(sink, data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname="demo.invalid", loop=loop),
        sock=smtp,
    )
    gateway = await asyncio.start_server(SmsSink(folder).handle, sock=http)
    async with server, gateway:
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), *(socket.socket(fileno=int(number)) for number in sys.argv[2:4])))
