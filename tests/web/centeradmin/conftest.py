"""A center on Tuesday 16 February 2021, 10 o'clock in Berlin, and somebody who works there."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from accounts.roles import Role
from centers.models import Center
from tests.factories import NOW
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def center(db: None) -> Center:
    return CenterFactory(name="Riesa", slug="riesa", place="SACHSENarena")


@pytest.fixture
def login(center: Center) -> Callable[..., Client]:
    """login(Role.PLANNER) is the browser of somebody with these roles, working at `center` or at those of `at`."""

    def come(*roles: Role, at: list[Center] | None = None) -> Client:
        client = Client()
        client.force_login(UserFactory(roles=list(roles), at=[center] if at is None else at))
        return client

    return come


@pytest.fixture
def manager(login: Callable[..., Client]) -> Client:
    return login(Role.CENTER_MANAGER)


@pytest.fixture
def staff(login: Callable[..., Client]) -> Client:
    return login(Role.CENTER_STAFF)
