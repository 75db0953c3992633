"""Is the process alive (/healthz), and can the whole installation do its work (/readyz)?

A proxy asks /healthz: booking goes on without Valkey and without workers, so they must not take the web processes out.
Monitoring, `dev.py run` and `manage.py ready` ask what /readyz says. It tells numbers and nothing about people; the
proxy keeps it inside.
"""

from datetime import datetime
from typing import Any

import redis
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config import pulse
from notifications.models import Message

BEAT_MAX_AGE = 20.0
WORKER_MAX_AGE = 60.0
TIMEOUTS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Every part that the installation needs: 200 when all are well, 503 when one is not."""
    ready, parts = state(timezone.now())
    answer = JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)
    # Who asks is told; the log would repeat it every few seconds.
    answer._has_been_logged = True  # type: ignore[attr-defined]  # Django asks for it, the stubs do not know it
    return answer


def state(now: datetime) -> tuple[bool, dict[str, dict[str, Any]]]:
    """Whether all that must answer does, and what each part says."""
    parts = {**_database(now), **_background()}
    return all(parts[name]["ok"] for name in ("database", "broker", "workers", "beat")), parts


def _database(now: datetime) -> dict[str, dict[str, Any]]:
    """The database, whether it cuts off what takes too long, and how much mail waits in it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select " + ", ".join(["current_setting(%s)"] * len(TIMEOUTS)), TIMEOUTS)
            limits = dict(zip(TIMEOUTS, cursor.fetchone() or (), strict=True))
        mail = Message.objects.undelivered().exclude(medium=Message.Medium.LETTER)  # letters wait for people
        waiting = mail.aggregate(length=Count("pk"), oldest=Min("created_at"))
    except DatabaseError:
        return {"database": {"ok": False}, "outbox": {"length": None, "oldest_seconds": None}}
    oldest = waiting["oldest"]
    return {
        "database": {"ok": "0" not in limits.values(), "timeouts": limits},
        "outbox": {
            "length": waiting["length"],
            "oldest_seconds": round((now - oldest).total_seconds(), 1) if oldest else None,
        },
    }


def _background() -> dict[str, dict[str, Any]]:
    """Valkey, one worker per queue, and beat."""
    try:
        ages = pulse.ages()
    except redis.RedisError:
        unknown = {"ok": False, "age_seconds": None}
        workers = {"ok": False, "age_seconds": dict.fromkeys(pulse.QUEUES)}
        return {"broker": {"ok": False}, "workers": workers, "beat": unknown}
    beat = ages.pop(pulse.BEAT)
    return {
        "broker": {"ok": True},
        "workers": {"ok": all(_fresh(age, WORKER_MAX_AGE) for age in ages.values()), "age_seconds": ages},
        "beat": {"ok": _fresh(beat, BEAT_MAX_AGE), "age_seconds": beat},
    }


def _fresh(age: float | None, limit: float) -> bool:
    """Whether somebody has been seen lately."""
    return age is not None and age <= limit
