"""The grid of a session: its start times, whose place each is, and what that comes to. Pure.

Times are local ones of the center; `instants` turns them into moments of a day, also on the two days on which the
clocks change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from fractions import Fraction
from math import gcd
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext

from accounts.refusals import Refused
from centers.supply import ledger
from centers.supply.ledger import Vials

ZONE = ZoneInfo("Europe/Berlin")
MOST_LINES = 60  # more than the largest center of 2021 had
MOST_MINUTES = 240
MOST_SLOTS = 20_000  # somebody waits while they are made: some seconds


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when, how long one vaccination takes, and the break that is left out."""

    starts: time
    ends: time
    minutes: int
    break_starts: time | None = None
    break_ends: time | None = None


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a plan comes to. Vials are opened day by day: what is left of one does not keep until the next."""

    times: int
    lines: int
    days: int
    doses_per_vial: int

    @property
    def per_day(self) -> int:
        return self.times * self.lines

    @property
    def total(self) -> int:
        return self.per_day * self.days

    @property
    def vials(self) -> Vials:
        """Of each day, with the doses of the last vial for which there is no place."""
        return ledger.vials(self.per_day, self.doses_per_vial)


def start_times(hours: Hours) -> tuple[time, ...]:
    """Every local start time in order; Refused when the hours do not make a grid."""
    _in_order(hours)
    shortest = gcd(*(end - start for start, end in _stretches(hours)))
    if not 1 <= hours.minutes <= MOST_MINUTES or shortest % hours.minutes:
        raise Refused("minutes", _would_fit(hours.minutes, shortest))
    return tuple(
        time(*divmod(minute, 60)) for start, end in _stretches(hours) for minute in range(start, end, hours.minutes)
    )


def instants(hours: Hours, day: date) -> tuple[datetime, ...]:
    """The start times of that day as moments; Refused for times which the change of the clocks skips or repeats."""
    return tuple(moment(day, one) for one in start_times(hours))


def check_lines(lines: int) -> None:
    """Refused when no center has so many lines."""
    if lines < 1:
        raise Refused("lines", gettext("A session needs at least 1 line."))
    if lines > MOST_LINES:
        words = gettext("%(lines)s lines are more than any center has. At most %(most)s can be entered.")
        raise Refused("lines", words % {"lines": lines, "most": MOST_LINES})


def distribute(times: int, lines: int, shares: Sequence[int]) -> list[tuple[int, ...]]:
    """For each start time how many places each share has: rows add up to `lines`, columns to the shares.

    All places of the day lie in one row; each share's are spread over it evenly, and every `lines` of them make a
    start time. The same input gives the same grid. The shares must add up to times x lines (Refused).
    """
    check_sum(times * lines, shares)
    places = sorted(
        (Fraction(2 * number + 1, 2 * places), share) for share, places in enumerate(shares) for number in range(places)
    )
    grid = [[0] * len(shares) for _time in range(times)]
    for position, (_where, share) in enumerate(places):
        grid[position // lines][share] += 1
    return [tuple(row) for row in grid]


def check_sum(total: int, shares: Sequence[int]) -> None:
    """Refused when shares do not give away exactly `total` places."""
    rest = total - sum(shares)
    if any(share < 0 for share in shares):
        raise Refused("shares", gettext("A share cannot be less than 0 places."))
    if rest > 0:
        words = ngettext("%(rest)s place of %(total)s is not given to anybody yet.",
                         "%(rest)s places of %(total)s are not given to anybody yet.", rest)  # fmt: skip
        raise Refused("shares", words % {"rest": rest, "total": total})
    if rest < 0:
        words = ngettext("The shares have %(rest)s place too many: there are %(total)s.",
                         "The shares have %(rest)s places too many: there are %(total)s.", -rest)  # fmt: skip
        raise Refused("shares", words % {"rest": -rest, "total": total})


def by_weight(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """`total` places in proportion to the weights (percent, say), by largest remainder; earlier shares win a draw."""
    whole = sum(weights)
    if whole == 0:
        return (0,) * len(weights)
    given = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-(total * weights[index] % whole), index))
    for index in order[: total - sum(given)]:
        given[index] += 1
    return tuple(given)


def _minute(value: time) -> int:
    return value.hour * 60 + value.minute


def _stretches(hours: Hours) -> list[tuple[int, int]]:
    """From-until in minutes of the day: before and after the break."""
    start, end = _minute(hours.starts), _minute(hours.ends)
    if hours.break_starts is None or hours.break_ends is None:
        return [(start, end)]
    return [(start, _minute(hours.break_starts)), (_minute(hours.break_ends), end)]


def _in_order(hours: Hours) -> None:
    if hours.ends <= hours.starts:
        words = gettext(
            "The session would end (%(end)s) before it starts (%(start)s). Please swap or correct the times."
        )
        raise Refused("ends", words % {"start": _clock(hours.starts), "end": _clock(hours.ends)})
    if (hours.break_starts is None) != (hours.break_ends is None):
        raise Refused("break_ends", gettext("Please give both ends of the break, or none."))
    if hours.break_starts is None or hours.break_ends is None:
        return
    if hours.break_ends <= hours.break_starts:
        raise Refused("break_ends", gettext("The break ends before it starts. Please swap or correct the times."))
    if not hours.starts < hours.break_starts or not hours.break_ends < hours.ends:
        words = gettext("The break must lie between %(start)s and %(end)s, not at the edge.")
        raise Refused("break_starts", words % {"start": _clock(hours.starts), "end": _clock(hours.ends)})


def _would_fit(minutes: int, stretch: int) -> str:
    """The two nearest numbers of minutes that fill the time without a rest."""
    fitting = [one for one in range(1, min(stretch, MOST_MINUTES) + 1) if stretch % one == 0]
    below = max((one for one in fitting if one < minutes), default=None)
    above = min((one for one in fitting if one > minutes), default=None)
    near = gettext(" or ").join(str(one) for one in (below, above) if one)
    words = gettext("%(minutes)s minutes do not fill the time without a rest. These would: %(near)s minutes.")
    return words % {"minutes": minutes, "near": near}


def moment(day: date, at: time) -> datetime:
    """A local time of a day as a moment; Refused for times which the change of the clocks skips or repeats."""
    local = datetime.combine(day, at, tzinfo=ZONE)
    found = local.astimezone(UTC)
    if found.astimezone(ZONE).replace(tzinfo=None) != local.replace(tzinfo=None):
        words = gettext(
            "In the night of %(day)s the clocks are put forward: %(time)s does not exist. Choose other times."
        )
        raise Refused("clocks", words % {"day": f"{day:%d.%m.%Y}", "time": _clock(at)})
    if local.replace(fold=1).utcoffset() != local.utcoffset():
        words = gettext("In the night of %(day)s the clocks are put back: %(time)s comes twice. Choose other times.")
        raise Refused("clocks", words % {"day": f"{day:%d.%m.%Y}", "time": _clock(at)})
    return found


def _clock(value: time) -> str:
    return f"{value:%H:%M}"
