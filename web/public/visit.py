"""The short visit of a person who has proved, by link and birth date, that the registration is hers.

No session and no account: a signed HttpOnly cookie names the access link, and every request asks the database whether
that visit still stands. So it can be ended on the server, and a copied cookie dies with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from booking import claims
from booking.claims import Target
from booking.models import AccessLink, Registration

COOKIE = "visit"
SALT = "web.public.visit"
# The cookie is signed anew at most this often: a page with ten requests costs one signature.
RENEW_AFTER = timedelta(minutes=1)

_FIELDS = [field.attname for field in Registration._meta.concrete_fields]
_COLUMNS = ", ".join(str(field.column) for field in Registration._meta.concrete_fields)
_STANDING = f"SELECT {_COLUMNS} FROM standing_visit(%s)"  # noqa: S608 - the columns of our own model


View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Visitor:
    """Who is looking at the page, by which link, since the exchange at `began_at`; `seen_at` is the last renewal."""

    link_id: int
    registration: Registration
    began_at: datetime
    seen_at: datetime
    target: Target | None = None  # the start time that the request asks for, where the view has it read along


def ticket(link_id: int, *, began_at: datetime, now: datetime) -> str:
    """The value of the cookie: signed, and without anything about the person."""
    return signing.dumps([link_id, int(began_at.timestamp()), int(now.timestamp())], salt=SALT)


def begin(response: HttpResponse, link: AccessLink, *, now: datetime) -> None:
    """Open the visit that `link` was exchanged for."""
    _hand_over(response, link.pk, began_at=now, now=now)


def forget(response: HttpResponse) -> None:
    """Remove the cookie. Ending the visit itself is `links.end_visit`."""
    response.delete_cookie(COOKIE, samesite="Lax")


def of(request: HttpRequest, *, now: datetime, slot_id: int | None = None) -> Visitor | None:
    """The visitor behind this request, or None: no cookie, forged, idle for too long, too old, or ended.

    With `slot_id` she asks for that start time, and it is read along.
    """
    try:
        key, began, seen = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    began_at, seen_at = datetime.fromtimestamp(began, UTC), datetime.fromtimestamp(seen, UTC)
    if now >= seen_at + settings.VISIT_IDLE or now >= began_at + settings.VISIT_LONGEST:
        return None
    if slot_id is not None:
        wish = claims.wish(key, slot_id)
        return Visitor(key, wish.registration, began_at, seen_at, wish.target) if wish else None
    person = _standing(key)
    return Visitor(key, person, began_at, seen_at) if person else None


def _standing(link_id: int) -> Registration | None:
    """Whose visit it is, if it stands. Asked in every request: booking/sql/standing_visit.sql."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [link_id])
        row = cursor.fetchone()
    return Registration.from_db(connection.alias, _FIELDS, row) if row else None


def visitor_required(view: View) -> View:
    """Let only a visitor in, as `request.visitor`; anybody else reads how to get in again (403)."""
    return _guarded(view, lambda *_request, **_address: None)


def visitor_asking(slot_of: Callable[..., int | None]) -> Callable[[View], View]:
    """The same for a view that may be asked for a start time: `slot_of` says from request and address for which."""
    return lambda view: _guarded(view, slot_of)


def _guarded(view: View, slot_of: Callable[..., int | None]) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        visitor = of(request, now=now, slot_id=slot_of(request, *args, **kwargs))
        if visitor is None:
            return render(request, "public/link/visit_over.html", {"had_visit": COOKIE in request.COOKIES}, status=403)
        request.visitor = visitor
        response = view(request, *args, **kwargs)
        left = COOKIE in response.cookies  # the view has ended the visit
        if not left and now >= visitor.seen_at + RENEW_AFTER:
            _hand_over(response, visitor.link_id, began_at=visitor.began_at, now=now)
        return response

    return guarded


def _hand_over(response: HttpResponse, link_id: int, *, began_at: datetime, now: datetime) -> None:
    response.set_cookie(
        COOKIE,
        ticket(link_id, began_at=began_at, now=now),
        max_age=settings.VISIT_IDLE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
