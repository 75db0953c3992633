"""The QR code for the door, drawn as an inline SVG: no file, no address, nothing in it but the code."""

from collections.abc import Iterator

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString


def svg(code: str, *, label: str) -> SafeString:
    """The QR code of `code` for a page; `label` tells a screen reader what it is. The quiet zone is the page's."""
    symbol = segno.make_qr(code, error="h")
    size = symbol.symbol_size(border=0)[0]
    return format_html(
        '<svg role="img" aria-label="{}" viewBox="0 0 {} {}"><path stroke="#000" d="{}"/></svg>',
        label,
        size,
        size,
        "".join(_strokes(symbol)),
    )


def _strokes(symbol: segno.QRCode) -> Iterator[str]:
    """One stroke for each row of dark modules side by side."""
    for y, modules in enumerate(symbol.matrix_iter(border=0)):
        row, x = list(modules), 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                yield f"M{start} {y}.5h{x - start}"
            x += 1
