"""What stands between a person at the door and her vaccination, judged on the day itself by the dated rules.

Pure functions: the page, the day list and the service that lets her in ask the same ones (ADR 3: group and openings
were judged when she booked; age, pause, product and distance count on the day).
"""

from dataclasses import dataclass
from datetime import date

from centers import vaccines
from centers.vaccines import VaccineRules

# Codes of what can be wrong, in the order in which they are said. A physician may decide otherwise on OVERRULABLE ones.
PAUSED, AGE, PRODUCT, NO_FIRST, INTERVAL = "paused", "age", "product", "no_first", "interval"
OVERRULABLE = frozenset({AGE, PRODUCT, NO_FIRST, INTERVAL})


@dataclass(frozen=True, slots=True)
class First:
    """Dose 1 as it really was: the day it was given, or of its slot where nothing was entered; and its product."""

    on: date
    vaccine_code: str


@dataclass(frozen=True, slots=True)
class Dose:
    """The dose that is to be given: to whom, what, and after which first one."""

    number: int
    birth_date: date
    vaccine: VaccineRules
    first: First | None = None

    @property
    def distance(self) -> vaccines.Interval | None:
        """Days that must and may lie after dose 1, by the rule of the day of dose 1."""
        return vaccines.interval(self.vaccine, self.first.on) if self.first and self.number > 1 else None


def problems(dose: Dose, *, on: date) -> tuple[str, ...]:
    """Everything that speaks against giving this dose on that day, in the order in which it is said."""
    found = []
    if vaccines.paused(dose.vaccine, on):
        found.append(PAUSED)
    if not vaccines.age_allowed(dose.vaccine, dose.birth_date, on):
        found.append(AGE)
    if dose.number > 1:
        found += _against_second(dose, on)
    return tuple(found)


def late_by(dose: Dose, *, on: date) -> int:
    """Days after the end of the window of dose 2; 0 inside it. A late series goes on, it is never begun anew."""
    distance = dose.distance
    if distance is None or distance.max_days is None or dose.first is None:
        return 0
    return max(0, (on - dose.first.on).days - distance.max_days)


def _against_second(dose: Dose, on: date) -> list[str]:
    if dose.first is None:
        return [NO_FIRST]
    found = []
    if dose.first.vaccine_code != dose.vaccine.code:
        found.append(PRODUCT)
    distance = dose.distance
    if distance is not None and (on - dose.first.on).days < distance.min_days:
        found.append(INTERVAL)
    return found
