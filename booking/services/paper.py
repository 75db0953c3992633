"""Paper for the door: the pack made in advance, and the trail of every list that leaves the house."""

import logging
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override

from accounts import audit
from accounts.models import User
from accounts.refusals import Refused
from booking import clock, typesetting
from booking.door import day_list, paper, paper_pdf
from booking.door.day_list import Row
from booking.models import PaperPack
from centers.models import Center

logger = logging.getLogger(__name__)

AT_ONCE = 20  # packs of one run; the next run comes in a minute


def make(*, center: Center, day: date, by: User | None, now: datetime) -> PaperPack:
    """The pack of that day as of now. The clock (`by=None`) keeps an old one that would say the same.

    Two at once are harmless: the later moment stays.
    """
    with override(settings.LANGUAGE_CODE):
        rows = day_list.rows(center.pk, day)
        content = paper_pdf.context(center, day, rows)
        mark = paper_pdf.fingerprint(content)
        if by is None and _still_good(center, day, mark, now):
            return PaperPack.objects.get(center=center, day=day)
        pdf = typesetting.pdf(paper_pdf.NAME, paper_pdf.with_moment(content, now=now), now=now)
    values = {"made_at": now, "checked_at": now, "fingerprint": mark, "appointments": len(rows), "content": pdf}
    return _kept(center, day, values, by=by, now=now)


def make_due(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Make or check what is due, and delete what is over; how many packs were looked at.

    One that fails is logged and does not stop the others.
    """
    sweep(now=now)
    todo = paper.due(now=now)[:limit]
    for center, day in todo:
        try:
            make(center=center, day=day, by=None, now=now)
        except Exception:
            logger.exception("paper pack of center %s for %s failed", center.pk, day)
    return len(todo)


def sweep(*, now: datetime) -> int:
    """Delete the packs of days that are over: they hold names, and the paper is needed no more. How many."""
    return PaperPack.objects.filter(day__lt=clock.local_day(now)).delete()[0]


@transaction.atomic
def read(*, center: Center, day: date, by: User, now: datetime) -> PaperPack:
    """The newest pack with its PDF, and the trail of who took it; Refused when there is none yet."""
    pack = PaperPack.objects.filter(center=center, day=day).first()
    if pack is None:
        raise Refused("no_pack", gettext("There is no paper pack for this day yet. Please make one."))
    trail = _trail(center, day, pack.appointments, made_at=pack.made_at.isoformat())
    audit.record("paper_pack.read", by=by, now=now, **trail)
    return pack


@transaction.atomic
def printed(*, center: Center, day: date, by: User, now: datetime) -> list[Row]:
    """The rows of the print view, and the trail of who saw them."""
    rows = day_list.rows(center.pk, day)
    audit.record("day_list.printed", by=by, now=now, **_trail(center, day, len(rows)))
    return rows


@transaction.atomic
def exported(*, center: Center, day: date, reason: str, by: User, now: datetime) -> list[Row]:
    """The rows of the file, and the trail of who took them away and why."""
    rows = day_list.rows(center.pk, day)
    audit.record("day_list.exported", by=by, now=now, reason=reason, **_trail(center, day, len(rows)))
    return rows


def _still_good(center: Center, day: date, mark: str, now: datetime) -> bool:
    """True when the pack there says the same; then it counts as checked at `now`."""
    same = PaperPack.objects.filter(center=center, day=day, fingerprint=mark, checked_at__lte=now)
    return same.update(checked_at=now) > 0


@transaction.atomic
def _kept(center: Center, day: date, values: dict[str, Any], *, by: User | None, now: datetime) -> PaperPack:
    pack, is_new = PaperPack.objects.select_for_update(no_key=True).get_or_create(
        center=center, day=day, defaults=values
    )
    if not is_new and pack.made_at <= now:
        for name, value in values.items():
            setattr(pack, name, value)
        pack.save(update_fields=list(values))
    if by is not None:
        audit.record("paper_pack.made", by=by, now=now, **_trail(center, day, pack.appointments))
    return pack


def _trail(center: Center, day: date, rows: int, **more: object) -> dict[str, Any]:
    """Subject and details of an event about a day: numbers only, nothing about a person."""
    return {"subject": center.public_id, "details": {"day": day.isoformat(), "rows": rows, **more}}
