"""The mailbox page of the demo: e-mails and SMS that its own servers have kept. Outside the demo there is none."""

import mailbox as maildirs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.timezone import get_default_timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

LINK = re.compile(r"https?://[^\s<>\"]+")
MOST = 200


@dataclass(frozen=True)
class Mail:
    """One mail as its reader sees it; `sms` for one that came to a telephone."""

    to: str
    subject: str
    text: str
    at: datetime
    sms: bool

    @property
    def links(self) -> list[str]:
        """Every address in the text, in order, once."""
        return list(dict.fromkeys(address.rstrip(".,;:)") for address in LINK.findall(self.text)))


@login_not_required
@require_safe
@never_cache
def mailbox(request: HttpRequest) -> HttpResponse:
    """Newest first; `?to=` one address only; `?format=json` for programs."""
    if not settings.DEMO_MAILBOX:
        raise Http404
    to = request.GET.get("to", "").strip()
    mails = [mail for mail in _mails(Path(settings.DEMO_MAILBOX)) if not to or _same(mail.to, to)]
    mails = sorted(mails, key=lambda mail: mail.at, reverse=True)[:MOST]
    if request.GET.get("format") == "json":
        return JsonResponse([_as_json(mail) for mail in mails], safe=False)
    return render(request, "mailbox/mailbox.html", {"mails": mails, "to": to})


def _as_json(mail: Mail) -> dict[str, str | bool | list[str]]:
    at = mail.at.isoformat()
    return {"to": mail.to, "subject": mail.subject, "text": mail.text, "links": mail.links, "at": at, "sms": mail.sms}


def _same(one: str, other: str) -> bool:
    """The plus of a number is a space in an address that somebody typed."""
    return one.casefold().lstrip("+") == other.casefold().lstrip("+")


def _mails(folder: Path) -> Iterator[Mail]:
    if not folder.exists():  # no mail has come yet
        return
    for name, content in _files(folder):
        message = message_from_bytes(content, policy=policy.default)
        if isinstance(message, EmailMessage):
            yield _mail(name, message)


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    box = maildirs.Maildir(folder, create=False)
    for key in box.keys():  # noqa: SIM118  a Maildir is no dict: iterating it gives messages
        try:
            yield key, box.get_bytes(key)
        except KeyError:  # moved from new/ to cur/ while we read
            continue


def _mail(name: str, message: EmailMessage) -> Mail:
    body = message.get_body(preferencelist=("plain", "html"))
    return Mail(
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=body.get_content().replace("\r\n", "\n") if body is not None else "",
        at=_arrived(name),
        sms=message["X-Medium"] == "sms",
    )


def _arrived(name: str) -> datetime:
    """A Maildir file is named for the second of its arrival and, after "M", the microseconds."""
    seconds, _, rest = name.partition(".")
    micro = re.match(r"M(\d+)", rest)
    stamp = int(seconds) + (int(micro.group(1)) / 1e6 if micro else 0)
    return datetime.fromtimestamp(stamp, tz=get_default_timezone())
