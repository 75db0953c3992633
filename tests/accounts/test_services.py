"""Accounts: by invitation, never without an administrator, and all of it in the trail."""

from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from accounts import services
from accounts.models import AuditEvent, User
from accounts.refusals import Refused
from accounts.roles import Role
from centers import workplaces
from centers.models import Workplace
from tests.concurrency import run_at_once
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2021, 2, 16, 9, tzinfo=UTC)
HASHED = make_password("never typed here")


def administrator(**user: object) -> User:
    return UserFactory(roles=[Role.ADMINISTRATOR], password=HASHED, **user)


def invited(email: str = "Neu@Example.org", **user: object) -> User:
    return services.invite(
        first_name="Nina", last_name="Neu", email=email, roles=[Role.PLANNER, Role.CALL_AGENT], by=administrator(),
        now=NOW, **user,
    )  # fmt: skip


def events() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_invite_makes_an_account_without_a_password():
    user = invited()
    assert (user.username, user.email, user.roles) == ("neu@example.org", "neu@example.org", ["call_agent", "planner"])
    assert not user.has_usable_password()
    event = AuditEvent.objects.get()
    assert (event.action, event.subject, event.at) == ("account.invited", user.public_id, NOW)
    assert event.details == {"roles": ["call_agent", "planner"]}


@pytest.mark.parametrize("email", ["NEU@example.org", "neu@example.org"])
def test_invite_refuses_an_address_that_has_an_account(email):
    invited()
    with pytest.raises(Refused) as refusal:
        invited(email)
    assert refusal.value.code == "taken"


@pytest.mark.django_db(transaction=True)
def test_two_invitations_to_one_address_at_once_make_one_account():
    def attempt() -> str:
        try:
            services.invite(first_name="N", last_name="N", email="n@example.org", roles=[], by=None, now=NOW)
        except Refused as refusal:
            return refusal.code
        return "done"

    assert sorted(run_at_once([attempt] * 6)) == ["done", *["taken"] * 5]


def test_one_address_is_one_account_in_the_database_too():
    UserFactory(email="a@example.org")
    with pytest.raises(IntegrityError, match="user_email_once"), transaction.atomic():
        UserFactory(email="A@example.org")


def test_invite_refuses_an_address_longer_than_a_user_name():
    with pytest.raises(Refused, match="150"):
        invited(f"{'a' * 60}@{'b' * 60}.{'c' * 40}.example.org")


def test_inviting_again_makes_the_password_anew_so_that_older_links_are_void():
    user = invited()
    again = services.invite_again(user=user, by=None, now=NOW)
    assert again.password != user.password
    assert not again.has_usable_password()


def test_inviting_again_is_refused_where_a_password_is_set_or_the_account_is_closed():
    with pytest.raises(Refused) as refusal:
        services.invite_again(user=administrator(), by=None, now=NOW)
    assert refusal.value.code == "has_password"
    with pytest.raises(Refused) as refusal:
        services.invite_again(user=UserFactory(is_active=False), by=None, now=NOW)
    assert refusal.value.code == "inactive"


def test_change_roles_keeps_before_and_after():
    user, by = UserFactory(roles=[Role.CALL_AGENT]), administrator()
    services.change_roles(user=user, roles=[Role.AUDITOR, Role.CALL_AGENT], by=by, now=NOW)
    user.refresh_from_db()
    assert user.roles == ["call_agent", "auditor"]
    event = AuditEvent.objects.get()
    assert (event.action, event.actor) == ("account.roles_changed", by)
    assert event.details == {"before": ["call_agent"], "roles": ["call_agent", "auditor"]}


@pytest.mark.parametrize("roles", [[Role.ADMINISTRATOR, Role.PLANNER], [Role.ADMINISTRATOR], [Role.PLANNER]])
def test_nobody_sets_the_own_roles(roles):
    by, _other = administrator(), administrator()
    with pytest.raises(Refused) as refusal:
        services.change_roles(user=by, roles=roles, by=by, now=NOW)
    assert refusal.value.code == "own"
    by.refresh_from_db()
    assert by.roles == ["administrator"]
    assert events() == []


def test_the_same_roles_are_no_event():
    user = UserFactory(roles=[Role.PLANNER])
    services.change_roles(user=user, roles=[Role.PLANNER], by=administrator(), now=NOW)
    assert events() == []


@pytest.mark.parametrize("other", [{"is_active": False}, {"password": "!unusable"}], ids=["closed", "invited only"])
def test_the_last_administrator_who_can_log_in_stays_one(other):
    last, helper = administrator(), UserFactory(roles=[Role.AUDITOR])
    administrator_who_cannot = administrator()
    User.objects.filter(pk=administrator_who_cannot.pk).update(**other)
    for deed in (
        lambda: services.change_roles(user=last, roles=[Role.PLANNER], by=helper, now=NOW),
        lambda: services.deactivate(user=last, by=helper, now=NOW),
    ):
        with pytest.raises(Refused) as refusal:
            deed()
        assert refusal.value.code == "last"
    last.refresh_from_db()
    assert (last.is_active, last.roles) == (True, ["administrator"])
    assert events() == []


def test_with_another_administrator_one_may_go():
    one, other = administrator(), administrator()
    services.change_roles(user=one, roles=[Role.PLANNER], by=other, now=NOW)
    with pytest.raises(Refused):
        services.change_roles(user=other, roles=[Role.PLANNER], by=one, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_take_the_role_from_each_other_leave_one():
    one, other = administrator(), administrator()
    outcomes = run_at_once([lambda: _take_the_role(one, by=other), lambda: _take_the_role(other, by=one)])
    assert sorted(outcomes) == ["done", "last"]
    assert User.objects.filter(roles__contains=[Role.ADMINISTRATOR]).count() == 1


def _take_the_role(user: User, *, by: User) -> str:
    try:
        services.change_roles(user=user, roles=[Role.PLANNER], by=by, now=NOW)
    except Refused as refusal:
        return refusal.code
    return "done"


def test_deactivate_ends_logins_and_is_undone_by_activate():
    user, by = UserFactory(password=HASHED), administrator()
    login = user.get_session_auth_hash()
    services.deactivate(user=user, by=by, now=NOW)
    services.activate(user=user, by=by, now=NOW)
    user.refresh_from_db()
    assert user.is_active
    assert user.get_session_auth_hash() != login  # a session from before stays ended
    assert events() == ["account.deactivated", "account.activated"]


def test_nobody_deactivates_the_own_account_or_takes_the_own_factor_away():
    by, _other = administrator(), administrator()
    for deed in (services.deactivate, services.reset_second_factor):
        with pytest.raises(Refused) as refusal:
            deed(user=by, by=by, now=NOW)
        assert refusal.value.code == "own"


def test_reset_second_factor_removes_it_and_ends_logins():
    user, by = UserFactory(), administrator()
    Authenticator.objects.create(user=user, type="totp", data={})
    Authenticator.objects.create(user=by, type="totp", data={})
    login = user.get_session_auth_hash()
    services.reset_second_factor(user=user, by=by, now=NOW)
    user.refresh_from_db()
    assert [one.user for one in Authenticator.objects.all()] == [by]
    assert user.get_session_auth_hash() != login
    assert AuditEvent.objects.get().details == {"removed": 1}


def test_an_account_that_has_done_something_cannot_be_deleted():
    by = administrator()
    invited()
    services.change_roles(user=invited("b@example.org"), roles=[Role.AUDITOR], by=by, now=NOW)
    with pytest.raises(ProtectedError):
        by.delete()


def test_assign_keeps_who_works_where_and_each_change():
    user, by = UserFactory(), administrator()
    first, second, third = (CenterFactory(slug=slug) for slug in ("borna", "kamenz", "riesa"))
    workplaces.assign(user=user, centers=[first, second], by=by, now=NOW)
    workplaces.assign(user=user, centers=[second, third], by=by, now=NOW)
    assert {place.center.slug for place in Workplace.objects.filter(user=user)} == {"kamenz", "riesa"}
    kept = [(event.action, event.details["center"]) for event in AuditEvent.objects.order_by("pk")]
    assert kept == [
        ("account.center_joined", "borna"),
        ("account.center_joined", "kamenz"),
        ("account.center_left", "borna"),
        ("account.center_joined", "riesa"),
    ]
