"""What every measurement stands on: an own durable PostgreSQL and Valkey, and a database per measurement.

`prepare` starts the servers and must run before anything of Django is imported, so this module imports none.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from devkit import sockets
from devkit.paths import VAR
from devkit.postgres import SUPERUSER, binaries
from devkit.problems import Problem
from devkit.servers import Servers
from devkit.testenv import TEST_ENVIRONMENT

ENVIRONMENT = {
    **TEST_ENVIRONMENT,
    "SITE_URL": "http://127.0.0.1",
    "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    "STATIC_FROM_SOURCE": "true",
}
SEEDING = {"DB_STATEMENT_TIMEOUT_MS": "0", "DB_IDLE_TIMEOUT_MS": "0", "DB_LOCK_TIMEOUT_MS": "0"}
TEMPLATE = SUPERUSER  # the database with the facts and nothing else


@dataclass
class Stage:
    """The servers of this run. `quick` asks for small numbers: a look, not a figure."""

    data: Path
    servers: Servers
    quick: bool
    database: str = TEMPLATE

    def size(self, full: int, quick: int) -> int:
        """How much of something this run measures with."""
        return quick if self.quick else full

    def environment(self) -> dict[str, str]:
        """For the processes that are measured: with the timeouts of an installation."""
        kept = {name: value for name, value in os.environ.items() if name not in SEEDING}
        addresses = self.servers.addresses()
        address = urlsplit(addresses["DATABASE_URL"])._replace(path=f"/{self.database}").geturl()
        return {**kept, **ENVIRONMENT, **addresses, "DATABASE_URL": address}

    def open(self, name: str) -> None:
        """Go on in a fresh copy of the facts; nobody may be connected to them."""
        self._program("psql", ["-Xqc", f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}", "postgres"])
        self.database = name

    def drop(self) -> None:
        """Give the copy's disk back."""
        self._program("psql", ["-Xqc", f"DROP DATABASE {self.database} WITH (FORCE)", "postgres"])
        self.database = TEMPLATE

    def pgbench(self, words: Sequence[str], *, folder: Path) -> str:
        """Run pgbench on the database of this measurement inside `folder`; returns what it prints."""
        return self._program("pgbench", ["-n", *words, self.database], folder=folder)

    def _program(self, name: str, words: Sequence[str], *, folder: Path | None = None) -> str:
        place = binaries()
        if place is None:
            raise Problem("There is no PostgreSQL for this machine.", "Install what requirements-dev.txt names.")
        command = [str(place / name), "-h", str(self.servers.postgres.sockets), "-U", SUPERUSER, *words]
        answer = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=_plain(os.environ))
        if answer.returncode:
            raise Problem(f"{name} failed: {answer.stderr.strip()[-600:]}", "See benchmarks/README.md.")
        return answer.stdout


def _plain(environment: Mapping[str, str]) -> dict[str, str]:
    """Without a developer's own PGHOST, PGOPTIONS and the like."""
    return {name: value for name, value in environment.items() if not name.startswith("PG")}


def prepare(*, quick: bool) -> tuple[Stage, list[int]]:
    """Start the servers and name them in the environment; the second value keeps their folders locked."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)  # never a developer's own data
    data, data_lock = sockets.temporary(VAR / "bench", "run-")
    folder, folder_lock = sockets.temporary(sockets.BASE, f"impf-bench-{os.geteuid()}-")
    stage = Stage(data, Servers(data=data, sockets=folder), quick)
    os.environ.update({**ENVIRONMENT, **SEEDING, **stage.servers.start()})
    return stage, [data_lock, folder_lock]


def clear(stage: Stage, locks: list[int]) -> None:
    """Stop the servers and remove what they left."""
    stage.servers.stop()
    for folder in (stage.data, stage.servers.sockets):
        shutil.rmtree(folder, ignore_errors=True)
    for lock in locks:
        os.close(lock)
