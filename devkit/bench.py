"""`dev.py bench`: hands over to the package `benchmarks`, which starts its own servers."""

import os
import subprocess
import sys
from collections.abc import Sequence

from devkit.paths import ROOT


def main(words: Sequence[str]) -> int:
    """Measure; returns non-zero when a figure is below its floor."""
    command = [sys.executable, "-m", "benchmarks", *words]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}).returncode
