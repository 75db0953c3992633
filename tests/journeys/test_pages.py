"""Every page beside the way of one person: texts, questions, refusals; light, dark, wide, narrow, in both languages."""

import pytest

from tests.journeys.walk import Walk

ADDRESSES = [
    "/", "/impfangebote/", "/so-funktioniert-es/", "/regeln/", "/datenschutz/", "/impressum/", "/barrierefreiheit/",
    "/anmelden/", "/anmelden/kontakt/", "/anmelden/bestaetigung/", "/link/", "/link/eingeben/", "/link/code/",
    "/link/anfordern/", "/link/gesendet/", "/link/kurz/", "/mein-termin/", "/abmelden/", "/gibt-es-nicht/",
]  # fmt: skip


@pytest.fixture(params=[("de", 1200), ("en", 320)], ids=["german-wide", "english-narrow"])
def walk(walker, request) -> Walk:
    language, width = request.param
    return walker(language=language, width=width, axe=True)


def test_every_page_without_a_person_is_accessible_fits_and_stays_here(walk, house):
    for address in ADDRESSES:
        walk.page.goto(house.site + address)
        walk.watch.look(address)

    walk.watch.language = "de"
    walk.page.goto(f"{house.site}/leichte-sprache/")
    walk.watch.look("/leichte-sprache/")


def test_the_questions_and_what_the_check_says_to_the_young(walk, house):
    walk.page.goto(f"{house.site}/pruefen/")
    walk.press("continue")
    walk.page.get_by_role("alert").wait_for()
    walk.watch.look("no birth date")
    for key, value in (("day", "29"), ("month", "2"), ("year", "1976")):
        walk.fill(key, value)
    walk.press("continue")
    walk.page.locator("fieldset input[type=checkbox]").first.wait_for(state="attached")
    walk.watch.look("criteria")
    walk.press("Ergebnis ansehen" if walk.language == "de" else "See the result")
    walk.page.get_by_role("alert").wait_for()
    walk.watch.look("nothing ticked")
    walk.page.locator("fieldset input[type=checkbox]").first.check(force=True)
    walk.press("Ergebnis ansehen" if walk.language == "de" else "See the result")
    walk.page.locator("#weiter").wait_for(state="attached")
    walk.watch.look("answer")


def test_the_watch_sees_what_it_is_there_for(walker, house):
    walk = walker(axe=True, width=320)
    walk.page.goto(f"{house.site}/impressum/")
    walk.page.evaluate(
        """() => { const main = document.querySelector("main"); main.style.width = "30rem";
        main.insertAdjacentHTML("beforeend", "<h1>zwei</h1><button></button><style>p { color: red }</style>"); }"""
    )
    walk.page.evaluate("fetch('https://example.org/').catch(() => null)")
    walk.watch.look("broken on purpose")
    found = " ".join(walk.watch.complaints)
    walk.watch.complaints.clear()

    assert all(words in found for words in ("h1", "sideways", "button-name", "CSP style-src", "example.org")), found


def test_the_vietnamese_letters_of_a_name_are_of_the_same_font(walker, house):
    walk = walker()
    walk.page.goto(f"{house.site}/anmelden/")
    assert walk.page.evaluate(
        """async () => { const name = "Thị Nguyễn";
        const faces = await document.fonts.load('600 20px "Fira Sans"', name);
        return faces.some(face => face.status === "loaded" && face.unicodeRange.includes("U+1EA0-1EF9")); }"""
    )
