"""Send a message once more because an agent asks for it: it was lost, refused, or thrown away.

What still waits is tried at once and stays one message. What has left goes out again under a key of its own
(`key@again:n`), says what is true then, and goes to where she is written to now.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import clock, standing, telling
from booking.models import Registration
from booking.services import links, registrations
from booking.standing import Stage
from notifications import outbox

PER_DAY = 3  # of one message
AGAIN = "@again:"
_STANDS = frozenset({"booked", "moved", "moved_by_center", "kept_by_center"})
_WANTED = {
    Stage.UNCONFIRMED: frozenset({"confirm_registration", "confirm_reminder"}),
    Stage.WAITING: frozenset({"registered", "cancelled", "cancelled_by_center"}),
    Stage.INVITED: frozenset({"invited", "cancelled", "cancelled_by_center"}),
    Stage.EXPIRED: frozenset({"invitation_expired", "cancelled"}),
    Stage.BOOKED: _STANDS,
    Stage.DISPLACED: _STANDS,
    Stage.BEGUN: _STANDS,
}


def wanted(person: Registration, *, now: datetime) -> frozenset[str]:
    """The messages that still say something true about her, and that are written by her medium."""
    found, _appointments = standing.read(person, now=now)
    return frozenset(name for name in _WANTED.get(found.stage, ()) if telling.can(name, person))


@transaction.atomic
def send_again(
    *, registration: Registration, template: str, key: str, reference: Mapping[str, Any], by: User, now: datetime
) -> None:
    """Send the message `key` once more; Refused where it is no longer true, or after PER_DAY of them."""
    person = Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=registration.pk)
    if template not in wanted(person, now=now):
        raise Refused("not_true", _("This message is no longer true, so it is not sent again."))
    if outbox.hurry(key, now=now):
        audit.record("message.hurried", subject=person.public_id, by=by, now=now, details={"message": template})
        return
    newest = outbox.newest(key.partition("@")[0])
    if newest is not None and newest.state in {"queued", "sending"}:
        raise Refused("on_its_way", _("This message is on its way already."))
    if template in {"confirm_registration", "confirm_reminder"}:
        registrations.resend_confirmation(registration=person, by=by, now=now)
        return
    prefix = f"{key.partition('@')[0]}{AGAIN}{clock.local_day(now):%Y-%m-%d}:"
    number = links.number_today(prefix, limit=PER_DAY)
    ids = {name: value for name, value in reference.items() if name != "link"}  # the old link may be used up
    telling.tell(template, person, key=f"{prefix}{number}", reference=ids, now=now)
    audit.record("message.sent_again", subject=person.public_id, by=by, now=now, details={"message": template})
