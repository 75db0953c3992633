"""From a context to paper: the template of the e-mail, as blocks that one typst source sets (pdf/letter.typ).

A letter's composer gives three things more than others: `address`, the lines for the window, `large_print`, and with a
link the `link_code` that stands for it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.utils import dateformat, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

import press
from notifications import outbox, rendering
from notifications.models import Message
from notifications.rendering import Block

SOURCE = Path(__file__).resolve().parent / "pdf" / "letter.typ"
LINK_PAGE = "/link/"  # where the code of a link is typed
Sheet = dict[str, Any]  # one letter, as pdf/letter.typ reads it


def sheet(message: Message, *, now: datetime) -> Sheet | None:
    """The letter as the state at `now` wants it, or None when it is no longer true."""
    with translation.override(message.language):
        context = outbox.compose(outbox.envelope(message), now=now)
        if context is None:
            return None
        words = rendering.paper(message.template, language=message.language, context=context)
        house = rendering.house(message.language)
        number = context.get("case_number", "")
        return {
            "language": message.language,
            "large": context["large_print"],
            "sender": " · ".join([house["operator"], *house["operator_address"].split(", ")]),
            "address": context["address"],
            "info": _info(house, number, now=now),
            "subject": words.subject,
            "blocks": list(_drawn(words.body)),
            "foot": list(_drawn(words.foot)),
            "mark": " · ".join(part for part in (f"Impftermin {house['region']}", number) if part),
            "page": _("Page"),
            "of": pgettext("page", "of"),
        }


def pdf(sheets: Sequence[Sheet], *, title: str, now: datetime) -> bytes:
    """One tagged PDF of these letters; each begins on a sheet of its own."""
    content = {"title": title, "sender": f"Impftermin {settings.REGION_NAME}", "letters": list(sheets)}
    return press.pdf(SOURCE, content, now=now)


def _info(house: dict[str, str], number: str, *, now: datetime) -> list[list[str]]:
    """Beside the window: labels and values."""
    day = dateformat.format(timezone.localtime(now), "j. F Y" if translation.get_language() == "de" else "j F Y")
    lines = [[_("Date"), day]]
    if number:
        lines.append([_("Case number"), number])
    return [*lines, [_("Questions? Call us"), house["hotline"]], ["", house["hotline_hours"]]]


def _drawn(blocks: Sequence[Block]) -> Iterator[Block]:
    """With QR codes; rows that follow each other become one table."""
    rows: list[list[str]] = []
    for block in blocks:
        if block["kind"] == "row":
            rows.append([block["title"], block["text"]])
            continue
        if rows:
            yield _table(rows)
            rows = []
        yield _with_code(block)
    if rows:
        yield _table(rows)


def _table(rows: list[list[str]]) -> Block:
    return {"kind": "facts", "header": [_("Appointment"), _("When and where")], "rows": rows}


def _with_code(block: Block) -> Block:
    if block["kind"] == "code":
        alt = _("QR code for the door. It holds nothing but your code %(code)s.") % {"code": block["text"]}
        return {**block, "qr": _qr(block["holds"], "h"), "alt": alt}
    if block["kind"] == "link":
        note = _("Photograph the QR code with a mobile phone. Or open this page and type the code:")
        alt = _("QR code with the address %(url)s") % {"url": block["url"]}
        place = f"{urlsplit(settings.SITE_URL).netloc}{LINK_PAGE}"
        return {**block, "note": note, "place": place, "qr": _qr(block["url"], "m"), "alt": alt}
    return block


def _qr(text: str, error: str) -> str:
    """Every mask can be read; to look for the best of eight would take half the time of a letter."""
    drawing: str = segno.make_qr(text, error=error, mask=3).svg_inline(border=0, omitsize=True)
    return drawing
