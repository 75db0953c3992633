"""A real SMS gateway for tests: HTTP and JSON, which can refuse, delay, hang, drip or talk nonsense."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, bytes, dict[str, str]]
ACCEPTED: Answer = (202, b'{"state": "queued"}', {})


class Book:
    """What the gateway has been sent, and how it answers: `answer[number]`, a value or a function of the body.

    A number in `hangs` is answered only when the test sets `released`; one in `drips` line by line, for ever; one in
    `garbage` with these raw bytes. An id that was accepted once is known (409).
    """

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.accepted: dict[str, dict[str, Any]] = {}
        self.connections: set[Any] = set()
        self.answer: dict[str, Answer | Callable[[dict[str, Any]], Answer]] = {}
        self.everybody: Answer | None = None
        self.hangs: set[str] = set()
        self.drips: set[str] = set()
        self.garbage: dict[str, bytes] = {}
        self.closes = False
        self.names = {"to": "to", "text": "text", "id": "id"}
        self.released = threading.Event()
        self.waiting = threading.Semaphore(0)
        self.before_answer: Callable[[dict[str, Any]], object] | None = None

    def judge(self, body: dict[str, Any]) -> Answer:
        found = self.everybody or self.answer.get(body[self.names["to"]], ACCEPTED)
        status, words, headers = found(body) if callable(found) else found
        if 200 <= status < 300:
            key = body[self.names["id"]]
            if key in self.accepted:
                return 409, b'{"error": "known"}', {}
            self.accepted[key] = body
        return status, words, headers


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        book = self.server.book
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        book.requests.append({**body, "path": self.path})
        book.headers.append(dict(self.headers.items()))
        book.connections.add(self.client_address)
        to = body[book.names["to"]]
        if to in book.hangs:
            book.waiting.release()
            book.released.wait(60)
        if to in book.garbage:
            self.wfile.write(book.garbage[to])
            self.close_connection = True
            return
        if to in book.drips:
            self._drip(book)
            return
        status, words, headers = book.judge(body)
        if book.before_answer is not None:
            book.before_answer(body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)
        self.close_connection = book.closes

    def _drip(self, book: Book) -> None:
        self.close_connection = True
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not book.released.wait(0.02):
                self.wfile.write(b"X-Slow: x\r\n")
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:
        """Tests read the book."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, book: Book) -> None:
        self.book = book
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up in the middle are what the tests want."""


class SmsGateway:
    """`with SmsGateway() as gateway:` listens on a free port until the block ends."""

    def __init__(self) -> None:
        self.book = Book()
        self.server = Server(self.book)

    def __enter__(self) -> "SmsGateway":
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.book.released.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    @property
    def options(self) -> dict[str, Any]:
        """As `settings.SMS`."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "tls": False,
            "path": "/v1/messages",
            "token": "geheim",
            "names": {"to": "to", "text": "text", "id": "id"},
            "fields": {"from": "Impftermin"},
            "timeout": 10,
        }
