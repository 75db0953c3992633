"""The outbox: a message is a row, written in the transaction of its cause, and leaves later.

Writers call `queue`; the floor that knows the facts registers a `composer` per template; pages read `latest`.
`delivery.py` empties it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat

from notifications import posting
from notifications.models import Message, MessageQuerySet

Context = dict[str, Any]
Messages = MessageQuerySet
Medium = Message.Medium
SMS_LANE = "sms"
LETTERS = "letter:"  # the lanes of letters, one per district; the mailer leaves them to the print queue


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the outbox knows of a message when its content is asked for."""

    template: str
    recipient: str
    reference: Mapping[str, Any]
    language: str
    dedupe_key: str
    medium: str = Medium.EMAIL


def envelope(message: Message) -> Envelope:
    """What a message's composer is asked with."""
    return Envelope(
        template=message.template,
        recipient=message.recipient,
        reference=message.reference,
        language=message.language,
        dedupe_key=message.dedupe_key,
        medium=message.medium,
    )


Composer = Callable[..., Context | None]
_composers: dict[str, Composer] = {}
_overtaken_by: dict[str, frozenset[str]] = {}


def composer(template: str, *, overtaken_by: Sequence[str] = ()) -> Callable[[Composer], Composer]:
    """Register `compose(envelope, *, now)` as the author of `template`.

    `overtaken_by` names the templates that say all of it: where one of them waits as a newer letter to the same person,
    this one is not printed.

    It runs in the language of the message at the moment of sending and returns the context of
    templates/notifications/<template>.html, or None when the state no longer wants the message.
    """

    def register(compose: Composer) -> Composer:
        _composers[template] = compose
        _overtaken_by[template] = frozenset(overtaken_by)
        return compose

    return register


def compose(envelope: Envelope, *, now: datetime) -> Context | None:
    """The context of the message at `now`; None discards it. An unregistered template is a KeyError."""
    return _composers[envelope.template](envelope, now=now)


def overtakes(newer: str, older: str) -> bool:
    """Whether a letter of the template `newer` says all that one of `older` would say."""
    return newer in _overtaken_by.get(older, ())


def templates() -> list[str]:
    """The names of all registered messages."""
    return sorted(_composers)


def lane_of(address: str) -> str:
    """The provider of an e-mail address: its domain in lower case and ASCII. Each provider is paced on its own."""
    domain = address.rpartition("@")[2].strip().rstrip(".").lower()
    if domain.isascii():  # nearly always, and the codec would give it back unchanged
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:  # an empty or overlong label: the provider's answer will say so
        return domain


def letter_lane(district: str) -> str:
    """Where letters to this district (its code, or "") wait for the printer."""
    return f"{LETTERS}{district}"


def queue(  # noqa: PLR0913  (a row has these columns; a dataclass would only move them)
    *,
    template: str,
    recipient: str,
    language: str,
    reference: Mapping[str, Any],
    dedupe_key: str,
    now: datetime,
    discard_after: datetime | None = None,
    medium: str = Medium.EMAIL,
    lane: str = "",
) -> None:
    """Write one message into the outbox of the running transaction; `lane` is the domain of an e-mail's recipient.

    A second call with the same `dedupe_key` changes nothing: one cause, one message. `reference` holds ids only.
    """
    Message.objects.bulk_create(
        [
            Message(
                template=template,
                recipient=recipient,
                medium=medium,
                lane=lane or lane_of(recipient),
                language=spoken(language),
                reference=dict(reference),
                dedupe_key=dedupe_key,
                created_at=now,
                available_at=now,
                discard_after=discard_after,
            )
        ],
        ignore_conflicts=True,
    )


def spoken(language: str) -> str:
    """`language` if messages exist in it, else the language of the house."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def latest(dedupe_prefix: str) -> Message | None:
    """The newest message whose key begins so: "where is my mail?" without knowing how often it was asked for."""
    return Message.objects.filter(dedupe_key__startswith=dedupe_prefix).order_by("created_at", "pk").last()


def newest(*causes: str) -> Message | None:
    """The newest message of these keys, also when it was sent again to another place (`key@...`)."""
    return Message.objects.filter(_of(causes)).order_by("created_at", "pk").last()


def supersede(*causes: str, but: str) -> None:
    """What still waits for these keys is not sent any more; `but` is the message that has taken its place."""
    waiting = Message.objects.filter(_of(causes), state__in=[Message.State.QUEUED, Message.State.DEFERRED])
    waiting.exclude(dedupe_key=but).update(state=Message.State.DISCARDED, last_reply="sent to another place instead")


def speak(recipient: str, *, lane: str, language: str) -> None:
    """The letters that wait for her are written in this language; other messages have left long before."""
    waiting = Message.objects.filter(lane=lane, recipient=recipient, medium=Medium.LETTER)
    waiting.filter(state__in=[Message.State.QUEUED, Message.State.DEFERRED]).update(language=spoken(language))


def _of(causes: Sequence[str]) -> Q:
    found = Q(dedupe_key__in=causes)
    for cause in causes:
        found |= Q(dedupe_key__startswith=f"{cause}@")
    return found


def hurry(dedupe_key: str, *, now: datetime) -> bool:
    """Try what still waits at once and not at its next time; False when it has left, or waits for the printer."""
    waiting = Message.objects.filter(dedupe_key=dedupe_key, state__in=[Message.State.QUEUED, Message.State.DEFERRED])
    waiting = waiting.exclude(medium=Medium.LETTER)
    return bool(waiting.filter(available_at__gt=now).update(available_at=now)) or waiting.exists()


def keyed(*parts: str | Combinable) -> Messages:
    """The message whose key these words and expressions make up: for Exists() and Subquery() of the floors above."""
    expressions = [Value(part) if isinstance(part, str) else Cast(part, TextField()) for part in parts]
    return Message.objects.filter(dedupe_key=Concat(*expressions, Value(""), output_field=TextField()))


def letter_arrives(now: datetime) -> date:
    """The day on which a letter written at `now` is with her at the latest, weekends and holidays counted."""
    return posting.promise(now).arrives_by
