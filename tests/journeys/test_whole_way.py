"""From the start page to the code for the door, and back out again: nothing but what stands on the pages and mails."""

import io
import re
from datetime import datetime

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.journeys.walk import Walk

# Every language, every width, with and without scripts, each with each at least once. With scripts axe looks on.
WAYS = {
    "german-scripts-wide": {"language": "de", "scripts": True, "width": 1200, "axe": True},
    "english-scripts-narrow": {"language": "en", "scripts": True, "width": 320, "axe": True},
    "german-plain-narrow": {"language": "de", "scripts": False, "width": 320},
    "english-plain-wide": {"language": "en", "scripts": False, "width": 1200},
}


@pytest.mark.parametrize("way", WAYS)
def test_check_register_confirm_book_move_cancel_book_again_withdraw(walker, house, way):
    walk = walker(**WAYS[way])

    walk.check()
    walk.register()
    walk.house.mail(walk.email, walk.word("mail confirm"))
    walk.page.reload()
    walk.arrive("sent")
    walk.confirm()
    _enter(walk)
    walk.arrive("your turn")
    walk.press("choose a center")
    _books(walk)
    _takes_papers(walk, sequences=["0", "0"])
    _moves_second(walk)
    _takes_papers(walk, sequences=["0", "1"])
    house.mail(walk.email, walk.word("mail moved"))
    _cancels(walk)
    _books_again_and_withdraws(walk)
    link = house.mail(walk.email, walk.word("mail booked"), number=2).link
    house.mail(walk.email, walk.word("mail withdrawn"))

    walk.page.goto(link)
    walk.arrive("dead link")


def _books(walk: Walk) -> None:
    first, second = walk.choose(day=2, time=3)
    walk.press("book")
    walk.arrive("booked")
    _holds(walk, first, second)
    booked = walk.house.mail(walk.email, walk.word("mail booked"))
    assert walk.code() in booked.text
    assert first.replace("\u00a0", " ") in booked.text


def _enter(walk: Walk) -> None:
    """With scripts at once, without them by the second mail."""
    link = walk.house.mail(walk.email, walk.word("mail invited")).link
    if walk.scripts:
        walk.birth_date()
        walk.press("choose appointments")
    else:
        walk.enter(link)


def _holds(walk: Walk, first: str, second: str) -> None:
    """The page shows both doses as they were chosen, and the code."""
    one, two = walk.appointments()
    assert one.endswith(" ".join(first.split()))
    assert two.endswith(" ".join(second.split()))
    expect(walk.page.get_by_role("img", name=walk.word("qr"))).to_be_visible()
    assert re.fullmatch(r"\w{3} \w{4}", walk.code())
    assert walk.page.url == f"{walk.house.site}/mein-termin/gebucht/"


def _takes_papers(walk: Walk, *, sequences: list[str]) -> None:
    """Both files arrive by a press, and say what the page says."""
    walk.page.goto(f"{walk.house.site}/mein-termin/")
    walk.arrive("my appointments", name=f"{walk.first_name} {walk.last_name}")
    saved = []
    for key in ("pdf", "calendar"):
        with walk.page.expect_download() as download:
            walk.press(key)
        saved.append(download.value.path().read_bytes())
    pdf = PdfReader(io.BytesIO(saved[0]))
    text = " ".join("".join(page.extract_text() for page in pdf.pages).split())
    assert pdf.trailer["/Root"]["/Lang"].startswith(walk.language)
    assert walk.code() in text.replace("\u00a0", " ")
    calendar = saved[1].decode()
    assert re.findall(r"^SEQUENCE:(\d+)\r$", calendar, re.MULTILINE) == sequences
    starts = [datetime.fromisoformat(start) for start in re.findall(r"DTSTART;TZID=Europe/Berlin:(\S+)", calendar)]
    for start, shown in zip(starts, walk.appointments(), strict=True):
        assert re.search(rf"\b{start.day}\b.* {start.year} {_time(start, walk.language)}$", shown)


def _time(at: datetime, language: str) -> str:
    if language == "de":
        return f"{at.hour}:{at:%M} Uhr"
    return f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'}"


def _moves_second(walk: Walk) -> None:
    one, two = walk.appointments()
    walk.press("move 2")
    walk.arrive("move 2")
    walk.page.locator("main ol.rows a").nth(1).click()
    walk.arrive("which time")
    moved, _none = walk.tick(5)
    walk.press("move 2 here")
    walk.arrive("moved")
    kept, new = walk.appointments()
    assert kept == one
    assert new != two
    assert new.endswith(" ".join(moved.split()))


def _cancels(walk: Walk) -> None:
    """The appointments only: the registration stays, and a new one can be booked."""
    walk.page.goto(f"{walk.house.site}/mein-termin/")
    walk.press("cancel")
    walk.arrive("cancel?")
    walk.page.get_by_text(walk.word("only these"), exact=True).click()
    walk.press("cancel both")
    expect(walk.page.get_by_text(walk.word("cancelled"))).to_be_visible()
    walk.watch.look("after cancelling")
    walk.house.mail(walk.email, walk.word("mail cancelled"))


def _books_again_and_withdraws(walk: Walk) -> None:
    walk.press("choose a center")
    walk.choose(center="Dresden")
    walk.press("book")
    walk.arrive("booked")
    walk.house.mail(walk.email, walk.word("mail booked"), number=2)
    walk.page.goto(f"{walk.house.site}/mein-termin/absagen/")
    walk.page.get_by_text(walk.word("all"), exact=True).click()
    walk.press("cancel both")
    walk.arrive("ended")
