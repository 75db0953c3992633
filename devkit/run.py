"""`dev.py run`: the whole installation on one machine, with an invented February 2021."""

import json
import os
import secrets
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg2
import redis

from accounts import demo
from devkit import install, sockets
from devkit.paths import ROOT
from devkit.problems import Problem, disk_full
from devkit.servers import Servers
from devkit.supervisor import Supervisor

HOST = "127.0.0.1"
READY_WITHIN_SECONDS = 120.0
LEAST_FREE_BYTES = 300_000_000
WORKER_OPTIONS = ("--without-gossip", "--without-mingle", "--loglevel=WARNING", "--pool=threads")


@dataclass(frozen=True)
class Options:
    """What the person asked for. `data` keeps everything: database, mails, logs, the secret."""

    port: int
    data: Path
    empty: bool
    staff_port: int | None = None  # a web process of the staff's own, as an installation has it


@dataclass
class Run:
    """One run, from the locked data folder to the last process stopped."""

    options: Options
    held: list[int | socket.socket] = field(default_factory=list)
    servers: Servers | None = None
    supervisor: Supervisor | None = None

    def up(self) -> None:
        """Everything, in order; returns when web, worker and beat answer."""
        data = self.options.data
        _room(data)
        self._own(data)
        for port in self.ports():
            _free(port)
        for log in data.glob("*.log"):
            log.unlink()
        _say("Starting PostgreSQL and Valkey ...")
        self.servers = Servers(data=data, sockets=sockets.for_data(data))
        _reachable(self.servers.given())
        environment = self.environment(self.servers.start())
        self.supervisor = Supervisor(logs=data, environment=environment)
        self._mail(environment)
        self._fill()
        self._processes()
        self._wait()

    def ports(self) -> list[int]:
        """Where the public's web process answers, and the staff's, if it is wanted."""
        return [port for port in (self.options.port, self.options.staff_port) if port is not None]

    def _own(self, data: Path) -> None:
        """Take the data folder: two runs on one database would send everything twice."""
        lock = sockets.locked(data)
        if lock is None:
            raise Problem(
                f"Another run uses {data}.",
                "Stop it, or choose another folder and port: python3 dev.py run --data var/other --port 8001",
            )
        self.held.append(lock)

    def environment(self, servers: dict[str, str]) -> dict[str, str]:
        """The environment of every process: what the person set wins."""
        site = f"http://{HOST}:{self.options.port}"
        defaults = {
            "SECRET_KEY": _secret(self.options.data / "secret"),
            "ALLOWED_HOSTS": f"{HOST},localhost",
            "SITE_URL": site,
            "DEMO": "true",
            "STATIC_FROM_SOURCE": "true",
        }
        return {
            **defaults, **os.environ, **servers,
            "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1",
        }  # fmt: skip

    def _mail(self, environment: dict[str, str]) -> None:
        """The demo's mail server and SMS gateway, unless EMAIL_URL (and SMS_URL) names one."""
        if environment.get("EMAIL_URL") or self.supervisor is None:
            return
        smtp, http = socket.create_server((HOST, 0)), socket.create_server((HOST, 0))
        self.held += [smtp, http]
        box = self.options.data / "mail"
        environment["EMAIL_URL"] = f"smtp://{HOST}:{smtp.getsockname()[1]}"
        environment.setdefault("SMS_URL", f"http://{HOST}:{http.getsockname()[1]}/sms")
        environment["DEMO_MAILBOX"] = str(box)
        keep = (smtp.fileno(), http.fileno())
        self.supervisor.start("mail", ["devkit.mailbox_sink", str(box), *map(str, keep)], keep=keep)

    def _fill(self) -> None:
        """Tables, facts, and (once) invented people. The commands may run again and change nothing then."""
        supervisor = self._supervisor()
        _say("Migrating the database ...")
        supervisor.finish("migrate", ["manage", "migrate", "--no-input", "--verbosity=1"])
        if self.options.empty:
            _say("Loading centers, vaccines and rules ...")
            supervisor.finish("load_reference", ["manage", "load_reference"])
        else:  # the demo loads the same facts with shifted dates
            _say("Filling the demo (the first time some 20 seconds) ...")
            supervisor.finish("fill_demo", ["manage", "fill_demo"])

    def _processes(self) -> None:
        """The web process, a worker per queue, one beat."""
        _say("Starting web, workers and beat ...")
        supervisor = self._supervisor()
        for name, port in zip(("web", "web-staff"), self.ports(), strict=False):
            web = ["granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "--no-ws",
                   "--workers", "1", "--blocking-threads", "4", "config.wsgi:application"]  # fmt: skip
            supervisor.start(name, web, death_signal="TERM")
        for queue in ("celery", "messages"):
            worker = ["celery", "-A", "config", "worker", "-Q", queue, "-n", f"{queue}@%h", *WORKER_OPTIONS]
            supervisor.start(f"worker-{queue}", [*worker, "--concurrency=2"])
        supervisor.start("beat", ["celery", "-A", "config", "beat", "--loglevel=WARNING", "--pidfile="])

    def _wait(self) -> None:
        """Poll /readyz until every part has been seen alive since we started it."""
        began = time.monotonic()
        found: dict[str, Any] = {}
        while time.monotonic() - began < READY_WITHIN_SECONDS:
            self._supervisor().check()
            found = readiness(self.options.port)
            others = all(readiness(port) for port in self.ports()[1:])
            if found.get("ready") and others and _oldest(found) <= time.monotonic() - began:
                return
            time.sleep(0.1)
        raise Problem(f"Not everything answers: {json.dumps(found)}", f"See the logs in {self.options.data}.")

    def _supervisor(self) -> Supervisor:
        if self.supervisor is None:
            raise RuntimeError("not started")
        return self.supervisor

    def watch(self) -> None:
        """Until a signal comes, or a part stops by itself."""
        while True:
            if self.servers is not None:
                self.servers.check()
            self._supervisor().check()
            time.sleep(0.5)

    def down(self) -> None:
        """Stop everything; the data stays."""
        if self.supervisor is not None:
            self.supervisor.stop()
        if self.servers is not None:
            self.servers.stop()
            shutil.rmtree(self.servers.sockets, ignore_errors=True)


def _say(words: str) -> None:
    print(words, flush=True)


def _room(data: Path) -> None:
    """Make the data folder, and see that something fits into it."""
    data.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(data).free < LEAST_FREE_BYTES:
        raise disk_full(data, "at least 300 MB")


def _free(port: int) -> None:
    """See that nobody listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            raise Problem(
                f"Port {port} is in use (or not ours to use).", f"Choose another: python3 dev.py run --port {port + 1}"
            ) from None


def _reachable(given: dict[str, str]) -> None:
    """See that the servers named in the environment answer, before anything runs into them."""
    if "DATABASE_URL" in given:
        try:
            psycopg2.connect(given["DATABASE_URL"], connect_timeout=5).close()
        except psycopg2.Error as error:
            reason = " ".join(str(error).split())
            raise Problem(
                f"DATABASE_URL leads to no database: {reason}.",
                "Set it as in postgresql://user:password@host:5432/name, or unset it to use our own PostgreSQL.",
            ) from None
    if "REDIS_URL" in given:
        try:
            with redis.from_url(given["REDIS_URL"], socket_timeout=5, socket_connect_timeout=5) as line:
                line.ping()
        except (redis.RedisError, ValueError) as error:
            raise Problem(
                f"REDIS_URL leads to no Valkey or Redis: {error}.",
                "Set it as in redis://host:6379/0, or unset it to use our own Valkey.",
            ) from None


def _secret(file: Path) -> str:
    """The key of this data folder, made once: links in mails of yesterday's run still work today."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(64))
    return file.read_text()


def readiness(port: int) -> dict[str, Any]:
    """The answer of /readyz, {} when nobody answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{HOST}:{port}/readyz", timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return _parsed(error.read())
    except (OSError, ValueError):
        return {}
    return found


def _parsed(body: bytes) -> dict[str, Any]:
    """JSON of a 503; {} of anything else."""
    try:
        found: dict[str, Any] = json.loads(body)
    except ValueError:
        return {}
    return found


def _oldest(found: dict[str, Any]) -> float:
    """The age of the oldest sign of life: a Valkey that keeps its data may show those of the run before."""
    ages: list[float] = [found["beat"]["age_seconds"], *found["workers"]["age_seconds"].values()]
    return max(ages)


def _introduce(options: Options) -> None:
    """Who can log in to the demo."""
    if options.empty or os.environ.get("DEMO", "true").lower() not in ("1", "true", "yes", "on"):
        return
    port = options.staff_port or options.port
    _say(f"Staff: http://{HOST}:{port}/personal/    Password of all demo accounts: {demo.PASSWORD}")
    for account in demo.ACCOUNTS:
        _say(f"  {account.username:<16} {account.work}")


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(options: Options) -> int:
    """`dev.py run`; returns the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupted)
    run = Run(options)
    try:
        run.up()
        _say(f"Mails of the demo: http://{HOST}:{options.port}/postfach/    Logs and data: {options.data}")
        _say(f"Ready: http://{HOST}:{options.port}")
        _introduce(options)
        run.watch()
    except KeyboardInterrupt:
        _say("Stopping ...")
    except OSError as error:
        raise install.explained(str(error)) from None
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        run.down()
    return 0


def manage(data: Path, words: list[str]) -> int:
    """`dev.py manage`: with the servers of a running `dev.py run`, else with its own for the while."""
    run = Run(Options(port=8000, data=data, empty=True))
    data.mkdir(parents=True, exist_ok=True)
    folder = sockets.for_data(data)
    lock = sockets.locked(data)
    run.servers = Servers(data=data, sockets=folder)
    try:
        addresses = run.servers.addresses() if lock is None else run.servers.start()
        environment = run.environment(addresses)
        environment.setdefault("EMAIL_URL", f"smtp://{HOST}:1")
        environment.setdefault("SMS_URL", f"http://{HOST}:1/sms")
        environment.setdefault("DEMO_MAILBOX", str(data / "mail"))
        return os.spawnve(os.P_WAIT, sys.executable, [sys.executable, str(ROOT / "manage.py"), *words], environment)
    finally:
        if lock is not None:
            run.servers.stop()
            os.close(lock)
