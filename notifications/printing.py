"""The print queue: letters that wait, batches of one district as one PDF each, and what became of them (ADR 24).

A batch is one transaction: the letters are held, composed from the state of that moment, set, and kept as PDF together
with the batch they stand in; or nothing has happened. Who comes at the same time steps over what another one holds.
A letter is sent when somebody says that its batch was printed and when it went to the post.
"""

import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Min, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from notifications import leases, letters, outbox, posting
from notifications.letters import Sheet
from notifications.models import Message, PrintBatch

logger = logging.getLogger(__name__)

MOST = 500  # letters of one batch: a drawer of paper, and a PDF that a browser opens
AT_ONCE = 500  # letters that one press of the button makes at most; nobody waits for more at a screen
SETTING_SECONDS = 120  # a transaction may sit idle so long while its PDF is set
TRY_AGAIN_AFTER = timedelta(hours=1)
KEPT = timedelta(days=14)  # the PDF of a batch that was printed
POST_WITHIN_DAYS = 7
REMAKE_AFTER = timedelta(minutes=5)  # a batch that could not be made anew
State, Fate = Message.State, PrintBatch.State
WAITING = (State.QUEUED, State.DEFERRED)


@dataclass(frozen=True, slots=True)
class Pile:
    """Letters of one district that wait for their batch, or in it for the printer."""

    lane: str
    letters: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """What one run has come to. `left`: letters that wait all the same, because it was enough for once."""

    batches: int
    letters: int
    left: bool


# --- Making batches ----------------------------------------------------------------------------


def make_due(*, now: datetime) -> Made:
    """By the clock: what was written before the last printing time and lies in no batch yet. Late is harmless."""
    return _make(before=posting.last_print_time(now), by=None, now=now, most=None)


def make_now(*, by: User, now: datetime) -> Made:
    """By somebody who does not want to wait: what was written until now, at most AT_ONCE letters."""
    return _make(before=now, by=by, now=now, most=AT_ONCE)


def remake_due(*, now: datetime) -> int:
    """Batches whose print failed, made anew; how many. One that another worker is at is stepped over, and one that
    cannot be made is logged and tried again later. A worker that is killed leaves it due.
    """
    made = 0
    for found in list(_due_to_remake(now).values_list("public_id", flat=True)):
        try:
            made += _remake(found, now=now)
        except Exception as error:
            logger.error("Batch %s could not be made anew: %s", found, _place(error))
            PrintBatch.objects.filter(public_id=found, state=Fate.REMAKING).update(remake_at=now + REMAKE_AFTER)
    return made


def _make(*, before: datetime, by: User | None, now: datetime, most: int | None) -> Made:
    """Batch after batch. A district that fails is logged and does not stop the others."""
    batches = printed = taken = 0
    for lane in leases.letter_lanes():
        try:
            while most is None or taken < most:
                held, batch = _make_batch(lane, before=before, by=by, now=now)
                taken += held
                batches += batch is not None
                printed += batch.letters if batch is not None else 0
                if not held:
                    break
        except Exception as error:
            # Where, never what: the words of an exception may hold a person's data.
            logger.error("Letters of %s could not be made: %s", lane, _place(error))
    return Made(batches, printed, left=most is not None and taken >= most and bool(_due(before, now).exists()))


@transaction.atomic
def _make_batch(lane: str, *, before: datetime, by: User | None, now: datetime) -> tuple[int, PrintBatch | None]:
    """How many letters were looked at, and the batch of those that are still true; None where none is."""
    _may_sit_idle()
    due = _due(before, now).filter(lane=lane)
    held = list(due.order_by("available_at", "pk").select_for_update(skip_locked=True, no_key=True)[:MOST])
    batch = _set(lane, _without_overtaken(held, due), now=now)
    if batch is not None:
        audit.record("letters.made", subject=batch.public_id, by=by, now=now, details=_numbers(batch))
    return len(held), batch


def _without_overtaken(held: Sequence[Message], due: QuerySet[Message]) -> list[Message]:
    """Without letters whose words stand in a newer one that goes out with them: nobody is told the same twice.

    The newer one may lie in another batch of this run, or in the hands of another run; there it is printed.
    """
    several = due.filter(recipient__in={message.recipient for message in held}).order_by("created_at", "pk")
    known: dict[str, list[Message]] = {}
    for message in several.only("recipient", "template"):
        known.setdefault(message.recipient, []).append(message)
    left = []
    for message in held:
        hers = known[message.recipient]
        newer = hers[hers.index(message) + 1 :]
        if any(outbox.overtakes(one.template, message.template) for one in newer):
            _drop(message, State.DISCARDED, "said by a newer letter")
        else:
            left.append(message)
    return left


def _due_to_remake(now: datetime) -> QuerySet[PrintBatch]:
    return PrintBatch.objects.defer("content").filter(remake_at__lte=now).order_by("remake_at", "pk")


def _due(before: datetime, now: datetime) -> QuerySet[Message]:
    return Message.objects.filter(
        medium=Message.Medium.LETTER, state__in=WAITING, batch__isnull=True, available_at__lte=min(before, now)
    )


def _set(lane: str, held: Sequence[Message], *, now: datetime, again_of: PrintBatch | None = None) -> PrintBatch | None:
    """A batch of these letters, which the caller holds; what is no longer true drops out. None when nothing is left."""
    sheets: list[Sheet] = []
    kept: list[int] = []
    for message in held:
        sheet = _composed(message, now=now)
        if sheet is not None:
            sheets.append(sheet)
            kept.append(message.pk)
    if not sheets:
        return None
    day = timezone.localtime(now).date()
    with translation.override(settings.LANGUAGE_CODE):
        words = ngettext("%(number)s letter of %(day)s", "%(number)s letters of %(day)s", len(sheets))
    title = words % {"number": len(sheets), "day": f"{day:%d.%m.%Y}"}
    batch = PrintBatch.objects.create(
        lane=lane,
        day=day,
        letters=len(sheets),
        content=letters.pdf(sheets, title=title, now=now),
        made_at=now,
        again_of=again_of,
    )
    Message.objects.filter(pk__in=kept).update(
        state=State.SENDING, batch=batch, attempts=F("attempts") + 1, sent_at=None, last_reply=""
    )
    return batch


def _composed(message: Message, *, now: datetime) -> Sheet | None:
    """The letter, or None after it was marked: no longer true, too late, or broken and tried again later."""
    if message.discard_after is not None and now > message.discard_after:
        _drop(message, State.DISCARDED, "too late")
        return None
    try:
        with transaction.atomic():
            sheet = letters.sheet(message, now=now)
    except Exception as error:  # one broken letter must not stop the others
        place = _place(error)
        logger.error("Letter %s (%s) could not be composed: %s", message.public_id, message.template, place)
        _drop(message, State.DEFERRED, f"not composed: {place}", available_at=now + TRY_AGAIN_AFTER)
        return None
    if sheet is None:
        _drop(message, State.DISCARDED, "no longer true")
    return sheet


def _drop(message: Message, state: str, reply: str, **values: datetime) -> None:
    Message.objects.filter(pk=message.pk).update(state=state, batch=None, sent_at=None, last_reply=reply, **values)


def _place(error: Exception) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {where.name}, line {where.lineno}"


def _may_sit_idle() -> None:
    """While the PDF is set the connection says nothing; for this transaction alone that is no fault."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{SETTING_SECONDS}s'")


# --- What became of a batch --------------------------------------------------------------------


@transaction.atomic
def printed(*, batch: UUID, posted_on: date, by: User, now: datetime) -> PrintBatch:
    """It is printed and goes, or went, to the post on that day: its letters count as sent. Twice is harmless."""
    found = _locked(batch)
    if found.state == Fate.PRINTED:
        return found
    if found.state in (Fate.FAILED, Fate.REMAKING):
        raise Refused("failed", _("This batch was marked as failed. Please print the new one that was made of it."))
    today = timezone.localtime(now).date()
    if posted_on < found.day:
        raise Refused("posted_on", _("The letters were made later than that. Please give the day they go to the post."))
    if posted_on > today + timedelta(days=POST_WITHIN_DAYS):
        raise Refused("posted_on", _("That is more than a week ahead. Please post the letters earlier."))
    _settle(found, Fate.PRINTED, by=by, now=now, posted_on=posted_on)
    found.messages.filter(state=State.SENDING).update(state=State.SENT, sent_at=now)
    audit.record(
        "letters.printed",
        subject=found.public_id,
        by=by,
        now=now,
        details={**_numbers(found), "posted_on": posted_on.isoformat()},
    )
    return found


@transaction.atomic
def failed(*, batch: UUID, by: User, now: datetime) -> PrintBatch:
    """It did not come out of the printer: a worker composes the same letters anew, in a new batch (`remake_due`).
    Twice is harmless. The paper there is must not be sent: its PDF is gone at once.
    """
    found = _locked(batch)
    if found.state in (Fate.FAILED, Fate.REMAKING):
        return found
    if found.state == Fate.PRINTED:
        raise Refused(
            "printed", _("This batch was marked as printed. Damaged letters can be printed again one by one.")
        )
    _settle(found, Fate.REMAKING, by=by, now=now, content=None, remake_at=now)
    audit.record("letters.failed", subject=found.public_id, by=by, now=now, details=_numbers(found))
    return found


@transaction.atomic
def _remake(batch: UUID, *, now: datetime) -> bool:
    """In one transaction, as every batch; False where somebody else is at it, or has done it."""
    _may_sit_idle()
    found = _due_to_remake(now).filter(public_id=batch).select_for_update(skip_locked=True, no_key=True).first()
    if found is None:
        return False
    held = list(found.messages.filter(state=State.SENDING).order_by("pk").select_for_update(no_key=True))
    new = _set(found.lane, held, now=now, again_of=found)
    found.state, found.remake_at = Fate.FAILED, None
    found.save(update_fields=["state", "remake_at"])
    if new is not None:
        details = {**_numbers(new), "again_of": str(found.public_id)}
        audit.record("letters.made", subject=new.public_id, by=None, now=now, details=details)
    return True


@transaction.atomic
def again(*, batch: UUID, case_number: str, subject: UUID | None, by: User, now: datetime) -> PrintBatch | None:
    """One person's letter of a batch is damaged: it is composed anew, in a batch of its own; None when it is no longer
    true. `subject` is the person for the trail. Refused where no letter of hers lies in the batch (any more).
    """
    _may_sit_idle()
    found = _locked(batch)
    hers = found.messages.filter(recipient=case_number, state__in=[State.SENDING, State.SENT])
    held = list(hers.order_by("pk").select_for_update(no_key=True))
    if not held:
        raise Refused(
            "nobody", _("No letter of this case number lies in this batch, or it has been printed again already.")
        )
    new = _set(found.lane, held, now=now)
    details = {"batch": str(found.public_id), "again": str(new.public_id) if new else ""}
    audit.record("letter.printed_again", subject=subject, by=by, now=now, details=details)
    return new


@transaction.atomic
def returned(*, case_number: str, reason: str, subject: UUID | None, by: User, now: datetime) -> Message:
    """Her newest letter came back from the post: it has not reached her. Twice is harmless; Refused where none left."""
    hers = Message.objects.filter(medium=Message.Medium.LETTER, recipient=case_number, batch__isnull=False)
    gone = hers.filter(Q(state=State.SENT) | Q(state=State.BOUNCED)).order_by("-batch__made_at", "-pk")
    letter = gone.select_for_update(of=("self",), no_key=True).first()
    if letter is None:
        raise Refused("none", _("No letter with this case number has gone to the post."))
    if letter.state == State.BOUNCED:
        return letter
    letter.state, letter.sent_at, letter.last_reply = State.BOUNCED, None, reason
    letter.save(update_fields=["state", "sent_at", "last_reply"])
    audit.record("letter.returned", subject=subject, by=by, now=now, details={"template": letter.template})
    return letter


@transaction.atomic
def read(*, batch: UUID, by: User, now: datetime) -> PrintBatch:
    """The batch with its PDF, and the trail of who took it; Refused once the PDF was deleted."""
    found = PrintBatch.objects.get(public_id=batch)
    if found.content is None:
        raise Refused("deleted", _("The letters of this batch are kept no longer."))
    audit.record("letters.read", subject=found.public_id, by=by, now=now, details=_numbers(found))
    return found


def forget(*, now: datetime) -> int:
    """Delete the PDFs of batches that were printed long enough ago: they hold addresses. How many."""
    old = PrintBatch.objects.filter(state=Fate.PRINTED, settled_at__lte=now - KEPT, content__isnull=False)
    return old.update(content=None)


# --- What there is -----------------------------------------------------------------------------


def waiting() -> list[Pile]:
    """By district, what lies in no batch yet."""
    piles = Message.objects.filter(lane__in=leases.letter_lanes(), state__in=WAITING, medium=Message.Medium.LETTER)
    found = piles.values("lane").annotate(letters=Count("pk"), since=Min("created_at")).order_by("lane")
    return [Pile(row["lane"], row["letters"], row["since"]) for row in found]


def unprinted() -> list[Pile]:
    """By district, what lies in a batch that nobody has printed yet."""
    to_print = PrintBatch.objects.filter(state__in=[Fate.MADE, Fate.REMAKING])
    piles = Message.objects.filter(batch__in=to_print.order_by().values("pk"), state=State.SENDING)
    found = piles.values("lane").annotate(letters=Count("pk"), since=Min("created_at")).order_by("lane")
    return [Pile(row["lane"], row["letters"], row["since"]) for row in found]


def batches(*, now: datetime) -> QuerySet[PrintBatch]:
    """Those to be printed, and those of the last days; newest day first. Without their PDFs: `has_pdf`."""
    recent = Q(day__gte=timezone.localtime(now).date() - KEPT) | Q(state__in=[Fate.MADE, Fate.REMAKING])
    found = PrintBatch.objects.filter(recent).defer("content").select_related("settled_by")
    return found.annotate(has_pdf=Q(content__isnull=False)).order_by("-day", "lane", "made_at", "pk")


def _locked(batch: UUID) -> PrintBatch:
    return PrintBatch.objects.defer("content").select_for_update(no_key=True).get(public_id=batch)


def _settle(batch: PrintBatch, state: str, *, by: User, now: datetime, **values: object) -> None:
    values |= {"state": state, "settled_at": now, "settled_by": by}
    for name, value in values.items():
        setattr(batch, name, value)
    batch.save(update_fields=list(values))


def _numbers(batch: PrintBatch) -> dict[str, object]:
    """Details of an event about a batch: nothing about a person."""
    return {"lane": batch.lane, "letters": batch.letters}
