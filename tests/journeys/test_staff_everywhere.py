"""Every page of the staff that needs no object, as each role may open it: narrow, accessible, alone with its server."""

from collections.abc import Iterator

import pytest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from tests.journeys.staff import sign_in, staff_world
from web.access import TABLE, may

LEAVES = {"account_logout"}  # whoever looks at it has gone
WORKING = list(Role)


@pytest.mark.parametrize("role", WORKING)
def test_every_page_of_a_role_fits_320_pixels(walker, house, role):
    user = staff_world(timezone.now()).users[role]
    walk = walker(width=320, axe=True)
    sign_in(walk, user)
    if role == Role.PLANNER:  # works everywhere, so she is asked where
        walk.page.goto(f"{house.site}/zentrum/")
        walk.page.get_by_role("button", name="Niesky, Bürgerhaus").click()

    for name, address in addresses(user):
        answer = walk.page.request.get(house.site + address)
        assert answer.status < 500, (name, answer.status)
        if answer.status == 200 and answer.headers["content-type"].startswith("text/html") and "<html" in answer.text():
            walk.page.goto(house.site + address)
            walk.watch.look(f"{role} {name}")

    assert walk.watch.seen


def addresses(user: User) -> Iterator[tuple[str, str]]:
    """What the table opens to her, by name."""
    for name, who in TABLE.items():
        if name in LEAVES or isinstance(who, str) or not may(user, who):
            continue
        try:
            yield name, reverse(name)
        except NoReverseMatch:  # needs an object; its owner's journey goes there
            continue
