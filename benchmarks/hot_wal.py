"""hot_wal: what a booking makes PostgreSQL write, and how often the web process asks it.

HOT share: updates of the slot that rewrote the row beside itself, without touching an index. WAL: bytes per booking
(full-page images of the first touch after a checkpoint are told apart). Statements: round trips per booking POST as
PostgreSQL counts them; in autocommit each is one transaction.
"""

import random
from dataclasses import dataclass
from statistics import median

from django.db import connection

from benchmarks import seed, supply, visitors, web
from benchmarks.goals import Bar, Figure
from benchmarks.seed import Invited
from benchmarks.stage import Stage
from benchmarks.supply import Grid, Supply
from benchmarks.visitors import Visitors
from benchmarks.web import Web

BARS = {
    "hot_share": Bar(floor=0.95, goal=0.99),
    "wal_bytes": Bar(floor=2500, goal=1500, at_most=True),
    "statements": Bar(floor=6, goal=3, at_most=True),
}
ROUNDS = 3
OWN = 10  # about: opening the form, reading the counters and the list of places
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
    """Bookings of both doses by the real form, after a warm-up that has touched the pages once; the middle round."""
    grid = Grid(seed.days(known.today, 64), starts=60, minutes=10, lines=30)
    supply.sessions(known, supply.centers(known, 0, 2), grid)
    warm, count = stage.size(4000, 500), stage.size(1000, 300)
    people = visitors.crowd(known, warm + ROUNDS * count)
    random.shuffle(people)
    supply.settle()
    _book(stage, known, people[:warm])
    rounds = [_spent(stage, known, people[at : at + count]) for at in range(warm, warm + ROUNDS * count, count)]
    values = {
        "hot_share": min(spent.hot_updates / spent.updates for spent in rounds),
        "wal_bytes": median(spent.wal_position / count for spent in rounds),
        "statements": median((spent.transactions - OWN) / count for spent in rounds),
    }
    detail = {
        "bookings": ROUNDS * count,
        "slot_updates": [spent.updates for spent in rounds],
        "wal_bytes": [round(spent.wal_position / count) for spent in rounds],
        "wal_records_per_booking": [round(spent.wal_records / count, 1) for spent in rounds],
        "full_page_images": [spent.full_pages for spent in rounds],
    }
    return Figure("hot_wal", values, BARS, detail)


def _spent(stage: Stage, known: Supply, people: list[Invited]) -> Counts:
    """What these bookings cost. A vacuum that comes by counts too: PostgreSQL does not tell whose a record is."""
    before = _counts()
    _book(stage, known, people)
    return _counts().since(before)


def _book(stage: Stage, known: Supply, people: list[Invited]) -> None:
    """Each books by the form. The server ends with it, so that its connections tell what they did."""
    free = visitors.places(known, supply.TWO_DOSES, within_days=19)
    with Web(stage.environment(), stage.data / "granian.log", workers=1) as server:
        crowd = Visitors(known, people, server.port)
        crowd.open_form(free[0])
        requests = crowd.bookings(random.choices(free, k=len(people)))
        web.drive(server.port, requests, lines=8).expect(302)


def _counts() -> Counts:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        return Counts(*map(int, cursor.fetchone()[1:]))
