"""A caller without e-mail, by keyboard alone: from the first digit to both appointments and a letter in the queue."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.roles import Role
from booking import clock, codes
from booking.models import Appointment, Registration
from notifications.models import Message
from tests.factories.staff import UserFactory
from tests.factories.supply import ContingentFactory
from tests.journeys import world
from tests.journeys.staff import alt, sign_in

AGENT = "naumann"
NEW = "/telefon/neu/"
# What tools of a browser leave behind: empty style attributes, which no answer may carry into the new part of the page.
TOUCHED = """for (const one of document.querySelectorAll("#rechts, #rechts [id], #doppelt")) {
    one.style.color = "red";
    one.style.color = "";
}"""
PER_MINUTE = 40 * 5  # characters, at 40 words a minute


@pytest.fixture
def agent(house, transactional_db) -> User:
    """An agent, and places for callers at a center of the world."""
    return User.objects.filter(username=AGENT).first() or _world()


@transaction.atomic
def _world() -> User:
    today, share = clock.local_day(timezone.now()), ContingentFactory(phone=True)
    for away in (6, 7, 27, 28, 48, 49):
        world.day("pirna", today + timedelta(days=away), share=share, lines=3)
    return UserFactory(username=AGENT, first_name="Silke", last_name="Naumann", roles=[Role.CALL_AGENT])


class Typing:
    """A keyboard that counts: every key that the agent presses, but for Tab and arrows between two answers."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = 0

    def type(self, text: str, *, tabs: int = 1) -> None:
        self.page.keyboard.type(text)
        self.keys += len(text)
        self.press("Tab", tabs)

    def press(self, key: str, times: int = 1) -> None:
        for _time in range(times):
            self.page.keyboard.press(key)
        self.keys += times


def heading(page):
    return page.get_by_role("heading", level=1)


def test_from_the_first_digit_to_a_letter_in_the_queue_in_a_minute_of_typing(walker, agent, house):
    walk = walker(axe=True)
    sign_in(walk, agent)
    page = walk.page
    page.goto(house.site + NEW)
    assert (
        page.locator("main [aria-required=true], main input[name=medium]:checked, main input[name=consent]").count()
        <= 8
    )
    expect(page.locator("#id_birth_date")).to_be_focused()
    walk.watch.look("empty")  # unfolds everything
    page.goto(house.site + NEW)
    expect(page.locator("#id_birth_date")).to_be_focused()
    page.evaluate(TOUCHED)

    hands = Typing(page)
    _answer(hands)
    expect(page.locator("#rechts")).to_contain_text("Darf jetzt buchen.")
    expect(page.locator("#gesichert")).to_contain_text("Entwurf gesichert")
    _book(hands, walk)
    assert hands.keys * 60 / PER_MINUTE <= 60, f"{hands.keys} keys"
    _repeat_and_go_on(page, Registration.objects.get(last_name="Hofmann-Zwei"))


def _answer(hands):
    hands.type("12081938")
    hands.type("01796", tabs=2)  # past the reasons, which are folded
    hands.type("Gerda")
    hands.type("Hofmann-Zwei")
    hands.type("Meißner Straße 48")
    hands.type("Großenhain")
    hands.press("Tab", 5)  # letter, no telephone, no e-mail, post, usual print
    expect(hands.page.locator("#id_consent")).to_be_focused()
    hands.press(" ")


def _book(hands, walk):
    page = hands.page
    alt(page, "t")
    expect(page.locator("input[name=slot]").first).to_be_focused()
    hands.press("ArrowDown")
    hands.press("Enter")
    expect(page.get_by_role("timer")).to_contain_text("9:")
    expect(page.locator("#buchen")).to_be_focused()
    expect(page.locator("#id_street")).to_have_value("Meißner Straße 48")
    walk.watch.look("kept")
    page.keyboard.press("Control+Enter")
    expect(heading(page)).to_have_text("Gebucht: Gerda Hofmann-Zwei, Pirna")
    hands.keys += 4  # Alt T, Ctrl Enter
    walk.watch.look("booked")


def _repeat_and_go_on(page, person):
    """Both appointments and one letter; the code is understood; the next one of the family keeps the address."""
    assert Appointment.objects.filter(registration=person, status="booked").count() == 2
    assert list(Message.objects.filter(reference__registration=person.pk).values_list("template", "medium")) == [
        ("booked", "letter")
    ]
    page.locator("#wdh").focus()
    page.keyboard.type(codes.spoken(person.door_code))
    expect(page.locator("#verstanden")).to_have_text("Richtig verstanden")
    alt(page, "f")
    expect(heading(page)).to_have_text("Neue Person")
    expect(page.locator("#id_street")).to_have_value("Meißner Straße 48")


@pytest.mark.parametrize(("language", "width", "scripts"), [("de", 360, True), ("en", 320, True), ("de", 1200, False)])
def test_the_form_fits_a_narrow_screen_and_works_without_scripts(walker, agent, house, language, width, scripts):
    walk = walker(language=language, width=width, axe=scripts, scripts=scripts)
    sign_in(walk, agent)
    page = walk.page
    page.goto(house.site + NEW)
    if page.locator("button[value=discard]").count():  # of the journey before
        page.locator("button[value=discard]").click()
        page.goto(house.site + NEW)
    name = f"Krause-{width}{language}"
    typed = {"birth_date": "14.03.1936", "postcode": "01796", "first_name": "Horst", "last_name": name,
             "street": "Elbweg 3", "town": "Pirna"}  # fmt: skip
    for field, text in typed.items():
        page.locator(f"#id_{field}").fill(text)
    page.locator("#id_consent").check()
    page.locator("#zeigen").click()
    expect(page.locator("input[name=slot]").first).to_be_visible()
    expect(page.locator("#id_last_name")).to_have_value(name)
    walk.watch.look("list")
    page.locator("#halten").click()
    expect(page.locator("#buchen")).to_be_visible()
    walk.watch.look("kept")
    page.locator("#buchen").click()
    expect(page.locator(".spell")).to_be_visible()
    walk.watch.look("booked")
    assert Appointment.objects.filter(registration__last_name=name, status="booked").count() == 2
