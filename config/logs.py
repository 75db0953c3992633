"""Logs: one JSON object a line on stderr, without personal data.

Two things that carry it are cut: the secrets in `/link/<token>/` and in the staff's links that set a password, and what
PostgreSQL adds to an error (DETAIL shows the row that failed, CONTEXT the values of a function). A traceback keeps its
frames and the first line of each message.
"""

import re
from typing import Any

import structlog

_SECRET = re.compile(r"(/link/)[A-Za-z0-9_-]{20,}|(/passwort/neu/[A-Za-z0-9]+/)[A-Za-z0-9-]{20,}")
_ADDED_BY_POSTGRESQL = re.compile(
    r"^(DETAIL|CONTEXT|HINT|LINE \d+):.*(\n(?!\s{2}File |Traceback|\S+(Error|Exception)).*)*", re.MULTILINE
)


def without_personal_data(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Cut secrets and row contents out of every text of the event."""
    return {key: cut(value) if isinstance(value, str) else value for key, value in event.items()}


def cut(text: str) -> str:
    return _ADDED_BY_POSTGRESQL.sub("", _SECRET.sub(r"\1\2(secret)", text))


_SHARED = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configuration(level: str) -> dict[str, Any]:
    """Django's LOGGING: everything from `level` up to stderr; the reverse proxy keeps the access log."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    without_personal_data,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": level, "propagate": False},
            "django.request": {"level": "ERROR"},  # 4xx are answers, not news
            # Strangers' programs knock with other hosts' names all day: a 400, and no traceback each time.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        },
    }
