"""Facts for the tests of bookings, invitations and messages."""

import pytest

from tests.factories import house as houses
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.house import House


@pytest.fixture
def group_one_open(db: None) -> None:
    """The rules are in force, and group 1 may book."""
    RegulationFactory()
    OpeningFactory()


@pytest.fixture
def house(db: None) -> House:
    """A center whose sessions are changed."""
    return houses.build()
