"""Which PostgreSQL and which Valkey: those of the environment, else our own."""

import os
from dataclasses import dataclass
from pathlib import Path

from devkit.postgres import Postgres
from devkit.problems import of_log
from devkit.valkey import Valkey


@dataclass
class Servers:
    """The servers of one run. `data` is a folder of ours, `sockets` a short private one."""

    data: Path
    sockets: Path
    careless: bool = False

    def __post_init__(self) -> None:
        self.postgres = Postgres(
            data=self.data / "postgres",
            sockets=self.sockets / "pg",
            log=self.data / "postgres.log",
            careless=self.careless,
        )
        self.valkey = Valkey(sockets=self.sockets, log=self.data / "valkey.log")

    def given(self) -> dict[str, str]:
        """Those of DATABASE_URL and REDIS_URL that the environment names."""
        return {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}

    def addresses(self) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL, whether their servers run or not."""
        return {"DATABASE_URL": self.postgres.url, "REDIS_URL": self.valkey.url, **self.given()}

    def start(self) -> dict[str, str]:
        """Start what the environment does not name; returns the addresses."""
        self.data.mkdir(parents=True, exist_ok=True)
        given = self.given()
        if "DATABASE_URL" not in given:
            self.postgres.start()
        if "REDIS_URL" not in given:
            self.valkey.start()
        return self.addresses()

    def check(self) -> None:
        """Raise Problem when one of ours has stopped by itself."""
        for name, server in (("PostgreSQL", self.postgres), ("Valkey", self.valkey)):
            if server.process is not None and server.process.poll() is not None:
                raise of_log(f"{name} stopped", server.log)

    def stop(self) -> None:
        """Stop what we started."""
        self.valkey.stop()
        self.postgres.stop()
