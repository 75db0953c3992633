"""A real server and a small load generator: granian on a free port, and many kept-alive connections from one thread.

The generator sends prepared bytes and parses no more of an answer than it must: it runs on the cores it measures.
"""

import os
import selectors
import socket
import sys
import time
import urllib.error
import urllib.request
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM
from subprocess import Popen

from devkit import process
from devkit.paths import ROOT

HOST = "127.0.0.1"
TICKS = os.sysconf("SC_CLK_TCK")
READY_WITHIN_SECONDS = 30.0
ANSWER_WITHIN_SECONDS = 30.0


@dataclass
class Web:
    """One granian: `workers` processes with `threads` each. As a context it runs, and is gone afterwards."""

    environment: Mapping[str, str]
    log: Path
    workers: int = 2
    threads: int = 4
    port: int = 0
    process: "Popen[bytes] | None" = None

    def __enter__(self) -> "Web":
        self.port = _free_port()
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(self.port), "--no-ws",
            "--workers", str(self.workers), "--blocking-threads", str(self.threads), "--backlog", "1024",
            "config.wsgi:application",
        ]  # fmt: skip
        tethered = process.tethered(command)
        self.process = process.start(tethered, log=self.log, env=self.environment, cwd=ROOT)
        until = time.monotonic() + READY_WITHIN_SECONDS
        while not self._answers():
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError(f"granian does not answer: {process.tail(self.log)}")
            time.sleep(0.05)
        return self

    def __exit__(self, *error: object) -> None:
        if self.process is not None:
            process.stop(self.process, by=SIGTERM, patience=10)

    def _answers(self) -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"http://{HOST}:{self.port}/healthz", timeout=2):
                return True
        except OSError:
            return False

    def pids(self) -> list[int]:
        """The worker processes: children of the one that we started."""
        if self.process is None:
            return []
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in found]


def spent(pids: Sequence[int]) -> float:
    """Seconds of CPU that these processes have used, in user and system mode."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def get(path: str, cookies: Mapping[str, str]) -> bytes:
    """The bytes of a GET."""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {_jar(cookies)}\r\n\r\n".encode()


def post(path: str, cookies: Mapping[str, str], fields: Mapping[str, object]) -> bytes:
    """The bytes of a form's POST. The values need no quoting: they are numbers and tokens."""
    body = "&".join(f"{name}={value}" for name, value in fields.items())
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {_jar(cookies)}\r\nOrigin: http://{HOST}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


def _jar(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, raw head, body, seconds from the first byte sent to the last one read."""

    status: int
    head: bytes
    body: bytes
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """The answers in the order of the requests, and the seconds that all of them took."""

    answers: Sequence[Answer]
    seconds: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.answers) / self.seconds

    @property
    def statuses(self) -> Counter[int]:
        return Counter(answer.status for answer in self.answers)

    def expect(self, status: int) -> None:
        """Refuse to count anything when an answer was another one."""
        if set(self.statuses) != {status}:
            raise RuntimeError(f"expected {status} and nothing else, got {dict(self.statuses)}")

    def slower_than(self, share: float) -> float:
        """The seconds that `share` of the answers stayed below; 0.95 is the p95."""
        ordered = sorted(answer.seconds for answer in self.answers)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class _Line:
    """One kept-alive connection with the request under way on it."""

    sock: socket.socket
    number: int = -1
    sent_at: float = 0.0
    read: bytearray = field(default_factory=bytearray)


def drive(port: int, requests: Sequence[bytes], *, lines: int) -> Outcome:
    """Send all requests over `lines` connections, each the next one as soon as it has its answer."""
    answers: list[Answer | None] = [None] * len(requests)
    waiting = deque(range(len(requests)))
    with selectors.DefaultSelector() as selector:
        opened = [_Line(socket.create_connection((HOST, port))) for _ in range(min(lines, len(requests)))]
        began = time.perf_counter()
        for line in opened:
            line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(line.sock, selectors.EVENT_READ, line)
            _next(line, waiting, requests)
        left = len(requests)
        while left:
            ready = selector.select(ANSWER_WITHIN_SECONDS)
            if not ready:
                raise TimeoutError(f"{left} requests have no answer")
            for key, _events in ready:
                answer = _read(key.data)
                if answer is not None:
                    answers[key.data.number] = answer
                    left -= 1
                    _next(key.data, waiting, requests)
        seconds = time.perf_counter() - began
        for line in opened:
            line.sock.close()
    return Outcome([answer for answer in answers if answer is not None], seconds)


def _next(line: _Line, waiting: deque[int], requests: Sequence[bytes]) -> None:
    if waiting:
        line.number = waiting.popleft()
        line.sent_at = time.perf_counter()
        line.sock.sendall(requests[line.number])


def _read(line: _Line) -> Answer | None:
    """The whole answer, or None while some of it is still to come."""
    part = line.sock.recv(262_144)
    if not part:
        raise ConnectionError("the server closed a connection")
    line.read += part
    end = line.read.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(line.read[:end])
    length = _length(head)
    if len(line.read) < end + 4 + length:
        return None
    answer = Answer(int(head[9:12]), head, bytes(line.read[end + 4 :]), time.perf_counter() - line.sent_at)
    line.read.clear()
    return answer


def _length(head: bytes) -> int:
    lowered = head.lower()
    start = lowered.find(b"content-length:")
    if start < 0:
        raise ValueError("an answer without a length")
    return int(lowered[start + 15 :].split(b"\r\n", 1)[0])
