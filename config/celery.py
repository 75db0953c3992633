"""Celery: carries the order to do something, never the something. The database is the queue (ADR in docs/adr)."""

import os
from contextlib import suppress
from time import monotonic
from typing import Any

import redis
from celery import Celery
from celery.beat import Scheduler
from celery.signals import worker_ready

from config import pulse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("impftermin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

BEAT_PULSE_SECONDS = 2.0


def _pulse(name: str) -> None:
    """Say that a process is alive; a Valkey that is away is seen by /readyz anyway."""
    with suppress(redis.RedisError):
        pulse.beat(name)


@app.task(name="house.pulse")
def pulse_of(queue: str) -> None:
    """Proves the whole way of one queue: beat sent it, Valkey carried it, a worker ran it."""
    _pulse(queue)


@worker_ready.connect
def _worker_is_ready(sender: Any, **_: Any) -> None:
    """The worker listens: no need to wait for the first task to know that."""
    for queue in sender.app.amqp.queues.consume_from:
        _pulse(queue)


class PulsingScheduler(Scheduler):
    """Beat with a schedule in memory (no file to share or to spoil), which says that it is alive.

    Exactly one beat runs in an installation. Every task it sends may run twice or not at all without harm.
    """

    _pulsed_at = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One round of the schedule, and now and then a pulse."""
        if monotonic() - self._pulsed_at >= BEAT_PULSE_SECONDS:
            self._pulsed_at = monotonic()
            _pulse(pulse.BEAT)
        wait: float = super().tick(*args, **kwargs)
        return min(wait, BEAT_PULSE_SECONDS)
