"""Her messages and what became of each, in words; whether one can be sent again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import telling
from booking.models import Registration
from booking.services import resending
from notifications.models import Message, PrintBatch
from web.callcenter.stands import GOOD, NEWS, PLAIN, WARNING
from web.messages_of import hers
from web.templatetags.impftermin import day_month, local_time

AT_MOST = 30
State, Medium = Message.State, Message.Medium
WAITING, LEFT = (State.QUEUED, State.DEFERRED), (State.SENDING, State.SENT)

TITLES = {
    "booked": gettext_lazy("Appointments booked"),
    "moved": gettext_lazy("Appointments moved"),
    "cancelled": gettext_lazy("Appointments cancelled"),
    "new_link": gettext_lazy("New link"),
    "registered": gettext_lazy("Registration"),
    "confirm_registration": gettext_lazy("Please confirm"),
    "confirm_reminder": gettext_lazy("Reminder to confirm"),
    "already_registered": gettext_lazy("Registered already"),
    "contact_changed": gettext_lazy("Contact changed (to the old one)"),
    "invited": gettext_lazy("Invitation"),
    "invitation_reminder": gettext_lazy("Reminder of the invitation"),
    "invitation_expired": gettext_lazy("Invitation expired"),
    "appointment_reminder": gettext_lazy("Reminder of the appointment"),
    "moved_by_center": gettext_lazy("Moved by the center"),
    "kept_by_center": gettext_lazy("Stays, says the center"),
    "cancelled_by_center": gettext_lazy("Cancelled by the center"),
    "withdrawn": gettext_lazy("Registration ended"),
}


@dataclass(frozen=True)
class Line:
    """One message. `again` is the word on the button that sends it once more, "" where that makes no sense; `hurries`:
    it only tries at once what waits.
    """

    id: UUID
    when: str
    title: str
    way: str
    state: str
    icon: str
    again: str
    hurries: bool

    @property
    def tone(self) -> str:
        return "tag--plain" if self.icon == PLAIN else f"tone-{self.icon}"


def of(person: Registration) -> list[Message]:
    """Newest first, with the batch of a letter but without its PDF. What waits for the dead counts as not sent."""
    rows = Message.objects.filter(hers(person)).select_related("batch").defer("batch__content")
    found = list(rows.order_by("-created_at", "-pk")[:AT_MOST])
    if person.withdrawn_reason in telling.SILENT:
        for one in found:
            one.state = State.DISCARDED if one.state in WAITING else one.state  # as the outbox will find it
    return found


def at_printer(message: Message) -> bool:
    """A letter that is in a batch which nobody has printed yet."""
    return message.medium == Medium.LETTER and message.state == State.SENDING


def lines(person: Registration, messages: list[Message], *, now: datetime) -> list[Line]:
    wanted = resending.wanted(person, now=now)
    return [
        Line(
            id=one.public_id,
            when=moment(one.created_at, now=now),
            title=str(TITLES.get(one.template, one.template)),
            way=way(one),
            state=state(one, now=now),
            icon=_icon(one),
            again=_again(one, wanted),
            hurries=one.state in WAITING,
        )
        for one in messages
    ]


def way(message: Message) -> str:
    """E-mail and provider, SMS, letter."""
    if message.medium == Medium.LETTER:
        return _("Letter")
    return _("SMS") if message.medium == Medium.SMS else _("E-mail, %(provider)s") % {"provider": message.lane}


def state(message: Message, *, now: datetime) -> str:
    """Delayed: 3rd try 10:32, next 11:02."""
    if message.medium == Medium.LETTER and message.state != State.DISCARDED:
        return _letter(message, now=now)
    if message.state == State.SENT and message.sent_at is not None:
        return _("accepted %(when)s") % {"when": moment(message.sent_at, now=now)}
    if message.state == State.DEFERRED:
        words = _("delayed: %(tries)s tries, next %(when)s")
        return words % {"tries": message.attempts, "when": moment(message.available_at, now=now)}
    others = {
        State.BOUNCED: _("refused by the provider"),
        State.DISCARDED: _("not sent, no longer true"),
        State.SENDING: _("is being sent"),
    }
    return others.get(State(message.state), _("waits to be sent"))


def moment(instant: datetime, *, now: datetime) -> str:
    """10:32 today, else 15 March 16:10."""
    if timezone.localdate(instant) == timezone.localdate(now):
        return _("today %(time)s") % {"time": local_time(instant)}
    return _("%(day)s, %(time)s") % {"day": day_month(instant), "time": local_time(instant)}


def _letter(message: Message, *, now: datetime) -> str:
    batch: PrintBatch | None = message.batch
    if message.state == State.BOUNCED:
        return message.last_reply
    if batch is None:
        return _("waits for the printer")
    if batch.posted_on is not None:
        return _("posted on %(day)s") % {"day": day_month(batch.posted_on)}
    if batch.state == PrintBatch.State.PRINTED and batch.settled_at is not None:
        return _("printed %(when)s") % {"when": moment(batch.settled_at, now=now)}
    return _("lies at the printer")


def _icon(message: Message) -> str:
    icons = {State.SENT: GOOD, State.DEFERRED: WARNING, State.BOUNCED: WARNING, State.DISCARDED: PLAIN}
    return icons.get(State(message.state), NEWS)


def _again(message: Message, wanted: frozenset[str]) -> str:
    if message.template not in wanted or message.state == State.DISCARDED:
        return ""
    if message.medium == Medium.LETTER and message.state not in (State.SENT, State.BOUNCED):
        return ""  # one is on its way
    if message.state in WAITING:
        return _("Try at once")
    return "" if message.state == State.SENDING else _("Send again")
