"""The one door by which a person is written to: e-mail, SMS or letter, as she wants it (ADR 19).

A message that makes no sense by her medium is not written: a letter about tomorrow arrives the day after.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from booking.models import AccessLink, Registration
from notifications import outbox
from notifications.outbox import Medium

# Only an e-mail can be confirmed by its link, and only what can arrive in time is worth a letter.
_PROVE_AN_ADDRESS = frozenset({"confirm_registration", "confirm_reminder"})
_BY_LETTER = frozenset({
    "registered", "invited", "invitation_expired", "booked", "moved", "cancelled", "moved_by_center", "kept_by_center",
    "cancelled_by_center", "withdrawn",
})  # fmt: skip

# Whoever leaves for one of these reasons gets no message any more, not even that one.
SILENT = frozenset({Registration.Withdrawal.DIED, Registration.Withdrawal.MERGED})


@dataclass(frozen=True, slots=True)
class Way:
    """Where a message goes: the columns of notifications.Message."""

    medium: str
    recipient: str
    lane: str


def suits(template: str, medium: str) -> bool:
    """Whether this message is written by this medium at all."""
    if medium == Medium.LETTER:
        return template in _BY_LETTER
    return medium == Medium.EMAIL or template not in _PROVE_AN_ADDRESS


def can(template: str, person: Registration) -> bool:
    """Whether `tell` would write this message to her."""
    return _way(template, person, "") is not None


def way(person: Registration) -> Way:
    """How she is written to today. A letter goes to her case number: where she lives is read when it is printed."""
    if person.medium == Medium.EMAIL:
        return _to(person.email)
    if person.medium == Medium.SMS:
        return _to(str(person.phone))
    return Way(Medium.LETTER, person.case_number, outbox.letter_lane(person.district_id or ""))


def media(template: str) -> list[str]:
    """The media by which this message is written."""
    return [medium for medium in Medium.values if suits(template, medium)]


def tell(  # noqa: PLR0913  (what a message consists of)
    template: str,
    person: Registration,
    *,
    key: str,
    now: datetime,
    link: AccessLink | None = None,
    reference: Mapping[str, Any] | None = None,
    to: str = "",
    discard_after: datetime | None = None,
) -> bool:
    """Write the message in the running transaction, once per `key`; False where it makes no sense by her medium.

    `to` is another e-mail address or number than hers. `reference` holds ids only; person and link are added.
    """
    found = _way(template, person, to)
    if found is None:
        return False
    ids = {"registration": person.pk, **({"link": link.pk} if link else {}), **(reference or {})}
    outbox.queue(
        template=template,
        recipient=found.recipient,
        medium=found.medium,
        lane=found.lane,
        language=person.language,
        reference=ids,
        dedupe_key=key,
        now=now,
        discard_after=discard_after,
    )
    return True


def speak(person: Registration) -> None:
    """Her language was changed: a letter that waits for the printer follows."""
    found = way(person)
    if found.medium == Medium.LETTER:
        outbox.speak(found.recipient, lane=found.lane, language=person.language)


def _way(template: str, person: Registration, to: str) -> Way | None:
    """What proves an address goes there, however she is written to otherwise."""
    if template in _PROVE_AN_ADDRESS:
        return _to(person.email) if person.email else None
    found = _to(to) if to else way(person)
    return found if suits(template, found.medium) else None


def _to(address: str) -> Way:
    if "@" in address:
        return Way(Medium.EMAIL, address, outbox.lane_of(address))
    return Way(Medium.SMS, address, outbox.SMS_LANE)
