"""The page of the accounts: a list, roles and centers, closing and opening, a lost factor."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from accounts.roles import Role
from centers.models import Workplace
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
    with django_assert_num_queries(6):
        admin.get(LIST)
    for _user in range(2):
        UserFactory(at=[CenterFactory(), CenterFactory()])
    with django_assert_num_queries(6):
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


def test_nobody_sets_her_own_roles_or_centers(admin, person):
    CenterFactory(slug="riesa")
    UserFactory(roles=[Role.ADMINISTRATOR], password=HASHED)
    page = admin.get(of(person)).content.decode()
    assert "legt jemand anderes mit Verwaltungsrechten fest" in page
    assert 'name="roles"' not in page
    for wanted in (["planner", "administrator"], ["center_staff"], ["administrator"]):
        answer = admin.post(of(person), {"roles": wanted, "centers": ["riesa"] if "center_staff" in wanted else []})
        assert "jemand anderes mit Verwaltungsrechten fest" in answer.context["refusal"]
    person.refresh_from_db()
    assert person.roles == ["administrator"]
    assert not person.workplaces.exists()


def test_who_was_second_sees_what_the_first_one_did(admin):
    riesa = CenterFactory(slug="riesa", name="Riesa")
    user = UserFactory(roles=[Role.AUDITOR])
    stand = admin.get(of(user)).context["stand"]
    user.roles = [Role.CENTER_STAFF]
    user.save()
    Workplace.objects.create(user=user, center=riesa)
    answer = admin.post(of(user), {"roles": ["auditor", "planner"], "stand": stand})
    page = answer.content.decode()
    assert "seit Sie die Seite geöffnet haben" in page
    assert "Empfang, Riesa" in page
    assert 'value="planner" checked' in page  # what was chosen stays
    user.refresh_from_db()
    assert user.roles == ["center_staff"]
    admin.post(of(user), {"roles": ["auditor", "planner"], "stand": answer.context["stand"]})
    user.refresh_from_db()
    assert user.roles == ["planner", "auditor"]


def test_two_thousand_accounts_come_in_pages_and_are_found_by_name_role_and_center(admin):
    riesa = CenterFactory(slug="riesa")
    people = [User(username=f"u{n}", email=f"u{n}@example.org", last_name=f"Name{n:04}") for n in range(2000)]
    User.objects.bulk_create(people)
    UserFactory(first_name="Nina", last_name="Neumann", email="n.n@example.org", roles=[Role.AUDITOR])
    UserFactory(first_name="Olga", last_name="Neumann", roles=[Role.CENTER_STAFF], at=[riesa])

    def names(answer) -> list[str]:
        return [row.user.get_full_name().strip() for row in answer.context["rows"]]

    first = admin.get(LIST)
    assert len(names(first)) == 50
    assert "2.003 Konten" in first.content.decode() or "2003 Konten" in first.content.decode()
    assert names(admin.post(LIST, {"seite": "3"}))[0] == "Name0100"
    assert names(admin.post(LIST, {"seite": "junk", "name": "name19"}))[0] == "Name1900"
    assert names(admin.post(LIST, {"seite": "2", "name": "name19"}))[0] == "Name1950"
    assert names(admin.post(LIST, {"name": "neu nina"})) == ["Nina Neumann"]
    assert names(admin.post(LIST, {"name": "N.N@"})) == ["Nina Neumann"]
    assert names(admin.post(LIST, {"role": "center_staff"})) == ["Olga Neumann"]
    assert names(admin.post(LIST, {"center": "riesa", "name": "neumann"})) == ["Olga Neumann"]
    assert "Niemand gefunden" in admin.post(LIST, {"name": "xyz"}).content.decode()
    for bad in ({"name": "x\0"}, {"role": "king"}, {"center": "mars"}, {"name": "x" * 500}):
        answer = admin.post(LIST, bad)
        assert (answer.status_code, names(answer)) == (200, [])


def test_an_account_says_how_long_its_invitation_works(admin):
    with time_machine.travel("2021-02-16 09:00Z", tick=False) as clock:
        admin.force_login(User.objects.get(username="mandy"))
        admin.post(reverse("staff:accounts_invite"), {
            "first_name": "N", "last_name": "N", "email": "n@example.org", "roles": ["auditor"],
        })  # fmt: skip
        user = User.objects.get(username="n@example.org")
        page = admin.get(of(user)).content.decode().replace("\xa0", " ")
        assert "gesendet am 16. Februar 2021, 10:00 Uhr, gilt bis 23. Februar 2021, 10:00 Uhr" in page
        clock.shift(timedelta(days=7))
        admin.force_login(User.objects.get(username="mandy"))
        assert "abgelaufen am 23." in admin.get(of(user)).content.decode()
        admin.post(of(user, "accounts_invite_again"))
        assert "gilt bis 2." in admin.get(of(user)).content.decode()
        user.set_password("x")
        user.save()
        assert "gilt bis" not in admin.get(of(user)).content.decode()


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
