"""A manager and her vaccine: a delivery entered, postponed and received; a planner reads a list. In the browser."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from booking import clock
from centers.models import Center, Delivery, Vaccine
from centers.supply import services
from centers.supply.services import Content, Loss
from tests.booking.openings import opening
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory
from tests.journeys.staff import sign_in

SLUG = "altenberg"


@pytest.fixture
def manager(house, transactional_db) -> User:
    """Of a center of her own: vaccine that is there, one delivery that is late, and sessions that wait for it."""
    found = User.objects.filter(username=SLUG).first()
    return found or _world(timezone.now())


def _world(now: datetime) -> User:
    today = clock.local_day(now)
    center = CenterFactory(slug=SLUG, code="SN97", name="Altenberg", place="Bahnhof", listed=False, first_day=today)
    center.refresh_from_db()
    manager = UserFactory(username=SLUG, first_name="Silke", roles=[Role.CENTER_MANAGER], at=[center])
    one, other = Vaccine.objects.get(code="comirnaty"), Vaccine.objects.get(code="vaxzevria")
    by = {"by": manager, "now": now}
    opening(center, (10,), slots=10, date=today + timedelta(days=3), starts=time(8), ends=time(13), vaccine=one)
    opening(center, (5,), slots=8, date=today + timedelta(days=4), starts=time(8), ends=time(13), vaccine=other)
    services.enter_delivery(center=center, vaccine=one, content=Content(390, today, "received"), **by)
    late = Content(60, today + timedelta(days=2), "confirmed")
    delivery = services.enter_delivery(center=center, vaccine=other, content=late, **by)
    later = Content(60, today + timedelta(days=9), "confirmed", "Der Hersteller liefert später.")
    services.change_delivery(delivery=delivery, content=later, version=1, **by)
    services.record_waste(center=center, loss=Loss(one, 6, today, "Flasche zerbrochen"), **by)
    return manager


def pages(manager: User) -> list[str]:
    delivery = Delivery.objects.filter(center__workplaces__user=manager, vaccine="vaxzevria").earliest("pk")
    return [
        "/zentrum/vorrat/", "/zentrum/vorrat/impfstoff/comirnaty/", "/zentrum/vorrat/impfstoff/vaxzevria/",
        "/zentrum/vorrat/impfstoff/janssen/", "/zentrum/vorrat/lieferung/neu/", "/zentrum/vorrat/verlust/",
        "/zentrum/vorrat/zweite-dosen/", f"/zentrum/vorrat/lieferung/{delivery.public_id}/",
    ]  # fmt: skip


@pytest.mark.parametrize(("language", "width"), [("de", 1440), ("en", 320), ("de", 360)])
def test_every_page_is_accessible_fits_and_stays_here(walker, manager, house, language, width):
    walk = walker(language=language, width=width, axe=True)
    sign_in(walk, manager)
    for address in pages(manager):
        walk.page.goto(house.site + address)
        walk.watch.look(f"staff supply {address}")


def test_a_delivery_from_the_announcement_to_the_refrigerator_without_scripts(walker, manager, house):
    walk = walker(scripts=False)
    sign_in(walk, manager)
    center = Center.objects.get(slug=SLUG)
    day = clock.local_day(timezone.now()) + timedelta(days=5)
    page = walk.page
    page.goto(f"{house.site}/zentrum/vorrat/lieferung/neu/")
    page.get_by_label("Impfstoff").select_option("comirnaty")
    page.get_by_label("Dosen").fill("1.170")
    page.get_by_role("button", name="Lieferung eintragen").click()
    walk.watch.look("staff supply: the day is missing")
    assert page.get_by_label("Dosen").input_value() == "1.170"
    page.get_by_label("Tag, an dem sie kommt oder kam").fill(day.isoformat())
    page.get_by_role("button", name="Lieferung eintragen").click()
    page.wait_for_url("**/zentrum/vorrat/")
    delivery = Delivery.objects.get(center=center, doses=1170)

    page.goto(f"{house.site}/zentrum/vorrat/lieferung/{delivery.public_id}/")
    page.get_by_label("Eingetroffene Dosen").fill("1164")
    page.get_by_role("button", name="Diese Dosen als eingetroffen eintragen").click()
    page.wait_for_url("**/zentrum/vorrat/")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.doses, delivery.version) == ("received", 1164, 2)


def test_a_late_delivery_leads_to_the_page_that_moves_people(walker, manager, house):
    walk = walker()
    sign_in(walk, manager)
    day = clock.local_day(timezone.now()) + timedelta(days=4)
    walk.page.goto(f"{house.site}/zentrum/vorrat/impfstoff/vaxzevria/")
    walk.page.get_by_role("link", name="Diese Tage ändern oder schließen").click()
    walk.page.wait_for_url("**/zentrum/aendern/**")
    walk.watch.look("staff supply: from the late delivery to the change")
    assert walk.page.locator("[name=von]").input_value() == day.isoformat()


def test_a_planner_reads_a_list(walker, manager, house):
    planner = User.objects.filter(username="planung-altenberg").first() or UserFactory(
        username="planung-altenberg", roles=[Role.PLANNER]
    )
    walk = walker(axe=True)
    sign_in(walk, planner)
    page = walk.page
    day = clock.local_day(timezone.now()) + timedelta(days=6)
    head = "zentrum;impfstoff;dosen;tag;stand\n"
    for last, words in (("viele", "ist keine ganze Zahl von Dosen"), ("84", "1 Lieferung eintragen")):
        page.goto(f"{house.site}/zentrum/vorrat/liste/")
        line = f"SN97;comirnaty;{last};{day:%d.%m.%Y};bestätigt\n"
        file = {"name": "liste.csv", "mimeType": "text/csv", "buffer": (head + line).encode("cp1252")}
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_role("button", name="Liste prüfen").click()
        page.get_by_text(words).wait_for()
        walk.watch.look(f"staff supply: list with {last}")
    page.get_by_role("button", name="1 Lieferung eintragen").click()
    page.get_by_text("1 Lieferung ist eingetragen.").wait_for()
    assert Delivery.objects.filter(center__slug=SLUG, doses=84, state="confirmed").count() == 1
