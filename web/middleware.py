"""Headers that keep a visit between the visitor and this server, and an answer while no rules are in force."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from priority.rules import NoRegulation
from web import errors

logger = logging.getLogger(__name__)

# Nothing here needs a sensor, a payment or another site's frame; say so, also to what a browser adds later.
FEATURES = (
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "payment",
    "usb",
)


def permissions_policy(*own: str) -> str:
    """The header that refuses every feature to everybody, but those of `own` to our own pages."""
    return ", ".join(f"{feature}=({'self' if feature in own else ''})" for feature in FEATURES)


PERMISSIONS_POLICY = permissions_policy()


class PrivacyHeadersMiddleware:
    """Add the headers Django does not know; a view may still set its own Cache-Control."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Permitted-Cross-Domain-Policies", "none")
        # Pages carry a person's data or a form token: no shared cache, no copy in the browser.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class NoRulesMiddleware:
    """A page that needs the rules of a day without any answers 503 and names the hotline; the log names the day."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, NoRegulation):
            return None
        logger.error("%s", exception)
        return errors.no_rules(request)
