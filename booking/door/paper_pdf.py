"""The paper pack as values: what a center needs for a day without power or network.

It lists names, birth dates, needs and the papers to be seen. Reasons, addresses, telephone numbers and e-mail stay out:
whoever finds a page must not learn who is ill, and nobody is called from a dark room (docs/operations.md).
How it looks is booking/pdf/paper_pack.typ; typesetting.pdf(NAME, ...) makes it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from booking import clock, codes, typesetting, wording
from booking.door import paper_blank, paper_numbers, paper_words, words
from booking.door.day_list import Row
from booking.models import Appointment
from centers.models import Center

NAME = "paper_pack"
Status = Appointment.Status
COMING = {Status.BOOKED, Status.ARRIVED, Status.VACCINATED}  # a dose is needed, or was


def context(center: Center, day: date, rows: Sequence[Row]) -> dict[str, Any]:
    """Everything the pack says except its moment, as JSON; in the active language."""
    name = wording.center_name(center)
    return {
        "language": "de" if wording.german() else "en",
        "title": _("Paper pack %(center)s, %(day)s") % {"center": name, "day": wording.full_day(day)},
        "sender": f"Impftermin {settings.REGION_NAME}",
        "confidential": _("Confidential. Destroy once everything has been entered."),
        "page": _("Page"),
        "of": pgettext("page", "of"),
        "cover": _cover(center, day, rows),
        "list": _list(rows),
        "index": _index(rows),
        "blank": paper_blank.form(),
    }


def with_moment(content: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """The same with "As of ...", which the fingerprint leaves out."""
    return content | {"as_of": _("As of %(moment)s") % {"moment": wording.moment(now)}}


def fingerprint(content: dict[str, Any]) -> str:
    """The same for as long as the pack would say the same and look the same."""
    said = json.dumps(content, sort_keys=True, ensure_ascii=False).encode()
    return hashlib.sha256(said + typesetting.source(NAME)).hexdigest()


def _cover(center: Center, day: date, rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "title": _("Paper pack for %(day)s") % {"day": wording.full_day(day)},
        "place": wording.address(center),
        "sums": _sums(rows),
        "sessions": _sessions(center, day),
        "vials": _vials(rows),
        "steps": {"title": _("When power or network is gone"), "items": _steps()},
        "help": {"title": _("Help"), "lines": _help()},
        "gone": [_("Power or network gone at"), _("back at"), _("who wrote this")],
    }


def _sums(rows: Sequence[Row]) -> dict[str, Any]:
    state = Counter(row.state for row in rows)
    need = Counter(need for row in rows for need in row.needs)
    lines = [
        (_("Appointments"), len(rows)),
        (_("of these first vaccinations"), sum(row.dose_number == 1 for row in rows)),
        (_("of these second vaccinations"), sum(row.dose_number > 1 for row in rows)),
        (words.state(Status.BOOKED), state[Status.BOOKED]),
        (words.state(Status.ARRIVED), state[Status.ARRIVED]),
        (words.state(Status.VACCINATED), state[Status.VACCINATED]),
        (words.state(Status.DEFERRED), state[Status.DEFERRED]),
        (words.state(Status.NO_SHOW), state[Status.NO_SHOW]),
        (_("kept, without a place"), sum(row.displaced for row in rows)),
        (_("Need a wheelchair"), need["wheelchair"]),
        (_("Bring a companion"), need["companion"]),
        (_("Need sign language"), need["sign_language"]),
    ]
    shown = [[label, str(number)] for position, (label, number) in enumerate(lines) if number or position == 0]
    return {"title": _("The day in numbers"), "header": ["", _("People")], "rows": shown}


def _sessions(center: Center, day: date) -> dict[str, Any]:
    rows = [
        [
            f"{_clock(one.starts)}–{_clock(one.ends)}",
            _("%(vaccine)s (suspended)") % {"vaccine": one.vaccine} if one.suspended else one.vaccine,
            str(one.lines),
            str(one.places),
            str(one.booked),
        ]
        for one in paper_numbers.sessions(center.pk, day)
    ]
    header = [_("Time"), _("Vaccine"), _("Lines"), _("Places"), pgettext("places", "taken")]
    return {"title": _("Sessions"), "header": header, "rows": rows}


def _vials(rows: Sequence[Row]) -> dict[str, Any]:
    needed = paper_numbers.vials((row.vaccine_name, row.dose_number) for row in rows if row.state in COMING)
    return {
        "title": _("Doses and vials"),
        "header": [
            _("Vaccine"), _("1st"), _("2nd"), pgettext("doses", "together"), _("Vials"), pgettext("doses", "left over"),
        ],
        "rows": [[one.vaccine, *map(str, (one.first, one.second, one.doses, one.vials, one.left))] for one in needed],
        "note": _("For everybody who is expected, has arrived or was vaccinated. Left over: doses in the last vial."),
    }  # fmt: skip


def _steps() -> list[str]:
    return [
        _("Write the time at which power or network went onto this page, and work with this paper from then on."),
        _("Find people in the list by time, or by name in the index behind it. Their code stands in the list as well."),
        _("Look at the papers that the list names. Where a remark stands under “Needs”, ask the physician first."),
        _("Write down when somebody arrived; after the vaccination the batch and the time. The physician signs."),
        _("Somebody is not vaccinated: write the reason across the four last columns."),
        _("Somebody is not on the list: use a form from the last pages, and look at the vaccination record."),
        _("Power is back: enter everything under “Today”, “Enter paper afterwards”. Then destroy the paper."),
    ]  # fmt: skip


def _help() -> list[str]:
    hours = settings.HOTLINE_HOURS_DE if wording.german() else settings.HOTLINE_HOURS_EN
    return [
        _("Hotline for citizens: %(number)s. %(hours)s") % {"number": settings.HOTLINE, "hours": hours},
        f"{settings.OPERATOR['name']}, {settings.OPERATOR['email']}",
    ]


def _list(rows: Sequence[Row]) -> dict[str, Any]:
    lines = [_line(row) for row in rows]
    for line, (row, after) in zip(lines, pairwise(rows), strict=False):
        line["last"] = row.starts_at != after.starts_at
    if lines:
        lines[-1]["last"] = True
    title = ngettext("%(count)s appointment by time", "%(count)s appointments by time", len(rows))
    return {
        "title": title % {"count": len(rows)},
        "none": _("Nobody has an appointment on this day."),
        "header": [
            _("Time"), _("Person"), _("Vaccination"), _("Papers to see"), _("Needs"), _("Code"),
            pgettext("person", "here"), _("Batch"), pgettext("time of the vaccination", "given"), _("Signature"),
        ],
        "rows": lines,
    }  # fmt: skip


def _line(row: Row) -> dict[str, Any]:
    return {
        "time": _time(row.starts_at),
        "name": _reversed(row),
        "birth": _("born %(day)s") % {"day": _date(row.birth_date)},
        "dose": paper_words.dose(row),
        "interval": paper_words.interval(row),
        "evidence": [words.evidence(code) for code in row.evidence],
        "needs": [*paper_words.notes(row), *paper_words.needs(row)],
        "code": codes.spoken(row.door_code),
        "arrived": _time(row.arrived_at) if row.arrived_at else "",
        "batch": _("entered") if row.vaccinated_at else "",
        "given": _time(row.vaccinated_at) if row.vaccinated_at else "",
        "signature": "",
        "last": False,
    }


def _index(rows: Sequence[Row]) -> dict[str, Any]:
    ordered = sorted(rows, key=lambda row: (row.last_name.casefold(), row.first_name.casefold(), row.starts_at))
    lines = [{"name": _reversed(row), "birth": _date(row.birth_date), "time": _time(row.starts_at)} for row in ordered]
    return {"title": _("By name"), "header": [_("Name"), _("born"), _("Time")], "rows": lines}


def _reversed(row: Row) -> str:
    return f"{row.last_name}, {row.first_name}" if row.first_name else row.last_name


def _time(instant: datetime) -> str:
    return f"{instant.astimezone(clock.ZONE):%H:%M}"


def _clock(at: time) -> str:
    return f"{at:%H:%M}"


def _date(day: date) -> str:
    return f"{day:%d.%m.%Y}"
