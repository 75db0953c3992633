"""A manager looks at month, week and day: in the browser, on a phone, without scripts, and with the keyboard alone."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.roles import Role
from booking import clock
from centers.models import Center, Slot, Vaccine
from tests.booking.openings import book, keep, opening
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory
from tests.journeys.staff import sign_in

SLUG = "seiffen"


@pytest.fixture
def manager(house, transactional_db) -> User:
    """Of a center of her own: two sessions today, one of them with people who are kept, a draft, and a past."""
    found = User.objects.filter(username=SLUG).first()
    return found or _world(timezone.now())


def _world(now: datetime) -> User:
    center = CenterFactory(slug=SLUG, name="Seiffen", place="Turnhalle", listed=False, first_day=now.date())
    manager = UserFactory(username=SLUG, first_name="Kerstin", roles=[Role.CENTER_MANAGER], at=[center])
    one, other = Vaccine.objects.get(code="comirnaty"), Vaccine.objects.get(code="vaxzevria")
    today = clock.local_day(now)
    morning = opening(center, (3, 1), slots=20, date=today, starts=time(8), ends=time(13), vaccine=one)
    for slot in Slot.objects.filter(session__in=morning).order_by("starts_at", "pk")[:9]:
        book(slot, slot.capacity)
    (second,) = opening(center, (2,), slots=8, date=today, starts=time(10), ends=time(12), vaccine=other, first_line=5)
    keep(Slot.objects.filter(session=second).earliest("starts_at"), 3)
    opening(center, state="suspended", date=today + timedelta(days=1), vaccine=one)
    opening(center, state="draft", slots=0, date=today + timedelta(days=1), starts=time(14), ends=time(16), vaccine=one)
    details = {"blocks": [str(second.block)], "before": {"hours": "09:00-12:00"}, "after": {"hours": "10:00-12:00"}}
    audit.record("session.changed", subject=center.public_id, by=manager, now=now, details=details)
    return manager


def pages(manager: User) -> list[str]:
    today = clock.local_day(timezone.now())
    center = Center.objects.get(workplaces__user=manager)
    before = center.first_day - timedelta(days=14)
    return [
        "/zentrum/woche/", "/zentrum/tag/", f"/zentrum/tag/{today + timedelta(days=1)}/", "/zentrum/monat/",
        "/zentrum/verlauf/", "/zentrum/verlauf/?von=2021-02-17&bis=2021-02-16", f"/zentrum/woche/{before}/",
    ]  # fmt: skip


@pytest.mark.parametrize(("language", "width"), [("de", 1440), ("en", 320), ("de", 360)])
def test_every_page_is_accessible_fits_and_stays_here(walker, manager, house, language, width):
    walk = walker(language=language, width=width, axe=True)
    sign_in(walk, manager)
    for address in pages(manager):
        walk.page.goto(house.site + address)
        walk.watch.look(f"staff views {address}")


def test_the_pages_are_whole_without_scripts(walker, manager, house):
    walk = walker(scripts=False)
    sign_in(walk, manager)
    for address in pages(manager):
        walk.page.goto(house.site + address)
        walk.watch.look(f"staff views {address}")


def test_from_the_month_to_the_session_with_the_keyboard_alone(walker, manager, house):
    walk = walker()
    sign_in(walk, manager)
    today = clock.local_day(timezone.now())
    walk.page.goto(f"{house.site}/zentrum/monat/")
    _go(walk.page, f"/zentrum/woche/{max(today - timedelta(days=today.weekday()), today.replace(day=1))}/")
    walk.page.wait_for_url("**/zentrum/woche/**")
    _go(walk.page, f"/zentrum/tag/{today}/")
    walk.page.wait_for_url("**/zentrum/tag/**")
    walk.reads("3 Personen haben einen Termin, aber keinen Platz.")
    walk.reads("letzte Änderung")
    _go(walk.page, f"/zentrum/verlauf/?von={today}&bis={today}")
    walk.sees("Wer hat was geändert")
    walk.reads("10:00–12:00 statt 09:00–12:00")


def test_a_wide_table_on_a_phone_is_moved_in_its_own_frame(walker, manager, house):
    walk = walker(width=360)
    sign_in(walk, manager)
    walk.page.goto(f"{house.site}/zentrum/tag/")
    frame = walk.page.get_by_role("region", name="Sitzungen")
    frame.focus()
    walk.page.keyboard.press("ArrowRight")
    house.until(lambda: frame.evaluate("frame => frame.scrollLeft") > 0)
    walk.watch.look("moved")


def _go(page, address: str) -> None:
    """Tab to the link in the page's main part, and follow it."""
    for _press in range(80):
        page.keyboard.press("Tab")
        if (
            page.evaluate("document.activeElement.closest('main') && document.activeElement.getAttribute('href')")
            == address
        ):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not reach {address}")
