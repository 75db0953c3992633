"""Where people stand, in a few words for a list: two queries, whatever their number."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking import standing
from booking.models import Appointment, Invitation, Registration
from booking.standing import Stage, Standing

GOOD, NEWS, PLAIN, WARNING = "success", "info", "help", "warning"  # KERN's icons; PLAIN has no tone


@dataclass(frozen=True)
class Stand:
    """Words, and the icon that goes with them."""

    text: str
    icon: str

    @property
    def tone(self) -> str:
        return "tag--plain" if self.icon == PLAIN else f"tone-{self.icon}"


def of(people: Sequence[Registration], *, now: datetime) -> dict[int, Stand]:
    """pk -> where she stands."""
    ids = [person.pk for person in people]
    doses: dict[int, list[Appointment]] = defaultdict(list)
    for one in Appointment.objects.live().filter(registration__in=ids).select_related("slot__vaccine"):
        doses[one.registration_id].append(one)
    invitations: dict[int, list[Invitation]] = defaultdict(list)
    for invitation in Invitation.objects.filter(registration__in=ids).order_by("issued_at", "pk"):
        invitations[invitation.registration_id].append(invitation)
    return {one.pk: _stand(one, standing.derive(one, doses[one.pk], invitations[one.pk], now=now)) for one in people}


def _stand(person: Registration, found: Standing) -> Stand:
    if found.stage is Stage.WITHDRAWN:
        return Stand(_ended(person), WARNING)
    if found.doses:
        return _booked(found)
    stands = {
        Stage.UNCONFIRMED: (_("Not confirmed yet"), WARNING),
        Stage.INVITED: (_("Invited, no appointment"), NEWS),
        Stage.EXPIRED: (_("Invitation expired"), WARNING),
    }
    waits = _("Waits, rank %(rank)s") % {"rank": number_format(person.rank, force_grouping=True)}
    return Stand(*stands.get(found.stage, (waits, PLAIN)))


def _ended(person: Registration) -> str:
    words = {
        Registration.Withdrawal.VACCINATED_ELSEWHERE: _("Vaccinated elsewhere"),
        Registration.Withdrawal.DIED: _("Has died"),
        Registration.Withdrawal.MERGED: _("Goes on as another registration"),
    }
    return words.get(Registration.Withdrawal(person.withdrawn_reason), _("Withdrawn"))


def _booked(found: Standing) -> Stand:
    given, left = found.given, len(found.doses) - found.given
    booked = ngettext("%(number)s appointment booked", "%(number)s appointments booked", left) % {"number": left}
    said = {"dose": found.doses[0].dose_number, "booked": booked, "number": given}
    match found.stage:
        case Stage.DONE:
            return Stand(ngettext("Vaccinated", "Vaccinated, all %(number)s doses", given) % said, GOOD)
        case Stage.LACKS_SECOND:
            return Stand(_("Dose %(dose)s given, dose 2 is missing") % said, WARNING)
        case Stage.DISPLACED:
            return Stand(_("Booked, without a place"), WARNING)
        case Stage.ARRIVED:
            return Stand(_("Is at the center now"), NEWS)
        case Stage.BEGUN:
            return Stand(_("Dose %(dose)s given, %(booked)s") % said, GOOD)
    return Stand(booked, GOOD)
