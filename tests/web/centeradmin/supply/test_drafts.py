"""What supply says to those who wait with their drafts: which of them it covers now."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from accounts.roles import Role
from centers.models import Session
from centers.supply import outlook
from tests.factories.supply import CenterFactory, DeliveryFactory, SlotFactory, VaccineFactory
from tests.web.centeradmin.supply.test_supply import SUPPLY, page_of, text

pytestmark = pytest.mark.django_db
TODAY = date(2021, 2, 16)


@pytest.fixture
def vaccine():
    return VaccineFactory()


def opening(center, day, places, *, state=Session.State.DRAFT):
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    return SlotFactory(
        session__center=center, session__state=state, starts_at=at, capacity=places, suspended=state == "draft"
    )


def covered(center) -> list[tuple[date, bool]]:
    return [(one.on, one.covered) for one in outlook.drafts(center, outlook.of_center(center, on=TODAY))]


def test_a_delivery_that_is_confirmed_names_the_drafts_that_it_covers(manager, center, vaccine):
    opening(center, date(2021, 2, 23), 20)
    opening(center, date(2021, 2, 24), 50)
    coming = DeliveryFactory(center=center, vaccine=vaccine, doses=60, due_on=date(2021, 2, 22), expected=True)
    assert "Für 2 Entwürfe fehlt Impfstoff." in text(manager.get(SUPPLY))

    sure = {"deed": "change", "version": "1", "doses": "60", "due_on": "2021-02-22", "state": "confirmed", "note": ""}
    page = text(manager.post(page_of(coming), sure, follow=True))

    assert "1 Entwurf mit 20 Plätzen ist jetzt gedeckt und kann veröffentlicht werden." in page
    assert "<li>Di 23.02., " in page
    assert "Für 1 Entwurf fehlt Impfstoff." in page
    assert f'href="{reverse("centeradmin:new_session_drafts")}"' in page
    assert "1 Entwurf mit 20 Plätzen" in text(manager.get(page_of(coming)))


@pytest.mark.parametrize("role", [Role.CENTER_MANAGER, Role.PLANNER])
def test_the_way_to_the_drafts_is_always_there(login, role):
    browser = login(role)
    page = browser.get(SUPPLY)
    actions = page.content.decode().partition('<div class="actions">')[2].partition("</div>")[0]
    assert f'href="{reverse("centeradmin:new_session_drafts")}"' in actions
    assert browser.get(reverse("centeradmin:new_session_drafts")).status_code == 200


def test_what_is_published_later_is_not_promised_to_an_earlier_draft(center, vaccine):
    DeliveryFactory(center=center, vaccine=vaccine, doses=60)
    opening(center, date(2021, 2, 26), 50, state=Session.State.PUBLISHED)
    for day, places in ((18, 20), (19, 8), (27, 3)):
        opening(center, date(2021, 2, day), places)

    assert covered(center) == [(date(2021, 2, 18), False), (date(2021, 2, 19), True), (date(2021, 2, 27), False)]


def test_a_draft_after_all_that_is_known_can_be_covered(center, vaccine):
    DeliveryFactory(center=center, vaccine=vaccine, doses=60)
    opening(center, date(2021, 4, 1), 60)

    assert covered(center) == [(date(2021, 4, 1), True)]


def test_past_drafts_and_those_of_another_center_are_not_named(center, vaccine):
    for place in (center, CenterFactory()):
        DeliveryFactory(center=place, vaccine=vaccine, doses=60)
    opening(center, date(2021, 2, 15), 10)
    opening(CenterFactory(), date(2021, 2, 18), 10)

    assert covered(center) == []
