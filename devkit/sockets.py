"""Short private folders for unix sockets. Standard library only.

A socket path must be shorter than 107 bytes, a checkout's path need not be: sockets live in /tmp, in a folder that only
we may enter. A lock in the folder tells a folder in use from one that a killed run has left.
"""

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from devkit.problems import Problem

BASE = Path("/tmp")  # noqa: S108 - the folder below it is ours alone, see `private`


def private(folder: Path) -> Path:
    """Make `folder` ours alone (0700), or refuse: somebody else may have put it there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise Problem(f"{folder} belongs to somebody else.", "Remove it, then start again.")
    folder.chmod(0o700)
    return folder


def for_data(data: Path) -> Path:
    """The socket folder of one data folder: always the same, so that a killed run leaves no heap of folders."""
    name = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:10]
    return private(BASE / f"impf-{os.geteuid()}-{name}")


def locked(folder: Path) -> int | None:
    """Take the lock of a folder without waiting. The file descriptor holds it; None when somebody has it."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def temporary(parent: Path, prefix: str) -> tuple[Path, int]:
    """A new locked folder below `parent`; folders that killed runs left there are removed first.

    Returns the folder and the file descriptor that holds its lock.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        _sweep(parent, prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    handle = locked(folder)
    if handle is None:
        raise Problem(f"{folder} was taken by somebody else.", "Start again.")
    return folder, handle


def _sweep(parent: Path, prefix: str) -> None:
    """Remove the unlocked folders of ours below `parent`."""
    for folder in parent.glob(f"{prefix}*"):
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.geteuid() or not (folder / "lock").exists():
                continue
            handle = locked(folder)
            if handle is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(handle)
