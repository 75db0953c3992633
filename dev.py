#!/usr/bin/env python3
"""The one command of Impftermin: `python3 dev.py run`, `test`, `check`, `bench`, `messages`, `manage`.

Needs Python and nothing else: the first call makes a virtual environment beside this file and installs what is pinned.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts this with an older Python should read a sentence
    sys.exit(
        "Impftermin needs Python 3.11 or newer. Start it with such a Python: python3.11 dev.py "
        + " ".join(sys.argv[1:])
    )

import os

from devkit import install
from devkit.paths import ROOT, VENV_PYTHON
from devkit.problems import Problem


def main() -> None:
    """Make sure that the virtual environment stands, then become it."""
    try:
        install.ensure()
    except Problem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
    os.environ["PYTHONPATH"] = str(ROOT)
    os.execv(VENV_PYTHON, [str(VENV_PYTHON), "-m", "devkit", *sys.argv[1:]])


if __name__ == "__main__":
    main()
