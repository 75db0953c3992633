"""The steps of a citizen's way, by what stands on the pages: press this, fill in that, see this heading."""

import re
from dataclasses import dataclass, field
from datetime import date

from playwright.sync_api import Page, expect

from tests.journeys.house import House
from tests.journeys.watch import Watch
from tests.journeys.words import WORDS
from tests.journeys.world import BORN, new_email

PATIENCE = 30_000  # milliseconds; two cores are busy with everything else
expect.set_options(timeout=PATIENCE)


@dataclass
class Walk:
    """Somebody with a browser. `watch.complaints` says at the end what was wrong on the way."""

    page: Page
    house: House
    language: str
    watch: Watch
    scripts: bool
    email: str = field(default_factory=new_email)
    first_name: str = "Thị"
    last_name: str = "O'Brien-Nguyễn"

    def word(self, key: str) -> str:
        return WORDS[self.language][key]

    def press(self, key: str) -> None:
        """The button or link with these words; the first one where a page repeats it."""
        name = WORDS[self.language].get(key, key)
        role = self.page.locator("main").get_by_role
        role("button", name=name, exact=True).or_(role("link", name=name, exact=True)).first.click()

    def arrive(self, key: str, **values: str) -> None:
        """The page with this heading is there and holds what every page must."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.word(key).format(**values))
        self.watch.look(key)

    def sees(self, heading: str) -> None:
        """As `arrive`, for the pages beside the way."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        self.watch.look(heading)

    def reads(self, text: str) -> None:
        """These words stand in the page's main part."""
        expect(self.page.locator("main")).to_contain_text(text)

    def fill(self, key: str, value: str) -> None:
        self.page.locator("main").get_by_label(re.compile(rf"^{re.escape(self.word(key))}( \(|$)")).fill(value)

    def birth_date(self, born: date = BORN) -> None:
        for key, value in (("day", born.day), ("month", born.month), ("year", born.year)):
            self.fill(key, str(value))

    # --- The way ---------------------------------------------------------------------------------

    def check(self) -> None:
        """From the start page to "continue to registration"."""
        self.page.goto(f"{self.house.site}/")
        self.watch.look("start")
        self.press("check")
        self.arrive("born?")
        self.birth_date()
        self.press("continue")
        self.arrive("turn")
        self.press("to registration")

    def register(self) -> None:
        """From the person's page until the form has been sent."""
        self.arrive("who")
        self.fill_in_person()
        self.press("continue")
        self.arrive("contact")
        self.fill("e-mail", self.email)
        self.press("continue")
        self.arrive("right?")
        self.press("register now")

    def confirm(self) -> None:
        """Follow the first mail and press its one button."""
        mail = self.house.mail(self.email, self.word("mail confirm"))
        assert mail.text.startswith(f"{self.word('hello')} {self.first_name} {self.last_name},")
        self.page.goto(mail.link)
        self.arrive("please confirm")
        assert self.page.url == f"{self.house.site}/link/"
        self.press("confirm")
        self.arrive("invited")

    def enter(self, link: str, *, born: date = BORN) -> None:
        """Follow a link that opens the person's page."""
        self.page.goto(link)
        self.arrive("born?")
        self.birth_date(born)
        self.press("open my page")

    def choose(self, *, center: str = "Pirna", day: int = 0, time: int = 0) -> tuple[str, str]:
        """From the list of centers to the chosen time; returns the words of both start times.

        `day` counts the rows of the page, `time` the tiles.
        """
        self.arrive("where")
        self.page.locator("main").get_by_role("link", name=center, exact=True).click()
        self.arrive("which day")
        self.page.locator("main ol.rows a").nth(day).click()
        self.arrive("which time")
        return self.tick(time)

    def fill_in_person(self) -> None:
        """Name and address; the birth date is there already when she comes from the check."""
        self.fill("first name", self.first_name)
        self.fill("last name", self.last_name)
        self.fill("street", f"Schandauer Straße {self.email.partition('@')[0][5:]}")
        self.fill("postcode", "01796")
        self.fill("town", "Pirna")

    def tick(self, time: int = 0) -> tuple[str, str]:
        """Choose one of the times of the page that is open; (first, second or "")."""
        tile = self.page.locator("main label:has(.choice__time)").nth(time)
        folded = tile.locator("xpath=ancestor::details[not(@open)]/summary")
        if folded.count():
            folded.click()
        first = tile.locator(".choice__time").inner_text()
        second = tile.inner_text().removeprefix(first).strip()
        tile.click()
        expect(self.page.locator("input[name=slot]").nth(time)).to_be_checked()
        return first, second.rpartition(", ")[2]

    def appointments(self) -> list[str]:
        """The doses as the page shows them: weekday, day, time, on one line each."""
        return [" ".join(one.split()) for one in self.page.locator("main .dose__when").all_inner_texts()]

    def code(self) -> str:
        """The code for the door, as it is said."""
        return self.page.locator("main .code").inner_text().replace("\u00a0", " ")
