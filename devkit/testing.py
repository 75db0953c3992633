"""`dev.py test`: all tests, with everything they need; see devkit/pytest_servers.py for the servers."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from devkit.paths import ROOT

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = """
  !! There is no Chromium on this machine: every test that drives a browser is SKIPPED (in CI it fails).
  !! Cure: apt install chromium (as root), or set CHROMIUM to the path of one.
"""


def main(words: Sequence[str]) -> int:
    """Run pytest; without a path or option of its own on two processes. Returns pytest's exit code."""
    if not chromium():
        print(MISSING, file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "pytest", *(words or ("-n", "2", "--dist", "loadgroup"))]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}).returncode


def chromium() -> str | None:
    """The browser for the tests; Debian's is installed where we may."""
    found = _chromium()
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests (apt-get) ...", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        for command in (["apt-get", "update", "-qq"], install):
            subprocess.run(command, env=environment, **quiet)  # type: ignore[call-overload]  # its overloads take no **
        found = _chromium()
    return found


def _chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
