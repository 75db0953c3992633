"""Letters whose words a test chooses, and how a PDF is read."""

import io
from typing import Any

from pypdf import PdfReader

from notifications.models import Message, PrintBatch
from tests.factories import NOW

LANE = "letter:14612"


def words(**values: Any) -> dict[str, Any]:
    """What the composer of "withdrawn" answers for a letter."""
    return {
        "name": "Ingeborg Richter",
        "case_number": "K7P 4XM 92P",
        "address": ["Ingeborg Richter", "Schandauer Straße 14", "01796 Pirna"],
        "large_print": False,
        "had_appointments": False,
        **values,
    }


def letter(post: Any, number: int = 1, **values: Any) -> Message:
    """One letter that waits: to the person with this number."""
    return post(case_number(number), medium="letter", **{"lane": LANE, "now": NOW, **values})


def case_number(number: int) -> str:
    return f"AAAAAA{'23456789ABCDEFGHJKMNPQRSTUVWXYZ'[number // 31]}{'23456789ABCDEFGHJKMNPQRSTUVWXYZ'[number % 31]}"


def pdf_of(batch: PrintBatch) -> PdfReader:
    return PdfReader(io.BytesIO(bytes(PrintBatch.objects.get(pk=batch.pk).content)))


def text_of(pdf: PdfReader) -> str:
    """Everything in it, without the places where long words may break."""
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).replace("\u200b", "").split())
