"""The cache counts in Valkey, and in the process while Valkey is gone."""

import logging

import pytest
from django.conf import settings

from config import cache
from config.cache import ValkeyOrMemory


@pytest.fixture(autouse=True)
def _asked_at_once(monkeypatch):
    monkeypatch.setattr(ValkeyOrMemory, "valkey_after", 0.0)


def made(server: str) -> ValkeyOrMemory:
    return ValkeyOrMemory(server, {"KEY_PREFIX": "CACHE"})


@pytest.mark.parametrize("server", [settings.REDIS_URL, "redis://127.0.0.1:1/0"], ids=["valkey", "memory"])
def test_it_adds_keeps_and_forgets(server):
    one = made(server)
    one.delete("k")
    assert one.get("k", "nothing") == "nothing"
    assert one.add("k", [1.5], 60) is True
    assert one.add("k", [2.5], 60) is False
    one.set("k", [3.5], 60)
    assert one.get("k") == [3.5]
    assert one.delete("k") is True
    assert one.get("k") is None


def test_processes_share_what_valkey_holds():
    made(settings.REDIS_URL).set("shared", "yes", 60)
    assert made(settings.REDIS_URL).get("shared") == "yes"


def test_a_valkey_that_is_gone_is_left_alone_for_a_while(caplog):
    one = made("redis://127.0.0.1:1/0")
    with caplog.at_level(logging.WARNING, logger=cache.__name__):
        for _time in range(3):
            one.get("k")
    assert len(caplog.records) == 1
    assert "127.0.0.1" not in caplog.text
