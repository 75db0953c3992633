"""Starting and stopping child processes that never outlive us. Standard library only."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

TETHER = Path(__file__).with_name("tether.py")


def tethered(command: Sequence[str], *, death_signal: str = "TERM") -> list[str]:
    """The command line that runs `command` and ends it by `death_signal` (without "SIG") when this process dies."""
    return [sys.executable, "-ES", str(TETHER), death_signal, str(os.getpid()), *command]


def start(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    keep: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own (Ctrl-C reaches only us), its output appended to `log`.

    `keep` are file descriptors that the command inherits under the same numbers.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
            pass_fds=keep,
        )


def stop(process: subprocess.Popen[bytes], *, by: signal.Signals, patience: float) -> None:
    """End a process by the signal it likes best; after `patience` seconds its whole group is killed."""
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def tail(log: Path, lines: int = 3) -> str:
    """The last lines of a log, on one line, for a message."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return " / ".join(line.strip() for line in text.splitlines()[-lines:] if line.strip())
