"""Booking, moving and cancelling. Each function is one intent and one commit; Refused means nothing was changed.

The rules are judged in Python before (booking/entitlement.py), the claim is one SQL function. `book` opens no
transaction of its own: in autocommit the function is the transaction, so nothing can die between two writes. Moving
holds the person's row while it judges, because each dose is judged by where the other one stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import availability, claims, clock, entitlement, facts, inviting, moving, telling
from booking.claims import SecondDose, Target
from booking.entitlement import Place
from booking.models import Appointment, Case, Registration
from booking.services import links
from centers.models import Channel
from centers.vaccines import Interval
from notifications import outbox

ATTEMPTS = 3  # a second place taken while we looked is looked for again


@dataclass(frozen=True)
class Series:
    """A booked series; `fresh` is False when it stood already."""

    registration: Registration
    fresh: bool = True

    @cached_property
    def appointments(self) -> tuple[Appointment, ...]:
        """The live appointments in the order of doses, read at the first look: a redirect needs none of them."""
        return series_of(self.registration)


def series_of(registration: Registration) -> tuple[Appointment, ...]:
    """Live appointments with slot, center and vaccine, in the order of doses. One query."""
    rows = registration.appointments.live().select_related("slot__center__district", "slot__vaccine")
    return tuple(rows.order_by("dose_number", "pk"))


def book(
    *,
    registration: Registration,
    slot_id: int,
    channel: str,
    by: User | None,
    now: datetime,
    not_before: datetime | None = None,
) -> Series:
    """Book dose 1 at this slot and the best dose 2; or raise Refused with up to three alternatives.

    The same click again answers with the series that stands (`fresh=False`). `not_before` as in `entitlement.scope`.
    """
    slot = claims.target(slot_id)
    if slot is None:
        return _standing_else(registration, slot_id, Refused("slot_taken", _refusal_text("slot_taken")))
    return book_at(registration=registration, slot=slot, channel=channel, by=by, now=now, not_before=not_before)


def book_at(
    *,
    registration: Registration,
    slot: Target,
    channel: str,
    by: User | None,
    now: datetime,
    not_before: datetime | None = None,
) -> Series:
    """The same for a start time that has been read already."""
    known, slot_id = facts.load(), slot.pk
    place = Place(slot.vaccine_id, slot.contingent_id, slot.starts_at)
    person = entitlement.person(registration)
    decision = entitlement.decide(person, place, channel=channel, now=now, facts=known, not_before=not_before)
    if not decision.allowed:
        near = _nearest(registration, slot, channel, now)
        return _standing_else(registration, slot_id, Refused(decision.code, decision.text, alternatives=near))
    second = _second_dose(slot, decision.interval, channel, now)
    claim = claims.claim_series(registration, slot_id, second=second, channel=channel, by=by, now=now)
    if claim.outcome == "booked":
        return Series(registration)
    if claim.outcome == "already_booked":
        return _standing(registration, series_of(registration), slot_id)
    again = claim.outcome in {"slot_taken", "no_second_dose"}
    raise Refused(
        claim.outcome,
        _refusal_text(claim.outcome),
        alternatives=_nearest(registration, slot, channel, now) if again else (),
    )


@transaction.atomic
def move(
    *, registration: Registration, dose_number: int, slot_id: int, channel: str, by: User | None, now: datetime
) -> Series:
    """Move one dose; the others stay. The old place is given back only when the new one is sure."""
    standing = series_of(_held(registration))
    slot = _slot(slot_id)
    mine = _booked_dose(standing, dose_number, now)
    if slot.pk == mine.slot_id:
        return Series(registration, fresh=False)
    possible = moving.possible(registration, standing, dose_number, channel=channel, now=now)
    if not possible.contains(slot):
        raise Refused("outside_window", possible.in_words())
    _move(registration, {mine.pk: slot.pk}, by=by, now=now)
    return Series(registration)


@transaction.atomic
def move_both(*, registration: Registration, slot_id: int, channel: str, by: User | None, now: datetime) -> Series:
    """Move the whole series: dose 1 to this slot, at any center, dose 2 to the best place after it."""
    standing = series_of(_held(registration))
    slot = _slot(slot_id)
    first = _booked_dose(standing, 1, now)
    if slot.pk == first.slot_id:
        return Series(registration, fresh=False)
    place = Place(slot.vaccine_id, slot.contingent_id, slot.starts_at)
    decision = entitlement.decide(entitlement.person(registration), place, channel=channel, now=now, facts=facts.load())
    if not decision.allowed:
        raise Refused(decision.code, decision.text)
    second = _second_dose(slot, decision.interval, channel, now)
    if (second is None) != (len(standing) == 1):
        raise Refused("other_series", _("This vaccine needs another number of doses. Please cancel and book anew."))
    for attempt in range(1, ATTEMPTS + 1):
        targets = {first.pk: slot.pk}
        if second is not None:
            targets[standing[1].pk] = _best_second(slot, second)
        try:
            _move(registration, targets, by=by, now=now)
            break
        except Refused:
            if attempt == ATTEMPTS:
                raise
    return Series(registration)


@transaction.atomic
def cancel(*, registration: Registration, reason: str, by: User | None, now: datetime) -> None:
    """Give back every booked place of the person and open her invitation again; the rank stays. Twice is harmless.

    A series whose first appointment is over cannot be cancelled alone: dose 2 is moved, or the registration ended.
    """
    person = _held(registration)
    if person.appointments.live().filter(~Q(status=Appointment.Status.BOOKED) | Q(slot__starts_at__lte=now)).exists():
        raise Refused("series_begun", _("Your first appointment is over. Please move the second one, or call us."))
    cancelled = release(person, reason=reason, by=by, now=now)
    if not cancelled:
        return
    _invite_again(person, cancelled, now=now)
    audit.record("series.cancelled", subject=person.public_id, by=by, now=now, reason=reason)
    link = links.issue(registration=person, purpose="visit", now=now)
    ids = {"appointments": cancelled}
    telling.tell("cancelled", person, key=f"cancelled:{max(cancelled)}", link=link, reference=ids, now=now)


def tell_again(person: Registration, *, now: datetime) -> None:
    """She is written to elsewhere now, and the caller holds her row: what never left about her appointments goes there.

    What still waits for the old place is not sent any more.
    """
    doses = [one for one in series_of(person) if one.status == Appointment.Status.BOOKED and one.slot.starts_at > now]
    if not doses:
        return
    moves = [f"{one.pk}.{one.sequence}" for one in doses]
    first = person.appointments.live().order_by("dose_number", "pk").values_list("pk", flat=True)[0]
    changes = Case.objects.filter(registration=person).values_list("change", flat=True)
    causes = [
        f"booked:{first}", f"moved:{':'.join(moves)}", *(f"moved:{move}" for move in moves),
        *(f"change:{change}:{person.pk}" for change in changes),
    ]  # fmt: skip
    last = outbox.newest(*causes)
    if last is not None and last.sent_at is not None:
        return
    key = f"{last.dedupe_key.partition('@')[0] if last else causes[0]}@{person.contact_changes}"
    telling.tell(
        last.template if last else "booked", person, key=key, reference=last.reference if last else None, now=now
    )
    outbox.supersede(*causes, but=key)


def release(person: Registration, *, reason: str, by: User | None, now: datetime) -> list[int]:
    """Cancel the booked appointments of a person whose row the caller has locked; their pks."""
    booked = person.appointments.filter(status=Appointment.Status.BOOKED)
    rows = list(booked.order_by("dose_number", "pk").values_list("pk", "slot_id", "displaced_at"))
    Appointment.objects.filter(pk__in=[pk for pk, *_place in rows]).update(
        status=Appointment.Status.CANCELLED,
        displaced_at=None,
        cancelled_at=now,
        cancelled_by=by,
        cancelled_reason=reason,
        sequence=F("sequence") + 1,
    )
    claims.give_back([slot_id for _pk, slot_id, displaced_at in rows if displaced_at is None])
    return [pk for pk, *_place in rows]


def _held(registration: Registration) -> Registration:
    """The row as it is now, held until the commit: before slots, as everywhere."""
    return Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=registration.pk)


def _slot(slot_id: int) -> Target:
    """The start time, when it can be asked for at all; else Refused."""
    slot = claims.target(slot_id)
    if slot is None:
        raise Refused("slot_taken", _refusal_text("slot_taken"))
    return slot


def _second_dose(slot: Target, interval: Interval | None, channel: str, now: datetime) -> SecondDose | None:
    """Where the claim looks for dose 2: from the recommended day on, as far as rule and center allow."""
    if interval is None:
        return None
    day = clock.local_day(slot.starts_at)
    last = availability.last_second_day(day, interval)
    if slot.center_closes_on is not None:
        last = min(last, slot.center_closes_on)
    windows = entitlement.seconds(channel=channel, now=now, facts=facts.load(), vaccine_code=slot.vaccine_id)
    return SecondDose(
        wished=clock.later(slot.starts_at, interval.min_days),
        last_day=last,
        windows=windows,
    )


def _best_second(slot: Target, second: SecondDose) -> int:
    found = availability.nearest_second(slot.center_id, slot.vaccine_id, second)
    if found is None:
        raise Refused("no_second_dose", _refusal_text("no_second_dose"))
    return found


def _standing(registration: Registration, standing: Sequence[Appointment], slot_id: int) -> Series:
    """The second click: the same place is success, another one is a refusal that names what stands."""
    if standing and standing[0].slot_id == slot_id:
        return Series(registration, fresh=False)
    raise Refused("already_booked", _("You have your appointments already. You can move or cancel them."))


def _standing_else(registration: Registration, slot_id: int, refusal: Refused) -> Series:
    """Who has appointments hears of those, whatever became of the place she asked for; anybody else is refused."""
    standing = series_of(registration)
    if not standing:
        raise refusal
    return _standing(registration, standing, slot_id)


def _booked_dose(standing: Sequence[Appointment], dose_number: int, now: datetime) -> Appointment:
    """The dose that is to be moved: booked, and its time has not come; else Refused."""
    for one in standing:
        if one.dose_number == dose_number and one.status == Appointment.Status.BOOKED and one.slot.starts_at > now:
            return one
    raise Refused("not_booked", _refusal_text("not_booked"))


def _move(registration: Registration, targets: dict[int, int], *, by: User | None, now: datetime) -> None:
    # A savepoint: a refused try lets go of the slots it has locked, so the next one keeps the order of locks.
    with transaction.atomic():
        outcome = claims.move_appointments(registration, targets, by=by, now=now)
        if outcome in {"slot_taken", "not_booked"}:
            raise Refused(outcome, _refusal_text(outcome))


def _invite_again(person: Registration, cancelled: Sequence[int], *, now: datetime) -> None:
    """The places given back are hers to choose from: her last invitation holds again.

    Not when they cannot be booked any more (too soon, or suspended): then an invitation would be one more than there
    are places, and she stands in the line at her rank.
    """
    gone = Q(slot__starts_at__lt=now + settings.LEAD_TIME[Channel.WEB]) | Q(slot__suspended=True)
    if Appointment.objects.filter(gone, pk__in=cancelled).exists() or person.invitations.unanswered().exists():
        return
    last = person.invitations.filter(accepted_at__isnull=False).order_by("-issued_at", "-pk").first()
    if last is not None:
        last.accepted_at = None
        last.valid_until = max(last.valid_until, inviting.valid_until(person.medium, now=now))
        last.save(update_fields=["accepted_at", "valid_until"])


def _nearest(registration: Registration, slot: Target, channel: str, now: datetime) -> list[availability.Alternative]:
    person = entitlement.person(registration)
    scope = entitlement.scope(person, channel=channel, now=now, facts=facts.load())
    return availability.nearest(scope, center_id=slot.center_id, wanted=slot.starts_at, but=slot.pk)


def _refusal_text(code: str) -> str:
    return {
        "slot_taken": _("This place has just gone to somebody else."),
        "no_second_dose": _("There is no place left for the second dose after this one."),
        "not_invited": _("You need an open invitation to book."),
        "withdrawn": _("Your registration has ended. Please register anew."),
        "not_booked": _("This appointment cannot be moved any more."),
    }[code]
