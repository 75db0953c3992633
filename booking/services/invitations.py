"""Inviting people in the line, and what becomes of an invitation that is not used.

Never more open invitations than free places: whoever counts and issues holds one advisory lock until the commit, so
jobs, planners and confirming people come one after another (booking/places.py counts). `reference` of the messages
written here: {"registration": pk, "invitation": pk, "link": pk}.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import inviting, telling
from booking.models import AccessLink, Invitation, Registration
from booking.services import links
from notifications import outbox
from notifications.outbox import Medium

AT_A_TIME = 100  # people per transaction: short enough for others to wait for it
SWEEP = 200  # invitations per sweep of one kind; the next one follows in a minute
REMIND_BEFORE = timedelta(days=2)
REMINDER = "invitation_reminder"
Closing = Invitation.Closing
VISIT = AccessLink.Purpose.VISIT


@dataclass
class Plan:
    """What inviting did, or with `dry_run` would do. `places` are free series that no open invitation needed before.

    `stopped` says why no more: "limit", "no_places" (none left that anybody in the line may use), "line" (nobody left
    in the line who may use what is left), "no_rules" (no regulation in force) or "busy" (somebody else was inviting).
    `letters` of the people are told by letter.
    """

    by_level: Counter[int] = field(default_factory=Counter)
    places: int = 0
    letters: int = 0
    stopped: str = "limit"

    @property
    def invited(self) -> int:
        return self.by_level.total()


def invite(*, limit: int, by: User | None, now: datetime, dry_run: bool = False) -> Plan:
    """Invite up to `limit` people, highest group first and then by rank, never more than can be given a series.

    It writes in transactions of AT_A_TIME people, so it may be stopped at any moment and run again.
    """
    plan = Plan()
    while plan.invited < limit:
        wanted = limit - plan.invited
        turn = _turn(wanted if dry_run else min(wanted, AT_A_TIME), by=by, now=now, dry_run=dry_run)
        if not plan.by_level:
            plan.places = turn.room
        plan.by_level.update(person.level for person in turn.people)
        plan.letters += sum(person.medium == Medium.LETTER for person in turn.people)
        plan.stopped = turn.stopped
        if turn.stopped != "limit":
            break
    return plan


@transaction.atomic
def issue(*, registration: Registration, by: User | None, now: datetime) -> Invitation | None:
    """Invite this person now, if she stands in the line, nobody is before her and a place is free for her.

    None: not now; she keeps her rank, and `invite` comes to her. An invitation that is open is simply returned.
    """
    person = _locked(registration)
    standing = person.invitations.open(now).first()
    if standing is not None:
        return standing
    if not inviting.is_her_turn(person, now=now):
        return None
    return _write([person], by=by, now=now)[0]


@transaction.atomic
def renew(*, registration: Registration, by: User | None = None, now: datetime) -> Invitation | None:
    """A new invitation for one that ran out, at the old rank. None: no place is free; she stands in the line again.

    Who has none that ran out gets nothing anew: her open invitation, or None.
    """
    person = _locked(registration)
    if person.withdrawn_at is not None:
        raise Refused("withdrawn", _("This registration has been ended."))
    over = person.invitations.unanswered().filter(valid_until__lte=now)
    renewed = over.update(closed_at=now, closed_reason=Closing.RENEWED)
    renewed += person.invitations.filter(closed_reason=Closing.EXPIRED).update(closed_reason=Closing.RENEWED)
    if not renewed:
        return person.invitations.open(now).first()
    audit.record("invitation.renewed", subject=person.public_id, by=by, now=now)
    return issue(registration=person, by=by, now=now)


def give_again(person: Registration, *, by: User | None, now: datetime) -> Invitation:
    """An invitation for somebody whose appointments the center has cancelled; the caller holds her row.

    In any case, even when no place is free: she had one. Until places come she is counted before everybody who is still
    to be invited, and nobody else is invited on hers. It is a new one, so reminder and end are told again; the message
    that tells her of it is the caller's.
    """
    again = person.invitations.unanswered().first() or Invitation(registration=person, issued_at=now)
    if again.pk is None:
        audit.record("invitation.issued", subject=person.public_id, by=by, now=now)
    again.valid_until = inviting.valid_until(person.medium, now=now)
    again.save()
    return again


def close(person: Registration, *, now: datetime) -> None:
    """End what is open of a person who has withdrawn; the caller holds her row."""
    person.invitations.unanswered().update(closed_at=now, closed_reason=Closing.WITHDRAWN)


def readdress(person: Registration, *, now: datetime) -> None:
    """She is written to elsewhere now, and the caller holds her row: what was sent before may not have reached her.

    An open invitation is sent again; after one that ran out she stands in the line again.
    """
    person.invitations.filter(closed_reason=Closing.EXPIRED).update(closed_reason=Closing.RENEWED)
    standing = person.invitations.open(now).first()
    if standing is not None:
        key = _key(person, standing)
        _tell("invited", person, standing, key=key, now=now)
        outbox.supersede(*(f"invited:{standing.pk}:{number}" for number in range(person.contact_changes)), but=key)


def expire_due(*, now: datetime) -> int:
    """Close what has run out; how many. The time of an invitation begins when its message has left.

    As long as a provider delays it, or it waits for the printer, the end moves on; nothing lapses in a queue. Where it
    was refused for good, the invitation ends like others, because a place cannot wait for ever: a new address brings
    her back into the line (`readdress`), at her rank.
    """
    _prolong_undelivered(now=now)
    return _close_due(now=now)


def remind_due(*, now: datetime) -> int:
    """Remind, once, who has an invitation that ends in REMIND_BEFORE and whom it has reached; how many."""
    ending = Invitation.objects.unanswered().filter(
        valid_until__gt=now, valid_until__lte=now + REMIND_BEFORE, issued_at__lte=now - REMIND_BEFORE / 2
    )
    unsent = _message().filter(sent_at__isnull=True)
    reminded = outbox.keyed(f"{REMINDER}:", OuterRef("pk"))
    due = ending.filter(~Exists(unsent), ~Exists(reminded), registration__medium__in=telling.media(REMINDER))
    due = due.select_related("registration")
    found = list(due.order_by("valid_until", "pk")[:SWEEP])
    for invitation in found:
        with transaction.atomic():
            person = _locked(invitation.registration)
            if person.invitations.open(now).filter(pk=invitation.pk).exists():
                _tell(REMINDER, person, invitation, key=f"{REMINDER}:{invitation.pk}", now=now)
    return len(found)


def _turn(wanted: int, *, by: User | None, now: datetime, dry_run: bool) -> inviting.Turn:
    """One transaction of `invite`: count, choose and write under the lock. A dry run holds nothing."""
    if dry_run:
        return inviting.choose(wanted, now=now, dry_run=True)
    with transaction.atomic():
        turn = inviting.choose(wanted, now=now, dry_run=False)
        if turn.people:
            _write(turn.people, by=by, now=now)
        return turn


def _write(people: Sequence[Registration], *, by: User | None, now: datetime) -> list[Invitation]:
    """Invitation, link, message and audit event of each person; the caller holds the lock and the rows."""
    until = [inviting.valid_until(person.medium, now=now) for person in people]
    written = Invitation.objects.bulk_create(
        Invitation(registration=person, issued_at=now, valid_until=end)
        for person, end in zip(people, until, strict=True)
    )
    sent = links.issue_many(people, purpose=VISIT, now=now, valid_until=until)
    for person, made, link in zip(people, written, sent, strict=True):
        _queue("invited", person, made, link, key=_key(person, made), now=now)
        audit.record("invitation.issued", subject=person.public_id, by=by, now=now)
    return written


def _prolong_undelivered(*, now: datetime) -> None:
    for medium in Medium.values:
        _prolong(medium, inviting.valid_until(medium, now=now))


def _prolong(medium: str, until: datetime) -> None:
    undelivered = Exists(_message().undelivered())
    late = Invitation.objects.unanswered().filter(undelivered, valid_until__lt=until, registration__medium=medium)
    late = late.order_by("valid_until", "pk")
    for pk, registration, before in list(late.values_list("pk", "registration_id", "valid_until")[:SWEEP]):
        with transaction.atomic():
            if Invitation.objects.unanswered().filter(pk=pk).update(valid_until=until):
                unused = AccessLink.objects.filter(registration=registration, used_at__isnull=True)
                unused.filter(valid_until=before).update(valid_until=until)


def _close_due(*, now: datetime) -> int:
    """The rows of the people are held before their invitations are touched, as when booking; busy ones come later."""
    closed = 0
    undelivered = Exists(_message().undelivered())
    over = Invitation.objects.unanswered().filter(~undelivered, valid_until__lte=now).order_by("valid_until", "pk")
    for pk, registration in list(over.values_list("pk", "registration_id")[:SWEEP]):
        with transaction.atomic():
            held = Registration.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            person = held.filter(pk=registration).first()
            if person is None:
                continue
            invitation = person.invitations.unanswered().filter(pk=pk, valid_until__lte=now).first()
            if invitation is not None:
                _expire(invitation, person, now=now)
                closed += 1
    return closed


def _expire(invitation: Invitation, person: Registration, *, now: datetime) -> None:
    invitation.closed_at, invitation.closed_reason = now, Closing.EXPIRED
    invitation.save(update_fields=["closed_at", "closed_reason"])
    audit.record("invitation.expired", subject=person.public_id, by=None, now=now)
    told = outbox.latest(_key(person, invitation))
    if told is None or told.state != "bounced":  # None: told by the message of a change
        _tell("invitation_expired", person, invitation, key=f"invitation_expired:{invitation.pk}", now=now)


def _tell(template: str, person: Registration, invitation: Invitation, *, key: str, now: datetime) -> None:
    """Queue a message about the invitation, with a new link that lives as long as what it leads to."""
    until = invitation.valid_until if invitation.closed_at is None else None
    link = links.issue(registration=person, purpose=VISIT, now=now, valid_until=until)
    _queue(template, person, invitation, link, key=key, now=now)


def _queue(
    template: str, person: Registration, invitation: Invitation, link: AccessLink, *, key: str, now: datetime
) -> None:
    telling.tell(template, person, key=key, link=link, reference={"invitation": invitation.pk}, now=now)


def _key(person: Registration, invitation: Invitation) -> str:
    """The key of the message "invited": another place to write to is a new cause."""
    return f"invited:{invitation.pk}:{person.contact_changes}"


def _message() -> outbox.Messages:
    """The message "invited" of an outer query's invitation, by `_key`; there is none after `give_again`."""
    return outbox.keyed("invited:", OuterRef("pk"), ":", OuterRef("registration__contact_changes"))


def _locked(registration: Registration) -> Registration:
    return Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=registration.pk)
