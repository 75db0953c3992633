"""Emptying the outbox: many providers side by side, none of them able to hold up another (lessons.md 16).

One thread, the coordinator, talks to the database: it claims a small batch of one provider, builds the e-mails from
the state of that moment, and hands them to a connection with a thread of its own. What the server answers comes
back through a queue and is committed at once, while the rest of the batch is still under way. The threads know no
database; the coordinator never waits for a mail server.

Providers take turns, one batch each. A batch that has become slow stops counting against the connections there are,
so that providers that hang cost sockets but never anybody else's turn (performance.md 3).

What cannot be avoided: between the server's "250" and our commit lies a moment. A process killed in it sends that
message again after the lease, with the same Message-ID.
"""

import logging
import queue
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation

from notifications import leases, outbox, rendering
from notifications.gateways import Gateway, Interrupted, Outcome, Reply, Smtp, Unreachable
from notifications.models import Message
from notifications.sms import ConsoleSms, HttpSms, Sms

logger = logging.getLogger(__name__)

TRY_AGAIN_AFTER = timedelta(seconds=15)  # the server could not be reached; nobody's message is to blame
REST_AFTER = timedelta(seconds=30)  # the connection broke in the middle of a provider's batch


@dataclass(frozen=True, slots=True)
class Pace:
    """How one drain behaves. Seconds are of waiting for others, never of a rule."""

    batch: int = 25  # messages of one provider built and sent in one go
    batch_seconds: float = 5.0  # then the rest goes back: what it says must not grow old
    message_seconds: float = 60.0  # the longest dialogue over one message
    slow_after: float = 1.0  # a batch older than that no longer counts against `connections`
    connections: int = 8
    most_connections: int = 32
    drain_seconds: float = 20.0  # then a drain ends; the next one is due in two seconds anyway


@dataclass(frozen=True, slots=True)
class Report:
    """What a connection tells the coordinator about one message; without one: its batch is at an end."""

    lane: str
    message: Message | None = None
    reply: Reply | None = None
    problem: Exception | None = None
    unsent: Sequence[Message] = ()
    rest: timedelta | None = None  # what the provider asked for before it takes the others


@dataclass(slots=True)
class Batch:
    """Messages of one provider on their way through one connection."""

    lane: str
    parcels: list[tuple[Message, EmailMessage | Sms]]
    gateway: Gateway[Any]
    began: float = field(default_factory=time.monotonic)

    def age(self) -> float:
        return time.monotonic() - self.began


def drain(*, clock: Callable[[], datetime], pace: Pace | None = None) -> int:
    """Send what is due; the number of messages accepted. May run many times at once: a lease has one holder."""
    return _Drain(clock, pace or Pace()).run()


class _Drain:
    def __init__(self, clock: Callable[[], datetime], pace: Pace) -> None:
        self._clock, self._pace = clock, pace
        self._began = time.monotonic()
        self._reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self._turns: deque[str] = deque()
        self._under_way: dict[str, Batch] = {}
        self._idle: dict[bool, list[Gateway[Any]]] = {False: [], True: []}  # of e-mail, of SMS
        self._slow: set[str] = set()
        self._resting: set[str] = set()
        self._unreachable: set[bool] = set()
        self._sent = 0

    def run(self) -> int:
        with ThreadPoolExecutor(self._pace.most_connections, thread_name_prefix="gateway") as pool:
            try:
                self._start_batches(pool)
                while self._under_way:
                    self._take_reports()
                    self._cut_endless_dialogues()
                    self._start_batches(pool)
            finally:
                for gateway in [*self._idle[False], *self._idle[True]]:
                    gateway.close()
        return self._sent

    # --- Starting --------------------------------------------------------------------------------

    def _start_batches(self, pool: ThreadPoolExecutor) -> None:
        """Give every provider its turn, as long as connections are free."""
        looked = False
        while self._may_start():
            if not self._turns:
                if looked:
                    return
                looked = True
                self._turns.extend(lane for lane in leases.due_lanes(self._clock()) if self._wanted(lane))
                continue
            lane = self._turns.popleft()
            if not self._wanted(lane):
                continue
            claimed = leases.claim(lane=lane, limit=self._pace.batch, now=self._clock())
            looked = looked and not claimed
            parcels = self._build(claimed)
            if parcels:
                batch = Batch(lane, parcels, self._gateway(lane))
                self._under_way[lane] = batch
                pool.submit(_send, batch, self._pace, self._reports)

    def _may_start(self) -> bool:
        """A connection is free, and there is time left; see `_in_time`."""
        fresh = sum(batch.age() < self._pace.slow_after for batch in self._under_way.values())
        return self._in_time() and fresh < self._pace.connections and len(self._under_way) < self._pace.most_connections

    def _in_time(self) -> bool:
        """Past its time a drain goes on only for those who would otherwise wait for its slowest dialogue."""
        elapsed = time.monotonic() - self._began
        if elapsed < self._pace.drain_seconds:
            return True
        waits = any(batch.age() >= self._pace.slow_after for batch in self._under_way.values())
        return waits and elapsed < self._pace.drain_seconds + self._pace.message_seconds

    def _wanted(self, lane: str) -> bool:
        """One batch of a provider at a time; past the drain's time none of those that were slow."""
        overtime = time.monotonic() - self._began >= self._pace.drain_seconds
        return (
            lane not in self._under_way
            and lane not in self._resting
            and not (overtime and lane in self._slow)
            and _by_sms(lane) not in self._unreachable
            and not (_by_sms(lane) and not settings.SMS)  # they wait until somebody names a gateway
        )

    def _gateway(self, lane: str) -> Gateway[Any]:
        idle = self._idle[_by_sms(lane)]
        if idle:
            return idle.pop()
        if not _by_sms(lane):
            return Smtp(settings.EMAIL)
        return ConsoleSms() if settings.SMS.get("console") else HttpSms(settings.SMS)

    def _build(self, messages: list[Message]) -> list[tuple[Message, EmailMessage | Sms]]:
        """What is sent, from the state as it is now. What is too late or no longer true is discarded."""
        parcels: list[tuple[Message, EmailMessage | Sms]] = []
        for message in messages:
            now = self._clock()
            if message.discard_after is not None and now > message.discard_after:
                leases.discarded(message, reason="too late")
                continue
            try:
                parcel = compose_sms(message, now=now) if _by_sms(message.lane) else compose(message, now=now)
            except Exception as error:  # one broken message must not stop the others
                # Where, never what: the words of an exception may hold a person's data.
                where = traceback.extract_tb(error.__traceback__)[-1]
                place = f"{type(error).__name__} in {where.name}, line {where.lineno}"
                logger.error("Message %s (%s) could not be composed: %s", message.public_id, message.template, place)
                leases.deferred(message, reply=f"not composed: {place}", now=now)
                continue
            if parcel is None:
                leases.discarded(message, reason="no longer true")
            else:
                parcels.append((message, parcel))
        return parcels

    # --- What came of it -------------------------------------------------------------------------

    def _take_reports(self) -> None:
        try:
            self._take(self._reports.get(timeout=0.5))
            while True:
                self._take(self._reports.get_nowait())
        except queue.Empty:
            pass

    def _take(self, report: Report) -> None:
        now = self._clock()
        if report.message is None:
            self._end_batch(report, now)
        elif report.reply is not None:
            self._record(report.message, report.reply, now)
        else:
            # The message on which the connection broke; it may be the reason, so its attempt counts.
            leases.deferred(report.message, reply=str(report.problem), now=now)

    def _record(self, message: Message, reply: Reply, now: datetime) -> None:
        if reply.outcome is Outcome.SENT:
            leases.sent(message, reply=reply.text, now=now)
            self._sent += 1
        elif reply.outcome is Outcome.BOUNCED:
            leases.bounced(message, reply=reply.text)
            logger.warning("Message %s was refused by %s", message.public_id, message.lane)
        else:
            leases.deferred(message, reply=reply.text, now=now, after=reply.after or timedelta(0))
            logger.info("Message %s was deferred by %s", message.public_id, message.lane)

    def _end_batch(self, report: Report, now: datetime) -> None:
        batch = self._under_way.pop(report.lane)
        self._idle[_by_sms(batch.lane)].append(batch.gateway)
        if batch.age() >= self._pace.slow_after:
            self._slow.add(report.lane)
        if isinstance(report.problem, Unreachable):
            self._unreachable.add(_by_sms(batch.lane))
            leases.released(report.unsent, available_at=now + TRY_AGAIN_AFTER)
            where = "SMS gateway" if _by_sms(batch.lane) else "mail server"
            logger.warning("The %s cannot be reached: %s", where, report.problem)
        elif isinstance(report.problem, Interrupted):
            leases.released(report.unsent, available_at=now + REST_AFTER)
            # The server's words may name the recipient; they stand in `last_reply`, never in a log.
            logger.warning("The connection broke while sending to %s", report.lane)
        else:
            if report.rest is not None:
                self._resting.add(batch.lane)
            leases.released(report.unsent, available_at=now + (report.rest or timedelta(0)))
            if report.problem is not None:
                raise report.problem

    def _cut_endless_dialogues(self) -> None:
        for batch in self._under_way.values():
            if batch.gateway.busy_for() > self._pace.message_seconds:
                batch.gateway.cut()


def compose(message: Message, *, now: datetime) -> EmailMessage | None:
    """The e-mail as the state at `now` wants it, or None."""
    context = _context(message, now=now)
    if context is None:
        return None
    words = rendering.letter(message.template, language=message.language, context=context)
    return rendering.email(message, words, now=now)


def compose_sms(message: Message, *, now: datetime) -> Sms | None:
    """The SMS as the state at `now` wants it, or None."""
    context = _context(message, now=now)
    if context is None:
        return None
    text = rendering.short(message.template, language=message.language, context=context)
    return Sms(str(message.public_id), message.recipient, text)


def _by_sms(lane: str) -> bool:
    return lane == outbox.SMS_LANE


def _context(message: Message, *, now: datetime) -> outbox.Context | None:
    with translation.override(message.language):
        return outbox.compose(outbox.envelope(message), now=now)


def _send(batch: Batch, pace: Pace, reports: "queue.SimpleQueue[Report]") -> None:
    """In a thread of its own, without a database: offer a batch, report every answer as it comes."""
    problem: Exception | None = None
    rest: timedelta | None = None
    done = 0
    try:
        for message, parcel in batch.parcels:
            if batch.age() > pace.batch_seconds:
                break
            try:
                reply = batch.gateway.send(parcel)
            except Interrupted as broken:
                done, problem = done + 1, broken
                reports.put(Report(batch.lane, message, problem=broken))
                break
            done += 1
            reports.put(Report(batch.lane, message, reply))
            if reply.pause:
                rest = reply.after or REST_AFTER
                break
    except Exception as error:  # Unreachable, or a fault of ours: the coordinator decides
        problem = error
    unsent = [message for message, _parcel in batch.parcels[done:]]
    reports.put(Report(batch.lane, problem=problem, unsent=unsent, rest=rest))
