"""day_cpu: what the choose-a-time page of a full day costs the web process, compared with a view that does nothing.

CPU of granian's workers as the kernel counts it, not wall time: PostgreSQL and the load generator are left out.
"""

from collections.abc import Sequence
from functools import partial

from benchmarks import seed, supply, visitors, web
from benchmarks.goals import Bar, Figure, interleaved, ratio, rounded
from benchmarks.stage import Stage
from benchmarks.supply import Grid, Supply
from benchmarks.web import Web, spent

BARS = {"ratio": Bar(floor=8, goal=3, at_most=True)}
STARTS = 120


def measure(stage: Stage, known: Supply) -> Figure:
    """One center, 120 start times a day, both doses; the page shows each time with its second appointment."""
    grid = Grid(seed.days(known.today, 64), starts=STARTS, minutes=5, lines=4)
    supply.sessions(known, supply.centers(known, 0, 10), grid)
    each = stage.size(1000, 150)
    with Web(stage.environment(), stage.data / "granian.log") as server:
        crowd = visitors.invite(known, server.port, 10)
        supply.settle()
        place = visitors.places(known, supply.TWO_DOSES, within_days=5)[-1]
        crowd.open_form(place)
        page = crowd.page(place.path)
        if page.count(b'type="radio"') != STARTS:
            raise RuntimeError("the page does not show the whole day")
        found = interleaved(
            {
                "trivial": partial(_cpu, server, crowd.views("/trivial/", 3 * each)),
                "page": partial(_cpu, server, crowd.views(place.path, each)),
            }
        )
    detail = {"milliseconds_of_cpu": rounded(found, 3), "starts": STARTS, "bytes": len(page)}
    return Figure("day_cpu", {"ratio": ratio(found, "page", "trivial")}, BARS, detail)


def _cpu(server: Web, requests: Sequence[bytes], _round: int) -> float:
    """Milliseconds of CPU per request, all workers together."""
    web.drive(server.port, requests[:20], lines=4).expect(200)
    before = spent(server.pids())
    web.drive(server.port, requests, lines=4).expect(200)
    return (spent(server.pids()) - before) / len(requests) * 1000
