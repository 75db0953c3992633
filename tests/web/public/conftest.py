"""Facts, places and people for the citizen's pages; the clock stands still at NOW."""

from collections.abc import Iterator

import pytest
import time_machine
from django.utils import translation

from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.supply import series_slots


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    """Views read the clock; the rate limits read it, too."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _german() -> Iterator[None]:
    """The language of one test's last page is not that of the next test."""
    yield
    translation.deactivate()


@pytest.fixture
def campaign(db: None) -> None:
    """Group 1 may book, and one center has places for two doses."""
    RegulationFactory()
    OpeningFactory()
    series_slots()
