"""The words of a message template. Each message is written once and rendered many times: `part` says as what.

    {% subject %}...{% endsubject %}     the subject line; nothing in the body
    {% p %}...{% endp %}                 a paragraph
    {% h %}...{% endh %}                 a heading
    {% button url %}...{% endbutton %}   a link to follow, alone on its line in plain text; on paper with `link_code`
    {% points list %}                    a list of strings
    {% row title %}...{% endrow %}       a heading and its paragraph; on paper a line of a table
    {% code title code holds %}...{% endcode %}   a code to say; on paper beside the QR code that holds `holds`
    {% sms %}...{% endsms %}             all of it as an SMS, short: no name, and signs that every telephone shows

What stands outside of them is a remark to the reader of the template and goes nowhere in the subject.
On paper a message is a list of blocks (notifications/letters.py), each of them JSON between two MARKs.
"""

import json
import re
import textwrap
from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

SUBJECT, TEXT, HTML, SMS, LETTER = "subject", "text", "html", "sms", "letter"
ELEMENTS = {"p": "paragraph", "h2": "heading"}
LINE = 72
MARK = "\x1e"  # the record separator; JSON writes it as \u001e


def tidy(text: str) -> str:
    """Plain text as it is sent: no space at a line's end, one empty line between blocks."""
    lines = [line.rstrip() for line in text.replace("\u00a0", " ").splitlines()]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n") + "\n"


@register.simple_block_tag(takes_context=True)
def subject(context: Context, content: str) -> str:
    return content if context["part"] == SUBJECT else ""


@register.simple_block_tag(takes_context=True)
def sms(context: Context, content: str) -> str:
    return content if context["part"] == SMS else ""


@register.filter
def at_most(text: str, signs: int) -> str:
    """The beginning of the text, whole words, at most so many signs."""
    return text if len(text) <= signs else f"{text[: signs - 2].rpartition(' ')[0].rstrip(',')}..."


@register.simple_block_tag(takes_context=True)
def p(context: Context, content: str) -> str:
    return _block(context, content, "p")


@register.simple_block_tag(takes_context=True)
def h(context: Context, content: str) -> str:
    return _block(context, content, "h2")


@register.simple_block_tag(takes_context=True)
def button(context: Context, content: str, url: str) -> str:
    words = _joined(content)
    if context["part"] == TEXT:
        return f"\n\n{_wrapped(words)}:\n{url}\n\n"
    if context["part"] == HTML:
        # The address stands below its button too: who mistrusts buttons can read where it leads, and type it.
        return format_html(
            '<p class="act"><a class="button" href="{0}">{1}</a></p>\n<p class="small"><a href="{0}">{0}</a></p>\n',
            url,
            words,
        )
    return _paper(context, "link", text=words, url=url, code=context.get("link_code", ""))


@register.simple_tag(takes_context=True)
def points(context: Context, items: Iterable[str]) -> str:
    if context["part"] == TEXT:
        return "\n\n" + "\n".join(_wrapped(item, first="- ", later="  ") for item in items) + "\n\n"
    if context["part"] == HTML:
        return format_html("<ul>\n{}</ul>\n", format_html_join("", "<li>{}</li>\n", ((item,) for item in items)))
    return _paper(context, "points", items=[str(item) for item in items])


@register.simple_block_tag(takes_context=True)
def row(context: Context, content: str, title: str) -> str:
    if context["part"] == LETTER:
        return _paper(context, "row", title=str(title), text=_joined(content))
    return SafeString(_block(context, _escaped(context, title), "h2") + _block(context, content, "p"))


@register.simple_block_tag(takes_context=True)
def code(context: Context, content: str, title: str, text: str, holds: str) -> str:
    if context["part"] == LETTER:
        return _paper(context, "code", title=str(title), text=text, holds=holds, note=_joined(content))
    said = [(_escaped(context, title), "h2"), (_escaped(context, text), "p"), (content, "p")]
    return SafeString("".join(_block(context, words, element) for words, element in said))


@register.simple_tag(takes_context=True)
def body(context: Context) -> str:
    """The message itself inside the frame: `message` is its compiled template."""
    return SafeString(context["message"].render(context))


def _block(context: Context, content: str, element: str) -> str:
    words = _joined(content)
    if words and context["part"] == LETTER:
        return _paper(context, ELEMENTS[element], text=words)
    if not words or context["part"] not in (TEXT, HTML):
        return ""
    if context["part"] == TEXT:
        underline = "\n" + "-" * min(len(words), LINE) if element == "h2" else ""
        return f"\n\n{_wrapped(words)}{underline}\n" + ("" if underline else "\n")
    return SafeString(f"<{element}>{words}</{element}>\n")


def _paper(context: Context, kind: str, **values: Any) -> str:
    if context["part"] != LETTER:
        return ""
    return SafeString(f"{MARK}{json.dumps({'kind': kind, **values})}{MARK}")


def _escaped(context: Context, words: str) -> str:
    """What comes as an argument has not been escaped yet."""
    return conditional_escape(words) if context["part"] == HTML else str(words)


def _joined(content: str) -> SafeString:
    """One line, as safe as it was: a block's content has been escaped, in HTML, when it was rendered.

    No-break spaces stay, so this is not `str.split`.
    """
    return SafeString(re.sub(r"[ \t\r\n]+", " ", content).strip(" "))


def _wrapped(words: str, *, first: str = "", later: str = "") -> str:
    """At most 72 signs a line; an address is never broken, nor is what a no-break space holds together."""
    return textwrap.fill(
        str(words),
        LINE,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
