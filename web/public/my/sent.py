"""What we have sent her, and what became of it: so that nobody has to guess whether a mail was lost."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from booking.models import Registration
from notifications.models import Message
from web.messages_of import hers
from web.templatetags.impftermin import local_date, local_time

AT_MOST = 6


@dataclass(frozen=True)
class Step:
    """One message; `state` is the sign of templates/includes/steps.html."""

    title: str
    text: str
    state: str


def steps(registration: Registration, *, now: datetime) -> list[Step]:
    """The newest messages to this person, oldest of them first.

    Found by their keys, which name the cause: an index answers, and a mailbox that two people share shows each of
    them her own messages only.
    """
    rows = Message.objects.filter(hers(registration), template__in=_titles()).exclude(state=Message.State.DISCARDED)
    newest = rows.order_by("-created_at", "-pk")[:AT_MOST]
    return [_step(message, now=now) for message in reversed(newest)]


def _titles() -> dict[str, str]:
    """Every message but two: "contact_changed" goes to an address she has left, "withdrawn" ends the visit."""
    return {
        "booked": gettext("Confirmation of your appointments"),
        "moved": gettext("Confirmation of your new appointments"),
        "cancelled": gettext("Confirmation that you cancelled"),
        "new_link": gettext("A new link to this page"),
        "registered": gettext("Confirmation of your registration"),
        "confirm_registration": gettext("Link to confirm your registration"),
        "confirm_reminder": gettext("Reminder to confirm your registration"),
        "already_registered": gettext("Note that you are registered already"),
        "invited": gettext("Your invitation"),
        "invitation_reminder": gettext("Reminder of your invitation"),
        "invitation_expired": gettext("Your invitation has expired"),
        "appointment_reminder": gettext("Reminder of your appointment"),
        "moved_by_center": gettext("Your new appointments, because the center had to change"),
        "kept_by_center": gettext("Note that your appointment stands"),
        "cancelled_by_center": gettext("Note that the center had to cancel"),
    }


def _step(message: Message, *, now: datetime) -> Step:
    where, left = _where(message)
    if message.state == Message.State.SENT and message.sent_at is not None:
        text = left % {"where": where, "when": _when(message.sent_at, now=now)}
        return Step(_titles()[message.template], text, "done")
    if message.state == Message.State.BOUNCED:
        text = gettext("%(where)s was refused. Please check the address.") % {"where": where}
        return Step(_titles()[message.template], text, "late")
    if message.state == Message.State.DEFERRED:
        text = gettext("%(where)s is delayed by the provider. We go on trying.") % {"where": where}
        return Step(_titles()[message.template], text, "late")
    return Step(_titles()[message.template], gettext("%(where)s is on its way.") % {"where": where}, "")


def _where(message: Message) -> tuple[str, str]:
    """Where it goes, and the sentence for when it has left."""
    if message.medium == Message.Medium.LETTER:
        return gettext("Letter to your address"), gettext("%(where)s, printed %(when)s.")
    accepted = gettext("%(where)s, accepted %(when)s.")
    if message.medium == Message.Medium.SMS:
        return gettext("SMS to %(number)s") % {"number": message.recipient}, accepted
    return gettext("E-mail to %(address)s") % {"address": message.recipient}, accepted


def _when(instant: datetime, *, now: datetime) -> str:
    if timezone.localdate(instant) == timezone.localdate(now):
        return gettext("today at %(time)s") % {"time": local_time(instant)}
    return gettext("on %(day)s at %(time)s") % {"day": local_date(instant), "time": local_time(instant)}
