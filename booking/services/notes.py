"""Remarks about how to serve a person."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking.models import Note, Registration

LONGEST = 500


@transaction.atomic
def write(*, registration: Registration, text: str, by: User, now: datetime) -> Note:
    """Write a note of at most LONGEST characters. The same text by the same person within the day is written once."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise Refused("wrong_length", _("A note has 1 to %(most)s characters.") % {"most": LONGEST})
    Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=registration.pk)
    last = Note.objects.filter(registration=registration).first()
    if last is not None and last.text == text and last.by_id == by.pk and last.at.date() == now.date():
        return last
    audit.record("note.written", subject=registration.public_id, by=by, now=now)
    return Note.objects.create(registration=registration, text=text, at=now, by=by)
