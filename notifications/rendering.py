"""From a context to an e-mail, SMS or letter: one template, renderings of it that cannot disagree."""

import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Template, engines
from django.template.backends.django import DjangoTemplates
from django.utils import translation

from notifications import sms
from notifications.models import Message
from notifications.templatetags.mail import HTML, LETTER, MARK, SMS, SUBJECT, TEXT, tidy

Block = dict[str, Any]  # `kind` and its values, see templatetags/mail.py


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of one message."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Paper:
    """The words of one letter: what it says, and what stands below the line."""

    subject: str
    body: list[Block]
    foot: list[Block]


def letter(template: str, *, language: str, context: dict[str, Any]) -> Letter:
    """Render templates/notifications/<template>.html in `language`. See templatetags/mail.py for its words."""
    with translation.override(language):
        values = {**context, **house(language), "language": language}
        source = _template(template)
        subject = " ".join(_rendered(source, SUBJECT, values).split())
        values["subject"] = subject
        text = tidy(_rendered(_frame(), TEXT, {**values, "message": source}))
        html = _rendered(_frame(), HTML, {**values, "message": source}).strip() + "\n"
    return Letter(subject=subject, text=text, html=html)


def short(template: str, *, language: str, context: dict[str, Any]) -> str:
    """The same message as one SMS, in signs that every telephone shows."""
    with translation.override(language):
        values = {**context, **house(language), "language": language}
        words = _rendered(_frame(), SMS, {**values, "message": _template(template)})
    return sms.plain(" ".join(words.split()))


def paper(template: str, *, language: str, context: dict[str, Any]) -> Paper:
    """The same message as blocks for paper."""
    with translation.override(language):
        values = {**context, **house(language), "language": language}
        source = _template(template)
        subject = " ".join(_rendered(source, SUBJECT, values).split())
        foot = _template("includes/letter_foot")
        return Paper(subject, _blocks(source, values), _blocks(foot, values))


def house(language: str) -> dict[str, str]:
    """Who writes, and how to reach us: in every message."""
    return {
        "site_url": settings.SITE_URL,
        "site_domain": urlsplit(settings.SITE_URL).netloc,
        "region": settings.REGION_NAME,
        "operator": settings.OPERATOR["name"],
        "operator_address": settings.OPERATOR["address"],
        "hotline": settings.HOTLINE,
        "hotline_hours": settings.HOTLINE_HOURS_EN if language == "en" else settings.HOTLINE_HOURS_DE,
    }


def email(message: Message, words: Letter, *, now: datetime) -> EmailMultiAlternatives:
    """The e-mail to its one recipient. The same message always carries the same Message-ID: should a crash between
    sending and recording send it twice, mail programs and servers can see that it is one."""
    sender = settings.DEFAULT_FROM_EMAIL
    mail = EmailMultiAlternatives(
        subject=words.subject,
        body=words.text,
        from_email=sender,
        to=[message.recipient],
        reply_to=[settings.REPLY_TO] if settings.REPLY_TO else None,
        headers={
            "Message-ID": message_id(message),
            "Date": format_datetime(now),
            "Auto-Submitted": "auto-generated",  # RFC 3834: holiday notices and other robots keep silent
            "Content-Language": message.language,
        },
    )
    mail.attach_alternative(words.html, "text/html")
    return mail


def message_id(message: Message) -> str:
    return f"<{message.public_id}@{parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition('@')[2]}>"


def _blocks(source: Template, values: dict[str, Any]) -> list[Block]:
    """What stands between the marks; the rest is a remark to the reader of the template."""
    return [json.loads(block) for block in _rendered(source, LETTER, values).split(MARK)[1::2]]


def _template(name: str) -> Template:
    backend = engines["django"]
    assert isinstance(backend, DjangoTemplates)  # noqa: S101  the only one in the settings
    return backend.engine.get_template(f"notifications/{name}.html")


def _frame() -> Template:
    return _template("includes/frame")


def _rendered(source: Template, part: str, values: dict[str, Any]) -> str:
    # Nothing is escaped in plain text, everything in HTML.
    return source.render(Context({**values, "part": part}, autoescape=part == HTML))
