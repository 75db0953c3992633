"""book_ratio: how many bookings a second the pages take, compared with a view that does nothing."""

import random
from collections.abc import Sequence
from functools import partial

from benchmarks import seed, supply, visitors, web
from benchmarks.goals import Bar, Figure, interleaved, ratio, rounded
from benchmarks.stage import Stage
from benchmarks.supply import Grid, Supply
from benchmarks.visitors import Place, Visitors
from benchmarks.web import Web, spent

BARS = {"ratio": Bar(floor=0.15, goal=0.30)}
LINES = 16
CENTERS = 20


def measure(stage: Stage, known: Supply) -> Figure:
    """Both doses by the real form, each by a new person at any place of the next weeks; every one must succeed."""
    grid = Grid(seed.days(known.today, 64), starts=60, minutes=10, lines=10)
    supply.sessions(known, supply.centers(known, 0, CENTERS), grid)
    each = stage.size(1500, 200)
    with Web(stage.environment(), stage.data / "granian.log") as server:
        crowd = visitors.invite(known, server.port, 5 * each)
        supply.settle()
        free = visitors.places(known, supply.TWO_DOSES, within_days=19)
        crowd.open_form(free[0])
        _book(crowd, free, each, 0)  # warm: code, plans, pages
        found = interleaved(
            {
                "trivial": partial(_trivial, crowd, crowd.views("/trivial/", 3 * each)),
                "trivial_post": partial(_trivial, crowd, crowd.trivial_posts(3 * each)),
                "bookings": partial(_book, crowd, free, each),
            }
        )
        cost = _cost(server, crowd, free, each)
    detail = {
        "per_second": rounded(found, 0),
        "ratio_to_trivial_post": round(ratio(found, "bookings", "trivial_post"), 3),
        "milliseconds_of_cpu": cost,
    }
    return Figure("book_ratio", {"ratio": ratio(found, "bookings", "trivial")}, BARS, detail)


def _trivial(crowd: Visitors, requests: Sequence[bytes], _round: int) -> float:
    """Trivial answers per second."""
    outcome = web.drive(crowd.port, requests, lines=LINES)
    outcome.expect(200)
    return outcome.rate


def _book(crowd: Visitors, free: Sequence[Place], count: int, _round: int) -> float:
    """Bookings per second."""
    requests = crowd.bookings(random.choices(free, k=count))
    outcome = web.drive(crowd.port, requests, lines=LINES)
    outcome.expect(302)
    return outcome.rate


def _cost(server: Web, crowd: Visitors, free: Sequence[Place], count: int) -> dict[str, float]:
    """Milliseconds of CPU per request, told apart: what a busy machine cannot falsify as it does the rates."""
    backends = supply.other_backends()
    start = spent(server.pids())
    _trivial(crowd, crowd.views("/trivial/", 3 * count), 0)
    between, before = spent(server.pids()), spent(backends)
    _book(crowd, free, count, 0)
    return {
        "trivial": round((between - start) / (3 * count) * 1000, 2),
        "booking_web": round((spent(server.pids()) - between) / count * 1000, 2),
        "booking_postgres": round((spent(backends) - before) / count * 1000, 2),
    }
