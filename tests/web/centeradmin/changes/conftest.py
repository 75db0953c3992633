"""The house of the changes at the center where the manager of these tests works."""

import pytest

from tests.factories import house as houses
from tests.factories.house import House


@pytest.fixture
def house(center) -> House:
    return houses.build(center)
