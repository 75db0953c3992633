"""The call center on Tuesday 16 February 2021, 10 o'clock in Berlin: an agent and a lead at their browsers."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from tests.factories import NOW
from tests.factories.staff import UserFactory


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def jana(db: None) -> User:
    """Who sits at the browser of `agent`."""
    return UserFactory(username="jana", first_name="Jana", last_name="Kretzschmar", roles=[Role.CALL_AGENT])


@pytest.fixture
def at_phone() -> Callable[[User], Client]:
    """at_phone(user) is the browser of this member of staff."""

    def come(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return come


@pytest.fixture
def agent(jana: User, at_phone: Callable[[User], Client]) -> Client:
    return at_phone(jana)


@pytest.fixture
def lead(db: None, at_phone: Callable[[User], Client]) -> Client:
    return at_phone(UserFactory(roles=[Role.CALL_LEAD]))
