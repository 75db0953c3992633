"""One person, registered twice: two registrations become one.

The registration whose appointments stay goes on, because the papers at home carry its codes; the earlier rank of the
two becomes its rank. The other one ends with the reason "merged" and names the first one. Notes and call-backs go
along; the trail of the other one stays where it is and is read from the first one.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import identity
from booking.again import again
from booking.models import Appointment, CallBack, Note, Registration
from booking.services import appointments, correcting, registrations
from booking.services.registrations import Contact

Status = Appointment.Status
NEEDS = ("wheelchair", "companion", "sign_language")
NAME, BIRTH_DATE = "name", "birth_date"  # what differs, and is compared on the telephone


@dataclass(frozen=True)
class Preview:
    """What merging would do. `stays` goes on, `ends` is ended; `choice` is False where only one of them can go on.

    `released` are the appointments given back; `invited` is True where the open invitation of `ends` goes along.
    `differs` names what of NAME and BIRTH_DATE is not the same: then somebody has to say that it is one person.
    """

    stays: Registration
    ends: Registration
    choice: bool
    rank: int
    kept: tuple[Appointment, ...]
    released: tuple[Appointment, ...]
    invited: bool
    notes: int
    call_backs: int
    differs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the agent has chosen, and what she was shown.

    `data_of` is the one whose name, address and contact count. `seen` are the pks of the live appointments of both that
    she was shown. `compared`: she says that she has compared them on the telephone, and that it is one person.
    """

    stays: Registration
    ends: Registration
    data_of: Registration
    seen: frozenset[int]
    compared: bool = False


def preview(one: Registration, other: Registration, *, stays: Registration | None = None, now: datetime) -> Preview:
    """What `merge` would do now. `stays` is the one that was chosen; without, the one with more to lose.

    Refused where the two cannot be one: the same one, one that has ended, or both with doses that were given.
    """
    _check(one, other)
    series = {person.pk: appointments.series_of(person) for person in (one, other)}
    fixed = _must_stay(one, other, series)
    chosen = fixed or stays or max((one, other), key=lambda person: (len(series[person.pk]), -person.rank))
    ends = other if chosen.pk == one.pk else one
    open_here = chosen.invitations.open(now).exists() or bool(series[chosen.pk])
    return Preview(
        stays=chosen,
        ends=ends,
        choice=fixed is None and bool(series[one.pk]) == bool(series[other.pk]),
        rank=min(one.rank, other.rank),
        kept=series[chosen.pk],
        released=series[ends.pk],
        invited=ends.invitations.open(now).exists() and not open_here,
        notes=ends.notes.count(),
        call_backs=CallBack.objects.filter(registration=ends, done_at__isnull=True).count(),
        differs=_differs(one, other),
    )


def merge(*, choice: Choice, by: User, now: datetime) -> Registration:
    """Make the two one; all or nothing.

    Where other appointments stand by now than were seen, nothing is done (Refused "changed"), nor where name or birth
    date differ and nobody has compared them ("not_compared"). What waits in the outbox for the one that ends is not
    sent any more.
    """
    return again(partial(_merge, choice, by=by, now=now))


@transaction.atomic
def _merge(choice: Choice, *, by: User, now: datetime) -> Registration:
    held = _held(choice.stays, choice.ends)
    stays, ends = held[choice.stays.pk], held[choice.ends.pk]
    found = preview(stays, ends, stays=stays, now=now)
    _check_choice(found, choice)
    wanted = choice.data_of.pk == ends.pk and (correcting.person_of(ends), _contact(ends))
    registrations.withdraw(registration=ends, reason=Registration.Withdrawal.MERGED, by=by, now=now)
    Registration.objects.filter(pk=ends.pk).update(merged_into=stays)
    Registration.objects.filter(merged_into=ends).update(merged_into=stays)
    _take_along(stays, ends, found, now=now)
    details: dict[str, Any] = {"merged": str(ends.public_id)}
    if found.differs:
        details |= {"differs": list(found.differs), "compared": True}
    audit.record("registration.merged", subject=stays.public_id, by=by, now=now, details=details)
    if wanted:
        person, contact = wanted
        correcting.correct(registration=stays, person=person, contact=contact, by=by, now=now)
    if stays.confirmed_at is None and ends.confirmed_at is not None:
        registrations.confirm(registration=stays, by=by, now=now)
    return Registration.objects.get(pk=stays.pk)


def _check(one: Registration, other: Registration) -> None:
    if one.pk == other.pk:
        raise Refused("herself", _("This is the case number of the person herself."))
    if one.withdrawn_at is not None or other.withdrawn_at is not None:
        raise Refused("withdrawn", _("One of the two registrations has been ended: there is nothing to merge."))


def _check_choice(found: Preview, choice: Choice) -> None:
    standing = frozenset(one.pk for one in (*found.kept, *found.released))
    if found.stays.pk != choice.stays.pk or standing != choice.seen:
        raise Refused("changed", _("Meanwhile appointments were booked or changed. Please look again, then merge."))
    if found.differs and not choice.compared:
        text = _("Name or birth date differ. Please compare them on the telephone, and tick that it is one person.")
        raise Refused("not_compared", text)


def _differs(one: Registration, other: Registration) -> tuple[str, ...]:
    """A name in another spelling (Müller, Mueller) is the same name."""
    names = [tuple(map(identity.name, (person.first_name, person.last_name))) for person in (one, other)]
    same = {NAME: names[0] == names[1], BIRTH_DATE: one.birth_date == other.birth_date}
    return tuple(what for what, agrees in same.items() if not agrees)


def _must_stay(
    one: Registration, other: Registration, series: dict[int, tuple[Appointment, ...]]
) -> Registration | None:
    """The one with doses given, or being given; None where both could go on."""
    begun = [person for person in (one, other) if any(dose.status != Status.BOOKED for dose in series[person.pk])]
    if len(begun) > 1:
        text = _("Both have a dose on record. Two vaccinations cannot be made one here; please write a note.")
        raise Refused("both_given", text)
    if begun:
        return begun[0]
    booked = [person for person in (one, other) if series[person.pk]]
    return booked[0] if len(booked) == 1 else None


def _held(*people: Registration) -> dict[int, Registration]:
    """Both rows as they are now, held until the commit, in the order of their pks; before slots, as everywhere."""
    rows = Registration.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    return {row.pk: row for row in rows.filter(pk__in=[one.pk for one in people])}


def _take_along(stays: Registration, ends: Registration, found: Preview, *, now: datetime) -> None:
    """Rank, answers, needs, household, invitation, notes and call-backs."""
    stays.rank = found.rank
    stays.criteria = sorted({*stays.criteria, *ends.criteria})
    for need in NEEDS:
        setattr(stays, f"needs_{need}", getattr(stays, f"needs_{need}") or getattr(ends, f"needs_{need}"))
    stays.household_id = stays.household_id or ends.household_id
    stays.save(update_fields=["rank", "criteria", "household", *(f"needs_{need}" for need in NEEDS)])
    Registration.objects.filter(pk=ends.pk).update(household=None)
    if found.invited:
        _pass_on_invitation(stays, ends, now=now)
    Note.objects.filter(registration=ends).update(registration=stays)
    CallBack.objects.filter(registration=ends).update(registration=stays)


def _pass_on_invitation(stays: Registration, ends: Registration, *, now: datetime) -> None:
    """What withdrawing has just closed is hers to use; one of her own that ran out makes room."""
    stays.invitations.unanswered().update(closed_at=now, closed_reason="renewed")
    last = ends.invitations.filter(closed_at=now).order_by("-issued_at", "-pk").first()
    if last is not None:
        last.registration, last.closed_at, last.closed_reason = stays, None, ""
        last.save(update_fields=["registration", "closed_at", "closed_reason"])


def _contact(person: Registration) -> Contact:
    return Contact(
        email=person.email,
        phone=str(person.phone),
        language=person.language,
        needs=frozenset(need for need in NEEDS if getattr(person, f"needs_{need}")),
        medium=person.medium,
        large_print=person.large_print,
    )
