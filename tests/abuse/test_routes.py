"""One table: every address and who may open it. A route that is not in it fails; nothing is open by accident."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from booking.services import appointments, links
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.supply import SlotFactory
from web.access import PUBLIC, TABLE
from web.public import visit

pytestmark = pytest.mark.django_db

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
    return reverse(name, kwargs={part: PARTS[part] for part in pattern.pattern.converters})


def of(who: str) -> list[str]:
    return [name for name, needed in TABLE.items() if needed == who]


def ask(client: Client, name: str):
    return client.post(address(name)) if name in POST_ONLY else client.get(address(name))


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
