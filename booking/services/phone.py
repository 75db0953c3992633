"""What an agent does for a caller in one transaction: register, confirm, invite and book what is held for her.

Nobody confirms by link what she said on the telephone. The invitation for a held series needs no counting of places:
hers are kept already (ADR 23). Locks: the people, then slots, then the hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import claims, clock, codes, enrolment, entitlement, facts, identity, inviting
from booking.again import again
from booking.claims import SecondDose
from booking.enrolment import Details
from booking.entitlement import Place, Window
from booking.models import Call, CallPerson, Hold, Invitation, Registration
from booking.services import appointments, holds, households, registrations
from booking.services.appointments import Series
from centers.models import Channel

ATTEMPTS = 5  # a case number that somebody has already is drawn again
ALIKE = 0.8  # of the letters of two names


class Known(Refused):
    """This very person is registered already: nothing was changed, and her page is the place to go on."""

    def __init__(self, person: Registration) -> None:
        super().__init__("known", _("This person is registered already. Please open her page."))
        self.person = person


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is to be registered, in which call; `comes_with` belongs to the same household."""

    details: Details
    call: Call
    comes_with: Registration | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What is held for somebody who is registered; `not_before` as in `entitlement.scope`."""

    registration: Registration
    hold: Hold
    not_before: datetime | None = None


def register_and_book(*, caller: Caller, hold: Hold | None, by: User, now: datetime) -> Series:
    """Register the caller and book what is held for her, or change nothing.

    Known: she stands in the line already. The same click again answers with what was booked (`fresh=False`).
    """
    enrolment.check(caller.details, channel=Channel.PHONE, now=now)
    known = _known(caller.details)
    if known is not None:
        return _standing(caller, known)
    if hold is None:
        raise _over()
    try:
        return again(partial(_register_and_book, caller, hold, by=by, now=now))
    except Known as meanwhile:
        return _standing(caller, meanwhile.person)


@transaction.atomic
def register(*, caller: Caller, by: User, now: datetime) -> Registration:
    """Register the caller without an appointment: she is invited if it is her turn, else she stands in the line."""
    enrolment.check(caller.details, channel=Channel.PHONE, now=now)
    known = _known(caller.details)
    if known is not None:
        raise Known(known)
    number = codes.case_number()
    person = registrations.register(details=caller.details, case_number=number, channel=Channel.PHONE, by=by, now=now)
    if person is None:
        raise Known(Registration.objects.get(identity_key=enrolment.key_of(caller.details), withdrawn_at=None))
    _join(person, caller, by=by, now=now)
    return person


def book(
    *, registration: Registration, hold: Hold, by: User, now: datetime, not_before: datetime | None = None
) -> Series:
    """Book what is held for somebody who is registered, whether she was invited before or not.

    What else was kept for her in this call is free again.
    """
    series = again(partial(_book, registration, hold, not_before, by=by, now=now))
    for other in holds.standing(hold.call, registration=registration, now=now):
        holds.release(hold=other, by=by, now=now)
    return series


def book_all(*, kept: Sequence[Kept], by: User, now: datetime) -> list[Series]:
    """Book what is held for each of a household in one transaction: all of it, or nothing."""
    return again(partial(_book_all, kept, by=by, now=now))


def alike(details: Details) -> list[Registration]:
    """People born on the same day whose names are nearly the same: perhaps the caller herself."""
    own = identity.words(f"{details.first_name} {details.last_name}")
    born = Registration.objects.filter(birth_date=details.birth_date, withdrawn_at__isnull=True)
    found = born.only("public_id", "first_name", "last_name", "birth_date", "postcode", "search_key")
    near = [one for one in found.order_by("pk")[:500] if _near(own, tuple(one.search_key.split()))]
    return near[:3]


def _near(own: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """One letter of difference in some word, or words left out: Gerda Hofmann, Hoffmann, Gerda Maria Hofmann."""
    short, long = sorted((own, other), key=len)
    return bool(short) and all(any(SequenceMatcher(None, word, one).ratio() >= ALIKE for one in long) for word in short)


@transaction.atomic
def _register_and_book(caller: Caller, hold: Hold, *, by: User, now: datetime) -> Series:
    person = _insert(caller.details, by=by, now=now)
    _join(person, caller, by=by, now=now)
    return _book(person, hold, caller.not_before, by=by, now=now)


def _insert(details: Details, *, by: User, now: datetime) -> Registration:
    for _attempt in range(ATTEMPTS):
        number = codes.case_number()
        person = enrolment.insert(details, case_number=number, channel=Channel.PHONE, by=by, now=now)
        if person is not None:
            return person
        known = _known(details)
        if known is not None:
            raise Known(known)
    raise RuntimeError(f"no free code after {ATTEMPTS} attempts")


def _join(person: Registration, caller: Caller, *, by: User, now: datetime) -> None:
    """She belongs to this call, and to the household of whom she comes with."""
    CallPerson.objects.bulk_create(
        [CallPerson(call=caller.call, registration=person, opened_at=now)], ignore_conflicts=True
    )
    if caller.comes_with is not None:
        number = codes.checked(caller.comes_with.case_number)
        households.join(registration=person, case_number=number, by=by, now=now)


@transaction.atomic
def _book_all(kept: Sequence[Kept], *, by: User, now: datetime) -> list[Series]:
    people = Registration.objects.select_for_update(of=("self",), no_key=True)
    list(people.filter(pk__in=[one.registration.pk for one in kept]).order_by("pk").values_list("pk"))
    holds.lock([one.hold for one in kept])
    return [_book(one.registration, one.hold, one.not_before, by=by, now=now) for one in kept]


@transaction.atomic
def _book(registration: Registration, hold: Hold, not_before: datetime | None, *, by: User, now: datetime) -> Series:
    person = Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=registration.pk)
    standing = appointments.series_of(person)
    if standing:
        if standing[0].slot_id == hold.first_id:
            return Series(person, fresh=False)
        raise Refused("already_booked", _("She has her appointments already. They can be moved or cancelled."))
    decision = entitlement.decide(
        entitlement.person(person),
        Place(hold.first.vaccine_id, hold.first.contingent_id, hold.first.starts_at),
        channel=Channel.PHONE, now=now, facts=facts.load(), not_before=not_before,
    )  # fmt: skip
    if not decision.allowed:
        raise Refused(decision.code, decision.text)
    if hold.registration_id not in {None, person.pk}:
        raise _over()  # kept for somebody else of the same call
    second = _the_second(hold)
    if not holds.spend(hold, now=now):
        raise _over()
    _invite(person, by=by, now=now)
    claim = claims.claim_series(person, hold.first_id, second=second, channel=Channel.PHONE, by=by, now=now)
    if claim.outcome != "booked":
        raise Refused(claim.outcome, _("These places are not there any more. Nothing was booked. Please choose again."))
    return Series(person)


def _the_second(hold: Hold) -> SecondDose | None:
    """A look for dose 2 that finds the very start that is held."""
    if hold.second is None:
        return None
    at = hold.second.starts_at
    exactly = Window(hold.second.vaccine_id, hold.second.contingent_id, at, at + at.resolution, None)
    return SecondDose(at, clock.local_day(at), (exactly,))


def _invite(person: Registration, *, by: User, now: datetime) -> None:
    """The permission to book what is hers already; an open invitation is used."""
    if person.withdrawn_at is not None:
        raise Refused("withdrawn", _("This registration has been ended."))
    if person.invitations.open(now).exists():
        return
    person.invitations.unanswered().update(closed_at=now, closed_reason=Invitation.Closing.RENEWED)
    Invitation.objects.create(
        registration=person, issued_at=now, valid_until=inviting.valid_until(person.medium, now=now)
    )
    audit.record("invitation.issued", subject=person.public_id, by=by, now=now)


def _known(details: Details) -> Registration | None:
    return Registration.objects.filter(identity_key=enrolment.key_of(details), withdrawn_at__isnull=True).first()


def _standing(caller: Caller, known: Registration) -> Series:
    """The second click: who was registered and booked in this very call is what the first click made."""
    mine = CallPerson.objects.filter(call=caller.call, registration=known).exists()
    if mine and appointments.series_of(known):
        return Series(known, fresh=False)
    raise Known(known)


def _over() -> Refused:
    return Refused("hold_over", _("The ten minutes are over: nothing is kept any more. Please choose again."))
