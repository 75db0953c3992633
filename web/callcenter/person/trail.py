"""What happened to her, in words: her audit trail, and that of the registrations merged into hers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEvent
from booking.models import Registration
from web.callcenter.person.mail import moment

NEWEST = 5
WORDS = {
    "registration.created": gettext_lazy("registered"),
    "registration.confirmed": gettext_lazy("registration confirmed"),
    "registration.confirmation_resent": gettext_lazy("link to confirm sent again"),
    "registration.typed_again": gettext_lazy("registered again, new contact"),
    "registration.contact_updated": gettext_lazy("contact entered"),
    "registration.email_changed": gettext_lazy("e-mail address changed"),
    "registration.corrected": gettext_lazy("name or address corrected"),
    "registration.opened": gettext_lazy("opened"),
    "registration.found": gettext_lazy("found at the door"),
    "registration.withdrawn": gettext_lazy("registration ended"),
    "registration.merged": gettext_lazy("another registration merged into this one"),
    "registration.joined": gettext_lazy("household changed"),
    "registration.left": gettext_lazy("taken out of the household"),
    "invitation.issued": gettext_lazy("invited"),
    "invitation.expired": gettext_lazy("invitation expired"),
    "invitation.renewed": gettext_lazy("invitation renewed"),
    "series.booked": gettext_lazy("appointments booked"),
    "series.moved": gettext_lazy("appointments moved"),
    "series.cancelled": gettext_lazy("appointments cancelled"),
    "series.second_booked": gettext_lazy("second appointment booked"),
    "series.walked_in": gettext_lazy("came without an appointment"),
    "appointment.arrived": gettext_lazy("arrived at the center"),
    "appointment.vaccinated": gettext_lazy("vaccinated"),
    "appointment.deferred": gettext_lazy("sent home without a dose"),
    "appointment.missed": gettext_lazy("did not come"),
    "appointment.entry_undone": gettext_lazy("entry at the door taken back"),
    "appointment.corrected": gettext_lazy("entry at the door corrected"),
    "appointment.read": gettext_lazy("opened at the door"),
    "confirmation.read": gettext_lazy("confirmation printed"),
    "letter.printed_again": gettext_lazy("letter printed again"),
    "letter.returned": gettext_lazy("letter came back"),
    "link.sent": gettext_lazy("link sent"),
    "link.used": gettext_lazy("link used"),
    "message.hurried": gettext_lazy("message tried at once"),
    "message.sent_again": gettext_lazy("message sent again"),
    "note.written": gettext_lazy("note written"),
    "call_back.added": gettext_lazy("put on the call-back list"),
    "call_back.taken": gettext_lazy("call-back taken over"),
    "call_back.given_back": gettext_lazy("call-back given back"),
    "call_back.tried": gettext_lazy("called back, nobody answered"),
    "call_back.done": gettext_lazy("call-back done"),
}


@dataclass(frozen=True)
class Line:
    """Today 10:42: opened, Jana Kretzschmar."""

    when: str
    what: str
    who: str


def of(people: Sequence[Registration], *, now: datetime) -> list[Line]:
    """Newest first."""
    events = AuditEvent.objects.filter(subject__in=[one.public_id for one in people])
    rows = events.select_related("actor").order_by("-at", "-pk")
    return [Line(moment(one.at, now=now), _what(one), _who(one)) for one in rows]


def _what(event: AuditEvent) -> str:
    words = str(WORDS.get(event.action, _("entry of the house")))
    ends = {
        **dict(Registration.Withdrawal.choices),
    }
    if event.action == "registration.withdrawn" and event.reason in ends:
        return f"{words}: {ends[event.reason]}"
    return words


def _who(event: AuditEvent) -> str:
    if event.actor is not None:
        return event.actor.display_name
    return _("online") if event.action in BY_HERSELF else ""


BY_HERSELF = frozenset({
    "registration.created", "registration.confirmed", "registration.contact_updated", "registration.email_changed",
    "series.booked", "series.moved", "series.cancelled", "registration.withdrawn", "link.used",
})  # fmt: skip
