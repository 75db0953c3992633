"""Pages for what went wrong: they say what is true, what is kept, and what to do next."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render

from web import busy

# Shown when even the template cannot be drawn.
LAST_RESORT = (
    '<!doctype html><html lang="de"><meta charset="utf-8"><title>Störung</title>'
    "<h1>Das hat gerade nicht geklappt</h1><p>Bitte versuchen Sie es in einigen Minuten noch einmal.</p>"
    '<h2 lang="en">That did not work just now</h2><p lang="en">Please try again in a few minutes.</p></html>'
)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What was sent could not be read."""
    return render(request, "400.html", status=HTTPStatus.BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page exists, but not for this visitor, or not for the roles of this member of staff."""
    user = getattr(request, "user", None)
    template = "staff/403.html" if user is not None and user.is_authenticated else "403.html"
    return render(request, template, status=HTTPStatus.FORBIDDEN)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """No such address, or nothing there that this member of staff may see."""
    user = getattr(request, "user", None)
    template = "staff/404.html" if user is not None and user.is_authenticated else "404.html"
    return render(request, template, status=HTTPStatus.NOT_FOUND)


def too_many_tries(request: HttpRequest) -> HttpResponse:
    """Somebody tries to log in again and again from one network address."""
    return render(request, "staff/429.html", status=HTTPStatus.TOO_MANY_REQUESTS)


def server_error(request: HttpRequest) -> HttpResponse:
    """The database in the way (web/busy.py), or our fault. Whatever happens in here, an answer goes out."""
    try:
        answer = busy.page(request, sys.exc_info()[1])
        return answer or render(request, "500.html", status=HTTPStatus.INTERNAL_SERVER_ERROR)
    except Exception:
        return HttpResponseServerError(LAST_RESORT)


def no_rules(request: HttpRequest) -> HttpResponse:
    """No regulation is in force today: nobody can be told her group."""
    return render(request, "no_rules.html", status=HTTPStatus.SERVICE_UNAVAILABLE)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long, or the browser keeps no cookies."""
    return render(request, "403_csrf.html", status=HTTPStatus.FORBIDDEN)
