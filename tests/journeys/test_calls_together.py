"""A household on one call: registered one after the other, booked together, by keyboard and without scripts."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from accounts.roles import Role
from booking import clock, codes
from booking.models import Appointment, Hold, Household, Registration
from centers.models import Center, Vaccine
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import ContingentFactory, SlotFactory
from tests.journeys.staff import alt, sign_in

AGENT = "krause"
FIND = "/telefon/"
FIRST, SECOND = 20, 62  # days from today
NAMES = ("Gerda", "Karl", "Elfriede")


@pytest.fixture
def agent(house, transactional_db) -> User:
    """Two places for callers every ten minutes of an hour, for all tests here, and as many six weeks later."""
    return User.objects.filter(username=AGENT).first() or _world()


@transaction.atomic
def _world() -> User:
    today = clock.local_day(timezone.now())
    share, vaccine = ContingentFactory(phone=True), Vaccine.objects.get(code="comirnaty")
    shared = {
        "session__center": Center.objects.get(slug="pirna"), "session__contingent": share, "session__vaccine": vaccine,
    }  # fmt: skip
    for day in (FIRST, SECOND):
        for minutes in range(0, 60, 10):
            starts = datetime.combine(today + timedelta(days=day), time(9, minutes), tzinfo=clock.ZONE)
            SlotFactory(starts_at=starts, capacity=2, **shared)
    return UserFactory(username=AGENT, first_name="Ina", last_name="Krause", roles=[Role.CALL_AGENT])


def family(last_name: str) -> list[Registration]:
    home = Household.objects.create(created_at=timezone.now())
    return [
        RegistrationFactory(
            first_name=name, last_name=last_name, household=home, email="", medium="sms", phone="+4915112345678",
            birth_date=date(1936 + number, 3, 14), rank=10**12 + home.pk * 10 + number,
        )
        for number, name in enumerate(NAMES)
    ]  # fmt: skip


def opened(walk, person, house) -> None:
    walk.page.goto(house.site + FIND)
    walk.page.locator("#find").fill(codes.spoken(person.case_number))
    walk.page.keyboard.press("Enter")
    walk.page.wait_for_url(f"**/{person.public_id}/")


def booked(people: list[Registration]) -> int:
    return Appointment.objects.live().filter(registration__in=people, dose_number=1).count()


def test_three_people_are_booked_by_keyboard_alone(walker, agent, house):
    walk, people = walker(axe=True), family("Krautwald")
    sign_in(walk, agent)
    page = walk.page
    opened(walk, people[0], house)

    page.get_by_role("link", name="Haushalt gemeinsam buchen").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/gemeinsam/")
    expect(page.locator("input[name=places]:checked")).to_be_focused()
    walk.watch.look("together")
    alt(page, "b")
    expect(page.get_by_role("button", name="Für alle 3 buchen")).to_be_focused()
    walk.watch.look("together kept")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gebucht/")

    walk.watch.look("together booked")
    expect(page.get_by_role("status").last).to_contain_text("Die Termine von 3 Personen stehen fest.")
    assert booked(people) == 3


@pytest.mark.parametrize("width", [320, 1280])
def test_without_scripts_fewer_are_ticked_kept_and_booked(walker, agent, house, width):
    walk, people = walker(scripts=False, width=width), family(f"Ohneskript-{width}")
    sign_in(walk, agent)
    page = walk.page
    opened(walk, people[0], house)
    page.get_by_role("link", name="Haushalt gemeinsam buchen").click()

    page.get_by_role("checkbox", name="Elfriede").uncheck()
    page.get_by_role("button", name="Zeiten zeigen").click()
    expect(page.get_by_role("checkbox", name="Elfriede")).not_to_be_checked()
    page.get_by_role("button", name="Diese Plätze für sie halten").click()
    page.get_by_role("button", name="Für alle 2 buchen").click()

    expect(page.get_by_role("heading", name="Karl")).to_be_visible()
    walk.watch.look(f"together {width}")
    assert booked(people) == 2


def test_when_the_ten_minutes_are_over_the_page_says_so_and_nothing_is_booked(walker, agent, house):
    walk, people = walker(), family("Zuspät")
    sign_in(walk, agent)
    page = walk.page
    opened(walk, people[0], house)
    page.goto(f"{page.url}gemeinsam/")
    alt(page, "b")
    timer = page.get_by_role("timer")
    expect(timer).to_contain_text(":")

    Hold.objects.filter(registration__in=people).update(
        made_at=timezone.now() - timedelta(minutes=11), expires_at=timezone.now() - timedelta(minutes=1)
    )
    timer.evaluate("timer => { timer.dataset.until = new Date(Date.now() - 1000).toISOString() }")
    expect(timer).to_have_text("nicht mehr")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("Diese Plätze werden nicht mehr gehalten.")
    assert booked(people) == 0
