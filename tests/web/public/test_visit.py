"""The visit cookie: what it opens, and when it does not any more."""

from datetime import timedelta

import pytest
import time_machine

from booking import claims, entitlement
from booking.models import AccessLink, Registration
from booking.services import links
from tests.factories import NOW
from tests.factories.people import RegistrationFactory, visit_link
from tests.factories.supply import SlotFactory
from tests.web.public.filling import page_of
from web.public import visit

pytestmark = pytest.mark.django_db


def used_link(person: Registration) -> AccessLink:
    link = visit_link(person)
    return links.exchange(token=links.token(link), birth_date=person.birth_date, now=NOW)


@pytest.fixture
def link(campaign):
    return used_link(RegistrationFactory())


@pytest.fixture
def visitor(client, link):
    """A browser whose visit has just begun."""
    client.cookies[visit.COOKIE] = visit.ticket(link.pk, began_at=NOW, now=NOW)
    return client


def status(client, *, after: timedelta = timedelta(0)) -> int:
    with time_machine.travel(NOW + after, tick=False):
        return client.get("/mein-termin/").status_code


def test_visit_opens_the_persons_page(visitor):
    assert status(visitor) == 200


def test_page_of_a_person_needs_a_visit(client, link):
    response = client.get("/mein-termin/")

    assert response.status_code == 403
    assert "Bitte öffnen Sie zuerst Ihren Link" in page_of(response)


def test_visit_ends_after_45_idle_minutes(visitor):
    assert status(visitor, after=timedelta(minutes=44)) == 200
    assert status(visitor, after=timedelta(minutes=44 + 46)) == 403


def test_visit_slides_while_it_is_used_and_ends_after_four_hours(visitor):
    answers = [status(visitor, after=timedelta(minutes=minutes)) for minutes in range(30, 300, 30)]

    assert answers == [200] * 7 + [403] * 2


def test_ended_visit_does_not_come_back_with_the_old_cookie(visitor, link):
    old = visitor.cookies[visit.COOKIE].value
    assert visitor.post("/abmelden/").url == "/abmelden/"

    visitor.cookies[visit.COOKIE] = old

    assert status(visitor) == 403
    link.refresh_from_db()
    assert link.visit_ended_at == NOW
    assert "Sie haben Ihre Seite verlassen" in page_of(visitor.get("/abmelden/"))


def test_leaving_twice_is_harmless(visitor):
    visitor.post("/abmelden/")

    assert visitor.post("/abmelden/").status_code == 302


@pytest.mark.parametrize("forged", ["", "x", "1:2:3", "WzEsMiwzXQ:1lBwDA:4uEUl5uCgjAu6yPWiECwcx7GaY9OhECv02dFNkt-4w4"])
def test_forged_cookie_opens_nothing(visitor, forged):
    visitor.cookies[visit.COOKIE] = forged

    assert status(visitor) == 403


def test_cookie_for_a_link_that_was_never_used_opens_nothing(client, campaign):
    link = visit_link(RegistrationFactory())
    client.cookies[visit.COOKIE] = visit.ticket(link.pk, began_at=NOW, now=NOW)

    assert status(client) == 403


def test_cookie_says_nothing_about_the_person(visitor, link):
    assert link.registration.case_number not in visitor.cookies[visit.COOKIE].value


def test_visit_costs_one_query(rf, link, django_assert_num_queries):
    request = rf.get("/mein-termin/")
    request.COOKIES[visit.COOKIE] = visit.ticket(link.pk, began_at=NOW, now=NOW)

    with django_assert_num_queries(1):
        assert visit.of(request, now=NOW).registration.pk == link.registration_id


def test_visit_and_place_together_cost_one_query(rf, link, django_assert_num_queries):
    place = SlotFactory()

    with django_assert_num_queries(1):
        visitor = asking(rf, link, place.pk)

    assert (visitor.registration.pk, visitor.link_id) == (link.registration_id, link.pk)
    assert visitor.target == claims.target(place.pk)
    person = visitor.registration
    assert entitlement.person(person) == entitlement.person(link.registration)
    assert (person.email, person.last_name) == (link.registration.email, link.registration.last_name)


def test_a_place_that_does_not_count_is_not_read_along(rf, link):
    assert asking(rf, link, SlotFactory(suspended=True).pk).target is None
    assert asking(rf, link, 99_999_999).target is None


def test_a_place_opens_no_visit_that_has_ended(rf, link):
    links.end_visit(link_id=link.pk, now=NOW)

    assert asking(rf, link, SlotFactory().pk) is None


def asking(rf, link: AccessLink, slot_id: int) -> visit.Visitor | None:
    """Who is behind a request that asks for this start time."""
    request = rf.post("/mein-termin/")
    request.COOKIES[visit.COOKIE] = visit.ticket(link.pk, began_at=NOW, now=NOW)
    return visit.of(request, now=NOW, slot_id=slot_id)
