"""Races: many threads, several processes and a real server against the real PostgreSQL."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any

from django.db import connections

from accounts.refusals import Refused

AT_ONCE = 48  # threads with a connection each; PostgreSQL's 100 are shared with the other test processes


def run_at_once(deeds: Sequence[Callable[[], Any]], *, at_once: int = AT_ONCE) -> list[Any]:
    """Do all deeds in threads that start together; their answers, or the exceptions they ended with, in order.

    Each thread has its own connection and takes the next deed as soon as it has done one.
    """
    threads = min(at_once, len(deeds))
    barrier, waiting = threading.Barrier(threads), SimpleQueue()
    answers: list[Any] = [None] * len(deeds)
    for numbered in enumerate(deeds):
        waiting.put(numbered)

    def work() -> None:
        try:
            connections["default"].ensure_connection()
            barrier.wait(timeout=20)
            while True:
                number, deed = waiting.get_nowait()
                try:
                    answers[number] = deed()
                except Exception as error:
                    answers[number] = error
        except Empty:
            pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work) for _ in range(threads)]:
            done.result()
    return answers


def tally(answers: Sequence[Any]) -> Counter[str]:
    """How often what happened: "done", the code of a refusal, or the exception, which no test expects."""
    return Counter(_word(answer) for answer in answers)


def _word(answer: Any) -> str:
    if isinstance(answer, (Refused, Refused)):
        return answer.code
    return repr(answer) if isinstance(answer, BaseException) else "done"
