"""Does the image hold all that its processes need? `python -m devkit.image` makes the build's folder and looks.

What `.dockerignore` lets through is copied, as `docker build` would; there every module is imported, and the static
files are collected. What only developers install is refused, whether it lies in this environment or not.
"""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from devkit.paths import ROOT
from devkit.testenv import DEPLOYED_ENVIRONMENT

# Run in the copy, with the names of modules to refuse as arguments.
IMPORTS = """
import importlib, pkgutil, sys
from pathlib import Path

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in REFUSED:
            raise ModuleNotFoundError(f"{name} is not in the image")

REFUSED = set(sys.argv[1:])
sys.meta_path.insert(0, Refused())
sys.path.insert(0, ".")
import django
django.setup()
names = [path.parent.name for path in Path().glob("*/__init__.py")]
for found in pkgutil.walk_packages(["."]):
    if found.name.partition(".")[0] in names:
        importlib.import_module(found.name)
"""


def context(root: Path, target: Path) -> None:
    """What `docker build` would send of `root`: what the lines with `!` in .dockerignore name."""
    lines = [line.strip() for line in (root / ".dockerignore").read_text(encoding="utf-8").splitlines()]
    rubbish = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in (line[1:] for line in lines if line.startswith("!")):
        if (root / name).is_dir():
            shutil.copytree(root / name, target / name, ignore=rubbish)
        else:
            shutil.copy2(root / name, target / name)


def refused() -> list[str]:
    """The modules of the parts that requirements-dev.txt adds."""
    text = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    parts = {_plain(name) for name in re.findall(r"^([\w.-]+)(?:\[.*\])?==", text, re.MULTILINE)}
    provided = importlib.metadata.packages_distributions()
    return sorted(module for module, found in provided.items() if {_plain(name) for name in found} <= parts)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def complaints(root: Path) -> str:
    """Why an image of `root` would not start; empty when it would."""
    with tempfile.TemporaryDirectory(prefix="impftermin-image-") as folder:
        context(root, Path(folder))
        environment = {**os.environ, **DEPLOYED_ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1"}
        environment.setdefault("DATABASE_URL", "postgresql://nobody/nothing")
        environment.setdefault("REDIS_URL", "redis://nobody")
        environment.pop("PYTHONPATH", None)
        for words in (["-c", IMPORTS, *refused()], ["manage.py", "collectstatic", "--no-input", "--verbosity=0"]):
            done = subprocess.run(
                [sys.executable, "-W", "ignore", *words], cwd=folder, env=environment, capture_output=True, text=True
            )
            if done.returncode:
                return f"{done.stdout}{done.stderr}".strip()
    return ""


if __name__ == "__main__":
    found = complaints(ROOT)
    print(found)
    sys.exit(1 if found else 0)
