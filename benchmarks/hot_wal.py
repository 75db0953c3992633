"""hot_wal: what a booking makes PostgreSQL write, and how often the web process asks it.

HOT share: updates of the slot that rewrote the row beside itself, without touching an index. WAL: bytes per booking
(full-page images of the first touch after a checkpoint are told apart). Statements: round trips per booking POST as
PostgreSQL counts them; in autocommit each is one transaction.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from benchmarks import seed, supply, visitors, web
from benchmarks.goals import Bar, Figure
from benchmarks.stage import Stage
from benchmarks.supply import Grid, Supply
from benchmarks.visitors import Place, Visitors
from benchmarks.web import Web

BARS = {
    "hot_share": Bar(floor=0.95, goal=0.99),
    "wal_bytes": Bar(floor=2500, goal=1500, at_most=True),
    "statements": Bar(floor=6, goal=3, at_most=True),
}
OWN = 1  # the first reading of the counters is a transaction too
_COUNTS = """
SELECT pg_stat_clear_snapshot(), s.n_tup_upd, s.n_tup_hot_upd, w.wal_bytes, w.wal_fpi, w.wal_records,
       (SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()),
       pg_current_wal_insert_lsn() - '0/0'
  FROM pg_stat_user_tables s, pg_stat_wal w WHERE s.relname = 'centers_slot'
"""


@dataclass(frozen=True)
class Counts:
    """PostgreSQL's counters at one moment."""

    updates: int
    hot_updates: int
    wal_bytes: float
    full_pages: int
    wal_records: int
    transactions: int
    wal_position: float

    def since(self, before: "Counts") -> "Counts":
        pairs = zip(vars(self).values(), vars(before).values(), strict=True)
        return Counts(*(now - then for now, then in pairs))


def measure(stage: Stage, known: Supply) -> Figure:
    """Bookings of both doses by the real form, after a warm-up that has touched the pages once."""
    grid = Grid(seed.days(known.today, 64), starts=60, minutes=10, lines=10)
    supply.sessions(known, supply.centers(known, 0, 2), grid)
    warm, count = stage.size(3000, 500), stage.size(2000, 300)
    with Web(stage.environment(), stage.data / "granian.log", workers=1) as server:
        crowd = visitors.invite(known, server.port, warm + count)
        supply.settle()
        free = visitors.places(known, supply.TWO_DOSES, within_days=19)
        crowd.open_form(free[0])
        _book(crowd, free, warm)
        before = _counts()
        _book(crowd, free, count)
        spent = _counts().since(before)
    values = {
        "hot_share": spent.hot_updates / spent.updates,
        "wal_bytes": spent.wal_position / count,
        "statements": (spent.transactions - OWN) / count,
    }
    detail = {
        "bookings": count,
        "slot_updates": spent.updates,
        "wal_records_per_booking": round(spent.wal_records / count, 1),
        "full_page_images": spent.full_pages,
    }
    return Figure("hot_wal", values, BARS, detail)


def _book(crowd: Visitors, free: Sequence[Place], count: int) -> None:
    requests = crowd.bookings(random.choices(free, k=count))
    web.drive(crowd.port, requests, lines=8).expect(302)


def _counts() -> Counts:
    """After the second or so in which backends tell the statistics what they did."""
    time.sleep(1.5)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        return Counts(*map(int, cursor.fetchone()[1:]))
