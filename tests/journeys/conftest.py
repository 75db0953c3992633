"""The installation and the world that all journeys share, and a browser for one person."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Browser

from booking.models import Registration
from tests.journeys import world
from tests.journeys.house import House
from tests.journeys.walk import PATIENCE, Walk
from tests.journeys.watch import Watch
from tests.journeys.words import LOCALES

FAR_BEHIND = 1_000_000


@pytest.fixture(scope="package")
def house(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The servers, on a database with the world in it; emptied afterwards."""
    with django_db_blocker.unblock():
        world.build(now=timezone.now())
        try:
            with House(tmp_path_factory.mktemp("house")) as running:
                yield running
        finally:
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def transactional_db(house: House) -> None:
    """In place of pytest-django's: rows stay from one journey to the next, as in any installation.

    Who waits from an earlier journey stands behind whoever comes now: no beat runs here that would invite her first.
    """
    Registration.objects.waiting().update(rank=F("rank") + FAR_BEHIND)


@pytest.fixture
def walker(house: House, transactional_db: None, browser: Browser) -> Iterator[Callable[..., Walk]]:
    """walker(language="en", scripts=False, width=320, axe=True, zone="Asia/Tokyo") is somebody with a browser.

    At the end of the test nothing may have been wrong on any page.
    """
    walks: list[Walk] = []
    contexts = []

    def come(
        *, language: str = "de", scripts: bool = True, width: int = 1200, axe: bool = False, zone: str = "Europe/Berlin"
    ) -> Walk:
        context = browser.new_context(
            locale=LOCALES[language], java_script_enabled=scripts, viewport={"width": width, "height": 900},
            timezone_id=zone,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        walks.append(Walk(page, house, language, Watch(page, house.site, language, axe=axe), scripts))
        return walks[-1]

    yield come
    for context in contexts:
        context.close()
    assert [walk.watch.complaints for walk in walks] == [[] for _walk in walks]
