"""Slots around both changes of 2021: shown, booked and paired at the center's wall time, kept at the right instant."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from playwright.sync_api import Browser, BrowserContext, Page, expect

from booking import facts, reference_facts
from booking.models import Appointment
from centers.models import Center
from tests.factories.demand import OpeningFactory
from tests.factories.supply import ContingentFactory
from tests.journeys import world

pytestmark = pytest.mark.django_db(transaction=True)

# now; the Saturday before, the Sunday itself; how far second doses lie; 10:00 on the clock in UTC, before and after.
CHANGES = {
    "spring": SimpleNamespace(
        now=datetime(2021, 3, 20, 9, tzinfo=UTC), sunday=date(2021, 3, 28), apart=42, before=9, after=8,
        shown={"Samstag": ("Samstag, 27. März 2021", "Samstag, 8. Mai 2021"),
               "Sonntag": ("Sonntag, 28. März 2021", "Sonntag, 9. Mai 2021")},
    ),
    "autumn": SimpleNamespace(
        now=datetime(2021, 10, 23, 9, tzinfo=UTC), sunday=date(2021, 10, 31), apart=21, before=8, after=9,
        shown={"Samstag": ("Samstag, 30. Oktober 2021", "Samstag, 20. November 2021"),
               "Sonntag": ("Sonntag, 31. Oktober 2021", "Sonntag, 21. November 2021")},
    ),
}  # fmt: skip


@pytest.fixture(params=CHANGES)
def change(request, live_server) -> Iterator[SimpleNamespace]:
    """Pirna open on the weekend of the change and `apart` days later, from 10 to 12 o'clock."""
    found = CHANGES[request.param]
    with time_machine.travel(found.now, tick=False):
        reference_facts.load(shift_days=0)
        OpeningFactory(level=1)
        OpeningFactory(level=None, birth_year_to=1950, opens_at=datetime(2021, 6, 7, tzinfo=UTC))
        Center.objects.update(last_day=None)
        share = ContingentFactory()
        for day in (found.sunday - timedelta(days=1), found.sunday):
            for away in (0, found.apart):
                world.day("pirna", day + timedelta(days=away), share=share, starts=time(10), ends=time(12))
        facts.forget()
        yield SimpleNamespace(site=live_server.url, **vars(found))


@pytest.mark.parametrize(("row", "weekday"), [(0, "Samstag"), (1, "Sonntag")])
def test_ten_o_clock_is_ten_o_clock_before_on_and_after_the_change(change, browser: Browser, row, weekday):
    person = world.confirmed(now=change.now)
    # Far from Saxony: the browser's own zone must not matter.
    with browser.new_context(locale="de-DE", timezone_id="America/New_York") as context:
        page = _visit(context, change, world.new_link(change.site, person, now=change.now))
        _book(page, row)
        shown = [" ".join(one.split()) for one in page.locator("main .dose__when").all_inner_texts()]
        calendar = context.request.get(f"{change.site}/mein-termin/termine.ics").text()

    assert shown == [f"{day} 10:00 Uhr" for day in change.shown[weekday]]
    booked = Appointment.objects.filter(registration=person).select_related("slot").order_by("dose_number")
    first_hour = change.before if weekday == "Samstag" else change.after
    assert [one.slot.starts_at.hour for one in booked] == [first_hour, change.after]
    assert [line[-6:] for line in calendar.splitlines() if line.startswith("DTSTART;TZID")] == ["100000", "100000"]


def _book(page: Page, row: int) -> None:
    """The first time of the day in that row: ten o'clock, as on every day."""
    page.get_by_role("link", name="Impfzentrum wählen").click()
    page.get_by_role("link", name="Pirna", exact=True).click()
    expect(page.locator("main ol.rows a")).to_have_count(2)
    page.locator("main ol.rows a").nth(row).click()
    tiles = page.locator("main .choice__time")
    expect(tiles.first).to_have_text("10:00\u00a0Uhr")
    assert tiles.count() == 8
    assert tiles.last.text_content() == "11:45\u00a0Uhr"
    page.locator("main label:has(.choice__time)").first.click()
    page.get_by_role("button", name="Beide Termine buchen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ihre beiden Termine sind gebucht")


def _visit(context: BrowserContext, change: SimpleNamespace, link: str) -> Page:
    page = context.new_page()
    page.goto(link)
    for label, value in (("Tag", "14"), ("Monat", "3"), ("Jahr", "1938")):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Meine Seite öffnen").click()
    return page
