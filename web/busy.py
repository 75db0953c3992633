"""The answer while the database is in the way: locks, deadlocks, timeouts, or no database at all.

Asked by web.errors.server_error, because there everything arrives: what a view raises, and what a middleware raises
before it (who is logged in is read from the database too). Draws its pages without a single query.
"""

import logging
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from booking.again import CODES
from web.access import of_staff

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5
ROLLED_BACK = CODES | {"57014"}  # a statement that took too long. All of these end the transaction they happen in.
UNREACHABLE = "unreachable"  # no answer that would have a code: whether a commit went through is not known
# Pages of the login ask for passwords and codes: those are typed again, never written into a page.
SECRET = re.compile("^(account|mfa)_")


@dataclass(frozen=True)
class Repeat:
    """How the same thing is asked for again: by a link, or by a form that sends `fields` as they came."""

    url: str
    fields: list[tuple[str, str]]
    sends: bool


def page(request: HttpRequest, exception: BaseException | None) -> HttpResponse | None:
    """A 503 that says what was saved and repeats what was asked; None when it is not about the database's state."""
    if not isinstance(exception, OperationalError | InterfaceError):
        return None
    code = getattr(exception.__cause__, "pgcode", None) or UNREACHABLE
    logger.error("the database could not answer: %s", code)
    request.without_database = True  # for web.context_processors.staff
    context: dict[str, Any] = {
        "rolled_back": code in ROLLED_BACK,
        "saved": _saved(request),
        "sent": request.method not in ("GET", "HEAD"),
    }
    if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        response = _note(request, context)
    else:
        context["repeat"] = _repeat(request)
        template = "staff/busy.html" if _working(request) else "busy.html"
        response = render(request, template, context, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    # Said above in one line; Django would add a traceback with every parameter of the statement.
    response._has_been_logged = True
    return response


def _saved(request: HttpRequest) -> bool:
    """True when something was saved before, or it is not known: two transactions of one deed, and the second failed."""
    saved = getattr(request, "saved", None)
    return saved is None or saved.anything


def _note(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """What htmx asked for a part of the page: the page stays as it is and says so at its head."""
    response = render(request, "includes/busy_note.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["HX-Retarget"] = "#stoerung"
    response.headers["HX-Reswap"] = "innerHTML"
    response.headers["HX-Reselect"] = "unset"
    return response


def _repeat(request: HttpRequest) -> Repeat:
    """The form again with all that was typed; a link back to it where that is not possible (files, passwords)."""
    url = request.get_full_path()
    if request.method != "POST" or request.FILES or SECRET.match(_view(request)):
        return Repeat(url, [], sends=False)
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    return Repeat(url, [field for field in fields if field[0] != "csrfmiddlewaretoken"], sends=True)


def _working(request: HttpRequest) -> bool:
    return of_staff(_view(request))


def _view(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""
