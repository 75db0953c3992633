"""search: how long the call center's one box takes among two million people, and that an index answers every time.

Measured is what the page does: taking the typed line apart, finding, and where the hits stand, masked. The people are
seeded by one statement: German names as often as they are (Müller is one in fifty), a tenth of them double names, ages
from 16 to 95, couples who share telephone and e-mail.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from django.db import connection
from django.utils import timezone

from benchmarks import seed, supply
from benchmarks.goals import Bar, Figure
from benchmarks.stage import Stage
from benchmarks.supply import Grid, Supply
from booking import clock, codes, search
from booking.models import Registration
from web.callcenter import hits

BARS = {
    "median_ms": Bar(floor=50, goal=10, at_most=True),
    "p95_ms": Bar(floor=200, goal=50, at_most=True),
    "sequential_scans": Bar(floor=0, goal=0, at_most=True),
}


def _words(text: str) -> list[str]:
    return text.split()


TABLES = {"booking_registration", "booking_invitation", "booking_appointment"}
LAST = _words(
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf "
    "Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Schmitz Krause Meier "
    "Lehmann Schmid Schulze Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller "
    "Weiß Jung Hahn Schubert Vogel Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke "
    "Albrecht Schuster Simon Ludwig Böhm Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß "
    "Seidel Heinrich Brandt Haas Graf"
)
HEADS = _words(
    "Alten Berg Brücken Eber Feld Grün Heiden Kirch Linden Neu Ober Rosen Stein Unter Wald Wiesen Ziegen Hohen"
)
TAILS = _words("bach berg dorf eck feld hagen haus heim hof kamp mann meier müller rath stein thal weg wald")
FIRST = _words(
    "Ursula Helga Renate Karin Monika Ingrid Gisela Elke Christa Brigitte Peter Hans Wolfgang Klaus Jürgen Dieter "
    "Manfred Günter Horst Bernd Andreas Thomas Michael Frank Stefan Uwe Sabine Susanne Petra Andrea Birgit Martina "
    "Heike Kerstin Anna Lena Jan Paul Felix Max Jörg-Uwe Hans-Peter Anna-Lena Käthe Jürgen René Zoë André"
)
# random() squared: the first of the names are the most frequent ones.
SEED = """
INSERT INTO booking_registration (
    public_id, case_number, door_code, first_name, last_name, birth_date, street, postcode, town, district_id, email,
    phone, medium, language, needs_wheelchair, needs_companion, needs_sign_language, criteria, channel, identity_key,
    created_at, confirmed_at, withdrawn_reason, contact_changes)
SELECT gen_random_uuid(), lpad(translate(n::text, '01', 'XY'), 8, 'A'),
       lpad(translate(upper(to_hex(n)), '01', 'XY'), 6, 'Z'),
       (%(first)s::text[])[1 + floor(random() * cardinality(%(first)s::text[]))],
       (%(last)s::text[])[1 + floor(random() ^ 2 * cardinality(%(last)s::text[]))]
       || CASE WHEN n %% 10 = 0 THEN '-' || (%(last)s::text[])[1 + floor(random() * 80)] ELSE '' END,
       %(today)s::date - (16 * 365 + floor(random() * 79 * 365))::int,
       'Hauptstraße ' || n, (ARRAY['01067', '01587', '01796', '02625', '04103', '08056', '08523', '09111'])[1 + n %% 8],
       'Riesa', %(district)s,
       CASE WHEN n %% 5 < 3 THEN 'person' || n / 2 || '@' || (ARRAY['gmx.de', 'web.de'])[1 + n %% 2] ELSE '' END,
       CASE WHEN n %% 10 < 7 THEN '+4935' || 10000000 + n / 2 ELSE '' END,
       'letter', 'de', false, false, false, '{}', 'web', md5(n::text) || md5(n::text || 'b'), %(now)s, %(now)s, '', 0
  FROM generate_series(1, %(people)s) AS n
"""
# A third is invited, a tenth has an appointment.
STANDS = """
WITH invited AS (
    INSERT INTO booking_invitation (registration_id, issued_at, valid_until, closed_reason)
    SELECT id, %(now)s, %(now)s + interval '7 days', '' FROM booking_registration WHERE id %% 3 = 0
), slot AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM centers_slot)
INSERT INTO booking_appointment (public_id, registration_id, slot_id, dose_number, status, sequence, channel,
                                 booked_at, cancelled_reason)
SELECT gen_random_uuid(), person.id, slot.id, 1, 'booked', 0, 'web', %(now)s, ''
  FROM booking_registration person JOIN slot ON slot.number = person.id / 10 %% %(slots)s WHERE person.id %% 10 = 0
"""


@dataclass(frozen=True)
class Timed:
    """One way of asking."""

    median_ms: float
    p95_ms: float
    hits: float
    scans: int


def measure(stage: Stage, known: Supply) -> Figure:
    """Every way of asking, for so many people chosen at random; the worst of them is judged."""
    people, asked = stage.size(2_000_000, 20_000), stage.size(300, 20)
    began = time.monotonic()
    _seed(known, people)
    seeded = time.monotonic() - began
    chosen = _chosen(people, asked)
    timed = {name: _timed([line(person) for person in chosen]) for name, line in LINES.items()}
    values = {
        "median_ms": max(one.median_ms for one in timed.values()),
        "p95_ms": max(one.p95_ms for one in timed.values()),
        "sequential_scans": sum(one.scans for one in timed.values()),
    }
    detail = {"people": people, "seed_seconds": round(seeded), **{name: vars(one) for name, one in timed.items()}}
    return Figure("search", values, BARS, detail)


def _seed(known: Supply, people: int) -> None:
    now = timezone.now()
    slots = supply.sessions(known, supply.centers(known, 0, 1), Grid(seed.days(known.today, 30), 40, 15, 5))
    last = [*LAST, *(head + tail for head in HEADS for tail in TAILS)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.42)")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
        names = {"first": FIRST, "last": last}
        cursor.execute(SEED, {**names, "district": known.district, "people": people, "today": known.today, "now": now})
        cursor.execute(STANDS, {"now": now, "slots": slots})
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("RESET synchronous_commit")
        cursor.execute("VACUUM (ANALYZE) booking_appointment")
    supply.settle()


def _chosen(people: int, number: int) -> list[Registration]:
    """The same people in every run, all with telephone and e-mail."""
    dice = random.Random(42)
    ids = [dice.randrange(people // 10) * 10 + 1 for _ in range(number)]
    first = Registration.objects.order_by("pk").values_list("pk", flat=True)[0]
    found = Registration.objects.exclude(email="").exclude(phone="").in_bulk([first - 1 + one for one in ids])
    return list(found.values())


# --- asking --------------------------------------------------------------------------------------


def _spoken(one: Registration) -> str:
    return f"{one.last_name.upper().replace('Ü', 'UE')} {one.first_name} {one.birth_date:%d.%m.%y}"


LINES: dict[str, Callable[[Registration], str]] = {
    "last name, birth date": lambda one: f"{one.last_name} {one.birth_date:%d.%m.%Y}",
    "as it is spoken": _spoken,
    "three letters, birth date": lambda one: f"{one.last_name[:3]} {one.birth_date:%d.%m.%Y}",
    "one word is wrong": lambda one: f"Xylander {one.first_name} {one.birth_date:%d.%m.%Y}",
    "nobody": lambda one: f"Xylander {one.birth_date:%d.%m.%Y}",
    "birth date, postcode": lambda one: f"{one.birth_date:%d.%m.%Y} {one.postcode}",
    "telephone": lambda one: f"0{str(one.phone)[3:]}",
    "e-mail": lambda one: one.email.upper(),
    "case number": lambda one: codes.spoken(one.case_number),
    "door code": lambda one: codes.spoken(one.door_code),
}


def _timed(lines: Sequence[str]) -> Timed:
    _ask(lines[0])
    seconds, found = [], []
    for line in lines:
        began = time.perf_counter()
        found.append(_ask(line))
        seconds.append(time.perf_counter() - began)
    with _scans() as scans:
        for line in lines[:5]:
            _ask(line)
    p95 = quantiles(seconds, n=20)[-1]
    return Timed(round(median(seconds) * 1000, 2), round(p95 * 1000, 2), round(sum(found) / len(found), 1), len(scans))


def _ask(line: str) -> int:
    """What the page does with a typed line; how many hits it shows."""
    now = timezone.now()
    answer = search.run(search.parse(line, today=clock.local_day(now)))
    if not answer.searched:
        raise RuntimeError(f"nobody was looked for: {line}")
    return len(hits.lines(answer, now=now))


@contextmanager
def _scans() -> Iterator[list[str]]:
    """Every query is also planned; the list grows by the big tables that it would read from end to end."""
    found: list[str] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        with connection.connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            found.extend(_read_whole(cursor.fetchone()[0][0]["Plan"]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield found


def _read_whole(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in TABLES:
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _read_whole(part)
