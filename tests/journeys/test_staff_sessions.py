"""A manager opens sessions: in the browser, without scripts, on a phone, and after logging in again."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from accounts.roles import Role
from booking import clock
from centers.models import Center, Session, SessionDraft, Vaccine
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory, DeliveryFactory
from tests.journeys.staff import sign_in

SLUG = "olbernhau"
WORDS = {
    "de": ("Weiter", "Weiter zum Prüfen", "Weiter zum Veröffentlichen", "Neu rechnen"),
    "en": ("Continue", "Continue to the check", "Continue to publishing", "Count again"),
}
NEXT, CHECK, PUBLISH, AGAIN = range(4)


@pytest.fixture
def manager(house, transactional_db) -> User:
    """Of a center of her own, with 600 doses and no session yet."""
    SessionDraft.objects.filter(center__slug=SLUG).delete()
    for session in Session.objects.filter(center__slug=SLUG):
        session.slots.all().delete()
        session.delete()
    found = User.objects.filter(username=SLUG).first()
    return found or _world(clock.local_day(timezone.now()))


def _world(today: date) -> User:
    center = CenterFactory(slug=SLUG, name="Olbernhau", place="Stadthalle", listed=False, first_day=today)
    DeliveryFactory(
        center=center, vaccine=Vaccine.objects.get(code="comirnaty"), doses=600, due_on=today, entered_at=timezone.now()
    )
    return UserFactory(username=SLUG, first_name="Anke", roles=[Role.CENTER_MANAGER], at=[center])


def press(walk, deed: int) -> None:
    role, name = walk.page.locator("main").get_by_role, WORDS[walk.language][deed]
    role("button", name=name, exact=True).or_(role("link", name=name, exact=True)).first.click()


def fill(walk, **values: str) -> None:
    for name, value in values.items():
        walk.page.locator(f"[name={name}]").fill(value)


def heading(walk, number: int) -> None:
    """The page with this number in the line of steps is there, and holds what every page must."""
    expect(walk.page.locator("ol.steps [aria-current]")).to_contain_text(f"{number}.")
    walk.watch.look(f"step {number}")


def begin(walk, manager, house) -> date:
    """Days and times of a single day next week are filled in, and looked at."""
    day = clock.local_day(timezone.now()) + timedelta(days=8)
    sign_in(walk, manager)
    walk.page.goto(f"{house.site}/zentrum/sitzung/neu/?tag={day}")
    heading(walk, 1)
    press(walk, NEXT)
    heading(walk, 2)
    fill(walk, starts="8", ends="13", break_starts="10:30", break_ends="11", minutes="10", lines="4", first_line="1")
    return day


@pytest.mark.parametrize(
    ("language", "scripts", "width"), [("de", True, 1440), ("en", True, 360), ("de", False, 360), ("en", False, 1200)]
)
def test_from_a_day_to_places_that_can_be_booked(walker, manager, house, language, scripts, width):
    walk = walker(language=language, scripts=scripts, width=width, axe=scripts)
    day = begin(walk, manager, house)
    press(walk, NEXT)
    heading(walk, 3)
    walk.page.locator("input[value=comirnaty]").check()
    press(walk, NEXT)
    heading(walk, 4)
    press(walk, CHECK)
    heading(walk, 5)
    press(walk, PUBLISH)
    heading(walk, 6)
    walk.page.locator("main .kern-btn--primary").click()
    expect(walk.page.locator("main table")).to_contain_text("108")
    walk.watch.look("done")
    rows = Session.objects.filter(center__slug=SLUG)
    assert {(row.date, row.state) for row in rows} == {(day, "published")}


def test_the_figures_follow_what_is_typed(walker, manager, house):
    walk = walker()
    begin(walk, manager, house)
    expect(walk.page.locator("#summen dd").first).to_have_text("108")
    fill(walk, lines="6")
    expect(walk.page.locator("#summen dd").first).to_have_text("162")
    expect(walk.page.locator("[name=lines]")).to_be_focused()
    fill(walk, minutes="7")
    expect(walk.page.locator("#summen")).not_to_contain_text("162")


def test_without_scripts_the_figures_come_with_a_button_and_nothing_typed_is_lost(walker, manager, house):
    walk = walker(scripts=False)
    begin(walk, manager, house)
    press(walk, AGAIN)
    expect(walk.page.locator("#summen dd").first).to_have_text("108")
    expect(walk.page.locator("[name=lines]")).to_have_value("4")


def test_the_draft_waits_through_a_reload_and_a_new_login(walker, manager, house):
    first = walker()
    begin(first, manager, house)
    press(first, NEXT)
    heading(first, 3)
    first.page.reload()
    heading(first, 3)

    second = walker(scripts=False)
    sign_in(second, manager)
    second.page.goto(f"{house.site}/zentrum/sitzung/neu/")
    heading(second, 3)
    second.page.goto(f"{house.site}/zentrum/sitzung/neu/zeiten/")
    expect(second.page.locator("[name=lines]")).to_have_value("4")


@pytest.mark.parametrize("width", [1440, 320])
def test_drafts_and_a_copied_week_are_accessible_and_fit(walker, manager, house, width):
    walk = walker(width=width, axe=True)
    begin(walk, manager, house)
    center = Center.objects.get(slug=SLUG)
    assert not Session.objects.filter(center=center).exists()
    for address in ("sitzung/entwuerfe/", "woche/kopieren/", "sitzung/neu/verwerfen/"):
        walk.page.goto(f"{house.site}/zentrum/{address}")
        walk.watch.look(address)
