"""The page of the print queue: what waits, what is to be printed, what was."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking import clock
from centers.models import District
from notifications import outbox, posting, printing
from notifications.models import PrintBatch
from web.access import TABLE, may, user_of
from web.callcenter.letters.forms import AgainForm, PrintedForm, ReturnedForm

OPEN = {PrintBatch.State.MADE, PrintBatch.State.REMAKING}  # somebody has to print it, now or in a moment
SAID = "letters_said"  # what the last deed came to, shown once


@dataclass(frozen=True)
class Row:
    """One batch; its forms only where they may be used."""

    batch: PrintBatch
    place: str
    who: str
    printed: PrintedForm | None
    again: AgainForm | None


@dataclass(frozen=True)
class Typed:
    """A form that was sent and is shown again, and the batch it belongs to (None: that of a letter that came back)."""

    form: PrintedForm | AgainForm | ReturnedForm
    batch: UUID | None = None


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """The page as it is now."""
    return shown(request, now=timezone.now())


def shown(request: HttpRequest, typed: Typed | None = None, *, now: datetime, status: int = 200) -> HttpResponse:
    """The page, with what was typed where something was wrong."""
    batches, piles = list(printing.batches(now=now)), printing.waiting()
    names = places([*(one.lane for one in batches), *(one.lane for one in piles)])
    rows = [_row(one, names, typed, posting.post_day(clock.local_day(now))) for one in batches]
    returned = typed.form if typed is not None and typed.batch is None else ReturnedForm()
    context = {
        "promise": posting.promise(now),
        "piles": [(names[one.lane], one) for one in piles],
        "waiting": sum(one.letters for one in piles),
        "to_print": [row for row in rows if row.batch.state in OPEN],
        "done": [row for row in rows if row.batch.state not in OPEN],
        "returned": returned,
        "may_make": may(user_of(request), TABLE["callcenter:letters_make"]),
        "said": request.session.pop(SAID, "") if typed is None else "",
        "wrong": typed.form if typed is not None else None,
        "most": printing.MOST,
        "kept_days": printing.KEPT.days,
    }
    return render(request, "callcenter/letters/letters.html", context, status=status)


def places(lanes: Iterable[str]) -> Mapping[str, str]:
    """The district of each lane in words."""
    codes = {lane: lane.removeprefix(outbox.LETTERS) for lane in lanes}
    names = District.objects.filter(ags__in=set(codes.values())).in_bulk()
    return {lane: names[code].name if code in names else _("without a district") for lane, code in codes.items()}


def _row(batch: PrintBatch, names: Mapping[str, str], typed: Typed | None, proposed: date) -> Row:
    sent = typed.form if typed is not None and typed.batch == batch.public_id else None
    printed: Any = sent if isinstance(sent, PrintedForm) else PrintedForm(batch=batch.public_id, proposed=proposed)
    again: Any = sent if isinstance(sent, AgainForm) else AgainForm(batch=batch.public_id)
    who = batch.settled_by.display_name if batch.settled_by is not None else ""
    made = batch.state == PrintBatch.State.MADE
    there = made or batch.state == PrintBatch.State.PRINTED
    return Row(batch, names[batch.lane], who, printed if made else None, again if there else None)
