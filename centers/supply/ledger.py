"""The stock of one vaccine at one center, day by day. Pure: `stock.py` reads what goes in.

What counts
- A delivery counts from its day on when it is received, or confirmed and not overdue. An expected one, and a confirmed
  one that has not come on its day, are shown and do not count.
- A booked place is a dose used on its day, whoever came. A place of a published session that is still free may be
  booked at any minute, so it counts like a booked one (`planned`) until its day is over; then it is void.
- Second doses: of every delivery that counts, `percent` of the doses (rounded up) are held back from its day on, and
  become free when the second doses of its first ones fall due: the shortest interval of that day later. From then on
  they cover places like any others. A second dose that is booked already is a booked place of its own day, and no plan
  may push a later day below zero; so what second doses need is kept even where the rule keeps nothing back.
- Waste is gone on its day.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

ONE_DAY = timedelta(days=1)


class Kind(StrEnum):
    """What moves doses; the first three are the states of a delivery."""

    RECEIVED = "received"
    CONFIRMED = "confirmed"
    EXPECTED = "expected"
    BOOKED = "booked"
    PLANNED = "planned"
    WASTED = "wasted"
    HELD = "held"
    FREED = "freed"


COMES = (Kind.RECEIVED, Kind.CONFIRMED)
GOES = (Kind.BOOKED, Kind.PLANNED, Kind.WASTED)


@dataclass(frozen=True, slots=True)
class Entry:
    """So many doses (never below 0) on a day."""

    on: date
    kind: Kind
    doses: int


@dataclass(frozen=True, slots=True)
class Holding:
    """How much of a delivery is kept for second doses, and for how long; without days nothing is kept."""

    percent: int = 0
    days: int | None = None

    def of(self, doses: int) -> int:
        """Doses held back, rounded up: half a dose helps nobody."""
        return -(-doses * self.percent // 100) if self.days else 0


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on `on`, and in the evening: `reserved` doses are held back, `left` are still to be given away.

    `left` below zero means that so many people would stand before an empty refrigerator.
    """

    on: date
    received: int
    confirmed: int
    expected: int
    booked: int
    reserved: int
    wasted: int
    planned: int
    left: int

    @property
    def coming(self) -> int:
        return self.received + self.confirmed

    @property
    def places(self) -> int:
        return self.booked + self.planned

    @property
    def is_quiet(self) -> bool:
        """Nothing moved on this day."""
        return not (self.coming or self.expected or self.places or self.wasted)


@dataclass(frozen=True, slots=True)
class Gap:
    """Days in a row on which doses are missing, both included; `missing` is the worst of them."""

    first: date
    last: date
    missing: int


@dataclass(frozen=True, slots=True)
class Vials:
    """`full` vials have to be opened; `left_over` doses stay in the last one."""

    full: int
    left_over: int


def delivered(doses: int, *, due_on: date, state: str, holding: Holding, on: date) -> list[Entry]:
    """The entries of one delivery as seen on the day `on`; a cancelled one has none."""
    if state == Kind.CONFIRMED and due_on < on:
        state = Kind.EXPECTED
    if state not in (*COMES, Kind.EXPECTED):
        return []
    entries = [Entry(due_on, Kind(state), doses)]
    held = holding.of(doses) if state in COMES else 0
    if held and holding.days:
        entries.append(Entry(due_on, Kind.HELD, held))
        entries.append(Entry(due_on + timedelta(days=holding.days), Kind.FREED, held))
    return entries


def days(entries: Iterable[Entry], *, since: date | None = None, until: date | None = None) -> list[Day]:
    """Every day from `since` to `until`, both included and none left out; without them all that is known.

    What happened before `since` is in the stock with which it begins. Without an entry there is no day.
    """
    found = list(entries)
    if not found:
        return []
    flows = _flows(found)
    first, last = min(flows), max(flows)
    start, end = (first if since is None else since), (last if until is None else until)
    stock = reserved = 0
    result = []
    day = min(first, start)
    while day <= end:
        flow = flows[day]
        reserved += flow[Kind.HELD] - flow[Kind.FREED]
        stock += sum(flow[kind] for kind in COMES) - sum(flow[kind] for kind in GOES)
        if day >= start:
            result.append(_day(day, flow, reserved, stock))
        day += ONE_DAY
    return result


def gaps(ledger: Iterable[Day]) -> list[Gap]:
    """The runs of days on which doses are missing, in order."""
    found = []
    for short, run in groupby(ledger, key=lambda day: day.left < 0):
        if short:
            row = list(run)
            found.append(Gap(row[0].on, row[-1].on, -min(day.left for day in row)))
    return found


def vials(places: int, doses_per_vial: int) -> Vials:
    """48 places are 8 vials of 6 doses and nothing left over; or 5 vials of 10, with 2 doses left over."""
    full = -(-places // doses_per_vial)
    return Vials(full, full * doses_per_vial - places)


def _flows(entries: Iterable[Entry]) -> dict[date, dict[Kind, int]]:
    flows: dict[date, dict[Kind, int]] = defaultdict(lambda: dict.fromkeys(Kind, 0))
    for entry in entries:
        flows[entry.on][entry.kind] += entry.doses
    return flows


def _day(on: date, flow: dict[Kind, int], reserved: int, stock: int) -> Day:
    return Day(
        on=on,
        received=flow[Kind.RECEIVED],
        confirmed=flow[Kind.CONFIRMED],
        expected=flow[Kind.EXPECTED],
        booked=flow[Kind.BOOKED],
        reserved=reserved,
        wasted=flow[Kind.WASTED],
        planned=flow[Kind.PLANNED],
        left=stock - reserved,
    )
