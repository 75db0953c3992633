"""A real SMTP server for tests, which can refuse, delay, hang or break like the providers of 2021."""

import asyncio
import socket
import threading
from collections import defaultdict
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

OK = "250 2.0.0 accepted"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Providers:
    """What happens to a recipient depends on the domain: `answer["gmx.de"] = "451 4.7.1 greylisted"`.

    `answer` is a reply, or a function of the address that returns one. A domain in `hangs` answers only when the test
    sets `released`; one in `drops` ends the connection. `before_answer` runs when a mail has arrived, before the "250".
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.order: list[str] = []
        self.connections: set[tuple[str, int]] = set()
        self.tries: dict[str, int] = defaultdict(int)
        self.answer: dict[str, str | Callable[[str], str]] = {}
        self.hangs: set[str] = set()
        self.drops: set[str] = set()
        self.released = threading.Event()
        self.waiting = threading.Semaphore(0)
        self.before_answer: Callable[[str], None] | None = None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.connections.add(session.peer)
        self.tries[address] += 1
        domain = address.rpartition("@")[2]
        if domain in self.drops:
            server.transport.close()
            return "421 gone"
        if domain in self.hangs:
            self.waiting.release()
            while not self.released.is_set():
                await asyncio.sleep(0.01)
        answer = self.answer.get(domain, OK)
        reply = answer(address) if callable(answer) else answer
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        recipient = envelope.rcpt_tos[0]
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.order.append(recipient)
        if self.before_answer is not None:
            await asyncio.to_thread(self.before_answer, recipient)
        return OK


class MailServer:
    """`with MailServer() as server:` listens on a free port until the block ends."""

    def __init__(self) -> None:
        self.providers = Providers()
        self.controller = Controller(self.providers, hostname="127.0.0.1", port=free_port(), ready_timeout=20)

    def __enter__(self) -> "MailServer":
        self.controller.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.providers.released.set()
        self.controller.stop()

    @property
    def options(self) -> dict[str, object]:
        """As `settings.EMAIL`."""
        return {
            "host": "127.0.0.1",
            "port": self.controller.port,
            "username": "",
            "password": "",
            "use_tls": False,
            "use_ssl": False,
            "timeout": 10,
        }
