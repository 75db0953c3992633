"""Take the pictures of the README from a running demo: scripts/take_pictures.py http://127.0.0.1:8000

Needs Chromium and the development environment. Walks the citizen's way once per look, as a person would: it follows
the link in the demo's mailbox. Then the manager in Riesa lets a session end earlier and keeps those without a place;
in the evening there may be nobody left to keep. At last an agent books a caller. Each picture is the top of a page,
small enough for the repository.
"""

import json
import re
import shutil
import sys
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
LARGEST = 250_000  # bytes
MAIL_WITHIN_SECONDS = 120
# How a browser looks, and which pages it takes pictures of, under which names.
DESKTOP = {"viewport": {"width": 1100, "height": 1180}}
LOOKS: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
    (DESKTOP, {"start": "start", "centers": "centers", "booked": "booked"}),
    ({"viewport": {"width": 320, "height": 1180}}, {"check": "check-320", "booked": "booked-320"}),
    ({**DESKTOP, "color_scheme": "dark"}, {"centers": "centers-dark"}),
)
# The manager's pages; the first look does the deed that the others see.
MANAGER, AGENT, PASSWORD = "leitung-riesa", "telefon-leitung", "impfen-in-riesa-2021"
CENTER_LOOKS: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
    ({"viewport": {"width": 1440, "height": 730}}, {"week": "week"}),
    ({"viewport": {"width": 1440, "height": 1000}}, {"day": "day"}),
)

CALL_LOOKS: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
    ({"viewport": {"width": 1280, "height": 940}}, {"new": "call-new"}),
    ({"viewport": {"width": 1280, "height": 640}}, {"booked": "call-booked"}),
)


@dataclass
class Camera:
    """Takes the wanted pictures of one look."""

    page: Page
    wanted: dict[str, str]

    def take(self, name: str) -> None:
        """The page as it stands, if this look wants it."""
        if name not in self.wanted:
            return
        self.page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
        file = FOLDER / f"{self.wanted[name]}.png"
        self.page.screenshot(path=file)
        size = file.stat().st_size
        if size > LARGEST:
            raise SystemExit(f"{file.name} has {size} bytes; at most {LARGEST} may lie in the repository")
        print(f"{file.name}: {size // 1000} kB")


def main() -> None:
    """All looks, one after the other."""
    site = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for look, wanted in LOOKS:
            page = browser.new_context(locale="de-DE", **look).new_page()
            walk(Camera(page, wanted), page, site)
        for look, wanted in CENTER_LOOKS:
            page = browser.new_context(locale="de-DE", **look).new_page()
            walk_center(Camera(page, wanted), page, site)
        for look, wanted in CALL_LOOKS:
            page = browser.new_context(locale="de-DE", **look).new_page()
            walk_call(Camera(page, wanted), page, site)
        browser.close()


def walk_center(camera: Camera, page: Page, site: str) -> None:
    """The manager's week and day."""
    login(page, site, MANAGER)
    page.goto(f"{site}/zentrum/tag/")
    if page.locator("main .tone-warning").count() == 0:
        end_earlier(page)
        page.goto(f"{site}/zentrum/tag/")
    camera.take("day")
    page.goto(f"{site}/zentrum/woche/")
    camera.take("week")


def walk_call(camera: Camera, page: Page, site: str) -> None:
    """A new caller without e-mail, from her birthday to the sentence that is read out."""
    login(page, site, AGENT)
    page.goto(f"{site}/telefon/neu/")
    half_typed = page.locator("button[value=discard]")
    if half_typed.count():  # by a run that was broken off
        half_typed.click()
        page.goto(f"{site}/telefon/neu/")
    for name, value in (
        ("birth_date", f"{1 + int(time.time()) % 28}.8.1936"), ("postcode", "01796"), ("first_name", "Thị"),
        ("last_name", f"O'Brien-Nguyễn {chr(65 + int(time.time()) % 26)}{int(time.time()) % 1000}"),
        ("street", f"Schandauer Straße {int(time.time()) % 1000}"), ("town", "Pirna"),
    ):  # fmt: skip
        with page.expect_response("**/telefon/neu/**"):
            page.locator(f"#id_{name}").fill(value)
            page.keyboard.press("Tab")
    page.locator("input[name=consent]").check(force=True)
    page.locator("#rechts input[type=radio]").first.check(force=True)
    page.locator("#rechts input[type=radio]").first.press("Enter")
    page.locator("[role=timer]").wait_for()
    camera.take("new")
    page.keyboard.press("Control+Enter")
    page.locator(".spell").wait_for()
    camera.take("booked")


def login(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/personal/")
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    press(page, "Anmelden")
    page.locator(".bar__out").wait_for()


def end_earlier(page: Page) -> None:
    """Session A ends half an hour earlier; whoever stood there keeps the appointment."""
    page.get_by_role("link", name="Sitzung A ändern").click()
    page.locator("input[name=was][value=reshape]").check(force=True)
    page.get_by_label(re.compile("^Neues Ende")).fill("17:30")
    page.get_by_label(re.compile("^Grund")).fill("Eine Ärztin ist erkrankt.")
    press(page, "Vorschau ansehen")
    page.locator("#ok").wait_for()
    for choice in page.locator("input[type=radio][value=keep]").all():
        with page.expect_response("**/vorschau/**"):
            choice.check(force=True)
    page.locator("#ok").check(force=True)
    page.locator("#tat button").click()
    page.wait_for_url(re.compile("/aendern/[0-9a-f-]{36}/"))
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_url(re.compile("/aendern/[0-9a-f-]{36}/$"), timeout=MAIL_WITHIN_SECONDS * 1000)


def walk(camera: Camera, page: Page, site: str) -> None:
    """From the start page to the code for the door."""
    page.goto(f"{site}/")
    camera.take("start")
    press(page, "Anspruch prüfen")
    birth_date(page)
    press(page, "Weiter")
    heading(page, "Ja, Sie sind jetzt an der Reihe")
    camera.take("check")
    press(page, "Weiter zur Anmeldung")
    email = register(page)
    page.goto(mailed(site, email, "Bitte bestätigen Sie Ihre Anmeldung"))
    press(page, "Anmeldung bestätigen")
    page.goto(mailed(site, email, "Sie können Ihre Termine jetzt buchen"))
    birth_date(page)
    press(page, "Meine Seite öffnen")
    press(page, "Impfzentrum wählen")
    heading(page, "Wo möchten Sie geimpft werden?")
    camera.take("centers")
    book(page)
    camera.take("booked")


def book(page: Page) -> None:
    """The first time of the first day in the second center of the list."""
    page.locator("main ol.rows a").nth(1).click()
    heading(page, "Welcher Tag passt Ihnen?")
    page.locator("main ol.rows a").first.click()
    page.locator("main label:has(.choice__time)").first.click()
    press(page, "Beide Termine buchen")
    heading(page, "Ihre beiden Termine sind gebucht")


def register(page: Page) -> str:
    """A new person each time; returns her address."""
    number = int(time.time()) % 100_000
    email = f"thi{number}@example.org"
    for label, value in (
        ("Vorname", "Thị"), ("Nachname", "O'Brien-Nguyễn"), ("Straße und Hausnummer", f"Schandauer Straße {number}"),
        ("Postleitzahl", "01796"), ("Ort", "Pirna"),
    ):  # fmt: skip
        page.get_by_label(re.compile(rf"^{label}( \(|$)")).fill(value)
    press(page, "Weiter")
    page.get_by_label(re.compile("^E-Mail-Adresse")).fill(email)
    press(page, "Weiter")
    press(page, "Angaben absenden")
    page.wait_for_url("**/anmelden/bestaetigung/")
    return email


def mailed(site: str, email: str, subject: str) -> str:
    """The link in the mail with that subject. An invitation comes at once, or with the next minute's round."""
    address = f"{site}/postfach/?{urllib.parse.urlencode({'format': 'json', 'to': email})}"
    until = time.monotonic() + MAIL_WITHIN_SECONDS
    while time.monotonic() < until:
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - the demo on this machine
            mails = [mail for mail in json.load(answer) if mail["subject"] == subject]
        if mails:
            return next(link for link in mails[0]["links"] if "/link/" in link)
        time.sleep(0.5)
    raise SystemExit(f"No mail {subject!r} to {email} within {MAIL_WITHIN_SECONDS} seconds; is {site} a running demo?")


def birth_date(page: Page) -> None:
    for label, value in (("Tag", "14"), ("Monat", "3"), ("Jahr", "1938")):
        page.get_by_label(label, exact=True).fill(value)


def heading(page: Page, words: str) -> None:
    """Wait for the page with this heading."""
    page.get_by_role("heading", level=1, name=words).wait_for()


def press(page: Page, words: str) -> None:
    """The button or link with these words."""
    role = page.locator("main").get_by_role
    role("button", name=words, exact=True).or_(role("link", name=words, exact=True)).first.click()


if __name__ == "__main__":
    main()
