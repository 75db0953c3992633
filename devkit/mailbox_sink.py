"""The demo's mail server: real SMTP in, a Maildir out, which the page /postfach/ shows.

`python -m devkit.mailbox_sink MAILDIR DESCRIPTOR`; DESCRIPTOR is a listening socket that dev.py opened.
It hands nothing on: a demo must never write to real people.
"""

import asyncio
import mailbox
import signal
import socket
import sys
from email import message_from_bytes
from email.message import Message
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


async def serve(folder: Path, listener: socket.socket) -> None:
    """Answer until SIGTERM."""
    sink = Sink(folder)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    server = await loop.create_server(
        lambda: SMTP(sink, data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname="demo.invalid", loop=loop),
        sock=listener,
    )
    async with server:
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))))
