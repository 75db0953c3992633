"""A center on Tuesday 16 February 2021, a manager, doses in the refrigerator, and plans to open sessions with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from accounts.models import User
from accounts.roles import Role
from centers.models import Center, Channel
from centers.sessions.grid import Hours
from centers.sessions.plans import Plan, Share
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory, ContingentFactory, DeliveryFactory, VaccineFactory

FRIDAY, MONDAY, TUESDAY = date(2021, 2, 19), date(2021, 2, 22), date(2021, 2, 23)


@pytest.fixture
def center(db: None) -> Center:
    return CenterFactory(name="Riesa")


@pytest.fixture
def boss(center: Center) -> User:
    return UserFactory(at=[center])


@pytest.fixture
def planner(center: Center) -> User:
    return UserFactory(at=[center], roles=[Role.CENTER_MANAGER, Role.PLANNER])


@pytest.fixture
def deliver(center: Center) -> Callable[..., Any]:
    """deliver(108) puts doses into the refrigerator."""
    return lambda doses, **more: DeliveryFactory(
        center=center, vaccine=VaccineFactory(), doses=doses, **{"due_on": date(2021, 2, 15), **more}
    )


@pytest.fixture
def plan(center: Center) -> Callable[..., Plan]:
    """plan(days=...) is 08:00 to 13:00 with a break, 4 lines, 65 places online, 32 by telephone, 11 on site."""
    shares = (
        Share(ContingentFactory(), 65),
        Share(ContingentFactory(phone=True), 32),
        Share(ContingentFactory(code="vor-ort", name="vor Ort", channels=[Channel.ON_SITE]), 11),
    )
    hours = Hours(time(8), time(13), 10, time(10, 30), time(11))
    usual = Plan(center, VaccineFactory(), (FRIDAY, MONDAY), hours, 4, 1, shares)
    return lambda **changes: replace(usual, **changes)
