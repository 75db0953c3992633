"""Whom PostgreSQL runs as: it refuses to be root. Standard library only.

A normal user starts it as himself. Root runs it inside a user namespace, where root is called something else; where
that is barred (most containers, chroot) it becomes `nobody`, who needs help to reach a checkout in root's home.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from devkit.problems import Problem

NAMESPACE = ("unshare", "-U", "--map-user=1000", "--map-group=1000")
NOBODY = 65534
# A checkout may lie in a folder that `nobody` cannot enter; containers leave us this one capability to pass on.
ENTER_ANYWHERE = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")


def wrapper(data: Path) -> tuple[str, ...]:
    """The words before `postgres` that make it run as somebody other than root.

    A new data folder is ours in a user namespace, else it is given to `nobody`; an existing one keeps its owner.
    """
    if os.geteuid() != 0:
        return ()
    owner = data.stat().st_uid
    if owner == 0 and _runs(NAMESPACE, data):
        return NAMESPACE
    owner = owner or NOBODY
    _give(data, owner)
    become = ("setpriv", f"--reuid={owner}", f"--regid={owner}", "--clear-groups")
    for words in (become, (*become, *ENTER_ANYWHERE)):
        if _runs(words, data):
            return words
    raise Problem(
        "PostgreSQL refuses to run as root, and neither a user namespace nor another user works here.",
        "Start as a normal user, or set DATABASE_URL to a running PostgreSQL.",
    )


def _runs(command: Sequence[str], data: Path) -> bool:
    """Whether a wrapper works here and lets the command see (and, as owner, write to) the data folder."""
    look = ["sh", "-c", '[ "$(id -u)" != 0 ] && ls "$0" && touch "$0"']
    try:
        return subprocess.run([*command, *look, str(data)], capture_output=True).returncode == 0
    except OSError:
        return False


def _give(folder: Path, owner: int) -> None:
    """Hand a folder and what lies in it to another user."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, owner, follow_symlinks=False)


def reachable(binaries: Path, words: Sequence[str], place: Path) -> Path:
    """Binaries that the wrapped command may start: those given, or a copy below `place` (a private folder of ours).

    `initdb` looks for `postgres` by access(2), which ignores the capability that lets us pass.
    """
    plain = [word for word in words if word not in ENTER_ANYWHERE]
    look = subprocess.run([*plain, "sh", "-c", '[ -x "$0" ]', str(binaries / "postgres")], capture_output=True)
    if not words or look.returncode == 0:
        return binaries
    target = place / "bin-of-postgres"
    install, libraries = binaries.parent, binaries.parent.parent.with_suffix(".libs")
    copy = target / "package" / install.name
    if not (target / "whole").exists():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(install, copy, symlinks=True)
        if libraries.is_dir():  # the wheel's own libraries lie beside the package
            shutil.copytree(libraries, target / libraries.name, symlinks=True)
        (target / "whole").touch()
    place.chmod(0o711)
    return copy / "bin"
