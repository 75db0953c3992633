"""pytest plugin: PostgreSQL and Valkey for one test run, started before Django reads its settings.

Loaded by `-p devkit.pytest_servers` (pyproject.toml): a conftest would be too late. Each run has its own servers, data
and sockets, so several runs in one checkout, or two checkouts, do not meet. The processes of pytest-xdist share one
pair: pytest-django gives each its own database, we give each its own Valkey database.
"""

import os
import shutil
import sys
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from devkit import sockets
from devkit.paths import VAR
from devkit.problems import Problem
from devkit.servers import Servers
from devkit.testenv import TEST_ENVIRONMENT

_held: list[tuple[Servers, list[Path], list[int]]] = []


def _keep_bytecode() -> None:
    """What Python compiles is kept under var/, also where PYTHONDONTWRITEBYTECODE keeps a checkout clean.

    A whole run starts many processes of Python, servers and workers, and each would compile Django and us anew.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(VAR / "bytecode")
    sys.dont_write_bytecode = False


def _in_worker() -> str | None:
    """The number of this xdist process ("0" for gw0), None in the process that the person started."""
    name = os.environ.get("PYTEST_XDIST_WORKER")
    return name.removeprefix("gw") if name else None


def _started() -> None:
    """Start the servers and name them in the environment.

    DATABASE_URL and REDIS_URL of a developer's shell may lead to real data, so tests listen to
    TEST_DATABASE_URL and TEST_REDIS_URL alone.
    """
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
        if os.environ.get(f"TEST_{name}"):
            os.environ[name] = os.environ[f"TEST_{name}"]
    data, data_lock = sockets.temporary(VAR / "test", "run-")
    folder, folder_lock = sockets.temporary(sockets.BASE, f"impf-test-{os.geteuid()}-")
    servers = Servers(data=data, sockets=folder, careless=True)
    _held.append((servers, [folder, data], [folder_lock, data_lock]))
    os.environ.update(servers.start())


def _own_valkey_database(number: int) -> None:
    """Point this xdist process at a Valkey database of its own; 0 belongs to a run without xdist."""
    address = os.environ["REDIS_URL"]
    if address.startswith("unix:"):
        os.environ["REDIS_URL"] = f"{address.partition('?')[0]}?db={number}"
    else:
        os.environ["REDIS_URL"] = urlsplit(address)._replace(path=f"/{number}").geturl()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """A wrapper, because pytest-django's own hook, which reads the settings, is `tryfirst` too."""
    _keep_bytecode()
    for name, value in TEST_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    number = _in_worker()
    if number is None:
        try:
            _started()
        except Problem as problem:
            _stopped()
            raise pytest.UsageError(str(problem)) from None
    else:
        _own_valkey_database(int(number) + 1)
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop the servers when everything else is done."""
    _stopped()


def _stopped() -> None:
    """Stop the servers of this run and remove what they left."""
    while _held:
        servers, folders, locks = _held.pop()
        servers.stop()
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        for lock in locks:
            os.close(lock)
