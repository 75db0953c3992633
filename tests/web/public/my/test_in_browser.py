"""The pages of a visit in a real browser: accessible, readable at 320 px and in the dark, usable without JavaScript."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from booking.models import Registration
from booking.services import registrations
from centers.models import PostcodeArea, Slot
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.supply import CenterFactory, DistrictFactory, SessionFactory, SlotFactory
from tests.web.public.my.conftest import FIRST, book
from tests.web.public.my.conftest import browser as visiting
from tests.web.test_look import EVERYTHING, WAYS, sideways, small_letters, unfold, violations
from web.public import visit

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = "/mein-termin/zentren/pirna/2021-02-18/"
PAINTED = {"times", "mine", "cancel"}  # pages whose signs and dots a system with forced colours could swallow


@pytest.fixture
def site(live_server) -> str:
    """Pirna with a full day of times on three days, and a second center without places."""
    RegulationFactory()
    OpeningFactory()
    district = DistrictFactory(
        ags="14628", name="Sächsische Schweiz-Osterzgebirge", kind="LK", latitude=50.91, longitude=13.9
    )
    PostcodeArea.objects.create(prefix="017", district=district)
    center = CenterFactory(
        name="Pirna", slug="pirna", place="Pirna-Jessen", town="Pirna", postcode="01796", district=district,
        latitude=50.96, longitude=13.94, directions_de="Parkplätze und Bushaltestelle direkt davor.",
    )  # fmt: skip
    CenterFactory(name="Annaberg-Buchholz", slug="annaberg", step_free=False, access_note_de="3 Stufen, Rampe")
    for away in (0, 1, 7, 21, 22, 28, 35):
        _day(center, FIRST + timedelta(days=away))
    return live_server.url


def _day(center: object, ten_twenty) -> None:
    session = SessionFactory(center=center, date=ten_twenty.date())
    Slot.objects.bulk_create(
        SlotFactory.build(
            session=session, center=center, vaccine=session.vaccine, contingent=session.contingent,
            starts_at=ten_twenty - timedelta(hours=2, minutes=20) + timedelta(minutes=5 * number), capacity=1,
        )
        for number in range(120)
    )  # fmt: skip


def ticket_of(person: Registration) -> str:
    """The cookie of a visit."""
    return visiting(person).cookies[visit.COOKIE].value


def enter(context: BrowserContext, site: str, ticket: str) -> Page:
    """A page inside a visit."""
    let_in(context, site, ticket)
    return context.new_page()


def let_in(context: BrowserContext, site: str, ticket: str) -> None:
    """This browser has exchanged the link of this visit, and no other."""
    context.clear_cookies()
    context.add_cookies([{"name": visit.COOKIE, "value": ticket, "url": site}])


def invited(**details: object) -> Registration:
    return RegistrationFactory(invited=True, **details)


def pages() -> dict[str, tuple[str, str]]:
    """Every page of a visit, with the ticket of a person who finds it."""
    late, gone = RegistrationFactory(), RegistrationFactory()
    owner = invited(needs_wheelchair=True, needs_companion=True)
    InvitationFactory(registration=late, expired=True)
    book(owner, Slot.objects.get(starts_at=FIRST).pk)
    ended = ticket_of(gone)
    registrations.withdraw(registration=gone, reason="own_wish", by=None, now=NOW)
    waiting, expired, chooser, holder = map(ticket_of, (RegistrationFactory(), late, invited(), owner))
    return {
        "waiting": (waiting, "/mein-termin/"),
        "expired": (expired, "/mein-termin/"),
        "ended": (ended, "/mein-termin/"),
        "invited": (chooser, "/mein-termin/"),
        "centers": (chooser, "/mein-termin/zentren/"),
        "days": (chooser, "/mein-termin/zentren/pirna/"),
        "times": (chooser, TIMES),
        "booked": (holder, "/mein-termin/gebucht/"),
        "mine": (holder, "/mein-termin/"),
        "move": (holder, "/mein-termin/verschieben/2/"),
        "move times": (holder, "/mein-termin/verschieben/2/2021-03-18/"),
        "move both": (holder, "/mein-termin/verschieben/"),
        "cancel": (holder, "/mein-termin/absagen/"),
        "contact": (holder, "/mein-termin/kontakt/"),
        "end": (waiting, "/mein-termin/absagen/"),
    }


@pytest.mark.parametrize("way", WAYS)
def test_every_page_of_a_visit_is_accessible_and_fits(browser: Browser, site: str, way: str, shots: Path | None):
    complaints: list[str] = []
    found = {}
    with browser.new_context(**WAYS[way]) as context:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        for name, (ticket, path) in pages().items():
            if way == "forced colors" and name not in PAINTED:
                continue
            let_in(context, site, ticket)
            unfold(page, site + path)
            photograph(page, shots, f"{name} {way}")
            found[name] = [*complaints, *problems(page)]
            complaints.clear()

    assert [name for name, wrong in found.items() if wrong] == [], found
    assert set(found) >= PAINTED


@pytest.mark.parametrize("way", WAYS)
def test_pages_after_a_deed_are_accessible_and_fit(browser: Browser, site: str, way: str, shots: Path | None):
    person = invited()
    slot = Slot.objects.get(starts_at=FIRST)
    found = {}
    with browser.new_context(**WAYS[way]) as context:
        page = enter(context, site, ticket_of(person))
        page.goto(site + TIMES)
        page.locator("form[method=post] button").click()
        page.get_by_role("alert").wait_for()
        photograph(page, shots, f"no choice {way}")
        found["no choice"] = problems(page)
        book(invited(), slot.pk)
        page.evaluate(
            """pk => {
                const radio = document.querySelector("input[name=slot]");
                radio.value = pk;
                radio.checked = true;
            }""",
            slot.pk,
        )
        page.locator("form[method=post] button").click()
        page.locator("input[type=hidden][name=slot]").first.wait_for(state="attached")
        photograph(page, shots, f"taken {way}")
        found["taken"] = problems(page)

    assert found == {"no choice": [], "taken": []}


def at_eight(page: Page) -> None:
    page.wait_for_load_state("networkidle")  # what htmx has brought lies still
    page.get_by_label("8:00 Uhr").first.check(force=True)


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [320, 1200])
def test_from_the_invitation_to_the_code_and_back(browser: Browser, site: str, scripts: bool, width: int):
    person = invited()
    with browser.new_context(
        java_script_enabled=scripts, viewport={"width": width, "height": 800}, locale="de-DE"
    ) as context:
        page = enter(context, site, ticket_of(person))
        page.goto(f"{site}/mein-termin/")
        page.get_by_role("link", name="Impfzentrum wählen").click()
        page.get_by_role("link", name="Pirna").click()
        page.get_by_role("link", name="Donnerstag, 18. Februar").click()
        at_eight(page)
        page.get_by_role("button", name="Beide Termine buchen").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ihre beiden Termine sind gebucht")
        expect(page.get_by_role("img", name="QR-Code für den Einlass")).to_be_visible()
        assert page.url == f"{site}/mein-termin/gebucht/"

        page.get_by_role("link", name="2. Impfung verschieben").last.click()
        page.get_by_role("link", name="Donnerstag, 18. März").click()
        at_eight(page)
        page.get_by_role("button", name="2. Impfung auf diese Uhrzeit verschieben").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ihre Termine sind verschoben")
        expect(page.get_by_text("18. März 2021")).to_be_visible()

        page.goto(f"{site}/mein-termin/absagen/")
        page.get_by_label("Nur diese Termine absagen").check(force=True)
        page.get_by_role("button", name="Beide Termine absagen").click()
        expect(page.get_by_text("Ihre früheren Termine sind abgesagt.")).to_be_visible()
        page.get_by_role("button", name="Seite sicher verlassen").click()
        page.goto(f"{site}/mein-termin/")
        expect(page.get_by_text("18. März")).to_have_count(0)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo"])
def test_times_are_those_of_the_center_wherever_the_browser_stands(browser: Browser, site: str, zone: str):
    person = invited()
    book(person, Slot.objects.get(starts_at=FIRST).pk)
    with browser.new_context(timezone_id=zone, locale="de-DE") as context:
        page = enter(context, site, ticket_of(person))
        page.goto(f"{site}/mein-termin/")

        expect(page.get_by_text("10:20 Uhr").first).to_be_visible()


def problems(page: Page) -> list[str]:
    """What a reader would stumble over."""
    found = [*violations(page, EVERYTHING), *small_letters(page)]
    return [*found, *(["scrolls sideways"] if sideways(page) else [])]


def photograph(page: Page, folder: Path | None, name: str) -> None:
    """A picture for people, when a folder is named by SHOTS."""
    if folder is not None:
        page.screenshot(path=str(folder / f"{name.replace(' ', '-')}.png"), full_page=True)
