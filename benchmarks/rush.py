"""An open-loop rush: visitors come at a rate, each on a line of her own, whether or not the others have an answer.

A process of its own (`python -m benchmarks.rush PORT RATE SECONDS FILE`), so that it slows down no other clock. FILE
holds prepared GETs, each ended by a blank line as the protocol has it. Whoever waits longer than PATIENCE_SECONDS goes
away. At the end one JSON object says what became of everybody.
"""

import json
import resource
import selectors
import socket
import sys
import time
from collections import Counter, deque
from itertools import cycle
from pathlib import Path

HOST = "127.0.0.1"
PATIENCE_SECONDS = 10.0
MOST_OPEN = 8000  # at most, and as many as descriptors are allowed; who finds no line free is counted as turned away
SPARE = 50  # descriptors for everything else


class Rush:
    """The visitors under way."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self.port, self.requests = port, cycle(requests)
        self.selector = selectors.DefaultSelector()
        self.open: deque[tuple[float, socket.socket]] = deque()
        self.alive: set[int] = set()
        self.told: Counter[str] = Counter()
        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = MOST_OPEN + SPARE if hard == resource.RLIM_INFINITY else min(hard, MOST_OPEN + SPARE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        self.most = most - SPARE

    def run(self, rate: float, seconds: float) -> dict[str, float]:
        """Everybody at her time; those who find no answer in time are not waited for."""
        began = time.perf_counter()
        came = 0
        while (now := time.perf_counter()) - began < seconds:
            due = int((now - began) * rate)
            for _visitor in range(due - came):
                self._come(now)
            came = due
            self._serve(0.002)
            self._leave(now)
        passed = time.perf_counter() - began
        return {"offered_per_second": came / passed, **{name: n / passed for name, n in sorted(self.told.items())}}

    def _come(self, now: float) -> None:
        if len(self.alive) >= self.most:
            self.told["no_line_per_second"] += 1
            return
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex((HOST, self.port))
        self.selector.register(sock, selectors.EVENT_WRITE)
        self.alive.add(sock.fileno())
        self.open.append((now, sock))

    def _serve(self, patience: float) -> None:
        for key, events in self.selector.select(patience):
            sock = key.fileobj
            if not isinstance(sock, socket.socket):
                continue
            try:
                if events & selectors.EVENT_WRITE:
                    sock.sendall(next(self.requests))
                    self.selector.modify(sock, selectors.EVENT_READ)
                elif part := sock.recv(65_536):
                    status = part[9:12].decode("ascii", "replace")
                    self._end(sock, f"answered_{status}_per_second" if part[:5] == b"HTTP/" else "")
                else:
                    self._end(sock, "closed_per_second")
            except OSError:
                self._end(sock, "refused_per_second")

    def _leave(self, now: float) -> None:
        while self.open and (self.open[0][1].fileno() < 0 or now - self.open[0][0] > PATIENCE_SECONDS):
            _since, sock = self.open.popleft()
            if sock.fileno() >= 0:
                self._end(sock, "went_away_per_second")

    def _end(self, sock: socket.socket, told: str) -> None:
        self.alive.discard(sock.fileno())
        self.selector.unregister(sock)
        sock.close()
        self.told[told] += 1


def main(words: list[str]) -> None:
    """Print what happened."""
    port, rate, seconds, file = int(words[0]), float(words[1]), float(words[2]), Path(words[3])
    requests = [part + b"\r\n\r\n" for part in file.read_bytes().split(b"\r\n\r\n") if part]
    print(json.dumps(Rush(port, requests).run(rate, seconds)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
