"""From values to PDF/UA-1: tagged, with language and title, in the house's own fonts.

A source is fixed; what a person typed reaches it as JSON (`sys.inputs.content`) and is never read as source.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

FONTS = Path(__file__).resolve().parent / "fonts"


def pdf(source: Path, content: dict[str, Any], *, now: datetime) -> bytes:
    """The PDF of this .typ file with `content`; it may read files of its own folder only."""
    try:
        return _compiled(source, content, now=now, universal=True)
    except typst.TypstError:
        # PDF/UA forbids a letter that no font can show (王, 🙂). The paper is needed all the same: tagged, with a box.
        return _compiled(source, content, now=now, universal=False)


def _compiled(source: Path, content: dict[str, Any], *, now: datetime, universal: bool) -> bytes:
    return typst.compile(
        source,
        root=source.parent,
        font_paths=sorted(FONTS.iterdir()),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"content": json.dumps(content)},
        pdf_standards="ua-1" if universal else None,
        timestamp=int(now.timestamp()),
    )
