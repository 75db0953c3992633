"""The day list as it is shown: sums, the half hours of the window, and a stamp that says whether anything changed."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from booking import clock
from booking.door import words
from booking.door.day_list import Row
from booking.models import Appointment

HALF = timedelta(minutes=30)
SHOWN = timedelta(minutes=45)
OVERDUE_AFTER = timedelta(minutes=15)
WHOLE_DAY = "tag"
Status = Appointment.Status
OPEN = {Status.BOOKED, Status.ARRIVED}


@dataclass(frozen=True)
class Line:
    """One row of the table, with its words."""

    row: Row
    time: str
    dose: str
    why: str
    state: str
    tone: str
    needs: list[str]
    papers: list[tuple[str, str]]
    seen: list[str]
    step: str

    @property
    def key(self) -> str:
        """Names its elements in the page; another state makes it another one."""
        return f"{self.row.person.hex[:12]}-{self.row.dose_number}-{self.row.state}"


@dataclass(frozen=True)
class Window:
    """What part of the day is shown; `start` None = all of it."""

    start: datetime | None
    title: str
    asked: str
    earlier: str
    later: str

    def holds(self, row: Row, *, now: datetime) -> bool:
        if self.start is None or self.start <= row.starts_at < self.start + SHOWN:
            return True
        return not self.asked and row.starts_at < now and row.state in OPEN


def window(asked: str, *, now: datetime, day: date) -> Window:
    """The half hour that was asked for as HH:MM, "tag" for the whole day, else what is open and the time around now."""
    if asked == WHOLE_DAY:
        return Window(None, _("The whole day"), WHOLE_DAY, "", "")
    start = _start(asked, day)
    title = _("%(from)s to %(until)s")
    if start is None:
        asked, start = "", _floor(now)
        title = _("Still open, and %(from)s to %(until)s")
    shown = {"from": clocked(start), "until": clocked(start + SHOWN)}
    return Window(start, title % shown, asked, clocked(start - HALF), clocked(start + HALF))


def lines(rows: Sequence[Row], *, now: datetime) -> list[Line]:
    return [_line(row, now=now) for row in rows]


def sums(rows: Sequence[Row], *, now: datetime) -> list[tuple[str, int, bool]]:
    """Label, number, and whether it is a warning."""
    states = Counter(row.state for row in rows)
    overdue = sum(1 for row in rows if _overdue(row, now))
    found = [
        (_("appointments"), len(rows), False),
        (words.state(Status.BOOKED), states[Status.BOOKED], False),
        (words.state(Status.ARRIVED), states[Status.ARRIVED], False),
        (words.state(Status.VACCINATED), states[Status.VACCINATED], False),
        (words.state(Status.DEFERRED), states[Status.DEFERRED], False),
    ]
    if states[Status.NO_SHOW]:
        found.append((words.state(Status.NO_SHOW), states[Status.NO_SHOW], False))
    if overdue:
        found.append((_("overdue"), overdue, True))
    return found


def latest(rows: Sequence[Row]) -> str:
    """Who made the last entry of the day, for a colleague beside her."""
    entered = [row for row in rows if row.entered_at is not None]
    if not entered:
        return ""
    last = max(entered, key=lambda row: (row.entered_at, row.person))
    said = {"who": last.by, "person": last.name, "state": words.state(last.state), "time": clocked(last.entered_at)}
    return _("last entry: %(person)s, %(state)s, by %(who)s at %(time)s") % said


def stamp(rows: Sequence[Row], *, now: datetime) -> str:
    """Changes when a row does, and once a minute, because somebody may have become overdue."""
    parts = [f"{row.appointment}{row.state}{row.entered_at}{row.starts_at}{row.displaced}" for row in rows]
    return hashlib.sha256("".join([f"{now:%H%M}", *parts]).encode()).hexdigest()[:16]


def clocked(instant: datetime | None) -> str:
    """09:30 on the clock of the center."""
    return f"{instant.astimezone(clock.ZONE):%H:%M}" if instant else ""


def is_time(asked: str) -> bool:
    """Whether a window can be asked for by this."""
    return _start(asked, date(2021, 1, 1)) is not None


def url(name: str, asked: str) -> str:
    return reverse(f"centeradmin:{name}") + (f"?ab={asked}" if asked else "")


def _line(row: Row, *, now: datetime) -> Line:
    state, tone = _state(row, now)
    why = row.reason
    if row.dose_number > 1:
        why = _("2nd vaccination, day %(day)d") % {"day": row.day} if row.day is not None else _("2nd vaccination")
    needs = [words.need(need) for need in row.needs]
    if row.language != "de":
        needs.append(words.need(row.language))
    return Line(
        row=row,
        time=clocked(row.starts_at),
        dose=f"{row.dose_number}. {row.vaccine_name}" if row.doses > 1 else row.vaccine_name,
        why=why,
        state=state,
        tone=tone,
        needs=needs,
        papers=[(code, words.evidence(code)) for code in row.evidence],
        seen=[words.evidence(code) for code in row.seen],
        step=_step(row),
    )


def _state(row: Row, now: datetime) -> tuple[str, str]:
    """Words and tone of how she stands."""
    if row.state == Status.VACCINATED:
        return f"{words.state(row.state)} {clocked(row.vaccinated_at)}".strip(), "success"
    if row.state == Status.ARRIVED:
        return f"{words.state(row.state)} {clocked(row.arrived_at)}", "success"
    if row.state in {Status.DEFERRED, Status.NO_SHOW}:
        return words.state(row.state), "info"
    if row.problem:
        return _("Problem: %(problem)s") % {"problem": words.short_problem(row.problem)}, "danger"
    if row.displaced:
        return _("kept, without a place"), "warning"
    if _overdue(row, now):
        return _("overdue"), "warning"
    return words.state(row.state), ""


def _step(row: Row) -> str:
    """What is done next: "tick" in the list itself, else the page of the person."""
    if row.state == Status.BOOKED:
        return "solve" if row.problem else "tick"
    if row.state == Status.ARRIVED:
        return "vaccinate"
    return "late" if row.state == Status.NO_SHOW else "change"


def _overdue(row: Row, now: datetime) -> bool:
    return row.state == Status.BOOKED and row.starts_at + OVERDUE_AFTER < now


def _start(asked: str, day: date) -> datetime | None:
    try:
        hour, minute = (int(part) for part in asked.split(":"))
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.ZONE)
    except ValueError:
        return None


def _floor(now: datetime) -> datetime:
    local = now.astimezone(clock.ZONE)
    return local.replace(minute=local.minute - local.minute % 30, second=0, microsecond=0)
