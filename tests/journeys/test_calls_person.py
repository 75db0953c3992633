"""An agent serves a caller whom she has found: by keyboard alone, on a phone's width, without scripts."""

from datetime import datetime, time, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from accounts.roles import Role
from booking import clock, codes
from booking.models import Appointment, Registration
from centers.models import Center, Slot, Vaccine
from tests.factories.door import AppointmentFactory, given
from tests.factories.people import RegistrationFactory
from tests.factories.staff import UserFactory
from tests.factories.supply import ContingentFactory, SlotFactory
from tests.journeys.staff import alt, sign_in

AGENT = "lehmann"
FIND = "/telefon/"
FIRST, SECONDS = 8, (30, 31, 32, 33)  # days from today


@pytest.fixture
def agent(house, transactional_db) -> User:
    """Petra, places for callers in Riesa, and people with both appointments there."""
    return User.objects.filter(username=AGENT).first() or _world()


@transaction.atomic
def _world() -> User:
    today = clock.local_day(timezone.now())
    center = Center.objects.get(slug="riesa")
    share, vaccine = ContingentFactory(phone=True), Vaccine.objects.get(code="comirnaty")
    shared = {"session__center": center, "session__contingent": share, "session__vaccine": vaccine, "capacity": 9}
    places = {
        day: SlotFactory(starts_at=datetime.combine(today + timedelta(days=day), time(10), tzinfo=clock.ZONE), **shared)
        for day in (FIRST, FIRST + 1, *SECONDS)
    }
    for number in range(4):
        person = RegistrationFactory(
            first_name="Hilde", last_name=f"Wagenknecht-{number}", street=f"Bahnhofstraße {number + 1}", email=""
        )
        AppointmentFactory(registration=person, slot=places[FIRST])
        AppointmentFactory(registration=person, slot=places[SECONDS[0]], dose_number=2)
    return UserFactory(username=AGENT, first_name="Petra", last_name="Lehmann", roles=[Role.CALL_AGENT])


def hilde(number: int) -> Registration:
    return Registration.objects.get(last_name=f"Wagenknecht-{number}")


def second_day(person: Registration) -> int:
    """Days from today to her second dose."""
    slot = Appointment.objects.live().select_related("slot").get(registration=person, dose_number=2).slot
    return (clock.local_day(slot.starts_at) - clock.local_day(timezone.now())).days


def opened(walk, person, house) -> str:
    """Found by her case number; the address of her page."""
    walk.page.goto(house.site + FIND)
    walk.page.locator("#find").fill(codes.spoken(person.case_number))
    walk.page.keyboard.press("Enter")
    walk.page.wait_for_url(f"**/{person.public_id}/")
    return f"{house.site}/telefon/person/{person.public_id}/"


def test_dose_2_is_moved_with_six_presses_at_most_after_the_search(walker, agent, house):
    walk, person = walker(axe=True), hilde(0)
    sign_in(walk, agent)
    page = walk.page
    page.goto(house.site + FIND)
    page.keyboard.type(codes.spoken(person.case_number))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{person.public_id}/")
    walk.watch.look("person")
    presses = 0

    alt(page, "b")
    presses += 1
    page.wait_for_url("**/verschieben/2/")
    expect(page.locator("input[name=slot]:checked")).to_be_focused()
    walk.watch.look("move")
    page.keyboard.press("ArrowDown")
    presses += 1
    page.keyboard.press("Enter")
    presses += 1

    expect(page.get_by_role("status").last).to_contain_text("Verschoben.")
    walk.watch.look("moved")
    assert second_day(person) == SECONDS[2]
    assert presses <= 6


@pytest.mark.parametrize(("language", "width"), [("de", 1440), ("de", 360), ("en", 320)])
def test_every_page_of_a_person_fits_and_is_accessible(walker, agent, house, language, width):
    walk, person = walker(language=language, width=width, axe=True), hilde(1)
    sign_in(walk, agent)
    address = opened(walk, person, house)
    walk.watch.look(f"person {width}")
    pages = ("kontakt/", "haushalt/", "verlauf/", "verschieben/", "verschieben/2/", "beenden/", "zusammenfuehren/")
    for name in pages:
        walk.page.goto(address + name)
        expect(walk.page.get_by_role("heading", level=1)).to_be_visible()
        walk.watch.look(f"{name} {width}")


def test_without_scripts_a_note_a_contact_and_an_end(walker, agent, house):
    walk, person = walker(scripts=False), hilde(2)
    sign_in(walk, agent)
    page, address = walk.page, opened(walk, person, house)

    page.locator("summary").click()
    page.locator("textarea").fill("Kommt mit Rollator, stufenlos nötig.")
    page.get_by_role("button", name="Diese Notiz schreiben").click()
    expect(page.locator("aside")).to_contain_text("Kommt mit Rollator")

    page.goto(f"{address}kontakt/")
    page.get_by_label("Telefon oder Handy").fill("0351 12")
    page.get_by_role("button", name="Berichtigen").click()
    expect(page.get_by_role("alert")).to_contain_text("Vorwahl")
    page.get_by_label("Telefon oder Handy").fill("0351 123456")
    page.get_by_role("button", name="Berichtigen").click()
    expect(page.locator("aside")).to_contain_text("0351 123456")

    page.goto(f"{address}beenden/")
    page.get_by_label("Sie ist verstorben").check()
    page.get_by_role("button", name="Weiter").click()
    page.get_by_role("button", name="Ja, sie ist verstorben").click()
    expect(page.locator("main")).to_contain_text("Ist verstorben.")
    assert not Appointment.objects.live().filter(registration=person).exists()


def test_two_registrations_become_one_by_keyboard(walker, agent, house):
    walk, person = walker(axe=True), hilde(3)
    twin = RegistrationFactory(first_name="Hilde", last_name="Wagenknecht", street="Bahnhofstr. 44", email="")
    sign_in(walk, agent)
    page = walk.page
    page.goto(opened(walk, twin, house) + "zusammenfuehren/")
    page.get_by_label("Vorgangsnummer der anderen Person").focus()
    page.keyboard.type(codes.spoken(person.case_number))
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Der frühere Rang bleibt")
    walk.watch.look("merge preview")
    page.get_by_label("Am Telefon verglichen: Es ist dieselbe Person").focus()
    page.keyboard.press(" ")
    alt(page, "b")
    expect(page.locator("main")).to_contain_text("Die beiden Anmeldungen sind jetzt eine.")
    twin.refresh_from_db()
    assert twin.merged_into_id == person.pk


@transaction.atomic
def once_vaccinated(name: str) -> Registration:
    """She had her first dose five days ago, and the second appointment is missing."""
    center, vaccine = Center.objects.get(slug="riesa"), Vaccine.objects.get(code="comirnaty")
    at = datetime.combine(clock.local_day(timezone.now()) - timedelta(days=5), time(10), tzinfo=clock.ZONE)
    slot = Slot.objects.filter(center=center, starts_at=at).first() or SlotFactory(
        starts_at=at, capacity=9, session__center=center, session__vaccine=vaccine,
        session__contingent=ContingentFactory(),
    )  # fmt: skip
    person = RegistrationFactory(first_name="Hilde", last_name=name, street=f"Lindenweg {len(name)}", email="")
    given(AppointmentFactory(registration=person, slot=slot), at=at)
    return person


@pytest.mark.parametrize(("language", "width", "scripts"), [("de", 1440, True), ("en", 320, True), ("de", 360, False)])
def test_the_missing_second_dose_is_booked_and_the_next_caller_begins_a_call(
    walker, agent, house, language, width, scripts
):
    walk = walker(language=language, width=width, axe=scripts, scripts=scripts)
    person, other = once_vaccinated(f"Zweigler-{width}"), once_vaccinated(f"Anders-{width}-und-mehr")
    sign_in(walk, agent)
    page, address = walk.page, opened(walk, person, house)
    page.locator("main .actions a").first.click()
    page.wait_for_url("**/zweite-impfung/")
    walk.watch.look(f"second {width}")
    page.locator("main form[method=post] button").click()
    page.wait_for_url("**/?zweite")
    assert Appointment.objects.live().filter(registration=person, dose_number=2, channel="phone").count() == 1

    page.goto(f"{house.site}/telefon/neu/")
    page.locator("#id_last_name").fill("Halb")
    page.locator("#zeigen").click()
    expect(page.locator("#id_last_name")).to_have_value("Halb")
    page.locator("#find").fill(codes.spoken(other.case_number))
    page.locator(".find button:not([formaction])").click()
    expect(page.locator("main [role=alert]")).to_contain_text("Halb")
    walk.watch.look(f"half typed {width}")
    page.locator("button[value=naechster]").click()
    page.wait_for_url(f"**/{other.public_id}/")
    page.goto(address)
    expect(page).to_have_url(house.site + FIND)  # closed with her call
    page.locator(".find button[formaction]").click()
    expect(page.locator(".find button[formaction]")).to_have_count(0)
