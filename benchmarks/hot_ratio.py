"""hot_ratio: what is left of the throughput when everybody wants the same first places.

32 clients straight at PostgreSQL, so that rows are fought for as hard as may be; the web process has fewer connections.
Both sides look for an open place by the index and claim it with its second dose; who comes too late has tried in vain
and is not counted.
"""

from collections.abc import Sequence
from functools import partial

from benchmarks import pgbench, seed, supply, visitors
from benchmarks.goals import Bar, Figure, interleaved, ratio, rounded
from benchmarks.pgbench import STARTS, Run, Script
from benchmarks.seed import Invited
from benchmarks.stage import Stage
from benchmarks.supply import Grid, Supply

BARS = {"ratio": Bar(floor=0.6, goal=0.8), "p95_ratio": Bar(floor=None, goal=1.5, at_most=True)}
CLIENTS = 32
CENTERS = 20
CHOICES = 12  # the start times that a page shows unfolded


def measure(stage: Stage, known: Supply) -> Figure:
    """The first open times of one center, against any time of twenty centers."""
    grid = Grid(seed.days(known.today, 64), starts=STARTS, minutes=10, lines=20)
    made = supply.centers(known, 0, CENTERS)
    supply.sessions(known, made, grid)
    each = stage.size(120, 25)
    people = visitors.crowd(known, 8 * CLIENTS * each)
    supply.settle()
    crews = [people[begin : begin + CLIENTS * each] for begin in range(0, len(people), CLIENTS * each)]
    runs: dict[str, list[Run]] = {"hot": [], "random": []}
    hot = pgbench.among_the_first(known, center=made[0].pk, choices=CHOICES)
    wide = pgbench.among_all(known, first_center=made[0].pk, centers=CENTERS)
    measures = {
        "hot": partial(_placed, stage, hot, crews[:4], runs["hot"]),
        "random": partial(_placed, stage, wide, crews[4:], runs["random"]),
    }
    for warm in measures.values():
        warm(3)
    found = interleaved(measures)
    p95 = {name: [run.p95 for run in done[1:]] for name, done in runs.items()}
    values = {"ratio": ratio(found, "hot", "random"), "p95_ratio": ratio(p95, "hot", "random")}
    return Figure("hot_ratio", values, BARS, {"placed_per_second": rounded(found, 0), "p95_ms": rounded(p95)})


def _placed(stage: Stage, script: str, crews: Sequence[Sequence[Invited]], runs: list[Run], number: int) -> float:
    """Series placed per second."""
    crew = crews[number]
    before = supply.live_series()
    run = Script(script, CLIENTS, len(crew) // CLIENTS, crew[0]).run(stage)
    runs.append(run)
    return run.rate * (supply.live_series() - before) / len(crew)
