"""What must hold on every page, whoever looks at it: accessible, one heading, fits, alone with its server."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, Response

from tests.web.test_look import EVERYTHING, sideways, violations

# A blocked style or script is an error of the console too; the page's own listener names the directive.
CSP = """document.addEventListener("securitypolicyviolation",
    event => console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`));"""
TITLES = (" – Impftermin Sachsen", " – Impftermin")  # of citizens' pages, and of the staff's
# The next page, or the next letter typed, overtook a request for a part of the page.
OVERTAKEN = ("htmx:sendAbort", "htmx:afterRequest")
# Pages (path and name) whose colours in the dark have been judged: neither width nor language changes a colour.
_in_the_dark: set[tuple[str, str]] = set()
REFUSALS = ("403", "404", "409", "410", "429")  # answers with a page of their own; the browser remarks on each


@dataclass
class Watch:
    """Collects what is wrong with the pages that `page` shows. `axe` needs a browser with scripts."""

    page: Page
    site: str
    language: str
    axe: bool
    complaints: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.add_init_script(CSP)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def look(self, name: str) -> None:
        """Judge the page as it stands."""
        if name in self.seen:
            return
        self.seen.append(name)
        self._photograph(name)
        self.complaints += [f"{name}: {words}" for words in [*self._frame(), *(self._axe(name) if self.axe else [])]]

    def _frame(self) -> list[str]:
        page, found = self.page, []
        if page.locator("h1").count() != 1:
            found.append("not exactly one h1")
        if page.locator("html").get_attribute("lang") != self.language:
            found.append("another language")
        if not page.title().endswith(TITLES):
            found.append(f"title {page.title()!r}")
        if sideways(page):
            found.append("scrolls sideways")
        return found

    def _axe(self, name: str) -> list[str]:
        """Everything in light, the colours of each page once again in the dark, with nothing folded."""
        page = self.page
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found = violations(page, EVERYTHING)
        if (here := (urlsplit(page.url).path, name)) in _in_the_dark:
            return found
        _in_the_dark.add(here)
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {one}" for one in violations(page, {"type": "rule", "values": ["color-contrast"]})]
        page.emulate_media(color_scheme="light")
        return found

    def _photograph(self, name: str) -> None:
        """Pictures for people: SHOTS=folder; without it none."""
        if folder := os.environ.get("SHOTS"):
            size = self.page.viewport_size
            way = f"{self.language}-{size['width'] if size else ''}{'' if self.axe else '-plain'}"
            name = f"{way}-{len(self.seen):02}-{''.join(c if c.isalnum() else '-' for c in name)}.png"
            Path(folder).mkdir(parents=True, exist_ok=True)
            # caret: hiding it would be an inline style, which the page refuses
            self.page.screenshot(path=Path(folder) / name, full_page=True, caret="initial")

    def _console(self, message: ConsoleMessage) -> None:
        refused = message.text.startswith("Failed to load resource") and any(code in message.text for code in REFUSALS)
        if message.type in {"error", "warning"} and not refused and not message.text.startswith(OVERTAKEN):
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.site}/", "data:", "blob:")):
            self.complaints.append(f"request to another host: {urlsplit(request.url).netloc}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} {urlsplit(response.url).path}")
