"""Whether a request has saved anything so far: what a page may say when the database gives up in the middle."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

# The functions of booking/sql that change something; the others are STABLE, and a test asks the database for both.
FUNCTIONS = ("claim_series", "move_appointments", "displace_appointments", "adopt_displaced")
CHANGES = re.compile(
    rf"\A\s*(?:INSERT|UPDATE|DELETE|WITH|MERGE|COPY|TRUNCATE)\b|\b(?:{'|'.join(FUNCTIONS)})\(", re.IGNORECASE
)
BESIDE = '"django_session"'  # that somebody is at work, not what she does


@lru_cache(maxsize=512)  # the same statements come again and again, and some are long
def _changes(statement: str) -> bool:
    return CHANGES.search(statement) is not None and BESIDE not in statement


class Saved:
    """Listens to the statements of one request. `anything`: a change of its own or a transaction with one has ended.

    In doubt it is True: a counter is a change as well.
    """

    def __init__(self) -> None:
        self.anything = False

    def __call__(
        self, execute: Callable[..., Any], statement: Any, parameters: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        answer = execute(statement, parameters, many, context)
        if not isinstance(statement, str) or _changes(statement):
            # Runs with the commit, at once outside of a transaction, and never when it is rolled back.
            transaction.on_commit(self._note, robust=True)
        return answer

    def _note(self) -> None:
        self.anything = True


class SavedMiddleware:
    """`request.saved` for web/busy.py."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.saved = Saved()
        with connection.execute_wrapper(request.saved):
            return self.get_response(request)
