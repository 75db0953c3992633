"""Scripts for pgbench: the statements of a booking without Python, sent as psycopg2 sends them (simple protocol)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from benchmarks.seed import Invited
from benchmarks.stage import Stage
from benchmarks.supply import TWO_DOSES, Supply

DAYS, STARTS = 19, 60  # first doses on so many days, with so many start times each
SHORTEST, LONGEST = 21, 42  # days to dose 2 before 8 March 2021
_RATE = re.compile(r"tps = ([\d.]+) \(without")
CLAIM = """SELECT outcome, first_appointment, second_slot FROM claim_series(
    :person, :slot, 2, {wished}, {last_day}, 'Europe/Berlin', '{{{web}}}'::bigint[], '{{{low}}}'::timestamptz[],
    '{{{high}}}'::timestamptz[], 'web', NULL, now(), 'gmx.de');
"""


@dataclass(frozen=True)
class Script:
    """A script, run by so many clients so often each. `:person` is the next person of the client, from `first` on."""

    text: str
    clients: int
    each: int
    first: Invited

    def run(self, stage: Stage) -> "Run":
        """Run it to its end; every client takes the people that no other has."""
        folder = stage.data / "pgbench"
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        head = f"\\set turn :turn + 1\n\\set person {self.first.registration_id} + :client_id * {self.each} + :turn\n"
        (folder / "script.sql").write_text(head + self.text, encoding="utf-8")
        words = ["-f", "script.sql", "-D", "turn=-1", "-c", str(self.clients), "-j", "2", "-t", str(self.each),
                 "-M", "simple", "-l"]  # fmt: skip
        output = stage.pgbench(words, folder=folder)
        found = _RATE.search(output)
        if found is None:
            raise RuntimeError(output)
        logs = [log.read_text().splitlines() for log in folder.glob("pgbench_log.*")]
        return Run(float(found[1]), [int(line.split()[2]) / 1000 for lines in logs for line in lines])


@dataclass(frozen=True)
class Run:
    """Transactions per second, and what each took in milliseconds."""

    rate: float
    milliseconds: Sequence[float]

    @property
    def p95(self) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[int(0.95 * len(ordered))]


def claim(known: Supply, *, wished: str, last_day: str) -> str:
    """The call of the claim as the service makes it; `wished` and `last_day` are SQL."""
    year = known.today.year
    low, high = f"{year}-01-01", f"{year + 2}-01-01"
    return CLAIM.format(wished=wished, last_day=last_day, web=known.web, low=low, high=high)


def anywhere(known: Supply, slots: "Slots") -> str:
    """A booking at a random start time, with the statement that the service reads the start time by."""
    day = f"'{slots.first_day}'::date + :day"
    wished = f"(({day}) + {SHORTEST} + time '08:00' + :start * interval '10 minutes') AT TIME ZONE 'Europe/Berlin'"
    return f"""\\set center random(0, {slots.centers - 1})
\\set day random(0, {DAYS - 1})
\\set start random(0, {STARTS - 1})
\\set slot {slots.first_id} + (:center * {slots.days} + :day) * {STARTS} + :start
{slots.target}
{claim(known, wished=wished, last_day=f"{day} + {LONGEST}")}"""


@dataclass(frozen=True)
class Slots:
    """Start times as `supply.sessions` numbers them: by center, day and time, without a gap."""

    first_id: int
    first_day: date
    centers: int
    days: int
    target: str


def among_the_first(known: Supply, *, center: int, choices: int) -> str:
    """A booking of one of the first open start times of one center: what everybody wants."""
    return f"""\\set which random(0, {choices - 1})
{_open(known, "s.starts_at >= now() + interval '1 day'", center=str(center), offset=":which")}
{claim(known, wished="':wished'::timestamptz", last_day="':last_day'::date")}"""


def among_all(known: Supply, *, first_center: int, centers: int) -> str:
    """A booking of the first open start time after a random moment, at a random center."""
    return f"""\\set center random({first_center}, {first_center + centers - 1})
\\set minute random(1440, {(DAYS - 1) * 1440})
{_open(known, "s.starts_at >= now() + :minute * interval '1 minute'", center=":center", offset="0")}
{claim(known, wished="':wished'::timestamptz", last_day="':last_day'::date")}"""


def _open(known: Supply, since: str, *, center: str, offset: str) -> str:
    """Look for an open start time; 0 when there is none."""
    return f"""SELECT coalesce(max(id), 0) AS slot, coalesce(max(wished), now()) AS wished,
       coalesce(max(last_day), current_date) AS last_day
  FROM (SELECT s.id, s.starts_at + interval '{SHORTEST} days' AS wished,
               s.starts_at::date + {LONGEST} AS last_day
          FROM centers_slot s
         WHERE s.kind = slot_kind({center}, '{TWO_DOSES}', {known.web}) AND s.is_open
           AND {since}
         ORDER BY s.starts_at OFFSET {offset} LIMIT 1) AS found \\gset"""
