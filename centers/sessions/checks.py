"""What stands against a plan: errors, which are refused, and overlaps, which somebody may confirm."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import F, Max, Q
from django.utils.formats import date_format
from django.utils.translation import gettext

from accounts.refusals import Refused
from centers import facts, vaccines
from centers.models import Center, Session, Vaccine
from centers.sessions import grid
from centers.sessions.grid import ZONE
from centers.sessions.plans import Plan
from centers.vaccines import VaccineRules


@dataclass(frozen=True, slots=True)
class Overlap:
    """Lines that another block uses at the same time; `by` is who opened it, "" when nobody knows."""

    day: date
    starts: time
    ends: time
    first_line: int
    last_line: int
    vaccine: str
    by: str


@dataclass(frozen=True, slots=True)
class Around:
    """The sessions that are not closed on some days, and the rules of every vaccine."""

    sessions: tuple[Session, ...]
    rules: Mapping[str, VaccineRules]


def around(center: Center, days: Iterable[date], *, without: UUID | None = None) -> Around:
    """What stands on these days; `without` is the block that changes. Five queries."""
    rows = (
        Session.objects.filter(center=center, date__in=list(days))
        .exclude(state=Session.State.CLOSED)
        .exclude(Q(block=without) if without else Q())
        .select_related("vaccine", "contingent", "created_by")
        .order_by("date", "starts", "first_line", "pk")
    )
    return Around(tuple(rows), facts.vaccines())


def check(plan: Plan, beside: Around, *, now: datetime) -> None:
    """Refused with the first thing that cannot be, in words with the cure."""
    grid.check_lines(plan.lines)
    if plan.first_line < 1 or plan.last_line > grid.MOST_LINES:
        words = gettext("Lines are counted from 1 to %(most)s. Please choose another first line.")
        raise Refused("first_line", words % {"most": grid.MOST_LINES})
    grid.check_sum(plan.capacity.per_day, [share.places for share in plan.shares])
    _check_size(plan)
    check_days(plan.center, plan.days, now=now)
    for day in plan.days:
        check_future(day, grid.instants(plan.hours, day)[0], now=now)
    check_vaccine(plan.vaccine, plan.days, beside.rules[plan.vaccine.pk])
    _check_twins(plan, beside)


def check_days(center: Center, days: Iterable[date], *, now: datetime) -> None:
    """Refused for a day in the past, before the center opens, or after its last day."""
    for day in days:
        _check_past(day, now=now)
        if day < center.first_day:
            words = gettext("The center opens on %(first)s. %(day)s lies before that.")
            raise Refused("center_days", words % {"first": long_day(center.first_day), "day": long_day(day)})
        if center.last_day and day > center.last_day:
            words = gettext("The center's last day is %(last)s. %(day)s lies after it.")
            raise Refused("center_days", words % {"last": long_day(center.last_day), "day": long_day(day)})


def check_future(day: date, first: datetime, *, now: datetime) -> None:
    """Refused when the day is over, or its first place has begun already."""
    _check_past(day, now=now)
    if first <= now:
        words = gettext("On %(day)s the first time (%(time)s) has passed already. Please choose a later start.")
        raise Refused("starts", words % {"day": long_day(day), "time": f"{first.astimezone(ZONE):%H:%M}"})


def check_vaccine(vaccine: Vaccine, days: Iterable[date], rules: VaccineRules) -> None:
    """Refused for a day on which the vaccine is not licensed yet, or is paused."""
    for day in days:
        if day < vaccine.licensed_on:
            words = gettext("%(vaccine)s is licensed from %(licensed)s on, so not on %(day)s.")
            values = {"vaccine": vaccine.name, "licensed": long_day(vaccine.licensed_on), "day": long_day(day)}
            raise Refused("vaccine", words % values)
        if vaccines.paused(rules, day):
            words = gettext("%(vaccine)s is paused on %(day)s. Choose another vaccine, or leave this day out.")
            raise Refused("vaccine", words % {"vaccine": vaccine.name, "day": long_day(day)})


def overlaps(plan: Plan, beside: Around) -> list[Overlap]:
    """Other blocks on the same lines at the same time, in the order of time."""
    days = set(plan.days)
    found: dict[UUID, Overlap] = {}
    for row in beside.sessions:
        same_time = row.date in days and row.starts < plan.hours.ends and row.ends > plan.hours.starts
        if same_time and row.first_line <= plan.last_line and row.first_line + row.lines > plan.first_line:
            found.setdefault(row.block, _overlap(plan, row))
    return list(found.values())


def last_line_in_use(center: Center, days: Iterable[date]) -> int:
    """The highest line that sessions of these days have, 0 without any: the one behind it is surely free."""
    rows = Session.objects.filter(center=center, date__in=list(days)).exclude(state=Session.State.CLOSED)
    return rows.aggregate(last=Max(F("first_line") + F("lines") - 1))["last"] or 0


def overlap_words(one: Overlap) -> str:
    """What is in the way, in one sentence."""
    words = gettext("%(day)s, %(start)s to %(end)s: lines %(first)s to %(last)s are in use already (%(vaccine)s).")
    if one.first_line == one.last_line:
        words = gettext("%(day)s, %(start)s to %(end)s: line %(first)s is in use already (%(vaccine)s).")
    return words % {
        "day": short_day(one.day),
        "start": f"{one.starts:%H:%M}",
        "end": f"{one.ends:%H:%M}",
        "first": one.first_line,
        "last": one.last_line,
        "vaccine": one.vaccine,
    }


def refuse_overlap(found: Sequence[Overlap]) -> None:
    """The refusal for overlaps that nobody has confirmed."""
    if found:
        text = " ".join([overlap_words(found[0]), gettext("Confirm this, or choose other lines or times.")])
        raise Refused("overlap", text)


def long_day(day: date) -> str:
    """Montag, 26. April 2021."""
    return date_format(day, "l, j. F Y")


def short_day(day: date) -> str:
    """Mo 26.04."""
    return date_format(day, "D d.m.")


def _check_size(plan: Plan) -> None:
    slots = plan.capacity.times * len(plan.days) * sum(share.places > 0 for share in plan.shares)
    if slots > grid.MOST_SLOTS:
        words = gettext(
            "These are too many start times at once (%(slots)s of at most %(most)s): open fewer days first."
        )
        raise Refused("size", words % {"slots": slots, "most": grid.MOST_SLOTS})


def _check_past(day: date, *, now: datetime) -> None:
    if day < now.astimezone(ZONE).date():
        words = gettext("%(day)s is over. Please choose a day from today on.")
        raise Refused("past", words % {"day": long_day(day)})


def _overlap(plan: Plan, row: Session) -> Overlap:
    """The part in which both are."""
    return Overlap(
        day=row.date,
        starts=max(row.starts, plan.hours.starts),
        ends=min(row.ends, plan.hours.ends),
        first_line=max(row.first_line, plan.first_line),
        last_line=min(row.first_line + row.lines - 1, plan.last_line),
        vaccine=row.vaccine.name,
        by=(row.created_by.get_full_name() or row.created_by.get_username()) if row.created_by else "",
    )


def _check_twins(plan: Plan, beside: Around) -> None:
    """Two sessions cannot be told apart when everything that names them is the same (`session_once_per_start`)."""
    days, shares = set(plan.days), {share.contingent.pk for share in plan.shares if share.places}
    wanted = (plan.vaccine.pk, plan.hours.starts, plan.first_line)
    for row in beside.sessions:
        if row.date in days and row.contingent_id in shares and (row.vaccine_id, row.starts, row.first_line) == wanted:
            words = gettext(
                "On %(day)s at %(time)s there is a session with %(vaccine)s for “%(share)s” from line %(line)s on"
                " already. Choose another first line or another start."
            )
            values = {
                "day": long_day(row.date),
                "time": f"{row.starts:%H:%M}",
                "vaccine": plan.vaccine.name,
                "share": row.contingent.name,
                "line": row.first_line,
            }
            raise Refused("twice", words % values)
