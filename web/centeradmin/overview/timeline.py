"""The day as a picture: lines down, time across, a box for each place. Pure; the template only writes it down.

Coordinates are those of the viewBox, as strings, so that no language puts a comma into them.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import count

from django.utils.translation import gettext as _

from booking import clock
from booking.day_overview import Block, Day, Start

WIDTH, LEFT, TOP, ROW, BOX, RIGHT = 836, 112, 34, 44, 32, 10
LEGEND_ROW, LETTER = 24, 7.2  # height of a line of the legend, and about the width of one letter
HOUR = timedelta(hours=1)
FILLS = ("full", "full-b", "full-c", "full-d")
EXTRA = 1000  # places beyond the lines of a block stand under its last line


@dataclass(frozen=True, slots=True)
class Box:
    kind: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Text:
    kind: str
    x: str
    y: str
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry of the legend; a line instead of a box for `now`."""

    kind: str
    x: str
    y: str
    line_y: str
    line_end: str
    text: Text


@dataclass(slots=True)
class Chart:
    """What the template draws, in this order."""

    width: int = WIDTH
    height: int = 0
    bottom: str = ""
    hours: list[Text] = field(default_factory=list)
    labels: list[Text] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    rests: list[Box] = field(default_factory=list)
    rest_labels: list[Text] = field(default_factory=list)
    legend: list[Mark] = field(default_factory=list)
    now_x: str = ""
    now_y: str = ""


_Key = tuple[int, int]  # line, and which of several rows of that line


def chart(day: Day, *, now: datetime) -> Chart | None:
    """None when nothing starts on the day."""
    if not any(block.times for block in day.blocks):
        return None
    axis = _Axis(day)
    rows = _Rows(day.blocks)
    fills = dict(zip(sorted({block.vaccine for block in day.blocks}), FILLS * 9, strict=False))
    drawn = Chart()
    drawn.hours = [Text("mute mid", axis.x(at), "24", _hour(at)) for at in axis.hours()]
    for number, (key, blocks) in enumerate(rows.listed()):
        drawn.labels += _labels(key, blocks, TOP + number * ROW)
    for block in day.blocks:
        _draw(drawn, block, fills[block.vaccine], rows, axis)
    bottom = TOP + len(rows.listed()) * ROW + 4
    drawn.bottom = str(bottom)
    if axis.first <= now <= axis.last:
        drawn.now_x, drawn.now_y = axis.x(now), "28"
    drawn.height = _legend(drawn, day, fills, bottom, now)
    return drawn


class _Axis:
    """From the full hour before the first start to the full hour after the last end."""

    def __init__(self, day: Day) -> None:
        moments = [_moment(day, at) for block in day.blocks for at in (block.starts, block.ends)]
        for block in day.blocks:
            moments += [start.at for start in block.times]
            moments += [start.at + timedelta(minutes=block.minutes) for start in block.times[-1:]]
        self.first = _full_hour(min(moments))
        self.last = _full_hour(max(moments) + HOUR - timedelta(seconds=1))

    def at(self, moment: datetime) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * ((moment - self.first) / (self.last - self.first))

    def x(self, moment: datetime) -> str:
        return f"{self.at(moment):.1f}"

    def hours(self) -> list[datetime]:
        return [self.first + number * HOUR for number in range((self.last - self.first) // HOUR + 1)]


class _Rows:
    """Which rows each block has. Blocks that would lie over each other get rows of their own for the same lines."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._taken: dict[_Key, list[Block]] = defaultdict(list)
        self._of: dict[str, list[_Key]] = {}
        for block in blocks:
            keys = self._place(block)
            self._of[block.letter] = keys
            for key in keys:
                self._taken[key].append(block)

    def of(self, block: Block) -> list[int]:
        """The numbers of its rows on the page."""
        order = {key: number for number, (key, _blocks) in enumerate(self.listed())}
        return [order[key] for key in self._of[block.letter]]

    def listed(self) -> list[tuple[_Key, list[Block]]]:
        return sorted(self._taken.items())

    def _place(self, block: Block) -> list[_Key]:
        lines = range(block.first_line, block.last_line + 1)
        copy = next(n for n in count() if all(self._room(block, (line, n)) for line in lines))
        extra = max([_boxes(start) - block.lines for start in block.times], default=0)
        beyond = (n for n in count(EXTRA) if self._room(block, (block.last_line, n)))
        return [(line, copy) for line in lines] + [(block.last_line, next(beyond)) for _place in range(extra)]

    def _room(self, block: Block, key: _Key) -> bool:
        from_, until = _reach(block)
        return all(not (from_ < _reach(one)[1] and _reach(one)[0] < until) for one in self._taken.get(key, ()))


def _reach(block: Block) -> tuple[time, time]:
    """From when to when it needs its rows: who was kept may stand at a time at which it no longer opens."""
    starts = [start.at.astimezone(clock.ZONE) for start in block.times]
    ends = [at + timedelta(minutes=block.minutes) for at in starts[-1:]]
    return min([block.starts, *(at.time() for at in starts)]), max([block.ends, *(at.time() for at in ends)])


def _draw(drawn: Chart, block: Block, fill: str, rows: _Rows, axis: _Axis) -> None:
    numbers = rows.of(block)
    for start in block.times:
        width = axis.at(start.at + timedelta(minutes=block.minutes)) - axis.at(start.at) - 2
        for kind, number in zip(_kinds(start, fill), numbers, strict=False):
            top = str(TOP + number * ROW + 5)
            drawn.boxes.append(Box(kind, f"{axis.at(start.at) + 1:.1f}", top, f"{max(width, 1.5):.1f}", str(BOX)))
    if block.rest and block.times:
        _rest(drawn, block, block.rest, numbers[: block.lines], axis)


def _rest(drawn: Chart, block: Block, rest: tuple[time, time], numbers: list[int], axis: _Axis) -> None:
    day = clock.local_day(block.times[0].at)
    left, right = (axis.at(datetime.combine(day, at, tzinfo=clock.ZONE)) for at in rest)
    top, bottom = TOP + min(numbers) * ROW, TOP + (max(numbers) + 1) * ROW
    drawn.rests.append(Box("rest", f"{left:.1f}", str(top), f"{right - left:.1f}", str(bottom - top)))
    if right - left > LETTER * len(_("Break")) - 4:
        middle = f"{(left + right) / 2:.1f}"
        drawn.rest_labels.append(Text("mute mid", middle, str((top + bottom) // 2 + 4), _("Break")))


def _kinds(start: Start, fill: str) -> list[str]:
    """A box for each place, top down: taken, free, suspended, and those who have none."""
    tally = start.tally
    return [fill] * tally.booked + ["open"] * tally.free + ["gap"] * tally.suspended + ["kept"] * tally.kept


def _boxes(start: Start) -> int:
    return start.tally.all_places + start.tally.suspended


def _labels(key: _Key, blocks: list[Block], top: int) -> list[Text]:
    line, copy = key
    letters = ", ".join(dict.fromkeys(block.letter for block in blocks))
    vaccines = sorted({block.vaccine for block in blocks})
    name = _("Line %(number)d") % {"number": line} if copy < EXTRA else _("no line")
    below = f"{vaccines[0]} {letters}" if len(vaccines) == 1 else letters
    return [Text("bold", "0", str(top + 18), name), Text("mute", "0", str(top + 34), _short(below))]


def _short(text: str, longest: int = 16) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _legend(drawn: Chart, day: Day, fills: dict[str, str], bottom: int, now: datetime) -> int:
    """Adds the marks, in as many lines as they need; the height of the whole picture."""
    words = [(fill, _("%(vaccine)s, booked") % {"vaccine": vaccine}) for vaccine, fill in fills.items()]
    words.append(("open", _("free")))
    tally = day.tally
    words += [("gap", _("suspended"))] if tally.suspended else []
    words += [("kept", _("kept without a place"))] if tally.kept else []
    if drawn.now_x:
        words.append(("now", _("now, %(time)s") % {"time": f"{now.astimezone(clock.ZONE):%H:%M}"}))
    x, y = 0.0, bottom + 12
    for kind, text in words:
        wide = 40 + LETTER * len(text)
        if x and x + wide > WIDTH:
            x, y = 0.0, y + LEGEND_ROW
        label = Text("", f"{x + 20:.0f}", str(y + 12), text)
        drawn.legend.append(Mark(kind, f"{x + 1:.0f}", str(y), str(y + 7), f"{x + 15:.0f}", label))
        x += wide
    return y + LEGEND_ROW


def _full_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _moment(day: Day, at: time) -> datetime:
    """In UTC, so that hours on the axis are hours of the clock on the wall, in the night of the change too."""
    return datetime.combine(day.day, at, tzinfo=clock.ZONE).astimezone(UTC)


def _hour(at: datetime) -> str:
    return f"{at.astimezone(clock.ZONE):%H}"
