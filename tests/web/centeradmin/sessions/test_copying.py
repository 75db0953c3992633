"""A week once more: shown first, then made as drafts."""

from datetime import date, time

import pytest

from centers.models import Session, Slot
from tests.factories.supply import SessionFactory
from tests.web.centeradmin.sessions.conftest import WEEKLY

WEEKS = "?von=2021-02-24&nach=2021-03-10"


@pytest.fixture
def week(manager, fill, send, center) -> None:
    """Monday and Friday of the week of 22 February, one of them published, and a closed session between."""
    fill(manager, days={**WEEKLY, "until": "2021-02-26"})
    send(manager, when="draft")
    Session.objects.filter(date=date(2021, 2, 22)).update(state="published")
    SessionFactory(center=center, date=date(2021, 2, 24), state="closed")
    SessionFactory(date=date(2021, 2, 24))


@pytest.mark.usefixtures("week")
def test_the_preview_shows_what_would_be_and_makes_nothing(manager, url):
    before = Session.objects.count()
    found = manager.get(url("copy") + WEEKS).context["found"]
    assert [(one.day, ticked) for one, ticked, _texts in found] == [(date(2021, 3, 8), True), (date(2021, 3, 12), True)]
    assert Session.objects.count() == before


@pytest.mark.usefixtures("week")
def test_ticked_sessions_are_copied_with_their_shares_as_drafts(manager, url):
    blocks = [str(one.source) for one, *_rest in manager.get(url("copy") + WEEKS).context["found"]]
    assert manager.post(url("copy") + WEEKS, {"blocks": blocks[:1]}).url == url("drafts")
    rows = Session.objects.filter(date=date(2021, 3, 8)).order_by("pk")
    assert [(row.contingent.code, row.places, row.state, row.starts) for row in rows] == [
        ("online", 65, "draft", time(8)), ("telefon", 32, "draft", time(8)), ("vor-ort", 11, "draft", time(8)),
    ]  # fmt: skip
    assert sum(slot.capacity for slot in Slot.objects.filter(session__in=rows)) == 108
    assert not Session.objects.filter(date=date(2021, 3, 12)).exists()


@pytest.mark.usefixtures("week")
def test_a_second_copy_is_refused_in_words(manager, url):
    blocks = [str(one.source) for one, *_rest in manager.get(url("copy") + WEEKS).context["found"]]
    manager.post(url("copy") + WEEKS, {"blocks": blocks})
    before = Session.objects.count()
    page = manager.get(url("copy") + WEEKS)
    assert all(one.refusal and not ticked for one, ticked, _texts in page.context["found"])
    assert "Keine dieser Sitzungen lässt sich in diese Woche kopieren." in page.content.decode()
    assert "Angekreuzte Sitzungen als Entwürfe kopieren" not in page.content.decode()
    assert manager.post(url("copy") + WEEKS, {"blocks": blocks}).context["form"].errors
    assert Session.objects.count() == before


@pytest.mark.usefixtures("week")
def test_holidays_are_left_out_unless_they_are_ticked(manager, url):
    easter = "?von=2021-02-22&nach=2021-03-29"
    page = manager.get(url("copy") + easter)
    assert [(one.candidate.against, ticked) for one, ticked, _texts in page.context["found"]] == [
        ("Osterferien (nicht geprüft)", False), ("Karfreitag, Osterferien (nicht geprüft)", False),
    ]  # fmt: skip
    manager.post(url("copy") + easter, {"blocks": [str(page.context["found"][1][0].source)]})
    assert Session.objects.filter(date=date(2021, 4, 2)).count() == 3


@pytest.mark.usefixtures("week")
def test_lines_in_use_have_to_be_confirmed(manager, url, center):
    SessionFactory(center=center, date=date(2021, 3, 8), starts=time(9), ends=time(10), lines=2)
    found = manager.get(url("copy") + WEEKS).context["found"]
    assert [len(texts) for _one, _ticked, texts in found] == [1, 0]
    blocks = [str(one.source) for one, *_rest in found]
    page = manager.post(url("copy") + WEEKS, {"blocks": blocks})
    assert list(page.context["form"].errors) == ["overlap"]
    assert manager.post(url("copy") + WEEKS, {"blocks": blocks, "overlap": "on"}).status_code == 302


@pytest.mark.usefixtures("week")
def test_sessions_that_share_lines_with_each_other_are_copied_together(manager, url, center):
    """They did so in the old week: nobody is asked again."""
    SessionFactory(center=center, date=date(2021, 2, 22), starts=time(9), ends=time(10), lines=2, slot_minutes=10)
    found = manager.get(url("copy") + WEEKS).context["found"]
    assert len(found) == 3
    blocks = [str(one.source) for one, *_rest in found]
    assert manager.post(url("copy") + WEEKS, {"blocks": blocks}).status_code == 302


def test_a_week_without_sessions_says_so(manager, url):
    page = manager.get(url("copy"))
    assert page.context["found"] == []
    assert "keine Sitzungen" in page.content.decode()


@pytest.mark.parametrize("query", ["?von=x", "?von=2021-02-24&nach=2021-02-22", "?nach=\x00", "?von=&nach="])
def test_weeks_that_cannot_be_are_asked_again(manager, url, query):
    page = manager.get(url("copy") + query)
    assert page.status_code == 200
    assert page.context["weeks"].errors


@pytest.mark.usefixtures("week")
def test_the_preview_asks_as_often_for_two_sessions_as_for_one(manager, url, django_assert_num_queries):
    manager.get(url("copy") + WEEKS)
    with django_assert_num_queries(10):
        manager.get(url("copy") + WEEKS)
    Session.objects.filter(date=date(2021, 2, 26)).update(state="closed")
    with django_assert_num_queries(10):
        manager.get(url("copy") + WEEKS)
