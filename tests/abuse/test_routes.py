"""One table: every address and who may open it. A route that is not in it fails; nothing is open by accident."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter, UUIDConverter
from django.utils import timezone

from accounts.roles import Role
from booking.services import appointments, links
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory, SlotFactory
from web.access import ENTRANCE, ON_EVERY_HOST, PUBLIC, SETUP, STAFF, TABLE
from web.public import visit

pytestmark = pytest.mark.django_db

HASHED = make_password("never typed here")
POST_ONLY = {"public:link_renew", "public:my_renew"}
PARTS = {"slug": "pirna", "day": date(2021, 2, 18), "dose": 2, "token": "x" * 43, "uidb36": "1", "key": "x-y"}


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address with its full name."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, prefix + (f"{pattern.namespace}:" if pattern.namespace else ""))
        else:
            yield f"{prefix}{pattern.name}", pattern


def address(name: str) -> str:
    pattern = dict(routes())[name]
    return reverse(name, kwargs={part: part_of(part, kind) for part, kind in pattern.pattern.converters.items()})


def part_of(name: str, kind: object) -> object:
    """Something that fits into this place of an address; nothing in the database need be called so."""
    if name in PARTS:
        return PARTS[name]
    if isinstance(kind, UUIDConverter):
        return UUID(int=1)
    return 1 if isinstance(kind, IntConverter) else "x"


def of(who: str) -> list[str]:
    return [name for name, needed in TABLE.items() if needed == who]


def ask(client: Client, name: str):
    return client.post(address(name)) if name in POST_ONLY else client.get(address(name))


def at_work(*roles: Role) -> Client:
    """The browser of somebody with a password and these roles, working at a center."""
    client = Client()
    client.force_login(UserFactory(roles=list(roles), at=[CenterFactory()], password=HASHED))
    return client


def shown(answer) -> str:
    """What happened: a page, the way to the login, or a number."""
    if answer.status_code == 302 and answer["Location"].startswith(reverse("account_login")):
        return "login"
    return "open" if answer.status_code in (200, 302, 400, 404, 405, 409, 422) else str(answer.status_code)


@pytest.fixture(autouse=True)
def rules():
    RegulationFactory()
    OpeningFactory()


def test_every_route_is_in_the_table_and_a_public_one_says_itself_that_no_login_is_needed():
    found = dict(routes())
    public = {name for name, who in TABLE.items() if who in PUBLIC}
    open_ = {name for name, pattern in found.items() if not getattr(pattern.callback, "login_required", True)}
    assert set(found) == set(TABLE)
    assert open_ == public


@pytest.mark.parametrize("name", of("visitor"))
def test_a_page_of_a_person_is_closed_without_a_visit(client, name):
    answer = ask(client, name)
    assert answer.status_code == 403
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", of("visitor"))
def test_a_page_of_a_person_is_closed_to_a_forged_and_to_an_ended_visit(client, name):
    person = RegistrationFactory()
    link = links.issue(registration=person, purpose="visit", now=timezone.now())
    forged = visit.ticket(link.pk, began_at=timezone.now(), now=timezone.now())  # signed, but never exchanged
    for value in (forged, forged[:-1] + "x", "1"):
        client.cookies[visit.COOKIE] = value
        assert ask(client, name).status_code == 403


@pytest.mark.parametrize("name", of("draft"))
def test_a_page_of_a_draft_leads_to_the_beginning_without_one(client, name):
    answer = client.get(address(name))
    assert (answer.status_code, answer.headers.get("Location", "")) in {(302, reverse("public:register")), (410, "")}


@pytest.mark.parametrize("name", of("demo"))
def test_the_mailbox_does_not_exist_outside_the_demo(client, name):
    assert not settings.DEMO_MAILBOX
    assert client.get(address(name)).status_code == 404


@pytest.mark.parametrize("name", of("anybody"))
def test_an_open_page_sets_no_session_and_starts_no_visit(client, name):
    answer = ask(client, name)
    assert answer.status_code < 500 or name == "readyz"  # no worker runs here, and it says so
    assert {"sessionid", visit.COOKIE} & set(answer.cookies) == set()


def test_a_visit_of_one_person_shows_nothing_of_another(client):
    now = timezone.now()
    other, mine = RegistrationFactory(first_name="Waltraud"), RegistrationFactory(first_name="Ingeborg")
    slots = [SlotFactory(starts_at=now + timedelta(days=days)) for days in (3, 30)]
    InvitationFactory(registration=other, issued_at=now, valid_until=now + timedelta(days=3))
    SlotFactory(starts_at=slots[1].starts_at, session__center=slots[0].center)
    appointments.book(registration=other, slot_id=slots[0].pk, channel="web", by=None, now=now)
    link = links.issue(registration=mine, purpose="visit", now=now)
    links.exchange(token=links.token(link), birth_date=mine.birth_date, now=now)
    client.cookies[visit.COOKIE] = visit.ticket(link.pk, began_at=now, now=now)
    for name in of("visitor"):
        answer = ask(client, name)
        text = answer.content.decode(errors="replace")
        assert answer.status_code < 500
        assert not {other.first_name, other.last_name, other.case_number, other.door_code} & set(text.split())
        assert other.email not in text


# --- The staff: every route x every role ---------------------------------------------------------

OF_STAFF = [name for name, who in TABLE.items() if who not in PUBLIC]


def opens(name: str, role: Role) -> bool:
    who = TABLE[name]
    return who in (STAFF, SETUP) or role in who


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_exactly_the_pages_that_the_table_names(role):
    client = at_work(role)
    wanted = {name: "open" if opens(name, role) else "403" for name in OF_STAFF}
    assert {name: shown(client.get(address(name))) for name in OF_STAFF} == wanted


@pytest.mark.parametrize("role", Role)
def test_a_post_is_refused_where_the_page_is(role):
    client = at_work(role)
    closed = [name for name in OF_STAFF if not opens(name, role)]
    assert {name: client.post(address(name)).status_code for name in closed} == dict.fromkeys(closed, 403)


def test_without_roles_only_the_own_account_is_open():
    client = at_work()
    wanted = {name: "open" if TABLE[name] in (STAFF, SETUP) else "403" for name in OF_STAFF}
    assert {name: shown(client.get(address(name))) for name in OF_STAFF} == wanted


def test_nobody_is_led_to_the_login(client):
    assert {name: shown(client.get(address(name))) for name in OF_STAFF} == dict.fromkeys(OF_STAFF, "login")
    assert {name: shown(client.post(address(name))) for name in OF_STAFF} == dict.fromkeys(OF_STAFF, "login")


def test_a_citizens_visit_opens_no_page_of_the_staff(client):
    """Niedersachsen, February 2021: the session of a citizen opened the search of the staff."""
    now = timezone.now()
    person = RegistrationFactory()
    link = links.issue(registration=person, purpose="visit", now=now)
    links.exchange(token=links.token(link), birth_date=person.birth_date, now=now)
    client.cookies[visit.COOKIE] = visit.ticket(link.pk, began_at=now, now=now)
    assert client.get(reverse("public:my")).status_code == 200
    assert {name: shown(client.get(address(name))) for name in OF_STAFF} == dict.fromkeys(OF_STAFF, "login")


def test_a_deactivated_account_opens_nothing_although_its_session_lives():
    user = UserFactory(roles=list(Role), at=[CenterFactory()])
    client = Client()
    client.force_login(user)
    assert client.get(reverse("staff:accounts")).status_code == 200
    type(user).objects.update(is_active=False)
    assert {name: shown(client.get(address(name))) for name in OF_STAFF} == dict.fromkeys(OF_STAFF, "login")


def test_a_member_of_staff_has_no_visit_and_sees_no_persons_page():
    client = at_work(*Role)
    assert {name: ask(client, name).status_code for name in of("visitor")} == dict.fromkeys(of("visitor"), 403)


# --- A host of its own ---------------------------------------------------------------------------


@pytest.fixture
def two_hosts(settings):
    settings.STAFF_HOST = "intern.example.org"
    settings.ALLOWED_HOSTS = ["testserver", "intern.example.org"]


@pytest.mark.usefixtures("two_hosts")
def test_staff_pages_do_not_exist_on_the_public_host(client):
    names = [*OF_STAFF, *of(ENTRANCE)]
    assert {name: client.get(address(name)).status_code for name in names} == dict.fromkeys(names, 404)
    manager = at_work(*Role)
    assert {name: manager.get(address(name)).status_code for name in OF_STAFF} == dict.fromkeys(OF_STAFF, 404)


@pytest.mark.usefixtures("two_hosts")
def test_public_pages_do_not_exist_on_the_staffs_host(client):
    names = [name for name, who in TABLE.items() if who in PUBLIC - {ENTRANCE} and name not in ON_EVERY_HOST]
    found = {name: client.get(address(name), headers={"host": "intern.example.org"}).status_code for name in names}
    assert found == dict.fromkeys(names, 404)


@pytest.mark.usefixtures("two_hosts")
def test_staff_pages_answer_on_the_staffs_host(client):
    inside = {"host": "intern.example.org"}
    assert client.get(reverse("account_login"), headers=inside).status_code == 200
    assert client.get(reverse("healthz"), headers=inside).status_code == 200
    manager = at_work(*Role)
    assert {name: shown(manager.get(address(name), headers=inside)) for name in OF_STAFF} == dict.fromkeys(
        OF_STAFF, "open"
    )


@pytest.mark.usefixtures("two_hosts")
def test_public_pages_answer_everywhere_else(client):
    assert client.get(reverse("public:start")).status_code == 200
    assert client.get(reverse("healthz")).status_code == 200


def test_without_a_host_of_its_own_both_answer(client):
    assert settings.STAFF_HOST == ""
    assert client.get(reverse("public:start")).status_code == 200
    assert client.get(reverse("account_login")).status_code == 200
