"""A person registers, confirms, changes how she is reached, and leaves again.

Whoever registers a person that stands in the line already sees what everybody sees; the stored contact gets a message
(lessons.md, leaks). Phone only: the registration is kept and confirmed on the telephone. `reference` of the messages
written here: {"registration": pk} and, where the message carries one, {"link": pk}.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import clock, codes, enrolment, telling
from booking.enrolment import Details
from booking.models import AccessLink, Appointment, Registration
from booking.services import appointments, holds, invitations, links
from notifications import outbox
from notifications.outbox import Medium

__all__ = ["Contact", "Details", "change_email", "confirm", "register", "update_contact", "withdraw"]

ATTEMPTS = 5  # a code that somebody has already is drawn again; the second draw meets one in 10^9
CONFIRMATIONS_PER_DAY = 3
CONTACT_CHANGES = 5
REMIND_AFTER = timedelta(hours=24)
REMIND_UNTIL = timedelta(days=60)  # bounds the search; a mail that was not sent within it will not be
CONFIRM = AccessLink.Purpose.CONFIRM


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How a person is reached, and what she needs.

    `medium` (outbox.Medium) is how she wants what we write; "" is as until now, where that still reaches her.
    `large_print` None: as until now.
    """

    email: str
    phone: str | PhoneNumber
    language: str
    needs: frozenset[str]
    medium: str = ""
    large_print: bool | None = None


def register(
    *, details: Details, case_number: str, channel: str, by: User | None, now: datetime
) -> Registration | None:
    """Put the person into the line, once, and ask her by e-mail to confirm it.

    None: she was in the line already, and the contact stored then has been told. The same `case_number` again is the
    same form sent twice and answers with its registration.
    """
    enrolment.check(details, channel=channel, now=now)
    identity_key = enrolment.key_of(details)
    with transaction.atomic():
        for _attempt in range(ATTEMPTS):
            created = enrolment.insert(details, case_number=case_number, channel=channel, by=by, now=now)
            if created is not None:
                if created.confirmed_at is not None:
                    _welcome(created, by=by, now=now)
                return created
            known = Registration.objects.filter(identity_key=identity_key, withdrawn_at__isnull=True).first()
            if known is not None:
                return _again(known, details, case_number=case_number, now=now)
            if Registration.objects.filter(case_number=case_number).exists():
                case_number = codes.case_number()
    raise RuntimeError(f"no free code after {ATTEMPTS} attempts")


@transaction.atomic
def confirm(*, registration: Registration, by: User | None, now: datetime) -> Registration:
    """Confirm the registration; again is harmless. Who can be invited at once is, in her turn; all others are told."""
    person = _locked(registration)
    if person.confirmed_at is not None:
        return person
    _refuse_withdrawn(person)
    person.confirmed_at = now
    person.save(update_fields=["confirmed_at"])
    person.links.filter(purpose=CONFIRM, used_at__isnull=True).update(used_at=now)
    audit.record("registration.confirmed", subject=person.public_id, by=by, now=now)
    _welcome(person, by=by, now=now)
    return person


@transaction.atomic
def resend_confirmation(*, registration: Registration, by: User | None, now: datetime) -> None:
    """Send the link that confirms once more; Refused after CONFIRMATIONS_PER_DAY."""
    person = _locked(registration)
    _refuse_withdrawn(person)
    if person.confirmed_at is not None:
        return
    if not telling.can("confirm_registration", person):
        raise Refused("no_email", _("We have no e-mail address of yours. Please call us."))
    link = _confirmation_link(person, now=now)
    prefix = f"confirm:{person.pk}:{clock.local_day(now):%Y-%m-%d}:"
    number = links.number_today(prefix, limit=CONFIRMATIONS_PER_DAY)
    telling.tell("confirm_registration", person, key=f"{prefix}{number}", link=link, now=now)
    audit.record("registration.confirmation_resent", subject=person.public_id, by=by, now=now)


@transaction.atomic
def change_email(*, registration: Registration, email: str, by: User | None, now: datetime) -> Registration:
    """Write to another address from now on; Refused after CONTACT_CHANGES.

    Unconfirmed: the link sent to the old address dies, and a new one goes to the new address. Confirmed: the old
    address is told, and an invitation that is still open is sent again.
    """
    person = _locked(registration)
    _refuse_withdrawn(person)
    enrolment.check_email(email)
    if not email and not person.phone:
        raise Refused("no_contact", _("Without e-mail and telephone we cannot reach you."))
    return _readdress(person, email=email, phone=str(person.phone), medium="", by=by, now=now)


@transaction.atomic
def update_contact(*, registration: Registration, contact: Contact, by: User | None, now: datetime) -> Registration:
    """Change e-mail, phone, medium, language and needs together; an unchanged value costs nothing.

    Who is written to elsewhere from now on gets there what never reached her. On the web an address or a number is
    required; staff may leave it at letters.
    """
    phone = enrolment.check_phone(contact.phone)
    enrolment.check_email(contact.email)
    if contact.language not in Registration.Language.values or contact.needs - enrolment.NEEDS:
        raise Refused("invalid_choice", _("Please choose from what is offered."))
    if not contact.email and not phone and by is None:
        raise Refused("no_contact", _("Without e-mail and telephone we cannot reach you."))
    person = _locked(registration)
    _refuse_withdrawn(person)
    other_language = person.language != contact.language
    person.language = contact.language
    needs = [f"needs_{need}" for need in sorted(enrolment.NEEDS)]
    for name in needs:
        setattr(person, name, name.removeprefix("needs_") in contact.needs)
    if contact.large_print is not None:
        person.large_print = contact.large_print
    person.save(update_fields=["language", "large_print", *needs])
    if other_language:
        telling.speak(person)
    audit.record("registration.contact_updated", subject=person.public_id, by=by, now=now)
    return _readdress(person, email=contact.email, phone=phone, medium=contact.medium, by=by, now=now)


def follow_address(person: Registration, *, now: datetime) -> None:
    """Her postal address was corrected, and the caller holds her row: letters may have gone to the wrong one.

    Who is not written to by letter reads her messages where she always did.
    """
    if person.medium == Medium.LETTER and person.confirmed_at is not None:
        person.contact_changes += 1
        person.save(update_fields=["contact_changes"])
        invitations.readdress(person, now=now)
        appointments.tell_again(person, now=now)


@transaction.atomic
def withdraw(*, registration: Registration, reason: str, by: User | None, now: datetime) -> None:
    """End it all: registration, invitation and booked appointments (Registration.Withdrawal). Twice is harmless.

    Refused while she is at the center: those who have her before them decide what becomes of her dose.
    Nobody writes to somebody who has died, whatever still waits in the outbox; that can be told after the end, too.
    """
    if reason not in Registration.Withdrawal.values:
        raise Refused("invalid_choice", _("Please choose one of the reasons shown."))
    person = _locked(registration)
    if person.withdrawn_at is not None:
        _note_death(person, reason=reason, by=by, now=now)
        return
    if person.appointments.filter(status=Appointment.Status.ARRIVED).exists():
        text = _("The check-in is done. Until the dose is entered or the check-in is undone, nothing ends here.")
        raise Refused("arrived", text)
    elsewhere = reason == Registration.Withdrawal.VACCINATED_ELSEWHERE
    kinds = Appointment.Cancellation
    cancelled = appointments.release(
        person, reason=kinds.VACCINATED_ELSEWHERE if elsewhere else kinds.WITHDRAWN, by=by, now=now
    )
    holds.release_for(person, by=by, now=now)
    person.withdrawn_at, person.withdrawn_reason = now, reason
    person.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    invitations.close(person, now=now)
    audit.record("registration.withdrawn", subject=person.public_id, by=by, now=now, reason=reason)
    if reason not in telling.SILENT and person.confirmed_at is not None:
        ids = {"appointments": cancelled}
        telling.tell("withdrawn", person, key=f"withdrawn:{person.pk}", reference=ids, now=now)


def remind_unconfirmed(*, now: datetime, limit: int = 500) -> int:
    """Remind, once, who has not confirmed a day after the mail was handed over. Nobody is ever deleted for it.

    A mail that was delayed or refused is no reason to remind anybody: the day counts from the moment it was sent.
    """
    waiting = Registration.objects.filter(
        confirmed_at__isnull=True, withdrawn_at__isnull=True, created_at__lte=now - REMIND_AFTER,
        created_at__gt=now - REMIND_UNTIL,
    ).exclude(email="")  # fmt: skip
    sent = outbox.keyed("confirm:", OuterRef("pk"), ":", OuterRef("links__pk"))
    reminded = outbox.keyed("confirm_reminder:", OuterRef("pk"))
    found = waiting.filter(
        Exists(sent.filter(sent_at__lte=now - REMIND_AFTER, recipient=OuterRef("email"))),
        ~Exists(reminded),
        links__purpose=CONFIRM,
    )
    people = list(found.order_by("created_at", "pk")[:limit])
    for person in people:
        _remind(person, now=now)
    return len(people)


@transaction.atomic
def _remind(person: Registration, *, now: datetime) -> None:
    person = _locked(person)
    if person.confirmed_at is None and person.withdrawn_at is None and person.email:
        link = _confirmation_link(person, now=now)
        telling.tell("confirm_reminder", person, key=f"confirm_reminder:{person.pk}", link=link, now=now)


def _welcome(person: Registration, *, by: User | None, now: datetime) -> None:
    """An invitation if it is her turn and a place is free, else "you stand in the line"."""
    invited = invitations.issue(registration=person, by=by, now=now)
    if invited is None:
        link = links.issue(registration=person, purpose=AccessLink.Purpose.VISIT, now=now)
        telling.tell("registered", person, key=f"registered:{person.pk}", link=link, now=now)


def _again(known: Registration, details: Details, *, case_number: str, now: datetime) -> Registration | None:
    """The person is in the line. What she reads is the same in all three cases.

    The same form sent twice; or nobody can ever confirm, because the address was refused: what is typed now counts
    instead, at the old rank; or the stored contact is told.
    """
    if known.case_number == case_number:
        return known
    person = _locked(known)
    if person.confirmed_at is None and details.email and _was_refused(person):
        enrolment.rewrite(person, details, case_number=case_number)
        audit.record("registration.typed_again", subject=person.public_id, by=None, now=now)
        _ask_again(person, now=now)
        return person
    _tell_registered(person, now=now)
    return None


def _was_refused(person: Registration) -> bool:
    """True when the mail that asks for the confirmation came back for good."""
    last = outbox.latest(f"confirm:{person.pk}:")
    return last is not None and last.state == "bounced" and person.contact_changes < CONTACT_CHANGES


def _tell_registered(person: Registration, *, now: datetime) -> None:
    """Tell the stored contact, at most once a day, that somebody registered this person again."""
    key = f"already_registered:{person.pk}:{clock.local_day(now):%Y-%m-%d}"
    if outbox.latest(key) is not None:
        return
    if person.confirmed_at is not None and telling.can("already_registered", person):
        link = links.issue(registration=person, purpose=AccessLink.Purpose.VISIT, now=now)
        telling.tell("already_registered", person, key=key, link=link, now=now)
    elif person.confirmed_at is None and person.email:
        link = _confirmation_link(person, now=now)
        telling.tell("already_registered", person, key=key, link=link, to=person.email, now=now)


def _readdress(
    person: Registration, *, email: str, phone: str, medium: str, by: User | None, now: datetime
) -> Registration:
    """Write to her elsewhere from now on; the caller holds her row."""
    before, old_email = telling.way(person), person.email
    medium = enrolment.check_medium(medium or _medium_that_reaches(person, email, phone), email=email, phone=phone)
    person.email, person.phone, person.medium = email, phone, medium
    asks = person.confirmed_at is None and email != old_email
    elsewhere = telling.way(person) != before
    if asks or elsewhere:
        if by is None and person.contact_changes >= CONTACT_CHANGES:
            raise Refused("too_many_changes", _("You have changed your address several times. Please call us."))
        person.contact_changes += 1
    person.save(update_fields=["email", "phone", "medium", "contact_changes"])
    if email != old_email:
        audit.record("registration.email_changed", subject=person.public_id, by=by, now=now)
    if asks:
        _ask_again(person, now=now)
    elif elsewhere and person.confirmed_at is not None:
        _follow(person, before, now=now)
    return person


def _follow(person: Registration, before: telling.Way, *, now: datetime) -> None:
    """The old place is told, and the new one gets what never reached the old one."""
    if before.medium != Medium.LETTER:
        key = f"contact_changed:{person.pk}:{person.contact_changes}"
        telling.tell("contact_changed", person, key=key, to=before.recipient, now=now)
    # Whoever reads the old mailbox shall not find a way in there.
    links.replace(person, purpose=AccessLink.Purpose.VISIT, now=now)
    invitations.readdress(person, now=now)
    appointments.tell_again(person, now=now)


def _medium_that_reaches(person: Registration, email: str, phone: str) -> str:
    """Her medium, as long as it reaches her; who names her first e-mail address wants to be written to there."""
    if person.medium == Medium.SMS and enrolment.is_mobile(phone):
        return Medium.SMS
    if person.medium == Medium.LETTER and not (email and not person.email):
        return Medium.LETTER
    return Medium.EMAIL if email else Medium.LETTER


def _note_death(person: Registration, *, reason: str, by: User | None, now: datetime) -> None:
    """She had left already; what waits in the outbox since then must not leave."""
    died = Registration.Withdrawal.DIED
    if reason == died and person.withdrawn_reason not in telling.SILENT:
        person.withdrawn_reason = died
        person.save(update_fields=["withdrawn_reason"])
        audit.record("registration.withdrawn", subject=person.public_id, by=by, now=now, reason=reason)


def _ask_again(person: Registration, *, now: datetime) -> None:
    """Ask the new address to confirm. The old link is gone: it may have reached a stranger."""
    person.links.filter(purpose=CONFIRM).delete()
    if person.email:
        link = _confirmation_link(person, now=now)
        telling.tell("confirm_registration", person, key=f"confirm:{person.pk}:{link.pk}", link=link, now=now)


def _confirmation_link(person: Registration, *, now: datetime) -> AccessLink:
    """The link sent for confirming; it stays the same one, so every mail about it works."""
    link = person.links.filter(purpose=CONFIRM).order_by("-pk").first()
    return link or links.issue(registration=person, purpose=CONFIRM, now=now)


def _locked(registration: Registration) -> Registration:
    """The row as it is now, held until the commit: before slots, as everywhere."""
    return Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=registration.pk)


def _refuse_withdrawn(person: Registration) -> None:
    if person.withdrawn_at is not None:
        raise Refused("withdrawn", _("This registration has been ended."))
