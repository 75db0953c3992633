"""One day of a center: its sessions, their start times, and the hours. Few queries, whatever the number of sessions.

A session on the screen is a block: one opening, shared by several contingents (centers.Session.block).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count

from booking.overview import NOTHING, STATE, Draft, Tally, counted, kept_at, total
from centers.models import Center, Session, Slot
from centers.supply.ledger import Vials, vials

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a block that one contingent has: a row of centers.Session."""

    public_id: UUID
    contingent: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Start:
    """One start time of a block."""

    at: datetime
    tally: Tally


@dataclass(frozen=True, slots=True)
class Block:
    """One opening: `letter` names it on the pages of this day; `state` is that of its most open share."""

    block: UUID
    letter: str
    state: str
    starts: time
    ends: time
    rest: tuple[time, time] | None
    minutes: int
    vaccine: str
    doses_per_vial: int
    first_line: int
    lines: int
    shares: tuple[Share, ...]
    times: tuple[Start, ...]

    @property
    def tally(self) -> Tally:
        return total(share.tally for share in self.shares)

    @property
    def last_line(self) -> int:
        return self.first_line + self.lines - 1

    @property
    def suspended(self) -> bool:
        return self.state == STATE.SUSPENDED or self.tally.suspended > 0

    @property
    def closed(self) -> bool:
        return self.state == STATE.CLOSED


@dataclass(frozen=True, slots=True)
class Hour:
    """All start times from `at` until an hour later."""

    at: datetime
    tally: Tally


@dataclass(frozen=True, slots=True)
class Need:
    """How many vials of one vaccine the day needs, at most."""

    vaccine: str
    places: int
    kept: int
    per_vial: int
    vials: Vials


@dataclass(frozen=True, slots=True)
class Day:
    """Everything about one day. `closed` are the blocks that nobody is left in, `drafts` the ones nobody can book."""

    day: date
    blocks: tuple[Block, ...]
    closed: tuple[Block, ...]
    drafts: tuple[Draft, ...]
    ids: tuple[UUID, ...]
    """Of all blocks of the day, drafts and closed ones too: the trail names them."""

    @property
    def tally(self) -> Tally:
        return total(block.tally for block in self.blocks)

    def hours(self) -> list[Hour]:
        """The hours in which something starts; together they are the whole day."""
        sums: dict[datetime, Tally] = defaultdict(Tally)
        for block in self.blocks:
            for start in block.times:
                sums[start.at.replace(minute=0, second=0, microsecond=0)] += start.tally
        return [Hour(at, sums[at]) for at in sorted(sums)]

    def vaccine_needs(self) -> list[Need]:
        """For all who may come, by vaccine: those who are kept need a dose too."""
        sums: dict[tuple[str, int], Tally] = defaultdict(Tally)
        for block in self.blocks:
            sums[block.vaccine, block.doses_per_vial] += block.tally
        return [
            Need(name, tally.places, tally.kept, size, vials(tally.all_places, size))
            for (name, size), tally in sorted(sums.items())
            if tally.all_places
        ]


COLUMNS = (
    "pk", "public_id", "block", "state", "starts", "ends", "break_starts", "break_ends", "slot_minutes", "lines",
    "first_line", "publish_at", "date", "vaccine__name", "vaccine__doses_per_vial", "contingent__name",
)  # fmt: skip


def of_day(center: Center, day: date) -> Day:
    """Three queries."""
    of_center = Session.objects.filter(center=center, date=day)
    rows = list(of_center.order_by("starts", "first_line", "pk").values(*COLUMNS))
    kept = _kept(center, day)
    starts = _starts([row["pk"] for row in rows if row["state"] != STATE.DRAFT], kept)
    shared: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        shared[row["block"]].append(row)
    drafts = [_draft(part[0]) for part in shared.values() if _state(part) == STATE.DRAFT]
    blocks = [_block(part, starts) for part in shared.values() if _state(part) != STATE.DRAFT]
    standing = [block for block in blocks if not (block.closed and block.tally.expected == 0)]
    return Day(
        day=day,
        blocks=tuple(_lettered(standing)),
        closed=tuple(block for block in blocks if block not in standing),
        drafts=tuple(drafts),
        ids=tuple(shared),
    )


# session pk -> start time -> numbers
_Starts = dict[int, dict[datetime, Tally]]


def _kept(center: Center, day: date) -> dict[int, int]:
    """How many are kept at which slot."""
    counted = kept_at(center, day, day).order_by().values("slot_id").annotate(number=Count("pk"))
    return dict(counted.values_list("slot_id", "number"))


def _starts(sessions: Sequence[int], kept: dict[int, int]) -> _Starts:
    found: _Starts = defaultdict(dict)
    rows = (
        Slot.objects.filter(session__in=sessions)
        .order_by("starts_at", "pk")
        .values_list("pk", "session_id", "session__state", "starts_at", "capacity", "booked", "suspended")
    )
    for pk, session, state, at, capacity, booked, suspended in rows:
        stands = state == STATE.PUBLISHED and not suspended
        tally = counted(state, whole=capacity, standing=capacity if stands else booked, taken=booked)
        tally += Tally(kept=kept.get(pk, 0))
        if tally != NOTHING:
            found[session][at] = tally
    return found


def _block(rows: Sequence[dict[str, Any]], starts: _Starts) -> Block:
    first = rows[0]
    times: dict[datetime, Tally] = defaultdict(Tally)
    for row in rows:
        for at, tally in starts[row["pk"]].items():
            times[at] += tally
    rest = (first["break_starts"], first["break_ends"]) if first["break_starts"] else None
    return Block(
        block=first["block"], letter="", state=_state(rows), starts=first["starts"], ends=first["ends"], rest=rest,
        minutes=first["slot_minutes"], vaccine=first["vaccine__name"], doses_per_vial=first["vaccine__doses_per_vial"],
        first_line=first["first_line"], lines=first["lines"],
        shares=tuple(_share(row, starts[row["pk"]].values()) for row in rows),
        times=tuple(Start(at, times[at]) for at in sorted(times)),
    )  # fmt: skip


def _share(row: dict[str, Any], tallies: Iterable[Tally]) -> Share:
    return Share(row["public_id"], row["contingent__name"], total(tallies))


def _state(rows: Iterable[dict[str, Any]]) -> str:
    """That of the most open share: a block is closed when all of it is."""
    states = {row["state"] for row in rows}
    order = (STATE.PUBLISHED, STATE.SUSPENDED, STATE.CLOSED, STATE.DRAFT)
    return next(state for state in order if state in states)


def _draft(row: dict[str, Any]) -> Draft:
    return Draft(row["block"], row["date"], row["starts"], row["ends"], row["vaccine__name"], row["publish_at"])


def _lettered(blocks: Sequence[Block]) -> Iterable[Block]:
    """A, B, C in order of time; after Z comes AA."""
    for number, block in enumerate(blocks):
        rounds, place = divmod(number, len(LETTERS))
        yield replace(block, letter=LETTERS[place] * (rounds + 1))
