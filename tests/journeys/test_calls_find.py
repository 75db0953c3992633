"""An agent finds who calls: keyboard alone, on a phone's width, without scripts, in light and dark."""

from datetime import date

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from accounts.roles import Role
from booking import codes
from booking.models import Registration
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.staff import UserFactory
from tests.journeys.staff import alt, sign_in

AGENT = "kretzschmar"
FIND = "/telefon/"
BORN = date(1946, 2, 3)


@pytest.fixture
def agent(house, transactional_db) -> User:
    """Jana, and people with nearly the same name and birthday."""
    return User.objects.filter(username=AGENT).first() or _world()


@transaction.atomic
def _world() -> User:
    now = timezone.now()
    shared = {"birth_date": BORN, "postcode": "01587", "town": "Riesa", "email": "", "created_at": now}
    ursula = RegistrationFactory(first_name="Ursula", last_name="Tröger", phone="+4935254471", **shared)
    InvitationFactory(registration=ursula, issued_at=now, valid_until=now.replace(year=now.year + 1))
    RegistrationFactory(first_name="Ursel", last_name="Tröger-Arnold", street="Elbstraße 2", **shared)
    RegistrationFactory(first_name="Ulrich", last_name="Troeger", street="Elbstraße 3", **shared)
    RegistrationFactory(
        first_name="Uta",
        last_name="TROGER",
        street="Elbstraße 4",
        withdrawn_at=now,
        withdrawn_reason="own_wish",
        **shared,
    )
    return UserFactory(username=AGENT, first_name="Jana", last_name="Kretzschmar", roles=[Role.CALL_AGENT])


def ursula() -> Registration:
    return Registration.objects.get(first_name="Ursula", last_name="Tröger")


def heading(page):
    return page.get_by_role("heading", level=1)


def test_from_the_first_letter_to_her_page_with_the_keyboard_alone(walker, agent, house):
    walk = walker(axe=True)
    sign_in(walk, agent)
    page = walk.page
    page.goto(house.site + FIND)
    expect(page.locator("#find")).to_be_focused()
    walk.watch.look("box")

    page.keyboard.type("Tröger 3.2.46")
    expect(page.locator("#find-kind")).to_have_text("Erkannt: Name und Geburtsdatum")
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text("4 Personen mit „Tröger“ und Geburtstag 3. Februar 1946")
    expect(page.locator("#find")).to_be_focused()
    walk.watch.look("hits")
    assert "Elbstraße" not in page.content()
    assert page.url == house.site + FIND

    key = page.get_by_role("row").filter(has_text="Ursula T.").locator("kbd").inner_text()
    alt(page, key.removeprefix("Alt "))
    expect(heading(page)).to_contain_text("Ursula Tröger")
    expect(page.locator("#find")).to_be_focused()
    assert page.url == f"{house.site}/telefon/person/{ursula().public_id}/"


def test_a_code_that_is_spelled_opens_at_once_and_a_wrong_one_says_so(walker, agent, house):
    walk = walker()
    sign_in(walk, agent)
    page, code = walk.page, codes.spoken(ursula().case_number)
    page.goto(house.site + FIND)

    page.keyboard.type(code[:-1] + ("2" if code[-1] != "2" else "3"))
    page.keyboard.press("Enter")
    walk.reads("Diese Nummer kann nicht stimmen")
    expect(page.locator("#find")).to_be_focused()

    house.until(lambda: page.evaluate("document.activeElement.selectionEnd") > 0)  # what was typed is marked
    page.keyboard.type(code.lower())
    page.keyboard.press("Enter")
    expect(heading(page)).to_contain_text("Ursula Tröger")


@pytest.mark.parametrize(("language", "width", "scripts"), [("de", 360, True), ("en", 320, True), ("de", 1200, False)])
def test_box_and_hits_fit_and_work_without_scripts(walker, agent, house, language, width, scripts):
    walk = walker(language=language, width=width, axe=scripts, scripts=scripts)
    sign_in(walk, agent)
    page = walk.page
    page.goto(house.site + FIND)
    walk.watch.look("box")
    for typed, name in (("Tröger 3.2.46", "hits"), ("Tröger", "half"), ("Xylander 3.2.46", "nobody")):
        page.locator("#find").fill(typed)
        page.locator(".find button:not([formaction])").click()
        expect(page.locator("#find")).to_have_value(typed)
        expect(page.locator("main .table") if name == "hits" else page.locator("main [role=alert]")).to_be_visible()
        walk.watch.look(name)
