"""Checks 1 and 2 through a real server: granian with two processes, the pages' own forms, cookies and tokens."""

import os
import re
from collections import Counter
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from benchmarks.web import Answer, Web, drive, get, post
from booking import clock
from booking.models import AccessLink, Appointment
from notifications.models import Message
from tests.concurrency.books import balanced
from tests.concurrency.conftest import build
from web.public import visit

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
COOKIE = re.compile(rb"csrftoken=([^;]+)")


@pytest.fixture
def world():
    """As elsewhere, but today: the server reads the real clock."""
    return build(timezone.now())


@pytest.fixture
def server(world, tmp_path):
    """The port of a granian on the test's database, two processes with four threads each."""
    name = connection.settings_dict["NAME"]
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    with Web({**os.environ, "DATABASE_URL": address}, tmp_path / "granian.log") as web:
        yield web.port


def page_of(slot) -> str:
    return reverse("public:my_times", args=[slot.center.slug, clock.local_day(slot.starts_at)])


def cookies_of(world, people) -> list[dict[str, str]]:
    """Each person's visit, begun a moment ago."""
    links = {link.registration_id: link for link in AccessLink.objects.all()}
    return [{"visit": visit.ticket(links[one.pk].pk, began_at=world.now, now=world.now)} for one in people]


def submissions(port, jars, slots) -> list[bytes]:
    """Everybody opens the page of her slot's day; what her form would send."""
    pages = drive(port, [get(page_of(slot), jar) for jar, slot in zip(jars, slots, strict=True)], lines=8)
    assert pages.statuses == {200: len(jars)}
    return [
        post(page_of(slot), jar | {"csrftoken": _found(COOKIE, page.head)}, _form(page, slot))
        for jar, slot, page in zip(jars, slots, pages.answers, strict=True)
    ]


def _form(page: Answer, slot) -> dict[str, object]:
    assert f'value="{slot.pk}"'.encode() in page.body
    return {"csrfmiddlewaretoken": _found(TOKEN, page.body), "slot": slot.pk}


def _found(pattern: re.Pattern[bytes], text: bytes) -> str:
    match = pattern.search(text)
    assert match, pattern.pattern
    return match[1].decode()


def test_200_people_send_the_form_for_50_places(world, server):
    first, second = world.pair(capacity=50)
    later, _its_second = world.pair(3, capacity=200)
    jars = cookies_of(world, world.people(200))
    forms = submissions(server, jars, [first] * 200)

    outcome = drive(server, forms, lines=200)

    assert outcome.statuses == {302: 50, 409: 150}
    booked = [answer for answer in outcome.answers if answer.status == 302]
    taken = [answer for answer in outcome.answers if answer.status == 409]
    assert all(b"location: /mein-termin/gebucht/" in answer.head.lower() for answer in booked)
    assert all(f'value="{later.pk}"'.encode() in answer.body for answer in taken)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.booked, second.booked) == (50, 50)
    assert Message.objects.filter(template="booked").count() == 50
    balanced()


def test_ten_clicks_and_a_second_tab_of_each_person_are_one_series_each(world, server):
    first, _second = world.pair(capacity=50)
    other, _other_second = world.pair(3, capacity=50)
    jars = cookies_of(world, world.people(10))
    one_tab, two_tab = submissions(server, jars, [first] * 10), submissions(server, jars, [other] * 10)

    clicks = [form for pair in zip(one_tab, two_tab, strict=True) for form in pair * 10]
    outcome = drive(server, clicks, lines=100)

    assert outcome.statuses == {302: 100, 409: 100}
    doses = Counter(Appointment.objects.values_list("registration", flat=True))
    assert sorted(doses.values()) == [2] * 10
    assert Message.objects.count() == 10
    balanced()
