"""/healthz answers for the process, /readyz for the installation: real Valkey, real worker, real beat."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import redis
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from config import pulse
from devkit import process
from notifications.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_alive():
    with redis.from_url(settings.REDIS_URL) as valkey:
        for key in valkey.scan_iter(pulse.PREFIX + "*"):
            valkey.delete(key)


def everybody_alive():
    for name in (pulse.BEAT, *pulse.QUEUES):
        pulse.beat(name)


def aged(name: str, seconds: float) -> None:
    with redis.from_url(settings.REDIS_URL) as valkey:
        valkey.set(pulse.PREFIX + name, 1, px=pulse.KEEP_MS - int(seconds * 1000))


def test_healthz_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_readyz_when_all_are_alive(client):
    everybody_alive()

    answer = client.get("/readyz")

    found = answer.json()
    assert answer.status_code == 200
    assert found["ready"] is True
    assert found["workers"]["age_seconds"].keys() == {"celery", "messages"}
    assert found["outbox"] == {"length": 0, "oldest_seconds": None}


@pytest.mark.parametrize(
    ("silent", "seconds", "part"), [("beat", 25, "beat"), ("celery", 61, "workers"), ("messages", 61, "workers")]
)
def test_readyz_says_503_when_a_part_is_silent(client, silent, seconds, part):
    everybody_alive()
    aged(silent, seconds)

    answer = client.get("/readyz")

    found = answer.json()
    assert answer.status_code == 503
    assert [name for name in ("database", "broker", "workers", "beat") if not found[name]["ok"]] == [part]


def test_readyz_says_503_without_valkey(client, monkeypatch):
    monkeypatch.setattr(settings, "REDIS_URL", "unix:///nowhere/valkey.sock?db=0")
    pulse.line.cache_clear()
    try:
        answer = client.get("/readyz")
    finally:
        pulse.line.cache_clear()

    assert answer.status_code == 503
    assert answer.json()["broker"] == {"ok": False}
    assert answer.json()["database"]["ok"] is True


def test_who_stands_at_the_machine_is_told_the_same(capsys):
    everybody_alive()

    call_command("ready")

    found = json.loads(capsys.readouterr().out)
    assert found["ready"] is True
    assert set(found) == {"ready", "database", "outbox", "broker", "workers", "beat"}


def test_who_stands_at_the_machine_gets_an_exit_code_when_a_part_is_silent(capsys):
    everybody_alive()
    aged("messages", 61)

    with pytest.raises(CommandError):
        call_command("ready")

    assert json.loads(capsys.readouterr().out)["workers"]["ok"] is False


def test_readyz_counts_the_outbox(client):
    everybody_alive()
    now = datetime.now(UTC)
    for number, state in enumerate(["queued", "deferred", "bounced"]):
        Message.objects.create(
            lane="example.org", recipient="a@example.org", language="de", template="t", state=state,
            dedupe_key=str(number), available_at=now, created_at=now - timedelta(seconds=100),
        )  # fmt: skip

    Message.objects.create(
        medium="letter", lane="letter:14612", recipient="K7P4XM92", language="de", template="t", dedupe_key="letter",
        available_at=now, created_at=now - timedelta(days=1),
    )  # fmt: skip

    found = client.get("/readyz").json()["outbox"]

    assert found["length"] == 2
    assert 100 <= found["oldest_seconds"] < 160


def test_readyz_refuses_connections_without_timeouts(client):
    everybody_alive()
    with connection.cursor() as cursor:
        cursor.execute("set statement_timeout = 0")
    try:
        answer = client.get("/readyz")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("set statement_timeout = %s", [settings.DB_TIMEOUTS["statement_timeout"]])

    assert answer.status_code == 503
    assert answer.json()["database"]["timeouts"]["statement_timeout"] == "0"


def test_every_connection_has_its_timeouts():
    with connection.cursor() as cursor:
        cursor.execute("select name, setting::int from pg_settings where name = any(%s)", [list(settings.DB_TIMEOUTS)])
        found = dict(cursor.fetchall())

    assert found == settings.DB_TIMEOUTS


@contextmanager
def celery(*words: str, log):
    command = process.tethered([sys.executable, "-m", "celery", "-A", "config", *words], death_signal="KILL")
    running = process.start(command, log=log, env={**os.environ, "PYTHONPATH": str(settings.BASE_DIR)})
    try:
        yield running
    finally:
        process.stop(running, by=signal.SIGTERM, patience=10)


def until(condition, log, seconds=40.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    pytest.fail(f"did not come to pass: {log.read_text()}")


def test_real_worker_and_real_beat_are_seen_and_missed(client, tmp_path):
    worker = ("worker", "-Q", "celery,messages", "--pool=solo", "--without-gossip", "--without-mingle")
    log = tmp_path / "log"
    with celery(*worker, log=log), celery("beat", "--pidfile=", log=log) as beat:
        until(lambda: client.get("/readyz").status_code == 200, log)
        beat.send_signal(signal.SIGKILL)
        beat.wait()
        before = pulse.ages()["beat"]
        time.sleep(0.3)

    assert pulse.ages()["beat"] > before


def test_role_carries_the_timeouts_for_poolers():
    show = (
        "from django.db import connection as c; k = c.cursor(); k.execute('show lock_timeout'); print(k.fetchone()[0])"
    )
    set_timeouts = manage("set_timeouts")
    found = manage("shell", "--no-imports", "-c", show, DB_POOLED="true")

    assert set_timeouts.returncode == 0, set_timeouts.stderr
    assert found.stdout.strip() == "3s"


def manage(*words: str, **environment: str):
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
