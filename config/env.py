"""Reading the environment: a missing or wrong value is named together with its cure.

`env` is the only door: settings.py asks it by kind (`env.database("DATABASE_URL")`), so the message for the operator is
written once. A secret may also stand in a file named by `<NAME>_FILE` (Docker and Kubernetes secrets).
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError


Value = TypeVar("Value")


class Environment:
    """Typed access to environment variables; every refusal says which variable and what to put there."""

    def __init__(self) -> None:
        self._env = Env()

    def required(self, name: str) -> str:
        value = self._raw(name)
        if not value:
            raise ImproperlyConfigured(f"{name} is not set. Set it; docs/environment.md says to what.")
        return value

    def text(self, name: str, *, default: str) -> str:
        return self._raw(name) or default

    def secret(self, name: str, *, default: str | None = None) -> str:
        value = self._raw(name) or default
        if not value or len(value) < 32:
            raise ImproperlyConfigured(
                f"{name} is not set or shorter than 32 characters. Put a long random value there, or its file's path into"
                f" {name}_FILE: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        return value

    def listing(self, name: str) -> list[str]:
        return [part.strip() for part in self.required(name).split(",") if part.strip()]

    def boolean(self, name: str, *, default: bool) -> bool:
        return self._typed(self._env.bool, name, default, "true or false")

    def integer(self, name: str, *, default: int) -> int:
        return self._typed(self._env.int, name, default, "a whole number")

    def database(self, name: str) -> dict[str, object]:
        """A Django database entry from `postgresql://user:password@host:port/name` or `...@/name?host=/socket/dir`."""
        url = urlsplit(self.required(name))
        if url.scheme not in {"postgres", "postgresql"} or not url.path.strip("/"):
            raise ImproperlyConfigured(f"{name} must read postgresql://user:password@host:port/name (PostgreSQL only).")
        query = dict(parse_qsl(url.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(url.path.strip("/")),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": query.pop("host", "") or url.hostname or "",
            "PORT": query.pop("port", "") or str(url.port or ""),
            "OPTIONS": query,
        }

    def redis(self, name: str, *, broker: bool = False) -> str:
        """The address of Redis or Valkey; Celery spells a socket's scheme its own way."""
        value = self.required(name)
        if urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
            raise ImproperlyConfigured(f"{name} must begin with redis://, rediss:// or unix:// (a socket's path).")
        return value.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=") if broker else value

    def email(self, name: str) -> dict[str, object]:
        """Host, port, credentials and encryption of the mail server from one address."""
        url = urlsplit(self.required(name))
        if url.scheme not in {"smtp", "smtps", "smtp+starttls"} or not url.hostname:
            raise ImproperlyConfigured(
                f"{name} must read smtp://host:25, smtp+starttls://user:password@host:587 or smtps://user:password@host:465."
            )
        return {
            "host": url.hostname,
            "port": url.port or {"smtp": 25, "smtps": 465, "smtp+starttls": 587}[url.scheme],
            "user": unquote(url.username or ""),
            "password": unquote(url.password or ""),
            "ssl": url.scheme == "smtps",
            "starttls": url.scheme == "smtp+starttls",
        }

    def _typed(self, parse: Callable[..., Value], name: str, default: Value, wanted: str) -> Value:
        try:
            return parse(name, default)
        except EnvError as wrong:
            raise ImproperlyConfigured(f"{name} is {os.environ[name]!r}. It must be {wanted}.") from wrong

    @staticmethod
    def _raw(name: str) -> str:
        path = os.environ.get(f"{name}_FILE")
        if not path:
            return os.environ.get(name, "")
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as wrong:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {wrong.strerror}.") from wrong


env = Environment()
