"""Loading the reference facts of both floors as one: all files are checked, then all is written, or nothing."""

from dataclasses import dataclass

from django.db import connection, transaction

from booking import facts
from centers import loading as supply
from priority import loading as demand
from priority.models import Regulation
from reference.rows import Tally


class ShiftRefused(Exception):
    """The facts are there already with other dates. str() says with which."""


@dataclass(frozen=True, slots=True)
class Report:
    """What loading did, kind by kind."""

    tallies: list[Tally]
    shift_days: int

    @property
    def changed(self) -> bool:
        return any(tally.added or tally.corrected for tally in self.tallies)


def load(*, shift_days: int | None = None) -> Report:
    """Load `priority/data` and `centers/data`; raises reference.files.Broken or ShiftRefused and then wrote nothing.

    Every date is moved by `shift_days` whole days (the demo replays 2021 with today's dates). The shift is recorded
    with the regulations and stays; None means the recorded one, 0 in an empty database. Safe to run again: it adds
    what is new.
    """
    shift = _shift(shift_days)
    rules = demand.read(shift_days=shift)
    places = supply.read(shift_days=shift)
    with transaction.atomic():
        with connection.cursor() as cursor:  # two operators at once: the second waits, then finds nothing to add
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('load_reference'))")
        _shift(shift)
        tallies = [*demand.write(rules), *supply.write(places)]
    facts.forget()
    return Report(tallies, shift)


def recorded_shift() -> int | None:
    """The shift with which the facts were loaded; None when there are none."""
    return Regulation.objects.order_by("valid_from").values_list("shift_days", flat=True).first()


def _shift(wanted: int | None) -> int:
    recorded = recorded_shift()
    if recorded is None:
        return wanted or 0
    if wanted is not None and wanted != recorded:
        raise ShiftRefused(
            f"The facts are loaded with a shift of {recorded} days and {wanted} were asked for. Dates that people have"
            f" appointments by are never moved: leave out --shift-days, or start with an empty database."
        )
    return recorded
