"""Reading the environment: a missing or wrong value is named, with its cure, in one line.

Every variable may also come from a file: `NAME_FILE=/run/secrets/name` (secrets of compose or a scheduler).
Parsing is environs'; the sentences are ours. All variables: docs/environment.md.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from environs import Env as Environs
from environs import EnvError

SHORTEST_SECRET = 50
CURES = {
    "SECRET_KEY": "Set it to 50 or more random characters: "
    "python3 -c 'import secrets; print(secrets.token_urlsafe(64))'",
    "LINK_KEY": "Set it to 50 or more random characters and keep it: every access link already sent depends on it.",
    "ALLOWED_HOSTS": "Set it to the host names of the site, separated by commas, as in impftermin.example.org",
    "SITE_URL": "Set it to the address people see, with the scheme, as in https://impftermin.example.org",
    "DATABASE_URL": "Set it as in postgresql://user:password@host:5432/impftermin",
    "REDIS_URL": "Set it as in redis://host:6379/0, rediss://… (TLS) or unix:///path/to/socket?db=0",
    "SMS_URL": "Set it as in https://:token@sms.example.org/messages?to=to&text=text&id=id",
    "EMAIL_URL": "Set it as in smtp+starttls://user:password@host:587 (also smtp:// and smtps://).",
}
REDIS_SCHEMES = ("redis", "rediss", "unix")
EMAIL_SCHEMES = {"smtp": (False, False, 25), "smtp+starttls": (True, False, 587), "smtps": (False, True, 465)}
EMAIL_TIMEOUT_SECONDS = 20
SMS_TIMEOUT_SECONDS = 20
HERE = ("127.0.0.1", "::1", "localhost")
POSTGRES_SCHEMES = ("postgresql", "postgres")


def _wrong(name: str, what: str, cure: str = "") -> ImproperlyConfigured:
    """The one-line error for a variable. Never repeats the value: it may be a secret."""
    return ImproperlyConfigured(
        f"{name} {what} {cure or CURES.get(name, '')} See docs/environment.md.".replace("  ", " ")
    )


class Environment:
    """The variables of this process. Every reader names the variable, and returns a checked value."""

    def __init__(self) -> None:
        self._env = Environs()

    def _read(self, name: str, parse: Callable[..., Any], kind: str) -> Any:
        """The parsed value, None when the variable is missing or empty."""
        if not self._raw(name):
            return None
        try:
            return parse(name)
        except EnvError:
            raise _wrong(name, f"is not {kind}.", f"Set it to {kind}, or remove it.") from None

    def _raw(self, name: str) -> str:
        """The text of a variable, or of the file that NAME_FILE names; empty when there is neither."""
        found: str = self._env.str(name, "")
        path: str = self._env.str(f"{name}_FILE", "")
        if found or not path:
            return found.strip()
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise _wrong(f"{name}_FILE", "names a file that cannot be read.", "Check its path and rights.") from None

    def text(self, name: str, *, default: str) -> str:
        """A text; the default when missing or empty."""
        return self._raw(name) or default

    def required(self, name: str) -> str:
        """A text without which nothing starts."""
        found = self._raw(name)
        if not found:
            raise _wrong(name, "is not set.")
        return found

    def site(self, name: str) -> str:
        """An address with http or https, without a slash at its end."""
        parts = self._url(name, ("https", "http"))
        if not parts.hostname:
            raise _wrong(name, "names no host.")
        return f"{parts.scheme}://{parts.netloc}"

    def pairs(self, name: str) -> dict[str, str]:
        """`name=value` pairs, separated by commas; empty when missing."""
        entries = [part.strip() for part in self._raw(name).split(",") if part.strip()]
        if any("=" not in entry for entry in entries):
            raise _wrong(name, "has an entry without =.", "Set it as in name=value,name=value")
        return dict(entry.split("=", 1) for entry in entries)

    def secret(self, name: str, *, default: str = "") -> str:
        """A key for signatures: long, or refused."""
        found = self._raw(name) or default
        if not found:
            raise _wrong(name, "is not set.")
        if len(found) < SHORTEST_SECRET:
            raise _wrong(name, "is too short to protect anything.")
        return found

    def boolean(self, name: str, *, default: bool) -> bool:
        """true or false."""
        found = self._read(name, self._env.bool, "true or false")
        return default if found is None else bool(found)

    def integer(self, name: str, *, default: int) -> int:
        """A whole number."""
        found = self._read(name, self._env.int, "a whole number")
        return default if found is None else int(found)

    def among(self, name: str, known: Iterable[str], *, default: str) -> str:
        """One of these words; the default when missing."""
        found, words = self.text(name, default=default), list(known)
        if found not in words:
            raise _wrong(name, "is unknown.", f"Set it to one of {', '.join(words)}.")
        return found

    def listing(self, name: str) -> list[str]:
        """At least one value, separated by commas."""
        found = [part.strip() for part in self._raw(name).split(",") if part.strip()]
        if not found:
            raise _wrong(name, "is not set.")
        return found

    def _url(self, name: str, schemes: tuple[str, ...]) -> SplitResult:
        """A URL with one of the schemes."""
        parts = urlsplit(self.required(name))
        if parts.scheme not in schemes:
            raise _wrong(name, f"does not begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
        try:
            _ = parts.port
        except ValueError:
            raise _wrong(name, "has a port that is not a number.") from None
        return parts

    def database(self, name: str) -> dict[str, Any]:
        """The connection part of Django's DATABASES entry."""
        parts = self._url(name, POSTGRES_SCHEMES)
        if not parts.path.strip("/"):
            raise _wrong(name, "names no database after the host.")
        found: dict[str, Any] = {**dj_database_url.parse(self.required(name))}
        wanted = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
        return {key: found[key] for key in wanted if key in found}

    def redis(self, name: str, *, broker: bool = False) -> str:
        """The URL of Valkey or Redis, in the spelling of redis-py, or of Celery's broker when `broker`."""
        parts = self._url(name, REDIS_SCHEMES)
        if parts.scheme != "unix" or not broker:
            return self.required(name)
        number = parse_qs(parts.query).get("db", ["0"])[0]
        return f"redis+socket://{parts.path}?virtual_host={number}"

    def email(self, name: str) -> dict[str, Any]:
        """The keyword arguments of django.core.mail's SMTP backend: host, port, username, password, use_tls, ..."""
        parts = self._url(name, tuple(EMAIL_SCHEMES))
        if not parts.hostname:
            raise _wrong(name, "names no host.")
        starttls, tls, port = EMAIL_SCHEMES[parts.scheme]
        return {
            "host": parts.hostname,
            "port": parts.port or port,
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_tls": starttls,
            "use_ssl": tls,
            "timeout": EMAIL_TIMEOUT_SECONDS,
        }

    def sms(self, name: str, *, development: bool) -> dict[str, Any]:
        """How the SMS gateway is spoken to (notifications/sms.py); empty when none is set.

        `https://:token@host/path?to=recipient&text=body&id=reference&from=Impftermin`: the token is sent as a bearer;
        `to`, `text` and `id` name the fields of the JSON, everything else is a field of its own.
        """
        if not self._raw(name):
            return {}
        if development and self._raw(name) == "console:":
            return {"console": True}
        parts = self._url(name, ("https", "http"))
        if not parts.hostname:
            raise _wrong(name, "names no host.")
        if parts.scheme == "http" and parts.hostname not in HERE:
            raise _wrong(name, "sends telephone numbers and its token unencrypted.")
        given = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        return {
            "host": parts.hostname,
            "port": parts.port or (443 if parts.scheme == "https" else 80),
            "tls": parts.scheme == "https",
            "path": parts.path or "/",
            "token": unquote(parts.password or parts.username or ""),
            "names": {key: given.pop(key, "") or key for key in ("to", "text", "id")},
            "fields": given,
            "timeout": SMS_TIMEOUT_SECONDS,
        }


env = Environment()
