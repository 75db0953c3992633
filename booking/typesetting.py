"""From values to PDF/UA-1: tagged, with language and title, in our own fonts.

The sources in booking/pdf/ are fixed; what a person typed reaches them as JSON and is never read as source.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

SOURCES = Path(__file__).resolve().parent / "pdf"
FONTS = SOURCES / "fonts"


def pdf(name: str, content: dict[str, Any], *, now: datetime) -> bytes:
    """The PDF of booking/pdf/<name>.typ with `content`."""
    try:
        return _compiled(name, content, now=now, universal=True)
    except typst.TypstError:
        # PDF/UA forbids a letter that no font can show (王, 🙂). The paper is needed all the same: tagged, with a box.
        return _compiled(name, content, now=now, universal=False)


def source(name: str) -> bytes:
    """The source itself: a paper whose make-up changed is another paper."""
    return (SOURCES / f"{name}.typ").read_bytes()


def _compiled(name: str, content: dict[str, Any], *, now: datetime, universal: bool) -> bytes:
    return typst.compile(
        SOURCES / f"{name}.typ",
        root=SOURCES,
        font_paths=sorted(FONTS.iterdir()),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"content": json.dumps(content)},
        pdf_standards="ua-1" if universal else None,
        timestamp=int(now.timestamp()),
    )
