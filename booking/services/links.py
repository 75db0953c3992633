"""Access links: the key of a person without an account (design.md §3).

A link is exchanged once, together with the birth date, for a short visit; it never books or changes anything by itself.
`reference` of the messages written here: {"registration": pk, "link": pk}.
"""

import hmac
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import AuditEvent, User
from accounts.refusals import Refused
from booking import clock, codes, telling, tokens
from booking.models import AccessLink, Registration
from notifications import outbox

MAX_TRIES = 5
NEW_LINKS_PER_DAY = 3
TWO_CLICKS = timedelta(seconds=30)  # of one agent, on the same button
CORRECTED = "registration.contact_updated"
ONWARD = timedelta(minutes=15)
Purpose = AccessLink.Purpose


def issue(
    *, registration: Registration, purpose: str, now: datetime, valid_until: datetime | None = None
) -> AccessLink:
    """A new link for the person. The link that confirms a registration has no end: nothing lapses in a slow mail."""
    link = _new(registration, purpose, now=now, valid_until=valid_until)
    link.save(force_insert=True)
    return link


def issue_many(
    registrations: Sequence[Registration], *, purpose: str, now: datetime, valid_until: Sequence[datetime]
) -> list[AccessLink]:
    """One new link for each person, valid until the moment in the same place, in their order, by one statement."""
    return AccessLink.objects.bulk_create(
        _new(person, purpose, now=now, valid_until=end) for person, end in zip(registrations, valid_until, strict=True)
    )


def token(link: AccessLink) -> str:
    """The secret of the link; it is made anew from LINK_KEY each time and stands nowhere."""
    return tokens.secret(link.nonce)


def url(link: AccessLink) -> str:
    """The address that a message carries."""
    return f"{settings.SITE_URL}/link/{token(link)}/"


def code(link: AccessLink) -> str:
    """The code that a letter carries for this link, as it is printed: 7H4K 2MXP 9RDW Z. From now on it is known."""
    made = tokens.code(link.nonce)
    if link.code_hash is None:  # the link was written for another medium
        link.code_hash = tokens.code_hash_of(made)
        link.save(update_fields=["code_hash"])
    return codes.spoken(made)


def find(token: str) -> AccessLink | None:
    """The link with this secret, the long one or the code of a letter, together with its registration."""
    known = AccessLink.objects.select_related("registration")
    if len(token) == codes.LINK_CODE_LENGTH:
        hashed = tokens.code_hash_of(token)
        link = known.filter(code_hash=hashed).first()
        return link if link is not None and hmac.compare_digest(str(link.code_hash), hashed) else None
    hashed = tokens.hash_of(token)
    link = known.filter(token_hash=hashed).first()
    return link if link is not None and hmac.compare_digest(link.token_hash, hashed) else None


def state(link: AccessLink, now: datetime) -> str:
    """'open', or why not: 'withdrawn', 'used', 'blocked' (too many wrong dates), 'renewed' (a newer one was sent for
    it) or 'expired'. A link that confirms is used up by the confirmation and knows no other end.
    """
    person = link.registration
    if person.withdrawn_at is not None:
        return "withdrawn"
    if link.purpose == Purpose.CONFIRM:
        return "used" if person.confirmed_at is not None else "open"
    if link.used_at is not None:
        return "used"
    if link.failed_tries >= MAX_TRIES:
        return "blocked"
    if link.valid_until is not None and link.valid_until <= now:
        newer = AccessLink.objects.filter(
            registration=person, purpose=link.purpose, pk__gt=link.pk, created_at=link.valid_until
        )
        return "renewed" if newer.exists() else "expired"
    return "open"


def exchange(*, token: str, birth_date: date, now: datetime) -> AccessLink:
    """Begin the visit, exactly once; or Refused, in the same words for a wrong link, a wrong code and a wrong date.

    A try is taken before the date is compared, so that parallel guesses cannot be more than MAX_TRIES either.
    Call it outside a transaction: a failed try has to stay counted.
    """
    link = find(token)
    if link is None or link.purpose != Purpose.VISIT:
        raise _wrong()
    found = state(link, now)
    if found != "open":
        raise Refused(f"link_{found}", state_text(found))
    if not _usable(link, now).update(failed_tries=F("failed_tries") + 1):
        raise Refused("link_used", state_text("used"))
    if not hmac.compare_digest(link.registration.birth_date.isoformat(), birth_date.isoformat()):
        raise _wrong()
    with transaction.atomic():
        unused = AccessLink.objects.filter(pk=link.pk, used_at__isnull=True)
        if not unused.update(used_at=now, failed_tries=F("failed_tries") - 1):
            raise Refused("link_used", state_text("used"))
        audit.record("link.used", subject=link.registration.public_id, by=None, now=now)
    link.used_at = now
    return link


@transaction.atomic
def onward(*, registration: Registration, now: datetime) -> AccessLink | None:
    """The link by which somebody who has just confirmed goes on to her invitation at once; the mail brings another one.

    One for each confirmation, for a quarter of an hour: the link that confirms, found in an old mail, opens nothing,
    and with it nobody gets more than MAX_TRIES at the birth date. None without an invitation, or when that is over.
    """
    person = _locked(registration.pk)
    if person.confirmed_at is None or now >= person.confirmed_at + ONWARD or not person.invitations.open(now).exists():
        return None
    until = person.confirmed_at + ONWARD
    made = person.links.filter(purpose=Purpose.VISIT, created_at__gte=person.confirmed_at, valid_until=until).first()
    if made is None:
        return issue(registration=person, purpose=Purpose.VISIT, now=now, valid_until=until)
    return made if state(made, now) == "open" else None


@transaction.atomic
def send_new(*, link: AccessLink, now: datetime) -> None:
    """Send another link to the contact that is stored for the person, whatever became of this one.

    Links sent before and not used are over: their page says that a newer one was sent. Refused after NEW_LINKS_PER_DAY.
    """
    _send_new(_locked(link.registration_id), now=now)


@transaction.atomic
def send_to(*, registration: Registration, by: User, now: datetime) -> None:
    """As `send_new`, on the telephone: to the person whom the agent has before her. The second click sends nothing.

    Where the contact was corrected in between it is no second click: the new place has got no link yet.
    """
    person = _locked(registration.pk)
    deeds = AuditEvent.objects.filter(subject=person.public_id, action__in=("link.sent", CORRECTED))
    last = deeds.filter(at__gt=now - TWO_CLICKS).order_by("-at", "-pk").first()
    if last is None or last.action == CORRECTED or last.actor_id != by.pk:
        _send_new(person, now=now, by=by)


@transaction.atomic
def request(*, case_number: str, birth_date: date, now: datetime) -> None:
    """Send a new link to the stored contact, if such a person exists. Nobody learns whether one does."""
    found = Registration.objects.filter(case_number=case_number, birth_date=birth_date, withdrawn_at__isnull=True)
    person = found.select_for_update(of=("self",), no_key=True).first()
    if person is None:
        return
    try:
        _send_new(person, now=now)
    except Refused:  # the limit of the day: saying so would say that the person exists
        return


def end_visit(*, link_id: int, now: datetime) -> None:
    """Nobody can use this visit any more. Twice is harmless."""
    AccessLink.objects.filter(pk=link_id, used_at__isnull=False, visit_ended_at__isnull=True).update(visit_ended_at=now)


def state_text(found: str) -> str:
    """What a person reads when her link is in this state; see `state`."""
    return {
        "used": _("This link has been used already. A link works once, so that nobody can use it after you."),
        "expired": _("This link is no longer valid. Nothing is lost: you keep your place in the line."),
        "renewed": _("We have sent you a newer link since. Please use the one in our latest message."),
        "blocked": _("The date of birth was wrong too often, so this link is locked."),
        "withdrawn": _("There is nothing to see under this link any more."),
        "open": _("This link is valid."),
    }[found]


def number_today(prefix: str, *, limit: int) -> int:
    """The number, from 1, of the next message whose key begins with `prefix`; Refused when `limit` have been sent.

    The caller holds the person's row, so that two requests cannot get the same number.
    """
    last = outbox.latest(prefix)
    number = int(last.dedupe_key.rpartition(":")[2]) + 1 if last else 1
    if number > limit:
        raise Refused(
            "too_many_messages",
            _("We have sent you several messages today. Please look into your spam folder, or call us."),
        )
    return number


def renewable(link: AccessLink) -> bool:
    """Whether a new one can be sent to the contact that is stored: by letter none is."""
    return telling.can(_next(link.registration)[1], link.registration)


def _next(person: Registration) -> tuple[str, str]:
    """Purpose and message of a new link."""
    return (Purpose.CONFIRM, "confirm_registration") if person.confirmed_at is None else (Purpose.VISIT, "new_link")


def _send_new(person: Registration, *, now: datetime, by: User | None = None) -> None:
    if person.withdrawn_at is not None:
        return  # the page says the same as for everybody else
    purpose, template = _next(person)
    if not telling.can(template, person):
        raise Refused("no_email", _("We can send a link by e-mail or SMS only. Please call us."))
    prefix = f"new_link:{person.pk}:{clock.local_day(now):%Y-%m-%d}:"
    number = number_today(prefix, limit=NEW_LINKS_PER_DAY)
    replace(person, purpose=purpose, now=now)
    link = issue(registration=person, purpose=purpose, now=now)
    telling.tell(template, person, key=f"{prefix}{number}", link=link, now=now)
    audit.record("link.sent", subject=person.public_id, by=by, now=now)


def replace(person: Registration, *, purpose: str, now: datetime) -> None:
    """End the unused visit links of the person, because a new one follows. Links that confirm stay good."""
    if purpose == Purpose.VISIT:
        unused = person.links.filter(purpose=purpose, used_at__isnull=True, created_at__lt=now)
        unused.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=now)).update(valid_until=now)


def _new(registration: Registration, purpose: str, *, now: datetime, valid_until: datetime | None) -> AccessLink:
    if valid_until is None and purpose == Purpose.VISIT:
        valid_until = now + timedelta(hours=settings.LINK_HOURS)
    link = AccessLink(registration=registration, purpose=purpose, created_at=now, valid_until=valid_until)
    link.token_hash = tokens.hash_of(tokens.secret(link.nonce))
    if purpose == Purpose.VISIT and registration.medium == outbox.Medium.LETTER:
        link.code_hash = tokens.code_hash_of(tokens.code(link.nonce))
    return link


def _usable(link: AccessLink, now: datetime) -> QuerySet[AccessLink]:
    return AccessLink.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=now),
        pk=link.pk,
        used_at__isnull=True,
        failed_tries__lt=MAX_TRIES,
    )


def _locked(pk: int) -> Registration:
    return Registration.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def _wrong() -> Refused:
    return Refused(
        "link_wrong", _("Link or code and date of birth do not go together. Please check both, or use the whole link.")
    )
