"""What somebody has typed into the registration pages, until it is sent once.

A draft is found by a key that only its browser holds. Two windows of one browser share it; `fingerprint` tells the
second one that what it shows is no longer what would be sent.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.refusals import Refused
from booking import codes
from booking.models import Draft, Registration
from booking.services import registrations
from centers.models import Channel

# Long enough for somebody who looks for the identity card and telephones meanwhile; counted from the last page sent.
TYPING = timedelta(hours=2)
# As long the page "where is my e-mail?" answers; the link in the mail is valid for longer.
KEPT_AFTER_SENDING = timedelta(hours=48)

Data = dict[str, Any]


def start(*, data: Mapping[str, Any], now: datetime) -> Draft:
    """A new draft with a first page of answers."""
    return Draft.objects.create(
        key=codes.draft_key(),
        case_number=codes.case_number(),
        data=dict(data),
        created_at=now,
        expires_at=now + TYPING,
    )


def find(key: str, *, now: datetime) -> Draft | None:
    """The draft with this key, sent or not, while it lives."""
    return Draft.objects.select_related("registration").filter(key=key, expires_at__gt=now).first()


def keep(*, draft: Draft, data: Mapping[str, Any], now: datetime) -> bool:
    """Add the answers of one page. False: the draft was sent meanwhile, nothing was changed."""
    merged = {**draft.data, **data}
    found = Draft.objects.filter(pk=draft.pk, submitted_at__isnull=True)
    changed = found.update(data=merged, expires_at=now + TYPING)
    if changed:
        draft.data = merged
    return bool(changed)


def fingerprint(draft: Draft) -> str:
    """Changes with every answer."""
    return hashlib.sha256(json.dumps(draft.data, sort_keys=True).encode()).hexdigest()[:32]


@transaction.atomic
def submit(*, draft: Draft, now: datetime) -> Draft:
    """Register the person, once; a second call changes nothing and returns the same draft.

    Afterwards the draft keeps the address it was sent to and nothing else. `registration` stays empty when the
    person was registered already, see `registrations.register`.
    """
    held = Draft.objects.select_for_update(no_key=True, of=("self",)).get(pk=draft.pk)
    if held.submitted_at is not None:
        return held
    held.registration = registrations.register(
        details=details(held.data), case_number=held.case_number, channel=Channel.WEB, by=None, now=now
    )
    if held.registration is not None:
        held.case_number = held.registration.case_number
        if held.registration.contact_changes:  # typed anew after a refused mail: the draft of then has no say any more
            Draft.objects.filter(registration=held.registration).update(registration=None)
    held.data = {"email": held.data["email"]}
    held.submitted_at, held.expires_at = now, now + KEPT_AFTER_SENDING
    held.save(update_fields=["case_number", "registration", "data", "submitted_at", "expires_at"])
    return held


@transaction.atomic
def change_email(*, draft: Draft, email: str, now: datetime) -> None:
    """Write to another address, see `registrations.change_email`; who was registered already sees the same page.

    Refused once the registration is confirmed: from then on the person changes it in a visit, with link and birth date.
    """
    if draft.registration is not None:
        person = Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=draft.registration.pk)
        if person.confirmed_at is not None:
            raise Refused(
                "confirmed", _("This registration is confirmed. Please change the address by the link we sent.")
            )
        registrations.change_email(registration=person, email=email, by=None, now=now)
    draft.data = {**draft.data, "email": email}
    draft.save(update_fields=["data"])


def details(data: Mapping[str, Any]) -> registrations.Details:
    """The person described by a complete draft."""
    return registrations.Details(
        first_name=data["first_name"],
        last_name=data["last_name"],
        birth_date=date.fromisoformat(data["birth_date"]),
        street=data["street"],
        postcode=data["postcode"],
        town=data["town"],
        email=data["email"],
        phone=data["phone"],
        language=data["language"],
        needs=frozenset(data["needs"]),
        criteria=frozenset(data["criteria"]),
    )


def sweep(*, now: datetime) -> int:
    """Delete what nobody can reach any more; returns how many drafts."""
    deleted, _kinds = Draft.objects.filter(expires_at__lte=now).delete()
    return deleted
