"""Where people stand, in a few words for a list: two queries, whatever their number."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.models import Appointment, Invitation, Registration

Status = Appointment.Status
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
    live = Appointment.objects.live().filter(registration__in=ids)
    for one in live.select_related("slot__vaccine").order_by("dose_number", "pk"):
        doses[one.registration_id].append(one)
    latest = {one.registration_id: one for one in _invitations(ids)}
    return {person.pk: _stand(person, doses[person.pk], latest.get(person.pk), now) for person in people}


def _invitations(ids: Sequence[int]) -> Iterable[Invitation]:
    return Invitation.objects.filter(registration__in=ids).order_by("issued_at", "pk")


def _stand(person: Registration, doses: list[Appointment], latest: Invitation | None, now: datetime) -> Stand:
    if person.withdrawn_at is not None:
        return Stand(_ended(person), WARNING)
    if doses:
        return _booked(doses)
    if person.confirmed_at is None:
        return Stand(_("Not confirmed yet"), WARNING)
    if latest and latest.accepted_at is None and latest.closed_at is None and latest.valid_until > now:
        return Stand(_("Invited, no appointment"), NEWS)
    if latest and latest.accepted_at is None and latest.closed_reason in ("", Invitation.Closing.EXPIRED):
        return Stand(_("Invitation expired"), WARNING)
    return Stand(_("Waits, rank %(rank)s") % {"rank": number_format(person.rank, force_grouping=True)}, PLAIN)


def _ended(person: Registration) -> str:
    words = {
        Registration.Withdrawal.VACCINATED_ELSEWHERE: _("Vaccinated elsewhere"),
        Registration.Withdrawal.DIED: _("Has died"),
        Registration.Withdrawal.MERGED: _("Goes on as another registration"),
    }
    return words.get(Registration.Withdrawal(person.withdrawn_reason), _("Withdrawn"))


def _booked(doses: list[Appointment]) -> Stand:
    given = sum(one.status == Status.VACCINATED for one in doses)
    left = len(doses) - given
    if not left and given >= doses[-1].slot.vaccine.doses:
        return Stand(ngettext("Vaccinated", "Vaccinated, all %(number)s doses", given) % {"number": given}, GOOD)
    booked = ngettext("%(number)s appointment booked", "%(number)s appointments booked", left) % {"number": left}
    if not given:
        return Stand(booked, GOOD)
    said = {"dose": doses[0].dose_number, "booked": booked}
    return Stand(_("Dose %(dose)s given, %(booked)s") % said if left else _("Dose %(dose)s given") % said, GOOD)
