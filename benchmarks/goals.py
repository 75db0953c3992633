"""The goals of this project as numbers, and how a measured figure is told: one JSON object per goal."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

ROUNDS = 3


@dataclass(frozen=True)
class Bar:
    """What one figure must reach: below (or above) `floor` the run fails, `goal` is what we are after."""

    floor: float | None
    goal: float
    at_most: bool = False

    def holds(self, value: float) -> bool:
        if self.floor is None:
            return True
        return value <= self.floor if self.at_most else value >= self.floor

    def reached(self, value: float) -> bool:
        return value <= self.goal if self.at_most else value >= self.goal


@dataclass(frozen=True)
class Figure:
    """One measured goal; several values where the goal has several parts."""

    name: str
    values: Mapping[str, float]
    bars: Mapping[str, Bar]
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return all(bar.holds(self.values[part]) for part, bar in self.bars.items())

    def line(self) -> str:
        """The JSON object. `pass` compares with the floor, `goal_reached` with the goal."""
        parts = list(self.bars)
        told = {
            "name": self.name,
            "value": _plain({part: round(self.values[part], 3) for part in parts}),
            "goal": _plain({part: self.bars[part].goal for part in parts}),
            "floor": _plain({part: self.bars[part].floor for part in parts}),
            "pass": self.holds,
            "goal_reached": _plain({part: self.bars[part].reached(self.values[part]) for part in parts}),
            "detail": dict(self.detail),
        }
        return json.dumps(told, ensure_ascii=False)


def _plain(parts: Mapping[str, Any]) -> Any:
    """A goal with one part is told as its value."""
    return next(iter(parts.values())) if len(parts) == 1 else dict(parts)


def interleaved(measures: Mapping[str, Callable[[int], float]], *, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Every measure once per round, in turn: a slow minute of the machine hits all of them alike."""
    found: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(rounds):
        for name, measure in measures.items():
            found[name].append(measure(number))
    return found


def ratio(found: Mapping[str, Sequence[float]], upper: str, lower: str) -> float:
    """The median of the rounds' ratios."""
    return median(a / b for a, b in zip(found[upper], found[lower], strict=True))


def rounded(found: Mapping[str, Sequence[float]], digits: int = 1) -> dict[str, list[float]]:
    return {name: [round(value, digits) for value in values] for name, values in found.items()}
