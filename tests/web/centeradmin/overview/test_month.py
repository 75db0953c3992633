"""The month: a card for each week, and only days of the month, so that the cards add up to it."""

from datetime import date, time

import pytest
from django.urls import reverse

from centers.models import Slot
from tests.booking.openings import keep, opening
from tests.web.centeradmin.overview.tables import rows, text

pytestmark = pytest.mark.django_db
MONTH = reverse("centeradmin:week_month")


def test_the_cards_add_up_to_the_month(manager, center):
    for day in (date(2021, 3, 31), date(2021, 4, 1), date(2021, 4, 4), date(2021, 4, 30), date(2021, 5, 1)):
        (session,) = opening(center, date=day, starts=time(9))
    keep(Slot.objects.filter(session__date=date(2021, 4, 30)).first(), 2)

    page = manager.get(reverse("centeradmin:week_month_of", args=[date(2021, 4, 15)])).content.decode()

    assert rows(page, "1. bis 4. April 2021")[-1] == ["Summe", "16", "0", "16"]
    assert rows(page, "26. bis 30. April 2021") == [
        ["Comirnaty", "8", "0", "8"],
        ["Online", "8", "0", "8"],
        ["behalten", "+2", "2", "0"],
        ["Summe", "10", "2", "8"],
    ]
    assert rows(page, "April 2021 gesamt")[-1] == ["Summe", "26", "2", "24", "7 %"]
    assert "2 Tage mit Sitzungen" in text(page)
    assert "26 Plätze" not in text(page)
    assert text(page).count("Keine Sitzung.") == 3
    assert session.date == date(2021, 5, 1)


def test_the_month_lights_up_the_week_in_the_bar_and_leads_to_its_weeks(manager):
    page = manager.get(MONTH).content.decode()

    assert f'<a href="{reverse("centeradmin:week")}" aria-current="page">' in page
    assert reverse("centeradmin:week_of", args=[date(2021, 2, 15)]) in page
    assert reverse("centeradmin:week_month_of", args=[date(2021, 1, 31)]) in page
    assert reverse("centeradmin:week_month_of", args=[date(2021, 3, 1)]) in page


@pytest.mark.parametrize("address", ["/zentrum/monat/2000-01-01/", "/zentrum/monat/2099-12-31/",
                                     "/zentrum/woche/2099-12-31/", "/zentrum/tag/2000-01-01/"])  # fmt: skip
def test_the_ends_of_the_calendar_are_pages_too(manager, address):
    assert manager.get(address).status_code == 200
