"""Acts and looks that the tests of invitations share."""

from booking.models import Invitation
from booking.services import invitations
from centers.models import Slot
from notifications.models import Message
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.factories.supply import series_slots


def invite(limit=100, *, now=NOW, dry_run=False):
    return invitations.invite(limit=limit, by=None, now=now, dry_run=dry_run)


def invited():
    return [one.registration for one in Invitation.objects.select_related("registration").order_by("pk")]


def invitation(*, sent_at=NOW, now=NOW):
    """Somebody invited by the job, whose message has been handed over."""
    if not Slot.objects.exists():
        series_slots()
    RegistrationFactory()
    invite(1, now=now)
    if sent_at:
        Message.objects.filter(template="invited").update(state="sent", sent_at=sent_at)
    return Invitation.objects.latest("pk")


def templates():
    return list(Message.objects.order_by("pk").values_list("template", flat=True))
