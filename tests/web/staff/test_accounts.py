"""The page of the accounts: a list, roles and centers, closing and opening, a lost factor."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from accounts.roles import Role
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory
from tests.web.staff.conftest import HASHED

pytestmark = pytest.mark.django_db

LIST = reverse("staff:accounts")


@pytest.fixture
def admin(client, person) -> Client:
    client.force_login(person)
    return client


def of(user: User, page: str = "accounts_one") -> str:
    return reverse(f"staff:{page}", kwargs={"public_id": user.public_id})


def test_the_list_says_who_works_where_and_in_which_state(admin):
    center = CenterFactory(name="Riesa", slug="riesa")
    UserFactory(first_name="Nina", last_name="Neumann", roles=[Role.CENTER_STAFF], at=[center], password="!")
    UserFactory(first_name="Olga", last_name="Otto", roles=[Role.AUDITOR], is_active=False)
    keyed = UserFactory(first_name="Paul", last_name="Peters", password=HASHED)
    Authenticator.objects.create(user=keyed, type="totp", data={})
    page = admin.get(LIST).content.decode()
    for words in ("Nina Neumann", "Empfang", "Riesa", "eingeladen, noch ohne Passwort", "deaktiviert", "eingerichtet"):
        assert words in page
    assert page.index("Paul Peters") < page.index("Olga Otto")  # closed accounts come last


def test_the_list_asks_no_more_for_three_than_for_one(admin, django_assert_num_queries):
    admin.get(LIST)  # the session is written at the first click
    UserFactory(at=[CenterFactory()])
    with django_assert_num_queries(4):
        admin.get(LIST)
    for _user in range(2):
        UserFactory(at=[CenterFactory(), CenterFactory()])
    with django_assert_num_queries(4):
        admin.get(LIST)


def test_roles_and_centers_are_set_together(admin, person):
    riesa, borna = CenterFactory(slug="riesa"), CenterFactory(slug="borna")
    user = UserFactory(roles=[Role.CENTER_STAFF], at=[riesa])
    answer = admin.post(of(user), {"roles": ["center_manager", "planner"], "centers": ["borna"]}, follow=True)
    user.refresh_from_db()
    assert user.roles == ["center_manager", "planner"]
    assert [place.center for place in user.workplaces.all()] == [borna]
    assert "Rollen und Impfzentren sind geändert" in answer.content.decode()
    assert set(AuditEvent.objects.values_list("action", "actor")) >= {
        ("account.roles_changed", person.pk), ("account.center_left", person.pk), ("account.center_joined", person.pk),
    }  # fmt: skip


def test_a_changed_role_counts_at_the_next_click(admin):
    user = UserFactory(roles=[Role.AUDITOR])
    browser = Client()
    browser.force_login(user)
    assert browser.get(reverse("staff:audit")).status_code == 200
    admin.post(of(user), {"roles": ["planner"]})
    assert browser.get(reverse("staff:audit")).status_code == 403


def test_the_last_administrator_cannot_give_the_role_away(admin, person):
    answer = admin.post(of(person), {"roles": ["planner"]})
    assert "letzte Konto mit Verwaltungsrechten" in answer.content.decode()
    assert 'value="planner" checked' in answer.content.decode()  # what was chosen stays
    person.refresh_from_db()
    assert person.roles == ["administrator"]


def test_deactivating_ends_the_session_at_once(admin):
    user = UserFactory(roles=[Role.AUDITOR], password=HASHED)
    browser = Client()
    browser.force_login(user)
    page = admin.post(of(user, "accounts_active"), {"to": "off"}, follow=True).content.decode()
    assert "alle seine Anmeldungen sind beendet" in page
    assert browser.get(reverse("staff:audit"))["Location"].startswith(reverse("account_login"))
    page = admin.post(of(user, "accounts_active"), {"to": "on"}, follow=True).content.decode()
    assert "Das Konto ist wieder aktiv" in page
    assert browser.get(reverse("staff:audit"))["Location"].startswith(reverse("account_login"))


def test_the_own_account_cannot_be_closed(admin, person):
    assert "Konto deaktivieren" not in admin.get(of(person)).content.decode()
    answer = admin.post(of(person, "accounts_active"), {"to": "off"})
    assert "Ihr eigenes Konto können Sie nicht deaktivieren" in answer.content.decode()


def test_a_lost_factor_is_taken_away(admin):
    user = UserFactory(password=HASHED)
    Authenticator.objects.create(user=user, type="totp", data={})
    assert "Zweiten Faktor entfernen" in admin.get(of(user)).content.decode()
    page = admin.post(of(user, "accounts_factor"), follow=True).content.decode()
    assert "Bei der nächsten Anmeldung wird ein neuer eingerichtet" in page
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("page", ["accounts_active", "accounts_factor", "accounts_invite_again"])
def test_deeds_are_no_links(admin, page):
    assert admin.get(of(UserFactory(), page)).status_code == 405


def test_accounts_of_the_reference_data_are_not_shown(admin):
    hidden = UserFactory(username="reference", email="")
    assert "reference" not in admin.get(LIST).content.decode()
    assert admin.get(of(hidden)).status_code == 404


def test_the_bar_says_who_works_and_as_what():
    center = CenterFactory(name="Riesa", place="")
    user = UserFactory(first_name="Thomas", last_name="Beyer", roles=[Role.CENTER_MANAGER], at=[center])
    browser = Client()
    browser.force_login(user)
    page = browser.get(reverse("staff:home"), {"konto": ""}).content.decode()
    assert "Thomas Beyer, Zentrumsleitung" in page
    for name in ("supply", "week", "today"):
        page = browser.get(reverse(f"centeradmin:{name}")).content.decode()
        assert "Thomas Beyer, Leitung Riesa" in page
        assert ">Abmelden</button>" in page
