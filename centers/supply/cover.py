"""Is there vaccine for these places? The table "Does supply cover this?" of a new session, and the word of refusal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import dateformat
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from accounts.roles import Role
from centers.models import Center, Delivery, Vaccine
from centers.supply import ledger, stock
from centers.supply.ledger import Day, Entry, Kind

REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class WeekLine:
    """One ISO week: there + coming - booked - second_doses - here = left.

    `there` is what was left on Sunday night, less what was lost since; `coming` are deliveries that count and doses no
    longer held back; `booked` are booked places and free ones of published sessions; `second_doses` is held back
    anew; `here` are the places asked about. `lowest` is the worst evening of the week.
    """

    week: int
    monday: date
    there: int
    coming: int
    booked: int
    second_doses: int
    here: int
    left: int
    lowest: int

    @property
    def is_short(self) -> bool:
        return self.lowest < 0


@dataclass(frozen=True, slots=True)
class Cover:
    """The answer. A plan is covered when no day from its first one on, up to the last known, ends below zero.

    `weeks` reach from the first to the last day of the plan. `covered_until` is the last day of the plan up to which
    it could be published alone, None when not even the first. `known` is False when no delivery was ever entered.
    `unconfirmed` would help: they are expected, or confirmed and overdue, and come by the end of the plan.
    """

    vaccine: Vaccine
    covered: bool
    weeks: tuple[WeekLine, ...]
    short_by: int
    first_short: date | None
    unconfirmed: tuple[Delivery, ...]
    covered_until: date | None
    known: bool


def check(center: Center, vaccine: Vaccine, plan: Mapping[date, int], *, on: date) -> Cover:
    """`plan` = new places per day that somebody wants to publish, on top of all that is published. Nine queries.

    Before publishing, `stock.lock(center)` comes first in the same transaction: two managers could each find cover for
    the same doses.
    """
    here = stock.of(center, vaccine, on=on)
    wanted = {day: places for day, places in sorted(plan.items()) if places > 0}
    if not wanted:
        return Cover(vaccine, True, (), 0, None, (), None, here.known)
    first, last = min(wanted), max(wanted)
    before = [*here.entries, Entry(first, Kind.PLANNED, 0), Entry(_sunday(last), Kind.PLANNED, 0)]
    after = before + [Entry(day, Kind.PLANNED, places) for day, places in wanted.items()]
    ahead = ledger.days(after, since=first)
    short = [day for day in ahead if day.left < 0]
    return Cover(
        vaccine=vaccine,
        covered=not short,
        weeks=_weeks(ledger.days(after, since=_monday(first) - ledger.ONE_DAY, until=_sunday(last)), wanted),
        short_by=max((-day.left for day in short), default=0),
        first_short=short[0].on if short else None,
        unconfirmed=tuple(one for one in here.unconfirmed() if short and one.due_on <= last),
        covered_until=_covered_until(ledger.days(before, since=first), wanted),
        known=here.known,
    )


def require(found: Cover, *, by: User, reason: str = "") -> str:
    """The reason to keep with the sessions (`uncovered_reason`, with `by` as `uncovered_by`); "" when they are covered.

    Refused `not_covered` with the numbers in words, unless a planner gives a reason; `not_yours` when somebody else
    gives one, `reason_too_long` beyond 200 characters.
    """
    reason = reason.strip()
    if found.covered:
        return ""
    if not reason:
        raise Refused("not_covered", words(found))
    if not by.has_role(Role.PLANNER):
        only = _("Only a planner can publish it all the same.")
        raise Refused("not_yours", f"{words(found)} {only}")
    if len(reason) > REASON_LENGTH:
        raise Refused("reason_too_long", _("Give the reason in at most 200 characters."))
    return reason


def words(found: Cover) -> str:
    """What is missing, and what would help; "" when nothing is missing."""
    if found.first_short is None:
        return ""
    if not found.known:
        return _("No delivery of %(vaccine)s has been entered for this center. Enter one under “Supply”.") % {
            "vaccine": found.vaccine.name
        }
    missing = ngettext(
        "From %(day)s on, %(doses)s dose of %(vaccine)s is missing.",
        "From %(day)s on, %(doses)s doses of %(vaccine)s are missing.",
        found.short_by,
    ) % {"day": day_words(found.first_short), "doses": found.short_by, "vaccine": found.vaccine.name}
    return " ".join([missing, *(_would_help(one) for one in found.unconfirmed)])


def day_words(day: date) -> str:
    """Do 29.04. / Thu 29 Apr: the year is beyond doubt."""
    return dateformat.format(day, "D j M" if (get_language() or "de").startswith("en") else "D d.m.")


def _would_help(delivery: Delivery) -> str:
    values = {"doses": delivery.doses, "day": day_words(delivery.due_on)}
    if delivery.state == Delivery.State.EXPECTED:
        return _("The delivery of %(doses)s doses on %(day)s is expected, not confirmed, and does not count.") % values
    return _("The delivery of %(doses)s doses on %(day)s has not come and does not count.") % values


def _covered_until(ledger_days: list[Day], wanted: Mapping[date, int]) -> date | None:
    """The last planned day such that all places up to it leave no later day below zero."""
    slack: dict[date, int] = {}
    lowest = ledger_days[-1].left
    for evening in reversed(ledger_days):
        lowest = min(lowest, evening.left)
        slack[evening.on] = lowest
    until, total = None, 0
    for day, places in wanted.items():
        total += places
        if total > slack[day]:
            break
        until = day
    return until


def _weeks(days: list[Day], wanted: Mapping[date, int]) -> tuple[WeekLine, ...]:
    """`days` are whole weeks and the Sunday before them."""
    lines = []
    for start in range(1, len(days), 7):
        before, week = days[start - 1], days[start : start + 7]
        here = sum(wanted.get(day.on, 0) for day in week)
        kept = week[-1].reserved - before.reserved
        lines.append(
            WeekLine(
                week=week[0].on.isocalendar().week,
                monday=week[0].on,
                there=before.left - sum(day.wasted for day in week),
                coming=sum(day.coming for day in week) + max(-kept, 0),
                booked=sum(day.places for day in week) - here,
                second_doses=max(kept, 0),
                here=here,
                left=week[-1].left,
                lowest=min(day.left for day in week),
            )
        )
    return tuple(lines)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _sunday(day: date) -> date:
    return _monday(day) + timedelta(days=6)
