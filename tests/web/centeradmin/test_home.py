"""Which center: asked only when there are several, and never one where she does not work."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from tests.factories.supply import CenterFactory
from web.centeradmin.here import KEY

pytestmark = pytest.mark.django_db
HOME = reverse("centeradmin:home")


def test_home_without_a_center_says_who_can_help(login):
    page = login(Role.CENTER_STAFF, at=[]).get(HOME).content.decode()

    assert "noch keinem Zentrum zugeordnet" in page


def test_home_lists_only_the_centers_where_she_works(login, center):
    other = CenterFactory(name="Belgern")
    CenterFactory(name="Kamenz")

    page = login(Role.CENTER_STAFF, at=[center, other]).get(HOME).content.decode()

    assert "Riesa" in page
    assert "Belgern" in page
    assert "Kamenz" not in page


def test_home_does_not_choose_a_center_of_others(login, center):
    foreign = CenterFactory(slug="kamenz")
    client = login(Role.CENTER_STAFF, at=[center, CenterFactory()])

    client.post(HOME, {"center": foreign.slug})

    assert client.session.get(KEY) is None


def test_a_planner_reaches_foreign_centers_for_their_supply_and_for_nothing_else(login, center):
    foreign = CenterFactory(name="Kamenz", slug="kamenz")
    client = login(Role.PLANNER, Role.CENTER_MANAGER, at=[center])

    client.post(HOME, {"center": foreign.slug})

    assert client.get(reverse("centeradmin:supply")).wsgi_request.center == foreign
    assert client.get(reverse("centeradmin:today")).wsgi_request.center == center
    assert client.get(reverse("centeradmin:changes")).wsgi_request.center == center
