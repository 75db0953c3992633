"""Who may open which page. One table for every route of the house, asked in every request; what is not in it is closed.

The public kinds look after themselves (web/public/visit.py asks for the visit); a staff page needs a login and one of
its roles. A role at a center counts in the centers where its holder works: web/centeradmin/here.py.
"""

import logging
from collections.abc import Callable, Mapping

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.roles import Role

logger = logging.getLogger(__name__)

SECOND_FACTOR = "second_factor"  # the key of a login's session once its second factor was right

# anybody: needs nothing and tells nothing about a person. draft: a browser that has begun a registration. visitor: link
# and birth date were right. demo: exists in the demo only. staff: everybody who has logged in.
ANYBODY, DRAFT, VISITOR, DEMO, STAFF = "anybody", "draft", "visitor", "demo", "staff"
PUBLIC = {ANYBODY, DRAFT, VISITOR, DEMO}

DOOR = frozenset({Role.CENTER_STAFF, Role.CENTER_MANAGER})
MANAGER = frozenset({Role.CENTER_MANAGER})
SUPPLY = frozenset({Role.CENTER_MANAGER, Role.PLANNER})
AUDITOR = frozenset({Role.AUDITOR})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})

TABLE: Mapping[str, str | frozenset[Role]] = {
    "healthz": ANYBODY, "readyz": ANYBODY, "mailbox:mailbox": DEMO,
    # --- the citizen
    "public:start": ANYBODY, "public:centers": ANYBODY, "public:check": ANYBODY, "public:how": ANYBODY,
    "public:rules": ANYBODY, "public:privacy": ANYBODY, "public:imprint": ANYBODY,
    "public:accessibility": ANYBODY, "public:easy_language": ANYBODY,
    "public:link_entry": ANYBODY, "public:link_enter": ANYBODY, "public:link_new": ANYBODY,
    "public:link_renew": ANYBODY, "public:link_sent": ANYBODY, "public:link_open": ANYBODY,
    "public:leave": ANYBODY, "public:register": ANYBODY,
    "public:register_claim": DRAFT, "public:register_contact": DRAFT, "public:register_review": DRAFT,
    "public:register_status": DRAFT, "public:register_address": DRAFT,
    "public:my": VISITOR, "public:my_renew": VISITOR, "public:my_booked": VISITOR, "public:my_moved": VISITOR,
    "public:my_centers": VISITOR, "public:my_days": VISITOR, "public:my_times": VISITOR,
    "public:my_move_centers": VISITOR, "public:my_move_days": VISITOR, "public:my_move_times": VISITOR,
    "public:my_move_dose": VISITOR, "public:my_move_dose_times": VISITOR, "public:my_cancel": VISITOR,
    "public:my_contact": VISITOR, "public:my_calendar": VISITOR, "public:my_pdf": VISITOR,
    # --- the center
    "centeradmin:home": DOOR | SUPPLY,
}  # fmt: skip


class RolesMiddleware:
    """Close every page to whom the table does not name. Stands behind LoginRequiredMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """None lets the view go on; PermissionDenied becomes the 403 page."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        who = TABLE.get(name)
        if who is None:
            logger.error("the page %s is not in the table of web/access.py, so it stays closed", name)
            raise PermissionDenied
        if who in PUBLIC:
            return None
        if not may(request.user, who):
            raise PermissionDenied
        return None


def may(user: object, who: str | frozenset[Role]) -> bool:
    """True when this user may open pages of `who`; citizens and strangers are no users."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return who == STAFF or (not isinstance(who, str) and user.has_role(*who))


def user_of(request: HttpRequest) -> User:
    """Who works here: what services take as `by=`. On a public page there is nobody, and this refuses."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
