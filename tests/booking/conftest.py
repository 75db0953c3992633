"""Facts for the tests of bookings, invitations and messages."""

import pytest

from tests.factories.demand import OpeningFactory, RegulationFactory


@pytest.fixture
def group_one_open(db: None) -> None:
    """The rules are in force, and group 1 may book."""
    RegulationFactory()
    OpeningFactory()
