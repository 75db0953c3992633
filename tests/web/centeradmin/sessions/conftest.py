"""A manager with three contingents, a vaccine and doses, and a way through the wizard."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from centers.models import Center, Channel
from tests.factories.supply import ContingentFactory, DeliveryFactory, VaccineFactory

DAYS = {"mode": "single", "date": "2021-02-19"}
WEEKLY = {"mode": "weekly", "first": "2021-02-22", "until": "2021-03-05", "weekdays": ["0", "4"]}
TIMES = {
    "starts": "8", "ends": "13:00", "break_starts": "10.30", "break_ends": "1100",
    "minutes": "10", "lines": "4", "first_line": "1",
}  # fmt: skip
SHARES = {"unit": "places", "share-online": "65", "share-telefon": "32", "share-vor-ort": "11"}
NOW_OPEN = {"when": "now"}


@pytest.fixture(autouse=True)
def supply(center: Center) -> None:
    ContingentFactory()
    ContingentFactory(phone=True)
    ContingentFactory(code="vor-ort", name="vor Ort", channels=[Channel.ON_SITE])
    DeliveryFactory(center=center, vaccine=VaccineFactory(), doses=600, due_on=date(2021, 2, 15))


@pytest.fixture
def url() -> Callable[..., str]:
    """url("times") is the address of that page of the wizard."""
    return lambda name="", **parts: reverse(f"centeradmin:new_session{name and '_'}{name}", kwargs=parts)


@pytest.fixture
def fill(url: Callable[..., str]) -> Callable[..., HttpResponse]:
    """fill(client, days=..., shares=...) sends page after page until one is None; the answer to the last."""

    def go(client: Client, **pages: Any) -> HttpResponse:
        answer = None
        for name, usual in (
            ("days", DAYS), ("times", TIMES), ("vaccine", {"vaccine": "comirnaty"}), ("shares", SHARES),
        ):  # fmt: skip
            values = pages.get(name, usual)
            if values is None:
                break
            answer = client.post(url(name), values)
        return answer

    return go


@pytest.fixture
def send(url: Callable[..., str]) -> Callable[..., HttpResponse]:
    """send(client) presses the last button of the wizard."""

    def press(client: Client, **values: Any) -> HttpResponse:
        shown = client.get(url("publish")).context["shown"]
        return client.post(url("publish"), {"shown": shown, **NOW_OPEN, **values})

    return press
