"""The whole way by Tab, Space and Enter alone; wherever the focus stands, it can be seen."""

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.walk import Walk

AT_MOST = 90  # stops on one page
# What has the focus: its words, or those of its label; and whether something is drawn around it.
FOCUS = """(() => {
    const one = document.activeElement;
    const words = (one.labels?.[0] ?? one).innerText?.trim().replace(/\\s+/g, " ") ?? "";
    const near = [one, one.closest(".kern-form-check"), ...(one.labels ?? [])].filter(Boolean);
    const ring = near.some(each => [null, "::before", "::after"].map(part => getComputedStyle(each, part))
        .some(s => (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none"));
    return {words, ring: ring || one === document.body, html: one.outerHTML.slice(0, 120)};
})()"""


@dataclass
class Keys:
    """Fingers on a keyboard, eyes on the focus."""

    page: Page
    invisible: list[str] = field(default_factory=list)

    def to(self, words: str) -> None:
        """Tab until the focus stands on what begins with these words."""
        stops = []
        for _stop in range(AT_MOST):
            self.page.keyboard.press("Tab")
            focus = self.page.evaluate(FOCUS)
            stops.append(focus["words"][:40])
            if not focus["ring"]:
                self.invisible.append(focus["html"])
            if focus["words"].startswith(words):
                return
        raise AssertionError(f"{words!r} cannot be reached on {self.page.url}: {stops}")

    def type(self, words: str, text: str) -> None:
        """Tab to a field, write into it what it shall hold."""
        self.to(words)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def enter(self, words: str) -> None:
        """Tab to a button or link and press Enter."""
        self.to(words)
        self.page.keyboard.press("Enter")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_register_and_book_by_keyboard_alone(walker, house, scripts):
    walk = walker(scripts=scripts)
    keys = Keys(walk.page)
    walk.page.goto(f"{house.site}/anmelden/")
    walk.arrive("who")
    _register(walk, keys)
    walk.page.goto(house.mail(walk.email, walk.word("mail confirm")).link)
    walk.arrive("please confirm")
    keys.enter("Anmeldung bestätigen")
    walk.arrive("invited")
    _birth_date(keys)
    keys.enter("Termine wählen")
    walk.arrive("your turn")
    _book(walk, keys)

    expect(walk.page.get_by_role("img", name=walk.word("qr"))).to_be_visible()
    assert keys.invisible == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_the_error_summary_has_the_focus_and_leads_to_the_field(walker, house, scripts):
    walk = walker(scripts=scripts)
    keys = Keys(walk.page)
    walk.page.goto(f"{house.site}/anmelden/")
    keys.enter("Weiter")
    walk.page.get_by_role("alert").wait_for()

    expect(walk.page.get_by_role("alert")).to_be_focused()
    keys.to("Nachname: Bitte geben Sie den Nachnamen ein.")
    walk.page.keyboard.press("Enter")
    expect(walk.page.get_by_label("Nachname")).to_be_focused()
    assert keys.invisible == []


def _register(walk: Walk, keys: Keys) -> None:
    keys.type("Vorname", "Jörg")
    keys.type("Nachname", "Weiß-Strauß")
    _birth_date(keys)
    keys.type("Straße und Hausnummer", f"Tastenweg {walk.email[5:-12]}")
    keys.type("Postleitzahl", "01796")
    keys.type("Ort", "Pirna")
    keys.enter("Weiter")
    walk.sees("Was trifft auf die Person zu?")
    keys.to("Nichts davon trifft auf mich zu")
    walk.page.keyboard.press("Space")
    keys.enter("Weiter")
    walk.arrive("contact")
    keys.type("E-Mail-Adresse", walk.email)
    keys.to("Ich brauche Gebärdensprache")
    walk.page.keyboard.press("Space")
    keys.enter("Weiter")
    walk.arrive("right?")
    walk.reads("Ich brauche Gebärdensprache")
    keys.enter("Angaben absenden")
    expect(walk.page).to_have_url(f"{walk.house.site}/anmelden/bestaetigung/")


def _birth_date(keys: Keys) -> None:
    keys.type("Tag", "14")
    keys.type("Monat", "3")
    keys.type("Jahr", "1938")


def _book(walk: Walk, keys: Keys) -> None:
    keys.enter("Impfzentrum wählen")
    walk.arrive("where")
    keys.enter("Dresden")
    walk.arrive("which day")
    keys.enter("Freitag")
    walk.arrive("which time")
    _tick_ten(walk, keys)
    keys.enter("Beide Termine buchen")
    walk.arrive("booked")
    assert all(one.endswith("10:00 Uhr") for one in walk.appointments())


def _tick_ten(walk: Walk, keys: Keys) -> None:
    """Ten o'clock lies in a folded hour of the same group of radio buttons."""
    if walk.scripts:
        keys.to("10 Uhr")
        walk.page.keyboard.press("Enter")
        expect(walk.page.get_by_label("10:00 Uhr")).to_be_focused()  # opening leads into the hour
        walk.page.keyboard.press("Space")
        return
    # Without scripts as in every group of radio buttons: by the arrow keys, through all hours that are open.
    keys.to("10 Uhr")
    walk.page.keyboard.press("Enter")
    keys.to("8:00 Uhr")
    for _tile in range(4):
        walk.page.keyboard.press("ArrowDown")
    expect(walk.page.get_by_label("10:00 Uhr")).to_be_checked()
