"""Booking when something comes between: clicks too many, another tab, the way back, somebody quicker."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from booking.models import Appointment, Registration
from booking.services import appointments
from centers.models import Channel, Slot
from tests.journeys import world
from tests.journeys.walk import Walk


@pytest.fixture(params=[True, False], ids=["scripts", "plain"])
def visitor(walker, house, request) -> Callable[[], tuple[Walk, Registration]]:
    """Somebody invited, on the page where a center is chosen; with scripts and without."""
    person, walk = world.confirmed(now=timezone.now()), walker(scripts=request.param)
    walk.enter(world.new_link(house.site, person, now=timezone.now()))
    walk.arrive("your turn")
    walk.press("choose a center")
    return walk, person


def held(person: Registration) -> int:
    return Appointment.objects.filter(registration=person, status="booked").count()


def test_a_double_click_books_one_series(visitor):
    walk, person = visitor
    walk.choose()
    walk.page.get_by_role("button", name=walk.word("book")).dblclick()
    walk.arrive("booked")

    assert held(person) == 2
    assert Appointment.objects.filter(registration=person).count() == 2


def test_the_way_back_after_booking_leads_to_the_same_appointments(visitor):
    walk, person = visitor
    walk.choose()
    walk.press("book")
    walk.arrive("booked")
    shown = walk.appointments()

    walk.page.go_back()
    button = walk.page.get_by_role("button", name=walk.word("book"))
    expect(button.or_(walk.page.get_by_role("link", name=walk.word("move 2")).first)).to_be_visible()
    if button.count():  # the browser kept the old page
        walk.tick()
        button.click()
        walk.arrive("booked")

    assert walk.appointments() == shown
    assert held(person) == 2


def test_a_second_tab_books_nothing_more(visitor):
    walk, person = visitor
    walk.choose()
    other = walk.page.context.new_page()
    other.goto(walk.page.url)
    walk.press("book")
    walk.arrive("booked")

    other.locator("main label:has(.choice__time)").nth(2).click()
    other.get_by_role("button", name=walk.word("book")).click()

    expect(other.get_by_role("heading", level=1)).to_have_text("Sie haben schon Termine")
    assert held(person) == 2


def test_a_place_taken_meanwhile_is_said_first_and_an_alternative_booked_by_its_button(visitor):
    walk, person = visitor
    walk.choose(day=4, time=1)
    slot = Slot.objects.get(pk=walk.page.locator("input[name=slot]:checked").get_attribute("value"))
    for _place in range(slot.capacity - slot.booked):
        quicker = world.confirmed(now=timezone.now())
        appointments.book(registration=quicker, slot_id=slot.pk, channel=Channel.WEB, by=None, now=timezone.now())

    walk.press("book")
    walk.sees("Sie haben noch keinen Termin")
    walk.reads("Der Platz wurde gerade vergeben")
    walk.reads("Es ist nichts gebucht. Ihre Einladung und Ihr Platz in der Reihe bleiben.")
    offers = walk.page.locator("main li.dose")
    expect(offers).to_have_count(3)
    assert held(person) == 0
    wanted = [" ".join(one.replace(",", "").split()) for one in offers.nth(1).locator("strong").all_inner_texts()]
    offers.nth(1).get_by_role("button").click()
    walk.arrive("booked")

    year = re.compile(r"(?<=\w) 20\d\d")
    assert [year.sub("", one.replace(",", "")) for one in walk.appointments()] == wanted
    assert held(person) == 2
