"""The papers of booking: their sources lie in booking/pdf/, the press makes PDF of them."""

from datetime import datetime
from pathlib import Path
from typing import Any

import press

SOURCES = Path(__file__).resolve().parent / "pdf"


def pdf(name: str, content: dict[str, Any], *, now: datetime) -> bytes:
    """The PDF of booking/pdf/<name>.typ with `content`."""
    return press.pdf(SOURCES / f"{name}.typ", content, now=now)


def source(name: str) -> bytes:
    """The source itself: a paper whose make-up changed is another paper."""
    return (SOURCES / f"{name}.typ").read_bytes()
