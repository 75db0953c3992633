"""overload, the staff's part: an agent's pages while ten times as many visitors come as the public pages can serve.

In one run, one after the other: nobody else there, the rush with the agent in the same processes as the public, the
rush with the agent in processes of her own (as docker-compose.yml has it). The rush is an open loop: nobody waits with
coming until somebody else has an answer. Everything shares the cores, the rush itself too, and no process has a
priority. The agent's connection stands before the rush begins, as that of a proxy does.
"""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from benchmarks import seed, supply, visitors, web
from benchmarks.goals import Bar, Figure
from benchmarks.stage import Stage
from benchmarks.supply import Grid, Supply
from benchmarks.visitors import TOKEN, Place
from benchmarks.web import Web
from booking.models import Registration
from centers.models import Center, Workplace

BARS = {
    "p95_seconds": Bar(floor=1, goal=0.5, at_most=True),
    "times_better_than_shared": Bar(floor=None, goal=3),
}
TIMES = 10
GIVES_UP_SECONDS = 30.0
WARM_SECONDS = 3.0
UNLIMITED = "find=1000000/hour,find_open=1000000/day"  # one agent does here what a hall of them does


@dataclass
class Agent:
    """Somebody at the telephone who also looks at the list of a door; every step is timed as its whole answer."""

    port: int
    jar: Mapping[str, str]
    people: list[Registration]
    token: str = ""
    line: HTTPConnection | None = None
    seconds: dict[str, list[float]] = field(default_factory=dict)
    failed: int = 0

    def round(self, number: int) -> None:
        """Find somebody, open her, read her page, look at today's list."""
        person = self.people[number % len(self.people)]
        asked = {"q": f"{person.last_name} {person.birth_date:%d.%m.%Y}"}
        self._step("search", 200, reverse("callcenter:find"), asked)
        self._step("open", 302, reverse("callcenter:find_open", args=[person.public_id]), {})
        self._step("person", 200, reverse("callcenter:find_person", args=[person.public_id]))
        self._step("today", 200, reverse("centeradmin:today"))

    def all(self) -> list[float]:
        return sorted(seconds for step in self.seconds.values() for seconds in step)

    def sign_in(self) -> None:
        """The form's token, from the page that has it."""
        status, body = self._ask(reverse("callcenter:find"), None)
        found = TOKEN.search(body)
        if status != 200 or found is None:
            raise RuntimeError(f"the agent's page does not open: {status}")
        self.token = found[1].decode()

    def _step(self, name: str, status: int, path: str, fields: Mapping[str, str] | None = None) -> None:
        began = time.perf_counter()
        try:
            answer, _body = self._ask(path, fields)
        except (OSError, HTTPException):
            answer, self.line = 0, None
        passed = time.perf_counter() - began
        if answer not in (status, 503, 0):
            raise RuntimeError(f"{name} answered {answer}")
        self.failed += answer != status
        self.seconds.setdefault(name, []).append(passed if answer == status else GIVES_UP_SECONDS)

    def _ask(self, path: str, fields: Mapping[str, str] | None) -> tuple[int, bytes]:
        self.line = self.line or HTTPConnection(web.HOST, self.port, timeout=GIVES_UP_SECONDS)
        headers = {"Host": web.HOST, "Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items())}
        body = None
        if fields is not None:
            body = urlencode({"csrfmiddlewaretoken": self.token, **fields})
            headers |= {"Origin": f"http://{web.HOST}", "Content-Type": "application/x-www-form-urlencoded"}
        self.line.request("GET" if fields is None else "POST", path, body, headers)
        answer = self.line.getresponse()
        return answer.status, answer.read()


def measure(stage: Stage, known: Supply) -> Figure:
    """The p95 of all the agent's pages in her own pool, and how many times longer it is in the shared one."""
    centers, crowd_size = _seed(known), stage.size(2000, 100)
    environment = {**stage.environment(), "RATE_LIMITS": UNLIMITED}
    log, own_log = stage.data / "granian.log", stage.data / "granian-staff.log"
    with Web(environment, log) as public, Web(environment, own_log) as own:
        crowd = visitors.invite(known, public.port, crowd_size)
        supply.settle()
        place = visitors.places(known, supply.TWO_DOSES, within_days=5)[-1]
        requests = _public(crowd, place)
        capacity = _capacity(public, requests, stage.size(3000, 200))
        rush = Crowd(public.port, capacity * TIMES, stage.size(30, 5), stage.data / "requests", b"".join(requests))
        jar, people = _agent(centers[0]), _people(crowd)
        quiet = _worked(Agent(own.port, jar, people), stage.size(8, 2))
        shared, shared_rush = rush.beside(lambda left: _worked(Agent(public.port, jar, people), left))
        alone, alone_rush = rush.beside(lambda left: _worked(Agent(own.port, jar, people), left))
    p95, worse = _p95(alone.all()), _p95(shared.all())
    detail = {
        "capacity_per_second": round(capacity),
        "nobody_else": _told(quiet),
        "shared_pool": {**_told(shared), "rush": shared_rush},
        "own_pool": {**_told(alone), "rush": alone_rush},
    }
    return Figure("overload", {"p95_seconds": p95, "times_better_than_shared": worse / p95}, BARS, detail)


@dataclass(frozen=True)
class Crowd:
    """The rush on the public pages."""

    port: int
    rate: float
    seconds: float
    file: Path
    requests: bytes

    def beside(self, work: Callable[[float], Agent]) -> tuple[Agent, dict[str, int]]:
        """What the agent does meanwhile; a little later, when the queues are full."""
        self.file.write_bytes(self.requests)
        words = [str(self.port), str(self.rate), str(self.seconds + WARM_SECONDS), str(self.file)]
        command = [sys.executable, "-m", "benchmarks.rush", *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as rush:
            time.sleep(WARM_SECONDS)
            found = work(self.seconds - 1)
            told, _none = rush.communicate()
        time.sleep(WARM_SECONDS)  # what is still queued is answered to nobody
        return found, {name: round(number) for name, number in json.loads(told).items()}


def _seed(known: Supply) -> list[Center]:
    made = supply.centers(known, 0, 10)
    supply.sessions(known, made, Grid(seed.days(known.today, 64), starts=120, minutes=5, lines=4))
    return made


def _public(crowd: visitors.Visitors, place: Place) -> list[bytes]:
    """The start page, the centers, and the page on which a visitor chooses a time: as often each."""
    jar = crowd.jar(crowd.people[0])
    paths = (reverse("public:start"), reverse("public:centers"), place.path)
    return [web.get(path, jar) for path in paths]


def _capacity(server: Web, requests: list[bytes], number: int) -> float:
    """Answers a second when everybody waits for hers before the next comes; the best that there is."""
    each = [requests[index % len(requests)] for index in range(number)]
    web.drive(server.port, each[:60], lines=8).expect(200)
    found = web.drive(server.port, each, lines=16)
    found.expect(200)
    return found.rate


def _agent(center: Center) -> dict[str, str]:
    """The cookies of a member of staff who is logged in."""
    user = User.objects.create(
        username=f"agent-{uuid.uuid4()}", last_name="Kretzschmar", email="agent@example.org",
        roles=[Role.CALL_AGENT, Role.CENTER_STAFF],
    )  # fmt: skip
    Workplace.objects.create(user=user, center=center)
    client = Client(SERVER_NAME=web.HOST)
    client.force_login(user)
    client.get(reverse("callcenter:find"))
    names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
    return {name: client.cookies[name].value for name in names if name in client.cookies}


def _people(crowd: visitors.Visitors) -> list[Registration]:
    return list(Registration.objects.filter(pk__in=[one.registration_id for one in crowd.people[:50]]).order_by("pk"))


def _worked(agent: Agent, seconds: float) -> Agent:
    """Round after round without a pause, for so long; the round that has begun is finished."""
    agent.sign_in()
    until, number = time.perf_counter() + seconds, 0
    while time.perf_counter() < until:
        agent.round(number)
        number += 1
    return agent


def _p95(ordered: list[float]) -> float:
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def _told(agent: Agent) -> dict[str, object]:
    """Milliseconds."""
    steps = {name: round(1000 * _p95(sorted(seconds))) for name, seconds in agent.seconds.items()}
    every = agent.all()
    found = {"pages": len(every), "failed": agent.failed, "median_ms": round(1000 * median(every))}
    return {**found, "p95_ms": round(1000 * _p95(every)), "p95_ms_by_page": steps}
