"""`dev.py run`, for real: started, asked, killed. The data lie in a folder with a space, an umlaut and a long path."""

import json
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
import urllib.request
from email.message import EmailMessage
from pathlib import Path

import pytest

from devkit.paths import ROOT

PATIENCE_SECONDS = 120


class Running:
    """One `dev.py run` in a process of its own, its words in `said`."""

    def __init__(self, data: Path, log: Path, **environment: str) -> None:
        self.data = data
        self.port = free_port()
        self.log = log
        inherited = {name: value for name, value in os.environ.items() if name not in GIVEN_BY_THE_TEST_RUN}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "devkit", "run", "--port", str(self.port), "--data", str(data), "--empty"],
                cwd=ROOT, env={**inherited, **environment}, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def ready(self) -> "Running":
        until = time.monotonic() + PATIENCE_SECONDS
        while "Ready: " not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < until, self.said
            time.sleep(0.05)
        return self

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return answer.read().decode()

    def processes(self) -> set[int]:
        """Every living process that works for this data folder."""
        mark = os.fsencode(self.data)
        return {int(entry.name) for entry in Path("/proc").glob("[0-9]*") if mark in facts_of(entry)}

    def lose(self, part: bytes) -> None:
        """Kill one part and see the whole run end by itself."""
        killed = min(pid for pid in self.processes() if part in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(killed, signal.SIGKILL)
        assert self.process.wait(30) == 1
        assert self.gone_within(10) == set()

    def gone_within(self, seconds: float) -> set[int]:
        until = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < until:
            time.sleep(0.05)
        return left


GIVEN_BY_THE_TEST_RUN = (
    "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SMS_URL", "SITE_URL", "ALLOWED_HOSTS", "SECRET_KEY", "LINK_KEY",
    "DEMO", "CI",
)  # fmt: skip


def facts_of(entry: Path) -> bytes:
    """Command line and environment of a process; empty for a process that is gone, or not ours."""
    try:
        return (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
    except OSError:
        return b""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def refused(*words: str, **environment: str) -> str:
    """What `dev.py run` says when it will not start: exactly one line, on a non-zero exit."""
    inherited = {name: value for name, value in os.environ.items() if name not in GIVEN_BY_THE_TEST_RUN}
    done = subprocess.run(
        [sys.executable, "-m", "devkit", "run", "--empty", *words],
        cwd=ROOT, env={**inherited, **environment}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("run") / ("ein Ordner mit Umläuten " + "ü" * 40) / ("lang" * 20)


@pytest.fixture(scope="module")
def running(folder, tmp_path_factory):
    run = Running(folder, tmp_path_factory.mktemp("said") / "first").ready()
    yield run
    run.process.send_signal(signal.SIGTERM)
    run.process.wait(30)
    assert run.gone_within(5) == set()


def test_ready_means_that_all_answer(running):
    found = json.loads(running.get("/readyz"))

    assert found["ready"] is True
    assert f"Ready: http://127.0.0.1:{running.port}\n" in running.said


def test_site_is_shown_with_its_style(running):
    page = running.get("/")
    style = re.search(r'href="(/static/app[^"]*\.css)"', page)

    assert style is not None, page[:500]
    assert "{" in running.get(style[1])


def test_mail_to_the_demo_server_is_shown(running):
    message = EmailMessage()
    message["To"], message["Subject"] = "ingeborg@example.org", "Probe"
    message.set_content("Guten Tag: http://127.0.0.1/link/abc/")
    with smtplib.SMTP("127.0.0.1", mail_port(running)) as server:
        server.send_message(message, "impftermin@example.org", ["ingeborg@example.org"])

    mails = json.loads(running.get("/postfach/?format=json&to=ingeborg@example.org"))

    assert [(mail["subject"], mail["links"]) for mail in mails] == [("Probe", ["http://127.0.0.1/link/abc/"])]


def test_demo_server_plays_a_provider_that_refuses(running):
    with smtplib.SMTP("127.0.0.1", mail_port(running)) as server:
        server.ehlo()
        server.mail("impftermin@example.org")

        assert server.rcpt("a@bounce.example")[0] == 550
        assert server.rcpt("a@later.example")[0] == 451


def mail_port(run: Running) -> int:
    for pid in run.processes():
        found = re.search(rb"EMAIL_URL=smtp://127\.0\.0\.1:(\d+)", facts_of(Path(f"/proc/{pid}")))
        if found:
            return int(found[1])
    pytest.fail("no process knows a mail server")


def test_second_run_on_the_same_data_is_refused(running):
    words = refused("--data", str(running.data), "--port", str(free_port()))

    assert "Another run uses" in words
    assert "--data" in words


def test_port_in_use_is_refused(running, tmp_path):
    words = refused("--data", str(tmp_path), "--port", str(running.port))

    assert f"Port {running.port} is in use" in words
    assert f"--port {running.port + 1}" in words


def test_manage_reaches_the_running_database(running):
    done = subprocess.run(
        [sys.executable, "-m", "devkit", "manage", "--data", str(running.data), "showmigrations", "--plan"],
        cwd=ROOT, capture_output=True, text=True,
        env={name: value for name, value in os.environ.items() if name not in GIVEN_BY_THE_TEST_RUN},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "[X]" in done.stdout
    assert "[ ]" not in done.stdout


def test_killed_run_leaves_nothing_and_the_next_finds_its_data(tmp_path):
    data = tmp_path / "data"
    first = Running(data, tmp_path / "first").ready()
    secret = (data / "secret").read_text()
    assert len(first.processes()) >= 7
    first.process.kill()
    first.process.wait()
    assert first.gone_within(20) == set()

    second = Running(data, tmp_path / "second").ready()
    assert (data / "secret").read_text() == secret

    # And while it stands: a part that dies ends it, with one line.
    second.lose(b"beat")
    assert second.said.rstrip().splitlines()[-1].startswith("beat stopped: ")


def test_run_ends_with_a_line_when_the_database_dies(tmp_path):
    run = Running(tmp_path / "data", tmp_path / "log").ready()
    run.lose(b"bin/postgres")
    assert run.said.rstrip().splitlines()[-1].startswith("PostgreSQL stopped: ")


@pytest.mark.parametrize(
    ("name", "url", "words"),
    [
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing", "DATABASE_URL leads to no database"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL leads to no database"),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "REDIS_URL leads to no Valkey"),
        ("REDIS_URL", "nonsense", "REDIS_URL leads to no Valkey"),
    ],
)
def test_broken_address_is_named_with_its_cure(tmp_path, name, url, words):
    said = refused("--data", str(tmp_path), "--port", str(free_port()), **{name: url})

    assert words in said
    assert "Set it as in" in said
