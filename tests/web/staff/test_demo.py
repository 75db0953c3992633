"""The demo's accounts: one per role, shown where everybody may know the password, and nowhere else."""

import pytest
from django.conf import settings as real
from django.test import Client
from django.urls import reverse

from accounts import demo
from accounts.models import User
from accounts.roles import AT_A_CENTER, Role
from booking.demo import staff
from tests.factories.supply import CenterFactory
from tests.web.staff.conftest import log_in

pytestmark = pytest.mark.django_db

LOGIN = reverse("account_login")


@pytest.fixture
def in_the_demo(settings):
    settings.DEMO = True
    for slug in ("riesa", "dresden"):
        CenterFactory(slug=slug, name=slug.title())


@pytest.mark.usefixtures("in_the_demo")
def test_there_is_one_account_per_role_and_a_second_manager():
    assert staff.create() == len(demo.ACCOUNTS)
    assert {role for user in User.objects.all() for role in user.roles} == set(Role.values)
    managers = User.objects.filter(roles=[Role.CENTER_MANAGER]).order_by("username")
    assert [user.workplaces.get().center.slug for user in managers] == ["dresden", "riesa"]
    for account in demo.ACCOUNTS:
        assert bool(account.center) == (account.role in AT_A_CENTER)


@pytest.mark.usefixtures("in_the_demo")
def test_making_them_again_adds_nothing_and_keeps_a_changed_password():
    staff.create()
    user = User.objects.get(username="planung")
    user.set_password("eines, das sonst niemand kennt")
    user.save()
    assert staff.create() == 0
    user.refresh_from_db()
    assert not user.check_password(demo.PASSWORD)


@pytest.mark.usefixtures("in_the_demo")
def test_each_of_them_logs_in_by_what_the_login_page_shows(client):
    staff.create()
    page = client.get(LOGIN).content.decode()
    assert demo.PASSWORD in page
    for account in demo.ACCOUNTS:
        assert account.username in page
        assert log_in(Client(), account.username, demo.PASSWORD).status_code == 302


def test_outside_the_demo_nobody_sees_them_and_nobody_makes_them(client):
    assert not real.DEMO
    page = client.get(LOGIN).content.decode()
    assert not any(words in page for words in (demo.PASSWORD, "leitung-riesa", "Vorführung"))
    with pytest.raises(staff.OutsideTheDemo):
        staff.create()
    assert not User.objects.exists()
