"""Starts the parts of a run in order, watches them, stops them in reverse. Standard library only."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from devkit import process
from devkit.paths import ROOT
from devkit.problems import of_log

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Part:
    """One running process of ours."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]


@dataclass
class Supervisor:
    """The processes of one run. Their words go into `<logs>/<name>.log`."""

    logs: Path
    environment: Mapping[str, str]
    parts: list[Part] = field(default_factory=list)

    def start(
        self, name: str, module: Sequence[str], *, death_signal: str = "KILL", keep: tuple[int, ...] = ()
    ) -> Part:
        """Start `python -m module...`; `keep` are file descriptors it inherits."""
        log = self.logs / f"{name}.log"
        command = process.tethered([sys.executable, "-m", *module], death_signal=death_signal)
        part = Part(name, log, process.start(command, log=log, env=self.environment, cwd=ROOT, keep=keep))
        self.parts.append(part)
        return part

    def finish(self, name: str, module: Sequence[str]) -> None:
        """Run `python -m module...` to its end; raises Problem when it fails."""
        part = self.start(name, module)
        code = part.process.wait()
        self.parts.remove(part)
        if code:
            raise of_log(f"{part.name} stopped", part.log)

    def check(self) -> None:
        """Raise Problem when a part has stopped by itself."""
        for part in self.parts:
            if part.process.poll() is not None:
                raise of_log(f"{part.name} stopped", part.log)

    def stop(self) -> None:
        """Ask all to stop, newest first, and wait; who does not listen is killed with its children."""
        for part in reversed(self.parts):
            if part.process.poll() is None:
                part.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + PATIENCE_SECONDS
        for part in reversed(self.parts):
            process.stop(part.process, by=signal.SIGTERM, patience=max(0.1, until - time.monotonic()))
        self.parts.clear()
