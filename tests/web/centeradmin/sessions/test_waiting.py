"""Drafts on their page: published, timed, thrown away, changed; by whom that is allowed."""

from datetime import date, time
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from centers.models import Delivery, Session, Slot
from tests.factories.supply import CenterFactory, SessionFactory
from tests.web.centeradmin.sessions.conftest import WEEKLY

CHANGE = {
    "date": "2021-02-22", "starts": "9", "ends": "13", "break_starts": "", "break_ends": "", "minutes": "10",
    "lines": "5", "first_line": "1", "vaccine": "comirnaty", "unit": "places", "version": "1",
    "share-online": "100", "share-telefon": "20", "share-vor-ort": "",
}  # fmt: skip


@pytest.fixture
def made(manager, fill, send) -> list[str]:
    """Four days as drafts."""
    fill(manager, days=WEEKLY)
    send(manager, when="draft")
    return [str(block) for block in Session.objects.order_by("date").values_list("block", flat=True).distinct("date")]


def states() -> list[str]:
    return list(Session.objects.order_by("date").values_list("state", flat=True).distinct("date"))


def test_the_list_shows_every_draft_of_the_center_and_no_other(manager, made, url):
    SessionFactory(state="draft", date=date(2021, 2, 25))
    found = manager.get(url("drafts")).context["found"]
    assert [str(one.block) for one, _ticked in found] == made
    assert {one.places for one, _ticked in found} == {108}


def test_ticked_drafts_are_published_and_it_is_said_once(manager, made, url):
    assert manager.post(url("drafts"), {"blocks": made[:2], "do": "publish"}).status_code == 302
    assert states() == ["published", "published", "draft", "draft"]
    assert "veröffentlicht" in manager.get(url("drafts")).context["said"]
    assert manager.get(url("drafts")).context["said"] == ""


def test_without_vaccine_they_stay_and_the_numbers_are_said_with_the_ticks_kept(manager, made, url):
    Delivery.objects.update(doses=108)
    page = manager.post(url("drafts"), {"blocks": made[:2], "do": "publish"})
    assert "108 Dosen" in page.context["form"].non_field_errors()[0]
    assert [ticked for _one, ticked in page.context["found"]] == [True, True, False, False]
    assert states() == ["draft"] * 4


def test_a_planner_who_manages_another_center_is_a_planner_here(login, made, url, center):
    both = login(Role.PLANNER, Role.CENTER_MANAGER, at=[CenterFactory()])
    both.post("/zentrum/", {"center": center.slug})
    page = both.get(url("drafts"))
    assert [str(one.block) for one, _ticked in page.context["found"]] == made
    assert 'value="discard"' not in page.content.decode()
    page = both.post(url("drafts"), {"blocks": made, "do": "discard"})
    assert page.context["form"].errors["do"]
    assert states() == ["draft"] * 4


def test_a_planner_may_publish_beyond_supply_but_throws_nothing_away(manager, login, made, url, center):
    Delivery.objects.update(doses=10)
    planner = login(Role.PLANNER, at=[])
    planner.post("/zentrum/", {"center": center.slug})
    planner.post(url("drafts"), {"blocks": made[:1], "do": "publish", "reason": "zugesagt"})
    assert states() == ["published", "draft", "draft", "draft"]
    assert planner.post(url("drafts"), {"blocks": made[1:], "do": "discard"}).status_code == 200
    assert states() == ["published", "draft", "draft", "draft"]


def test_a_time_can_be_set_and_taken_back(manager, made, url):
    values = {"blocks": made, "do": "time", "on": "2021-02-18", "clock": "12"}
    manager.post(url("drafts"), values)
    assert {row.publish_at.isoformat() for row in Session.objects.all()} == {"2021-02-18T11:00:00+00:00"}
    told = manager.get(reverse("centeradmin:day_history")).content.decode()
    assert "Öffnet: Do 18.02. 12:00" in told
    assert "Stand:" not in told  # a draft as before
    manager.post(url("drafts"), {"blocks": made, "do": "no_time"})
    assert {row.publish_at for row in Session.objects.all()} == {None}


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"do": "time", "clock": "12"}, "on"),
        ({"do": "time", "on": "2021-02-18"}, "clock"),
        ({"do": "time", "on": "2021-02-15", "clock": "12"}, "on"),
        ({"do": "time", "on": "2021-03-28", "clock": "2:30"}, "clock"),
        ({"do": "publish", "blocks": []}, "blocks"),
        ({"do": "publish", "blocks": ["x"]}, "blocks"),
        ({"do": "publish", "blocks": [str(uuid4())]}, "blocks"),
        ({"do": "explode"}, "do"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(manager, made, url, values, name):
    page = manager.post(url("drafts"), {"blocks": made, **values})
    assert name in page.context["form"].errors
    assert states() == ["draft"] * 4


def test_drafts_are_thrown_away(manager, made, url):
    manager.post(url("drafts"), {"blocks": made[:3], "do": "discard"})
    assert states() == ["draft"]


def test_a_draft_is_changed_with_its_slots(manager, made, url):
    address = url("change", block=made[0])
    assert manager.get(address).context["form"].initial["starts"] == time(8)
    assert manager.post(address, CHANGE).url == url("drafts")
    rows = Session.objects.filter(block=made[0])
    assert {(row.starts, row.contingent.code, row.places, row.version) for row in rows} == {
        (time(9), "online", 100, 2),
        (time(9), "telefon", 20, 2),
    }
    assert Slot.objects.filter(session__in=rows).count() >= 24


def test_the_second_manager_sees_the_difference_and_keeps_what_was_typed(manager, login, made, url):
    address = url("change", block=made[0])
    other = login(Role.CENTER_MANAGER)
    manager.post(address, CHANGE)

    page = other.post(address, {**CHANGE, "lines": "6", "share-online": "124"})

    assert page.status_code == 409
    assert page.context["newer"]
    assert page.context["draft"].plan.lines == 5
    assert 'value="124"' in page.content.decode()
    again = {**CHANGE, "lines": "6", "share-online": "124", "version": "2"}
    assert other.post(address, again).status_code == 302
    assert {row.lines for row in Session.objects.filter(block=made[0])} == {6}


def test_lines_in_use_have_to_be_confirmed_for_a_change_too(manager, made, url):
    address = url("change", block=made[1])
    page = manager.post(address, {**CHANGE, "starts": "8:10", "ends": "12:10"})
    assert (page.status_code, list(page.context["form"].errors)) == (409, ["overlap"])
    assert 'name="overlap"' in page.content.decode()
    assert manager.post(address, {**CHANGE, "starts": "8:10", "ends": "12:10", "overlap": "on"}).status_code == 302


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"date": "2021-02-15"}, "date"),
        ({"starts": "14"}, "ends"),
        ({"minutes": "7"}, "minutes"),
        ({"lines": "500"}, "lines"),
        ({"share-online": "1"}, "__all__"),
        ({"vaccine": "nope"}, "vaccine"),
        ({"date": ""}, "date"),
        ({"minutes": "x"}, "minutes"),
    ],
)
def test_a_change_that_cannot_be_is_said_at_its_field(manager, made, url, changes, name):
    page = manager.post(url("change", block=made[0]), {**CHANGE, **changes})
    assert name in page.context["form"].errors
    assert {row.lines for row in Session.objects.all()} == {4}


def test_what_is_published_or_of_another_center_is_not_found_here(manager, made, url, login):
    Session.objects.filter(block=made[0]).update(state="published")
    stranger = login(Role.CENTER_MANAGER, at=[CenterFactory()])
    assert manager.get(url("change", block=made[0])).status_code == 404
    assert stranger.get(url("change", block=made[1])).status_code == 404
    assert stranger.post(url("drafts"), {"blocks": made[1:], "do": "discard"}).status_code == 200
    assert Session.objects.count() == 12


@pytest.mark.parametrize("value", ["", "\x00", "9" * 400, "☃", "-1"])
def test_nobody_sees_an_error_page(manager, made, url, value):
    assert manager.post(url("change", block=made[0]), dict.fromkeys(CHANGE, value)).status_code == 200
    assert (
        manager.post(url("drafts"), dict.fromkeys(["blocks", "do", "on", "clock", "reason"], value)).status_code == 200
    )


def test_the_list_asks_as_often_with_many_drafts_as_with_one(manager, made, url, django_assert_num_queries):
    client = Client()
    client.force_login(User.objects.get(pk=manager.session["_auth_user_id"]))
    client.get(url("drafts"))
    with django_assert_num_queries(6):
        client.get(url("drafts"))
    Session.objects.exclude(block=made[0]).update(state="published")
    with django_assert_num_queries(6):
        client.get(url("drafts"))
