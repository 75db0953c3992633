"""At the door: a code by keyboard, papers ticked, arrived, vaccinated; a phone's width, no scripts, two at once."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from accounts.roles import Role
from booking import clock
from booking.models import Appointment, Registration, Vaccination
from centers.models import Contingent, Vaccine
from tests.factories.door import AppointmentFactory
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory, SessionFactory, SlotFactory
from tests.journeys.staff import sign_in

SLUG = "geithain"
TODAY = "/zentrum/heute/"


@pytest.fixture
def team(house, transactional_db) -> list[User]:
    """Two at the door of a center of their own, where twelve people are expected now, one of them with two papers."""
    found = list(User.objects.filter(username__startswith=SLUG).order_by("username"))
    return found or _world(timezone.now())


@transaction.atomic
def _world(now: datetime) -> list[User]:
    center = CenterFactory(slug=SLUG, name="Geithain", listed=False, first_day=(now - timedelta(days=60)).date())
    slots = [_slot(center, now + timedelta(days=days)) for days in (-14, 0, 28)]
    for number in range(10):
        _person(slots[1], slots[2], last_name=f"Lindner-{number}", needs_wheelchair=number == 3)
    _person(slots[1], slots[2], last_name="Zweifach", birth_date=date(1986, 3, 12), criteria=["P1_HOMECARE"])
    early = _person(slots[0], slots[1], last_name="Wünsche")
    Appointment.objects.filter(registration=early, dose_number=1).update(status="vaccinated")
    roles = {"roles": [Role.CENTER_STAFF], "at": [center]}
    return [
        UserFactory(username=f"{SLUG}-1", first_name="Mandy", last_name="Richter", **roles),
        UserFactory(username=f"{SLUG}-2", first_name="Karin", last_name="Vogel", **roles),
    ]


def _slot(center, at: datetime):
    session = SessionFactory(
        center=center, vaccine=Vaccine.objects.get(code="comirnaty"), contingent=Contingent.objects.get(code="online"),
        date=clock.local_day(at),
    )  # fmt: skip
    return SlotFactory(session=session, starts_at=at, capacity=40)


def _person(first, second, **person) -> Registration:
    registration = RegistrationFactory(email="", **person)
    AppointmentFactory(registration=registration, slot=first)
    AppointmentFactory(registration=registration, slot=second, dose_number=2)
    return registration


def waiting(number: int) -> Registration:
    return Registration.objects.get(last_name=f"Lindner-{number}")


def test_from_the_code_to_the_dose_with_the_keyboard_alone(walker, team, house):
    walk, person = walker(axe=True), waiting(0)
    sign_in(walk, team[0])
    page = walk.page
    page.goto(house.site + TODAY)
    walk.watch.look("day list")

    page.keyboard.type(f"{person.door_code[:3].lower()} {person.door_code[3:].lower()}")  # the box has the focus
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{person.public_id}/")
    walk.watch.look("check-in")
    page.get_by_label("Ausweis").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".state")).to_contain_text("Angekommen um")

    page.get_by_label("Chargennummer").focus()
    page.keyboard.type("EJ 6789")
    page.get_by_label("Ärztlich verantwortlich").focus()
    page.keyboard.type("Dr. F. Seidel")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Meinten Sie EJ6789?")
    walk.watch.look("a batch number with a blank")
    page.get_by_label("Chargennummer").fill("EJ6789")
    page.keyboard.press("Enter")
    expect(page.locator(".state")).to_contain_text("Charge EJ6789.")
    walk.watch.look("vaccinated")
    assert Vaccination.objects.get(appointment__registration=person).responsible == "Dr. F. Seidel"


def test_the_second_one_sees_what_the_first_one_did_without_asking(walker, team, house):
    first, second, person = walker(), walker(), waiting(1)
    sign_in(first, team[0])
    sign_in(second, team[1])
    second.page.goto(house.site + TODAY)
    row = second.page.get_by_role("row").filter(has_text=person.last_name)
    expect(row).to_contain_text("erwartet")

    first.page.goto(house.site + TODAY)
    mine = first.page.get_by_role("row").filter(has_text=person.last_name)
    mine.get_by_label("Ausweis").check()
    mine.get_by_role("button", name="Einchecken").click()

    expect(row).to_contain_text("angekommen", timeout=15_000)
    expect(second.page.locator("#liste")).to_contain_text("von M. Richter")


def test_ticks_and_focus_survive_that_the_list_refreshes_itself(walker, team, house):
    first, second = walker(), walker()
    sign_in(first, team[0])
    sign_in(second, team[1])
    first.page.goto(house.site + TODAY)
    row = first.page.get_by_role("row").filter(has_text=waiting(4).last_name)
    row.get_by_label("Ausweis").check()
    row.get_by_role("button", name="Einchecken").focus()

    second.page.goto(house.site + TODAY)
    other = second.page.get_by_role("row").filter(has_text=waiting(5).last_name)
    other.get_by_label("Ausweis").check()
    other.get_by_role("button", name="Einchecken").click()

    seen = first.page.get_by_role("row").filter(has_text=waiting(5).last_name)
    expect(seen).to_contain_text("angekommen", timeout=15_000)
    expect(row.get_by_label("Ausweis")).to_be_checked()
    expect(row.get_by_role("button", name="Einchecken")).to_be_focused()


def test_a_list_in_which_nothing_changes_stays_as_it_is(walker, team, house):
    walk = walker()
    sign_in(walk, team[0])
    walk.page.goto(house.site + TODAY)
    walk.page.evaluate("window.sameSince = true")
    with walk.page.expect_response(
        lambda response: "/liste/" in response.url and response.status == 204, timeout=75_000
    ):
        pass
    walk.page.wait_for_timeout(500)

    assert walk.page.evaluate("window.sameSince") is True


def test_typing_finds_and_enter_opens(walker, team, house):
    walk, person = walker(), waiting(6)
    sign_in(walk, team[0])
    walk.page.goto(house.site + TODAY)
    walk.page.keyboard.type(person.last_name[:9])
    expect(walk.page.get_by_role("row")).to_have_count(2)  # the head and one person
    walk.page.keyboard.press("Enter")
    walk.page.wait_for_url(f"**/{person.public_id}/")


@pytest.mark.parametrize("width", [1440, 360, 320])
def test_the_pages_fit_and_are_accessible(walker, team, house, width):
    walk = walker(width=width, axe=True)
    sign_in(walk, team[0])
    early = Registration.objects.get(last_name="Wünsche")
    for address in (TODAY, f"{TODAY}?ab=tag", f"{TODAY}{early.public_id}/", f"{TODAY}ohne-termin/",
                    f"{TODAY}ohne-termin/neu/"):  # fmt: skip
        walk.page.goto(house.site + address)
        walk.watch.look(f"door {width} {address.rpartition('/heute/')[2]}")


def test_everything_works_without_scripts(walker, team, house):
    walk, person = walker(scripts=False), waiting(2)
    sign_in(walk, team[0])
    walk.page.goto(house.site + TODAY)
    walk.page.locator("#wer").fill(person.door_code)
    walk.page.keyboard.press("Enter")
    walk.page.get_by_label("Ausweis").check()
    walk.page.get_by_role("button", name="Einchecken").click()
    walk.page.get_by_label("Chargennummer").fill("EK9788")
    walk.page.get_by_label("Ärztlich verantwortlich").fill("Dr. M. Petzold")
    walk.page.get_by_role("button", name="Impfung eintragen").click()
    expect(walk.page.locator(".state")).to_contain_text("Charge EK9788.")
    walk.page.get_by_role("link", name="Zur Tagesliste").click()
    expect(walk.page.locator("#liste")).to_contain_text("geimpft")


CAMERA = """
window.BarcodeDetector = class { async detect() { return [{rawValue: "%s"}]; } };
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  setInterval(() => canvas.getContext("2d").fillRect(0, 0, Math.random() * 9, 9), 50);
  return canvas.captureStream();
};
"""


def test_a_browser_that_reads_codes_opens_whom_the_camera_sees(walker, team, house):
    """The browser's own reader is stood in for: Chromium has none on Linux."""
    walk, person = walker(), waiting(7)
    sign_in(walk, team[0])
    walk.page.add_init_script(CAMERA % person.door_code)
    walk.page.goto(house.site + TODAY)
    walk.page.get_by_role("button", name="Kamera öffnen").click()
    walk.page.wait_for_url(f"**/{person.public_id}/")


def test_a_browser_that_reads_no_codes_offers_no_camera(walker, team, house):
    walk = walker()
    sign_in(walk, team[0])
    walk.page.goto(house.site + TODAY)
    expect(walk.page.locator("#kamera")).to_be_hidden()


def test_when_the_login_has_ended_the_open_list_leads_to_the_login(walker, team, house):
    walk = walker()
    sign_in(walk, team[0])
    walk.page.goto(house.site + TODAY)
    walk.page.context.clear_cookies()
    walk.page.wait_for_url("**/anmelden/**", timeout=15_000)
