"""Which PostgreSQL and which Valkey: those of the environment, else our own."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from devkit.postgres import Postgres
from devkit.valkey import Valkey


@dataclass
class Servers:
    """The servers of one run. `data` is a folder of ours, `sockets` a short private one."""

    data: Path
    sockets: Path
    careless: bool = False
    postgres: Postgres | None = None
    valkey: Valkey | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> dict[str, str]:
        """Start what the environment does not name; returns DATABASE_URL and REDIS_URL."""
        self.data.mkdir(parents=True, exist_ok=True)
        given = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
        if "DATABASE_URL" not in given:
            self.postgres = Postgres(
                data=self.data / "postgres",
                sockets=self.sockets / "pg",
                log=self.data / "postgres.log",
                careless=self.careless,
            )
            self.postgres.start()
            given["DATABASE_URL"] = self.postgres.url
        if "REDIS_URL" not in given:
            self.valkey = Valkey(sockets=self.sockets, log=self.data / "valkey.log")
            self.valkey.start()
            given["REDIS_URL"] = self.valkey.url
        self.environment = given
        return given

    def stop(self) -> None:
        """Stop what we started."""
        if self.valkey is not None:
            self.valkey.stop()
        if self.postgres is not None:
            self.postgres.stop()
