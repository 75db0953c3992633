"""Who may open which page. One table for every route of the house, asked in every request; what is not in it is closed.

The public kinds look after themselves (web/public/visit.py asks for the visit); a staff page needs a login and one of
its roles. A role at a center counts in the centers where its holder works: web/centeradmin/here.py.
"""

import logging
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from accounts.roles import Role
from web.staff.adapters import FACTORS

logger = logging.getLogger(__name__)

SECOND_FACTOR = "second_factor"  # a login's session holds its user's pk here once the second factor was right
BEGAN = "began"  # when this login began, in seconds
SENDING_SECONDS = 15 * 60.0  # what somebody typed until the end of her login may still be sent
SEEN, SEEN_EVERY_SECONDS = "seen", 60.0  # a session lives on while its owner works; not every page need write that

# anybody: needs nothing and tells nothing about a person. draft: a browser that has begun a registration. visitor: link
# and birth date were right. demo: exists in the demo only. entrance: where the staff logs in. staff: everybody who has
# logged in. setup: the same, and open before the second factor is set up.
ANYBODY, DRAFT, VISITOR, DEMO = "anybody", "draft", "visitor", "demo"
ENTRANCE, STAFF, SETUP = "entrance", "staff", "setup"
SAFE = {"GET", "HEAD", "OPTIONS"}
PUBLIC = {ANYBODY, DRAFT, VISITOR, DEMO, ENTRANCE}
# Asked for again and again by an open page: nobody need sit before it, so no login lives longer by it.
BY_ITSELF = {"centeradmin:today_list", "centeradmin:changes_run"}
ON_EVERY_HOST = {"healthz", "readyz", "mailbox:mailbox"}

DOOR = frozenset({Role.CENTER_STAFF, Role.CENTER_MANAGER})
MANAGER = frozenset({Role.CENTER_MANAGER})
SUPPLY = frozenset({Role.CENTER_MANAGER, Role.PLANNER})
PLANNER = frozenset({Role.PLANNER})
CALLS = frozenset({Role.CALL_AGENT, Role.CALL_LEAD})
CALL_LEAD = frozenset({Role.CALL_LEAD})
AUDITOR = frozenset({Role.AUDITOR})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})

TABLE: Mapping[str, str | frozenset[Role]] = {
    "healthz": ANYBODY, "readyz": ANYBODY, "mailbox:mailbox": DEMO,
    # --- the citizen
    "public:start": ANYBODY, "public:centers": ANYBODY, "public:check": ANYBODY, "public:how": ANYBODY,
    "public:rules": ANYBODY, "public:privacy": ANYBODY, "public:imprint": ANYBODY,
    "public:accessibility": ANYBODY, "public:easy_language": ANYBODY,
    "public:link_entry": ANYBODY, "public:link_enter": ANYBODY, "public:link_code": ANYBODY, "public:link_new": ANYBODY,
    "public:link_renew": ANYBODY, "public:link_sent": ANYBODY, "public:link_open": ANYBODY,
    "public:leave": ANYBODY, "public:register": ANYBODY,
    "public:register_claim": DRAFT, "public:register_contact": DRAFT, "public:register_review": DRAFT,
    "public:register_status": DRAFT, "public:register_address": DRAFT,
    "public:my": VISITOR, "public:my_renew": VISITOR, "public:my_booked": VISITOR, "public:my_moved": VISITOR,
    "public:my_centers": VISITOR, "public:my_days": VISITOR, "public:my_times": VISITOR,
    "public:my_move_centers": VISITOR, "public:my_move_days": VISITOR, "public:my_move_times": VISITOR,
    "public:my_move_dose": VISITOR, "public:my_move_dose_times": VISITOR, "public:my_cancel": VISITOR,
    "public:my_contact": VISITOR, "public:my_calendar": VISITOR, "public:my_pdf": VISITOR,
    # --- logging in
    "account_login": ENTRANCE, "account_logout": ENTRANCE, "mfa_authenticate": ENTRANCE,
    "account_reset_password": ENTRANCE, "account_reset_password_done": ENTRANCE,
    "account_reset_password_from_key": ENTRANCE, "account_reset_password_from_key_done": ENTRANCE,
    "account_reauthenticate": SETUP, "mfa_index": SETUP, "mfa_activate_totp": SETUP, "mfa_add_webauthn": SETUP,
    "mfa_reauthenticate": STAFF, "mfa_reauthenticate_webauthn": STAFF, "mfa_deactivate_totp": STAFF,
    "mfa_view_recovery_codes": STAFF, "mfa_generate_recovery_codes": STAFF,
    "mfa_list_webauthn": STAFF, "mfa_remove_webauthn": STAFF, "account_change_password": STAFF,
    "account_set_password": STAFF,
    # --- everybody's first page, accounts, the audit trail
    "staff:home": STAFF,
    "staff:accounts": ADMINISTRATOR, "staff:accounts_invite": ADMINISTRATOR, "staff:accounts_one": ADMINISTRATOR,
    "staff:accounts_active": ADMINISTRATOR, "staff:accounts_invite_again": ADMINISTRATOR,
    "staff:accounts_factor": ADMINISTRATOR,
    "staff:audit": AUDITOR, "staff:audit_csv": AUDITOR,
    # --- the call center
    "callcenter:find": CALLS, "callcenter:find_kind": CALLS, "callcenter:find_open": CALLS, "callcenter:done": CALLS,
    "callcenter:find_new": CALLS, "callcenter:find_person": CALLS,
    "callcenter:find_person_confirm": CALLS, "callcenter:find_person_renew": CALLS,
    "callcenter:find_person_link": CALLS, "callcenter:find_person_send": CALLS, "callcenter:find_person_note": CALLS,
    "callcenter:find_person_contact": CALLS, "callcenter:find_person_household": CALLS,
    "callcenter:find_person_history": CALLS, "callcenter:find_person_book": CALLS,
    "callcenter:find_person_together": CALLS, "callcenter:find_person_together_booked": CALLS,
    "callcenter:find_person_second": CALLS, "callcenter:find_person_move": CALLS,
    "callcenter:find_person_move_both": CALLS,
    "callcenter:find_person_end": CALLS, "callcenter:find_person_merge": CALLS,
    "callcenter:call_backs": CALLS, "callcenter:call_backs_new": CALLS, "callcenter:call_backs_of": CALLS,
    "callcenter:call_backs_mine": CALLS, "callcenter:call_backs_next": CALLS, "callcenter:call_backs_take": CALLS,
    "callcenter:call_backs_back": CALLS, "callcenter:call_backs_not_reached": CALLS,
    "callcenter:call_backs_done": CALLS,
    "callcenter:letters": CALLS, "callcenter:letters_pdf": CALLS, "callcenter:letters_printed": CALLS,
    "callcenter:letters_failed": CALLS, "callcenter:letters_again": CALLS, "callcenter:letters_returned": CALLS,
    "callcenter:letters_make": CALL_LEAD,
    "callcenter:new": CALLS, "callcenter:new_booked": CALLS, "callcenter:new_next": CALLS,
    "callcenter:figures": CALL_LEAD,
    "callcenter:usage": PLANNER | CALL_LEAD, "callcenter:usage_csv": PLANNER | CALL_LEAD,
    # --- the center
    "centeradmin:home": DOOR | SUPPLY,
    "centeradmin:today": DOOR, "centeradmin:today_list": DOOR, "centeradmin:today_search": DOOR,
    "centeradmin:today_person": DOOR, "centeradmin:today_arrive": DOOR, "centeradmin:today_vaccinate": DOOR,
    "centeradmin:today_defer": DOOR, "centeradmin:today_second": DOOR, "centeradmin:today_take": DOOR,
    "centeradmin:today_correct": DOOR, "centeradmin:today_undo": DOOR, "centeradmin:today_confirmation": DOOR,
    "centeradmin:today_walk_in": DOOR, "centeradmin:today_walk_in_new": DOOR,
    "centeradmin:changes": MANAGER, "centeradmin:changes_preview": MANAGER, "centeradmin:changes_result": MANAGER,
    "centeradmin:changes_run": MANAGER, "centeradmin:changes_stop": MANAGER, "centeradmin:changes_resume": MANAGER,
    "centeradmin:changes_list": MANAGER, "centeradmin:changes_call": MANAGER,
    "centeradmin:week": DOOR, "centeradmin:week_of": DOOR, "centeradmin:week_month": DOOR,
    "centeradmin:week_month_of": DOOR, "centeradmin:day": DOOR, "centeradmin:day_of": DOOR,
    "centeradmin:day_history": MANAGER,
    "centeradmin:today_print": DOOR, "centeradmin:today_csv": MANAGER,
    "centeradmin:today_paper": DOOR, "centeradmin:today_paper_days": DOOR, "centeradmin:today_paper_of": DOOR,
    "centeradmin:today_afterwards": DOOR, "centeradmin:today_afterwards_of": DOOR,
    "centeradmin:today_afterwards_walk_in": DOOR, "centeradmin:today_afterwards_new": DOOR,
    "centeradmin:new_session": MANAGER, "centeradmin:new_session_days": MANAGER,
    "centeradmin:new_session_dates": MANAGER, "centeradmin:new_session_times": MANAGER,
    "centeradmin:new_session_vaccine": MANAGER, "centeradmin:new_session_shares": MANAGER,
    "centeradmin:new_session_check": MANAGER, "centeradmin:new_session_publish": MANAGER,
    "centeradmin:new_session_discard": MANAGER, "centeradmin:new_session_done": MANAGER,
    "centeradmin:new_session_change": MANAGER, "centeradmin:new_session_copy": MANAGER,
    "centeradmin:new_session_drafts": SUPPLY,
    "centeradmin:supply": SUPPLY, "centeradmin:supply_vaccine": SUPPLY, "centeradmin:supply_new": SUPPLY,
    "centeradmin:supply_delivery": SUPPLY, "centeradmin:supply_waste": SUPPLY, "centeradmin:supply_waste_back": SUPPLY,
    "centeradmin:supply_reserve": SUPPLY, "centeradmin:supply_import": PLANNER,
}  # fmt: skip


def of_staff(name: str) -> bool:
    """Whether a page belongs to the staff, its login included; one that is not in the table does."""
    return TABLE.get(name) not in PUBLIC - {ENTRANCE}


class StaffHostMiddleware:
    """With STAFF_HOST set: staff pages on that host alone, public pages everywhere else; 404 where a page is not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not settings.STAFF_HOST or name in ON_EVERY_HOST:
            return None
        if of_staff(name) != (request.get_host() == settings.STAFF_HOST):
            raise Http404
        return None


class LoginMiddleware(LoginRequiredMiddleware):
    """Every page needs a login but those that say themselves that they need none."""

    def handle_no_permission(  # type: ignore[override]  # part of a page gets no redirect
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        return to_login(request)


def to_login(request: HttpRequest) -> HttpResponse:
    """The login, and from there back: to this page, or to the one from which something was sent or asked for.

    A part of a page that htmx asks for would show the login inside the page: the whole page goes there instead, so that
    no list of people stays on a screen after its login has ended.
    """
    part = "HX-Request" in request.headers and "HX-Boosted" not in request.headers
    back = request.get_full_path()
    if part or request.method not in SAFE:
        back = _path(request, request.headers.get("HX-Current-URL") or request.headers.get("Referer", ""))
    answer = redirect_to_login(back, settings.LOGIN_URL)
    return HttpResponse(status=204, headers={"HX-Redirect": answer["Location"]}) if part else answer


def _path(request: HttpRequest, address: str) -> str:
    """The path of an address of this house, else the staff's first page."""
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}):
        return reverse(settings.LOGIN_REDIRECT_URL)
    found = urlsplit(address)
    return f"{found.path}?{found.query}" if found.query else found.path


class RolesMiddleware:
    """Close every page to whom the table does not name. Stands behind LoginMiddleware."""

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
        if _is_over(request):
            logout(request)
            return to_login(request)
        if not may(request.user, who):
            raise PermissionDenied
        if name not in BY_ITSELF:
            _still_working(request)
        if settings.STAFF_SECOND_FACTOR and not has_second_factor(request):
            return _without_factor(request, who)
        return None


def _without_factor(request: HttpRequest, who: str | frozenset[Role]) -> HttpResponse | None:
    """A login may set up the first factor and nothing else. One that is older than the factor has ended.

    Else who stole a password and waited could add a factor of his own: allauth asks for the password alone.
    """
    if Authenticator.objects.filter(user=user_of(request), type__in=FACTORS).exists():
        logout(request)
        return redirect("account_login")
    return None if who == SETUP else redirect("mfa_index")


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this login has shown a second factor, or set one up."""
    found: object = request.session.get(SECOND_FACTOR)
    return found is not None and found == request.user.pk


def _is_over(request: HttpRequest) -> bool:
    """A login ends some hours after it began, whatever is clicked: a cookie that was stolen opens nothing for ever."""
    longest = settings.STAFF_LOGIN_ENDS_AFTER.total_seconds()
    if request.method not in SAFE:
        longest += SENDING_SECONDS
    began: float = request.session.get(BEGAN, 0.0)
    return time.time() - began >= longest


def _still_working(request: HttpRequest) -> None:
    """Put off the end of the session: it is written at most once a minute, so idle means 29 to 30 minutes."""
    now = time.time()
    if not 0 <= now - request.session.get(SEEN, 0.0) < SEEN_EVERY_SECONDS:
        request.session[SEEN] = now


def may(user: object, who: str | frozenset[Role]) -> bool:
    """True when this user may open pages of `who`; citizens and strangers are no users."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return who in (STAFF, SETUP) or (not isinstance(who, str) and user.has_role(*who))


def user_of(request: HttpRequest) -> User:
    """Who works here: what services take as `by=`. On a public page there is nobody, and this refuses."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
