"""Facts for the tests of bookings, invitations and messages."""

import pytest

from tests.factories import house as houses
from tests.factories.house import House


@pytest.fixture
def house(db: None) -> House:
    """A center whose sessions are changed."""
    return houses.build()
