"""People at work, for the journeys of the staff: a center of their own, one user per role, and a browser logged in.

The center is no citizen's business: its supply, sessions and people come from the journey itself, so that nothing
here changes what the citizens' journeys find (tests/journeys/world.py).
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import BrowserContext, Page

from accounts.models import User
from accounts.roles import Role
from centers.models import Center, District
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory
from tests.journeys.walk import Walk
from web.access import BEGAN, SECOND_FACTOR

SLUG = "niesky"


@dataclass(frozen=True)
class StaffWorld:
    """A center and who works there; planner, auditor and administrator work everywhere."""

    center: Center
    users: dict[Role, User]


def staff_world(now: datetime) -> StaffWorld:
    """The center `niesky`, unlisted and without a session, and one user per role; the same at every call."""
    center = Center.objects.filter(slug=SLUG).first()
    if center is None:
        center = CenterFactory(
            slug=SLUG, code="SN99", name="Niesky", place="Bürgerhaus", street="Muskauer Straße 35", postcode="02906",
            town="Niesky", district=District.objects.get(ags="14626"), latitude=51.29, longitude=14.82, listed=False,
            first_day=(now - timedelta(days=30)).date(),
        )  # fmt: skip
    return StaffWorld(center, {role: _user(role, center) for role in Role})


def _user(role: Role, center: Center) -> User:
    found = User.objects.filter(username=f"niesky-{role.value}").first()
    return found or UserFactory(
        username=f"niesky-{role.value}", first_name="Mandy", last_name=role.value.title().replace("_", "-"),
        roles=[role], at=[center],
    )  # fmt: skip


def sign_in(browser: Walk | BrowserContext, user: User, *, site: str = "") -> None:
    """Log `user` in, second factor included: the cookie that a login leaves, without its pages.

    Take the `walk` of a walker; a bare browser context needs `site` (house.site) as well.
    """
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[SECOND_FACTOR] = user.pk
    session[BEGAN] = time.time()
    session.save()
    context = browser.page.context if isinstance(browser, Walk) else browser
    address = browser.house.site if isinstance(browser, Walk) else site
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": address}
    context.add_cookies([cookie])  # type: ignore[list-item]  # Playwright's own type of a cookie


def alt(page: Page, key: str) -> None:
    """Press Alt and a letter or digit, as an access key asks for. Playwright's own press leaves out the character."""
    keys = page.context.new_cdp_session(page)
    pressed = {"modifiers": 1, "key": key, "unmodifiedText": key, "windowsVirtualKeyCode": ord(key.upper())}
    keys.send("Input.dispatchKeyEvent", {"type": "keyDown", **pressed})
    keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})
    keys.detach()
