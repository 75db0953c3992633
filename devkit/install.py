"""The virtual environment: made once, filled again only when a requirements file changes. Standard library only.

uv installs (3 s against 48 s with pip); pip does it when uv cannot.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from devkit import process
from devkit.paths import ROOT, VAR, VENV, VENV_PYTHON
from devkit.problems import FULL_BELOW_BYTES, Problem, disk_full

UV = "uv==0.13.9"
REQUIREMENTS = (ROOT / "requirements-dev.txt", ROOT / "requirements.txt", ROOT / "constraints.txt")
STAMP = VENV / ".installed"
NEEDED = "about 1 GB"
LEAST_FREE_BYTES = 1_000_000_000
LOG = VAR / "install.log"
# Behind a proxy that opens TLS, the system's certificates count: by the names of new and of older versions of uv.
UV_ENVIRONMENT = {"UV_SYSTEM_CERTS": "true", "UV_NATIVE_TLS": "true"}
NO_NETWORK = ("resolve", "connection", "connect", "network", "dns", "timed out", "no matching distribution")


def ensure() -> None:
    """Return when `.venv` holds what the requirements files say; raises Problem with the cure otherwise."""
    wanted = fingerprint()
    if _stands(wanted):
        return
    try:
        VAR.mkdir(exist_ok=True)
        with _alone():
            if not _stands(wanted):
                _install()
                STAMP.write_text(wanted)
    except OSError as error:
        raise explained(str(error)) from None


def fingerprint() -> str:
    """What `.venv` must have been made from: the requirements files and this Python."""
    digest = hashlib.sha256(sys.version.encode())
    for file in REQUIREMENTS:
        digest.update(file.read_bytes())
    # A virtual environment cannot be moved: its path is written into it.
    digest.update(os.fsencode(VENV))
    return digest.hexdigest()


def _stands(wanted: str) -> bool:
    """Whether `.venv` was made from exactly this."""
    return VENV_PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted


@contextmanager
def _alone() -> Iterator[None]:
    """One installation at a time: `run` and `test` may be started together."""
    with (VAR / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install() -> None:
    """Make the environment, fill it by uv, else by pip."""
    LOG.unlink(missing_ok=True)
    if not _usable():
        if shutil.disk_usage(ROOT).free < LEAST_FREE_BYTES:
            raise disk_full(ROOT, NEEDED)
        print("Making the virtual environment .venv ...", flush=True)
        _make()
    print("Installing the pinned parts (only when they change; some 20 seconds) ...", flush=True)
    uv = shutil.which("uv") or _uv_by_pip()
    # A user without a home of his own has no place for a cache.
    cache = [] if os.access(Path.home(), os.W_OK) else ["--no-cache"]
    if uv and _call([uv, "pip", "install", *cache, "--python", str(VENV_PYTHON), "-r", str(REQUIREMENTS[0])]):
        return
    print("uv could not do it; pip is trying (a minute or two) ...", flush=True)
    if not _call([str(VENV_PYTHON), "-m", "pip", "install", "--retries", "2", "-r", str(REQUIREMENTS[0])]):
        raise explained(process.tail(LOG, 4))


def _usable() -> bool:
    """Whether `.venv` holds a Python with pip that still runs."""
    return VENV_PYTHON.exists() and _call([str(VENV_PYTHON), "-m", "pip", "--version"])


def _make() -> None:
    """Make `.venv` from nothing, with pip in it."""
    shutil.rmtree(VENV, ignore_errors=True)
    if _call([sys.executable, "-m", "venv", str(VENV)]):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    uv = shutil.which("uv")
    if uv and _call([uv, "venv", "--seed", "--python", sys.executable, str(VENV)]):
        return
    text = process.tail(LOG, 12)
    if "ensurepip" in text or "No module named venv" in text:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Problem(
            "This Python cannot make virtual environments.",
            f"Install its venv module: apt install python3-venv (or python{version}-venv), then start again.",
        )
    raise explained(text)


def _uv_by_pip() -> str | None:
    """uv inside `.venv`; None when pip cannot get it for a reason of uv's own. Without a network nothing can go on."""
    if _call([str(VENV_PYTHON), "-m", "pip", "install", "--retries", "2", UV]):
        return str(VENV / "bin" / "uv")
    problem = explained(process.tail(LOG, 6))
    if "network" in problem.cure or "space" in problem.cure:
        raise problem
    return None


def _call(command: Sequence[str]) -> bool:
    """Run a command, its words into the log; whether it went well."""
    environment = {**UV_ENVIRONMENT, **os.environ}
    with LOG.open("ab") as log:
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT, env=environment)
        except OSError as error:
            log.write(f"{error}\n".encode())
            return False
    return done.returncode == 0


def explained(text: str) -> Problem:
    """The problem behind the last words of an installer or of the system."""
    low = text.lower()
    if "no space left" in low or "disk quota" in low or shutil.disk_usage(ROOT).free < FULL_BELOW_BYTES:
        return disk_full(ROOT, NEEDED)
    if "permission denied" in low or "read-only file system" in low:
        return Problem(
            f"{ROOT} cannot be written to.", "Give yourself the right to write there, or clone it elsewhere."
        )
    where = LOG.relative_to(ROOT)
    if any(word in low for word in NO_NETWORK):
        return Problem(
            "The parts could not be fetched.", f"Check the network (or the proxy), then start again; details: {where}"
        )
    return Problem(f"Installing failed: {text}.", f"Details: {where}")
