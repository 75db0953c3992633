"""Places taken and given at the door: for who comes late or comes back, and for a second dose on another day.

A second dose that is missing is booked by telephone in the same way (`place_second`).
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import availability, claims, clock, telling, wording
from booking.claims import SecondDose, Target
from booking.door import series
from booking.models import Appointment, Deferral, Invitation, Registration
from centers.models import Channel, Slot

Status = Appointment.Status


@transaction.atomic
def place_second(
    *,
    registration: Registration,
    center_id: int,
    slot_id: int,
    by: User,
    now: datetime,
    channel: str = Channel.ON_SITE,
) -> Appointment:
    """Put dose 2 to this start time: move it where it is booked, book it anew where it was missed or put off.

    `channel` says who asks, at the door or by telephone, with the places that are open to it. The distance counts from
    the day on which dose 1 was really given. By telephone nothing is moved here: what a colleague has booked meanwhile
    stands.
    """
    person = Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=registration.pk)
    first, slot = series.first_dose(person.pk), claims.target(slot_id)
    if first is None or first.status == Status.BOOKED or person.withdrawn_at is not None:
        raise Refused("no_first", _("There is no first dose that a second one could follow."))
    mine = Appointment.objects.live().filter(registration=person, dose_number=2).first()
    if mine is not None and mine.status != Status.BOOKED:
        raise Refused("not_booked", _("The second dose has been entered already; it cannot be moved any more."))
    if channel == Channel.PHONE and mine is not None and mine.slot_id != slot_id:
        raise Refused("already_booked", _("She has her appointments already. They can be moved or cancelled."))
    if slot is None:
        raise Refused("slot_taken", _("This place has just gone to somebody else. Please choose another one."))
    reach = series.reach(first.first, center_id=center_id, vaccine_code=slot.vaccine_id, channel=channel, now=now)
    if slot.vaccine_id != first.vaccine_code or not reach.contains(slot):
        text = _("The second dose can be put from %(first)s to %(last)s, with the vaccine of the first one.")
        days = {"first": wording.plain_day(reach.first_day), "last": wording.plain_day(reach.last_day)}
        raise Refused("outside_window", text % days)
    if mine is not None:
        outcome = claims.move_appointments(person, {mine.pk: slot.pk}, by=by, now=now)
        if outcome not in {"moved", "unchanged"}:
            raise Refused("slot_taken", _("This place has just gone to somebody else. Please choose another one."))
        return Appointment.objects.get(pk=mine.pk)
    return _book_second(person, slot, channel=channel, by=by, now=now)


def take_again(one: Appointment, *, by: User, now: datetime) -> None:
    """She comes after all: her place again if nobody has it, else she stands without one. The caller saves `one`.

    Dose 1 gets its second dose back (`_second_again`); where there is no place, the page says so.
    """
    person = one.registration
    other = Appointment.objects.live().filter(registration=person, dose_number=one.dose_number).exclude(pk=one.pk)
    standing = other.select_related("slot").first()
    if standing is not None:
        text = _("She has a new appointment for this dose on %(moment)s. Please open that one.")
        raise Refused("rebooked", text % {"moment": wording.moment(standing.slot.starts_at)})
    Deferral.objects.filter(appointment=one).delete()
    one.displaced_at = None if claims.take(one.slot_id) else now
    use_invitation(person, now=now)
    if lacks_second(one):
        _second_again(one, by=by, now=now)


def _second_again(one: Appointment, *, by: User, now: datetime) -> None:
    """Dose 2 where it was, which needs no word because it was given up without one; else the best place, and a message.

    Nothing where there is no place.
    """
    person = one.registration
    second = series.wanted_second(
        vaccine_code=one.slot.vaccine_id, starts_at=one.slot.starts_at, closes_on=one.slot.center.last_day, now=now
    )
    if second is None:
        return
    made = _where_it_was(one, second, now=now)
    if made is None:
        slot_id = take_second(one.slot.center_id, one.slot.vaccine_id, second)
        if slot_id is None:
            return
        [made] = insert(person, {2: slot_id}, by=by, now=now)
        telling.tell("moved", person, key=f"moved:{made.pk}.0", now=now)
    details = {"slots": [made.slot_id], "channel": made.channel}
    audit.record("series.second_booked", subject=person.public_id, by=by, now=now, details=details)


def _where_it_was(one: Appointment, second: SecondDose, *, now: datetime) -> Appointment | None:
    """The dose 2 that was given up together with this dose 1, if its place is free and in the window; it stands again.

    The first one cancelled since that day: of a later series that the center cancelled she has been told.
    """
    gone = Appointment.objects.filter(
        registration=one.registration_id, dose_number=2, status=Status.CANCELLED,
        cancelled_reason=Appointment.Cancellation.BY_CENTER,
        cancelled_at__gte=clock.start_of(clock.local_day(one.slot.starts_at)),
    )  # fmt: skip
    mine = gone.select_related("slot").order_by("cancelled_at", "pk").first()
    if mine is None or mine.slot.starts_at <= now:
        return None
    same = (mine.slot.center_id, mine.slot.vaccine_id) == (one.slot.center_id, one.slot.vaccine_id)
    inside = clock.local_day(second.wished) <= clock.local_day(mine.slot.starts_at) <= second.last_day
    if not (same and inside and claims.take(mine.slot_id)):
        return None
    mine.status, mine.cancelled_at, mine.cancelled_by, mine.cancelled_reason = Status.BOOKED, None, None, ""
    mine.sequence += 1
    mine.save(update_fields=["status", "cancelled_at", "cancelled_by", "cancelled_reason", "sequence"])
    return mine


def lacks_second(one: Appointment) -> bool:
    """True for a dose 1 of a vaccine that needs two, without a second one that stands."""
    if one.dose_number > 1 or one.slot.vaccine.doses < 2:
        return False
    return not Appointment.objects.live().filter(registration=one.registration_id, dose_number=2).exists()


def may_wait(one: Appointment) -> bool:
    """True when this appointment can stand as expected: a first dose only with its second (series_complete.sql)."""
    if one.dose_number > 1 or one.slot.vaccine.doses < 2:
        return True
    return Appointment.objects.filter(
        registration=one.registration_id, dose_number=2, status=Status.BOOKED, slot__starts_at__gt=one.slot.starts_at,
        slot__center=one.slot.center_id, slot__vaccine=one.slot.vaccine_id,
    ).exists()  # fmt: skip


def take_second(center_id: int, vaccine_code: str, second: SecondDose) -> int | None:
    """Take the best place for dose 2; None when there is none. Again when somebody took it while we looked."""
    while True:
        slot_id = availability.nearest_second(center_id, vaccine_code, second)
        if slot_id is None:
            return None
        if claims.take(slot_id):
            return slot_id


def insert(
    person: Registration, places: dict[int, int], *, by: User, now: datetime, channel: str = Channel.ON_SITE
) -> list[Appointment]:
    """Appointments, mostly made on site, dose -> slot, of places that have been taken."""
    return Appointment.objects.bulk_create(
        Appointment(
            registration=person, slot_id=slot_id, dose_number=dose, channel=channel, booked_at=now, booked_by=by
        )
        for dose, slot_id in places.items()
    )


def use_invitation(person: Registration, *, now: datetime) -> None:
    """She has what an open invitation promised."""
    Invitation.objects.unanswered().filter(registration=person).update(accepted_at=now)


def _book_second(person: Registration, slot: Target, *, channel: str, by: User, now: datetime) -> Appointment:
    if (
        slot.starts_at <= now
        or not Slot.objects.filter(pk=slot.pk, suspended=False).exists()
        or not claims.take(slot.pk)
    ):
        raise Refused("slot_taken", _("This place has just gone to somebody else. Please choose another one."))
    [made] = insert(person, {2: slot.pk}, channel=channel, by=by, now=now)
    details = {"slots": [slot.pk], "channel": str(channel), "day": f"{clock.local_day(slot.starts_at)}"}
    audit.record("series.second_booked", subject=person.public_id, by=by, now=now, details=details)
    telling.tell("moved", person, key=f"moved:{made.pk}.0", now=now)
    return made
