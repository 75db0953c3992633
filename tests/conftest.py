"""What every test finds: the servers (see devkit/pytest_servers.py), clean counters, fresh facts, a browser."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import redis
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from playwright.sync_api import Browser
from xdist.scheduler import LoadGroupScheduling

from booking import facts
from tests.factories.demand import OpeningFactory, RegulationFactory

# Playwright keeps an event loop running in the thread of the test; the test's own queries are meant there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# A busy machine is slow and not wrong: no example of a property fails for taking long.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

# Argon2 as ever, at a low cost: else every login takes a tenth of a second and 100 MB. Before anything is hashed.
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 1024, 1

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")


# What shares something costly runs in one process of pytest-xdist: the journeys their servers and one browser, which
# are enough for two cores; others an installation, or a demo that is filled once. By path, because pytest 9.2 passes
# over xdist's own mark without a word.
TOGETHER = (
    "tests/journeys/",
    "tests/devkit/test_run.py",
    "tests/booking/test_demo_today.py",
    "tests/booking/test_fill_demo.py",
)


class Together(LoadGroupScheduling):
    """Spreads tests over the processes, but those of each beginning in TOGETHER as one."""

    def _split_scope(self, nodeid: str) -> str:
        return next(filter(nodeid.startswith, TOGETHER), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together | None:
    """For `--dist loadgroup`, as `dev.py test` asks for it."""
    return Together(config, log) if config.getvalue("dist") == "loadgroup" else None


def chromium() -> str | None:
    """The program that browser tests drive: CHROMIUM, else Debian's."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser; without one it is skipped, in CI it fails (see below)."""
    for item in items:
        if {"browser", "page", "context"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A browser test without a browser: loud."""
    if item.get_closest_marker("browser") and chromium() is None:
        words = "no Chromium here; install it (apt install chromium), or set CHROMIUM to its path"
        if IN_CI:
            pytest.fail(words, pytrace=False)
        pytest.skip(words)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium for pytest-playwright."""
    return {**browser_type_launch_args, "executable_path": chromium(), "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def browser(browser: Browser) -> Iterator[Browser]:
    """pytest-playwright's; its event loop gives this thread connections of its own, which end with it."""
    yield browser
    connections.close_all()


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    """Rate limits begin at nought in every test. Celery's own keys stay: a worker may be listening."""
    with redis.from_url(settings.REDIS_URL) as valkey:
        keys = [*valkey.scan_iter("LIMITS*", count=1000), *valkey.scan_iter("CACHE:*", count=1000)]
        if keys:
            valkey.delete(*keys)


@pytest.fixture(autouse=True)
def _first_language() -> Iterator[None]:
    """A page asked for in English leaves its language in the thread; the next test begins in German."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(autouse=True)
def _fresh_facts() -> Iterator[None]:
    """The facts of one test are not those of the next."""
    facts.forget()
    yield
    facts.forget()


@pytest.fixture
def group_one_open(db: None) -> None:
    """The rules are in force, and group 1 may book."""
    RegulationFactory()
    OpeningFactory()


@pytest.fixture(scope="session", autouse=True)
def _emptying_passes_the_append_only_tables() -> Iterator[None]:
    """A test with `transaction=True` ends by emptying every table; the audit trail's trigger refuses that.

    Replication's role fires no triggers: only the emptying between tests is let through, never what a test does.
    """
    # The class, not this connection: under Playwright's event loop the same thread has another one.
    empty = DatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        empty(self, ["SET session_replication_role = replica", *sql_list, "SET session_replication_role = DEFAULT"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", execute_sql_flush)
        yield
