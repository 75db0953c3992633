"""Reading pages in tests: the words, and the tables by their caption."""

import html
import re


def text(page: str) -> str:
    """The words of the page, blanks and breaks made one."""
    bare = re.sub(r"<(script|style|title)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def rows(page: str, caption: str) -> list[list[str]]:
    """The cells of body and foot of the table with this caption."""
    tables = re.findall(r"<table.*?</table>", page, flags=re.DOTALL)
    (table,) = [one for one in tables if text(one).startswith(caption)]
    body = table[table.index("<tbody") :]
    return [
        [text(cell) for cell in re.findall(r"<t[hd]\b.*?</t[hd]>", row, flags=re.DOTALL)]
        for row in re.findall(r"<tr\b.*?</tr>", body, flags=re.DOTALL)
    ]
