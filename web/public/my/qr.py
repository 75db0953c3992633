"""The door code as a QR code inside the page: no image to load, no style, no data beyond the code."""

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString

# Black on white whatever the colours of the page: readers at the door expect it (the ticket's ground is white).
SVG = (
    '<svg role="img" aria-label="{label}" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
    '<path stroke="#000" d="{path}"/></svg>'
)


def svg(text: str, *, label: str) -> SafeString:
    """`text` as SVG markup; `label` is what a screen reader says instead."""
    rows = segno.make(text, error="q", micro=False, boost_error=False).matrix
    return format_html(SVG, label=label, size=len(rows), path="".join(_runs(rows)))


def _runs(rows: tuple[bytearray, ...]) -> list[str]:
    """One stroke for every run of dark modules."""
    strokes = []
    for number, row in enumerate(rows):
        start = None
        for place, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = place
            elif not dark and start is not None:
                strokes.append(f"M{start} {number}.5h{place - start}")
                start = None
    return strokes
