"""Where things lie in a checkout. Standard library only."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VAR = ROOT / "var"
VENV_PYTHON = VENV / "bin" / "python"
