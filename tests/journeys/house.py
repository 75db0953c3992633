"""One installation for all journeys: granian, a Celery worker for both queues, and a mail server in this process.

What beat does every few seconds the journeys do themselves, whenever they wait for a mail: they send its task.
"""

import os
import re
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from django.db import connection

from config import pulse
from config.celery import app
from devkit.supervisor import Supervisor
from tests.notifications.mailserver import MailServer, free_port

HOST = "127.0.0.1"
READY_WITHIN_SECONDS = 90.0
MAIL_WITHIN_SECONDS = 60.0
LINK = re.compile(r"http://\S+/link/\S+/")


@dataclass(frozen=True)
class Mail:
    """One mail as its reader sees it."""

    subject: str
    text: str
    html: str

    @property
    def links(self) -> list[str]:
        """Every access link in the plain text, in order."""
        return LINK.findall(self.text)

    @property
    def link(self) -> str:
        """The one link that a mail carries."""
        (found,) = set(self.links)
        return found


class House:
    """`with House(folder) as house:` runs until the block ends; `house.site` is its address."""

    def __init__(self, folder: Path) -> None:
        self.mails = MailServer()
        self.port = free_port()
        self.site = f"http://{HOST}:{self.port}"
        self._supervisor = Supervisor(logs=folder, environment={})

    def __enter__(self) -> "House":
        self.mails.__enter__()
        # The tests' own connection knows the name of their database; the processes get it with the same server.
        database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        self._supervisor.environment = {
            **os.environ,
            "DATABASE_URL": database.geturl(),
            "SITE_URL": self.site,
            "STAFF_SECOND_FACTOR": "true",
            "EMAIL_URL": f"smtp://{HOST}:{self.mails.controller.port}",
        }
        web = ["granian", "--interface", "wsgi", "--host", HOST, "--port", str(self.port), "--no-ws", "--workers", "1",
               "--blocking-threads", "4", "config.wsgi:application"]  # fmt: skip
        worker = ["celery", "-A", "config", "worker", "-Q", "celery,messages", "--pool=threads", "--concurrency=2",
                  "--without-gossip", "--without-mingle", "--loglevel=WARNING"]  # fmt: skip
        pulse.line().delete(*(f"{pulse.PREFIX}{queue}" for queue in pulse.QUEUES))  # of another test's worker
        try:
            self._supervisor.start("web", web)
            self._supervisor.start("worker", worker)
            self.until(self._up, within=READY_WITHIN_SECONDS)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._supervisor.stop()
        self.mails.__exit__()

    def until(self, condition: Callable[[], object], *, within: float = MAIL_WITHIN_SECONDS) -> None:
        """Wait for what another process does."""
        end = time.monotonic() + within
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            self._supervisor.check()
            time.sleep(0.2)

    def task(self, name: str) -> None:
        """What beat would send; dropped when nobody takes it soon."""
        app.send_task(name, expires=10)

    def inbox(self, address: str) -> list[Mail]:
        """All mails to an address, oldest first."""
        return [_read(mail) for mail in self.mails.providers.mails if mail["To"] == address]

    def mail(self, address: str, subject: str, *, number: int = 1) -> Mail:
        """The mail with this subject, once `number` of them have come."""
        found: list[Mail] = []

        def come() -> bool:
            self.task("notifications.tasks.drain_outbox")
            found[:] = [mail for mail in self.inbox(address) if mail.subject == subject]
            return len(found) >= number

        try:
            self.until(come)
        except AssertionError:
            have = [mail.subject for mail in self.inbox(address)]
            raise AssertionError(f"no mail {subject!r} to {address}; there are {have}") from None
        return found[number - 1]

    def drained(self) -> None:
        """Let the worker try every message that is due."""
        self.task("notifications.tasks.drain_outbox")

    def _up(self) -> bool:
        try:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"{self.site}/healthz", timeout=2):
                return None not in map(pulse.ages().get, pulse.QUEUES)
        except OSError:
            return False


def _read(mail: EmailMessage) -> Mail:
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    return Mail(str(mail["Subject"]), plain.get_content().replace("\r\n", "\n"), html.get_content())
