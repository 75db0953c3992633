"""The demo's vaccine: every Monday what the published places of that week need, and a cushion for new sessions.

In Riesa one delivery of Vaxzevria is late, and in Dresden one of Comirnaty is not confirmed yet: so the lists have
something to show, and each manager something to do.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import F, Q, Sum

from accounts.models import User
from centers.models import Center, Delivery, Slot, Vaccine
from centers.supply.ledger import Holding
from centers.supply.stock import Holdings

WEEK = timedelta(days=7)
TRAY = 5  # vials that come together
CUSHION = 240  # doses that are always left over, for sessions that are tried out
LATE, LATE_BY = ("riesa", "vaxzevria"), timedelta(days=9)
UNCONFIRMED = ("dresden", "comirnaty")
STRAYS_FROM = timedelta(days=14)  # these two are the first ones so long after the first day of the demo
State = Delivery.State


@dataclass(frozen=True, slots=True)
class Portion:
    """Doses that come on a Monday."""

    on: date
    doses: int


def top_up(*, today: date, by: User, now: datetime) -> int:
    """Deliveries for the sessions that have none yet; how many. What was due by today has come."""
    mine = Delivery.objects.filter(entered_by=by, version=1)
    mine.filter(state=State.CONFIRMED, due_on__lte=today, first_due_on=F("due_on")).update(state=State.RECEIVED)
    holdings, there = Holdings(), _there(by)
    centers, vaccines = Center.objects.in_bulk(), Vaccine.objects.in_bulk()
    added: list[Delivery] = []
    for (center, code), need in sorted(_needs(today).items()):
        portions = plan(
            need,
            there[center, code],
            holding=partial(holdings.on, code),
            tray=TRAY * vaccines[code].doses_per_vial,
        )
        fields = {"center": centers[center], "vaccine": vaccines[code], "entered_by": by, "entered_at": now}
        new = [_delivery(one, today=today, **fields) for one in portions]
        if not there[center, code]:
            _lead_astray((centers[center].slug, code), [one for one in new if one.due_on >= today + STRAYS_FROM])
        added += new
    Delivery.objects.bulk_create(added)
    return len(added)


def plan(
    needs: Mapping[date, int], there: Iterable[Portion], *, holding: Callable[[date], Holding], tray: int
) -> list[Portion]:
    """Portions for the Mondays after the last one that is `there`, such that no day of the ledger ends below zero.

    Each covers its week and what is held back of it, rounded up to whole trays.
    """
    portions = list(there)
    first_free = max((one.on for one in portions), default=date.min)
    weeks: dict[date, int] = defaultdict(int)
    for day, places in needs.items():
        weeks[day - timedelta(days=day.weekday())] += places
    new = []
    used = 0
    for monday, places in sorted(weeks.items()):
        lack = places + CUSHION - (sum(_free(one, monday, holding) for one in portions) - used)
        used += places
        if lack > 0 and monday > first_free:
            kept = holding(monday)
            share = 100 - kept.percent if kept.days else 100
            doses = -(-lack * 100 // share) + 1
            portion = Portion(monday, -(-doses // tray) * tray)
            portions.append(portion)
            new.append(portion)
    return new


def _free(portion: Portion, monday: date, holding: Callable[[date], Holding]) -> int:
    """Doses of a portion that may be used in the week from `monday` on."""
    if portion.on > monday:
        return 0
    kept = holding(portion.on)
    over = kept.days is not None and portion.on + timedelta(days=kept.days) <= monday
    return portion.doses if over else portion.doses - kept.of(portion.doses)


def _needs(today: date) -> dict[tuple[int, str], dict[date, int]]:
    """(center, vaccine) -> places per day: all that can be booked from today on, before it what was."""
    needs: dict[tuple[int, str], dict[date, int]] = defaultdict(dict)
    rows = (
        Slot.objects.values("center_id", "vaccine_id", "session__date")
        .annotate(used=Sum("booked"), open=Sum("capacity", filter=Q(session__date__gte=today)))
        .values_list("center_id", "vaccine_id", "session__date", "used", "open")
    )
    for center, vaccine, day, used, capacity in rows.order_by("center_id", "vaccine_id", "session__date"):
        needs[center, vaccine][day] = capacity if capacity is not None else used
    return needs


def _there(by: User) -> dict[tuple[int, str], list[Portion]]:
    found: dict[tuple[int, str], list[Portion]] = defaultdict(list)
    for row in Delivery.objects.filter(entered_by=by).order_by("due_on", "pk"):
        found[row.center_id, row.vaccine_id].append(Portion(row.first_due_on, row.doses))
    return found


def _delivery(portion: Portion, *, today: date, **fields: Any) -> Delivery:
    state = State.RECEIVED if portion.on <= today else State.CONFIRMED
    return Delivery(doses=portion.doses, due_on=portion.on, first_due_on=portion.on, state=state, **fields)


def _lead_astray(at: tuple[str, str], later: list[Delivery]) -> None:
    """Let the first of these be late, or not confirmed, where the demo wants one like that."""
    if later and at == LATE:
        later[0].due_on += LATE_BY
        later[0].note = "Der Hersteller liefert später."
    if later and at == UNCONFIRMED:
        later[0].state = State.EXPECTED
        later[0].note = "Noch nicht zugesagt."
