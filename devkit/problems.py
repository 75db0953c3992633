"""What goes wrong on a developer's machine is told in one line that names the cure. Standard library only."""

import shutil
from pathlib import Path

FULL_BELOW_BYTES = 20_000_000


class Problem(Exception):
    """Something outside the code stands in the way.

    `what` says what happened, `cure` what to do about it; both are whole sentences without a line break.
    """

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(f"{what} {cure}")
        self.what = what
        self.cure = cure


def disk_full(place: Path, needed: str) -> Problem:
    """The problem of a full disk; `needed` is how much must be free, in words."""
    return Problem("The disk is full.", f"Free {needed} on the disk of {place}, then start again.")


def of_log(what: str, log: Path) -> Problem:
    """The problem behind a program that stopped: a full disk (it may have swallowed the last words), or those words."""
    try:
        lines = [
            line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()
        ]
    except OSError:
        lines = []
    if "no space left" in " ".join(lines[-20:]).lower() or shutil.disk_usage(log.parent).free < FULL_BELOW_BYTES:
        return disk_full(log.parent, "at least 300 MB")
    return Problem(f"{what}: {lines[-1] if lines else 'it said nothing'}", f"(Everything it said: {log})")
