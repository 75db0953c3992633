"""The public pages in a real browser: accessible, readable at 320 px and in the dark, alone with this server."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.models import User
from tests.factories.demand import OpeningFactory

PATHS = [
    "/", "/impfangebote/", "/so-funktioniert-es/", "/regeln/", "/datenschutz/", "/impressum/", "/barrierefreiheit/",
    "/leichte-sprache/", "/gibt-es-nicht/",
]  # fmt: skip
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERYTHING = {"type": "tag", "values": STANDARDS}
AXE = Axe().axe_script
WAYS = {
    "light and wide": {"viewport": {"width": 1200, "height": 900}, "locale": "de-DE"},
    "dark and narrow": {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark", "locale": "en-GB"},
    "forced colors": {"viewport": {"width": 360, "height": 700}, "forced_colors": "active", "locale": "de-DE"},
}
# What WCAG 1.4.12 lets a reader set.
SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(live_server) -> str:
    call_command("load_reference", shift_days=2104, verbosity=0)
    OpeningFactory(level=1)
    assert User.objects.count() == 2
    return live_server.url


def sideways(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def violations(page: Page, rules: dict[str, object]) -> list[str]:
    """What axe finds by `rules`; the page keeps axe. Only what is wrong comes back: a whole report is megabytes."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return page.evaluate(
        """async rules => (await axe.run({runOnly: rules, resultTypes: ["violations"]})).violations
            .map(one => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`)""",
        rules,
    )


def small_letters(page: Page) -> list[str]:
    """Texts under 18 pixels."""
    return page.evaluate(
        """[...document.querySelectorAll("body *")].filter(e => e.checkVisibility()
            && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())
            && parseFloat(getComputedStyle(e).fontSize) < 18).map(e => e.outerHTML.slice(0, 90))"""
    )


def watched(context: BrowserContext, complaints: list[str]) -> Page:
    """A page; what the browser complains about is collected."""
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if "404" not in message.text else None)
    page.on("request", lambda request: complaints.append(request.url) if "//localhost" not in request.url else None)
    return page


def unfold(page: Page, address: str) -> None:
    """Go there and open everything that is folded."""
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


@pytest.mark.parametrize("way", WAYS)
def test_every_page_is_accessible_and_fits(browser: Browser, site: str, way: str):
    complaints: list[str] = []
    found = {}
    with browser.new_context(**WAYS[way]) as context:
        page = watched(context, complaints)
        for path in PATHS:
            unfold(page, site + path)
            complaints += violations(page, EVERYTHING) + small_letters(page)
            complaints += ["scrolls sideways"] if sideways(page) else []
            found[path] = complaints.copy()
            complaints.clear()

    assert found == {path: [] for path in PATHS}


def test_pages_fit_at_double_size_and_with_wide_spacing(browser: Browser, site: str):
    found = []
    with browser.new_context(viewport={"width": 640, "height": 700}, bypass_csp=True) as context:
        page = watched(context, [])
        for path in PATHS:
            unfold(page, site + path)
            page.add_style_tag(content=f"html {{ font-size: 200%; }} {SPACING}")
            if sideways(page):
                found.append(path)

    assert found == []


def test_keyboard_reaches_the_content_first_and_sees_every_stop(browser: Browser, site: str):
    with browser.new_context(viewport={"width": 1200, "height": 900}) as context:
        page = context.new_page()
        page.goto(site)
        page.keyboard.press("Tab")
        first = page.evaluate("[document.activeElement.className, document.activeElement.getBoundingClientRect().left]")
        page.keyboard.press("Enter")
        at_content = page.evaluate("document.activeElement.id")
        invisible = []
        for _stop in range(25):
            page.keyboard.press("Tab")
            invisible += page.evaluate(
                """(() => { const one = document.activeElement; if (one === document.body) return [];
                const ring = [null, "::before", "::after"].map(p => getComputedStyle(one, p))
                    .some(s => (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none");
                return ring ? [] : [one.outerHTML.slice(0, 100)]; })()"""
            )

    assert first[0].startswith("skip-link")
    assert first[1] >= 0
    assert at_content == "inhalt"
    assert invisible == []


def test_pages_say_the_same_without_scripts(browser: Browser, site: str):
    with browser.new_context(java_script_enabled=False, locale="de-DE") as context:
        page = context.new_page()
        page.goto(site)
        page.get_by_role("link", name="English").first.click()

        assert page.locator("html").get_attribute("lang") == "en"
        assert page.get_by_role("heading", level=1).inner_text() == "Your appointment for the coronavirus vaccination"


def test_paper_shows_the_text_and_not_the_frame(browser: Browser, site: str):
    with browser.new_context(locale="de-DE") as context:
        page = context.new_page()
        page.goto(f"{site}/so-funktioniert-es/")
        page.emulate_media(media="print")

        assert page.locator("h1").is_visible()
        assert not page.locator(".site-footer nav").is_visible()
        assert not page.locator(".actions").is_visible()
