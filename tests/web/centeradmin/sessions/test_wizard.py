"""The wizard in a browser without scripts: page by page, with everything that can be typed wrongly."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from centers.models import Delivery, Session, SessionDraft, Slot, VaccinePause
from tests.factories import NOW
from tests.factories.supply import SessionFactory, SlotFactory
from tests.web.centeradmin.sessions.conftest import DAYS, SHARES, TIMES, WEEKLY

FRIDAY = date(2021, 2, 19)


def text(answer) -> str:
    return answer.content.decode()


def errors(client, address, values) -> dict[str, str]:
    """What the page says about what was typed; the draft keeps nothing of it."""
    before = [draft.data for draft in SessionDraft.objects.all()]
    answer = client.post(address, values)
    assert answer.status_code == 200
    assert [draft.data for draft in SessionDraft.objects.all()] == before
    return {name: " ".join(map(str, found)) for name, found in answer.context["form"].errors.items()}


def test_the_whole_way_opens_a_day(manager, fill, send, url, center):
    assert fill(manager).url == url("check")
    page = text(manager.get(url("check")))
    assert "Comirnaty" in page
    assert "08:00–13:00" in page

    answer = send(manager)

    assert answer.url == url("done")
    rows = Session.objects.order_by("contingent__code")
    assert [(row.center, row.date, row.state, row.contingent.code, row.places) for row in rows] == [
        (center, FRIDAY, "published", "online", 65),
        (center, FRIDAY, "published", "telefon", 32),
        (center, FRIDAY, "published", "vor-ort", 11),
    ]
    assert len({row.block for row in rows}) == 1
    assert Slot.objects.filter(is_open=True).count() == Slot.objects.count()
    assert not SessionDraft.objects.exists()
    done = manager.get(url("done"))
    assert done.context["days"][0][1] == 108
    assert 'href="/zentrum/woche/2021-02-19/"' in done.content.decode()


def test_the_bar_leads_to_the_first_open_page(manager, fill, url):
    assert manager.get(url()).url == url("days")
    fill(manager, vaccine=None)
    assert manager.get(url()).url == url("vaccine")
    fill(manager)
    assert manager.get(url()).url == url("check")


@pytest.mark.parametrize("name", ["times", "vaccine", "shares", "check", "publish"])
def test_who_comes_too_early_is_led_back(manager, url, name):
    assert manager.get(url(name)).url == url("days")


def test_the_draft_survives_a_new_login_and_is_nobody_elses(manager, login, fill, url, center):
    fill(manager, vaccine=None)
    again = Client()
    again.force_login(User.objects.get(pk=manager.session["_auth_user_id"]))

    page = again.get(url("times"))
    assert page.context["form"].initial["starts"] == "08:00"
    assert "Entwurf gesichert 16.02. 10:00:00" in text(page)

    other = login(Role.CENTER_MANAGER)
    assert other.get(url("times")).url == url("days")


def test_a_day_of_the_week_view_is_filled_in_and_nothing_is_kept_by_looking(manager, url):
    answer = manager.get(f"{url()}?tag=2021-02-25", follow=True)
    assert 'value="2021-02-25"' in text(answer)
    assert not SessionDraft.objects.exists()
    assert manager.get(f"{url()}?tag=2021-02-30").url == url("days")


def test_a_week_leads_to_its_days_with_holidays_left_out(manager, url):
    values = {"mode": "weekly", "first": "2021-03-22", "until": "2021-04-12", "weekdays": ["0", "4"]}
    assert manager.post(url("days"), values).url == url("dates")
    page = manager.get(url("dates"))
    assert "Karfreitag" in text(page)
    assert "Osterferien" in text(page)
    assert SessionDraft.objects.get().data["days"] == ["2021-03-22", "2021-03-26", "2021-04-12"]

    ticked = ["2021-03-22", "2021-03-26", "2021-04-02"]
    assert manager.post(url("dates"), {"days": ticked}).url == url("times")
    assert SessionDraft.objects.get().data["days"] == ticked


def test_school_holidays_that_nobody_has_checked_are_marked_and_the_list_that_counts_is_named(manager, url):
    values = {"mode": "weekly", "first": "2021-03-29", "until": "2021-04-05", "weekdays": ["0", "4"]}
    manager.post(url("days"), values)
    page = text(manager.get(url("dates")))
    assert "Karfreitag, Osterferien (nicht geprüft)" in page
    assert "maßgeblich ist die Liste des Ministeriums (schule.sachsen.de)" in page
    assert "Sehen Sie dort nach" in page

    manager.post(url("days"), {**values, "first": "2021-07-26", "until": "2021-08-02"})
    page = text(manager.get(url("dates")))
    assert "Sommerferien" in page
    assert "schule.sachsen.de" in page
    assert "nicht geprüft" not in page

    manager.post(url("days"), {**values, "first": "2021-06-07", "until": "2021-06-14"})
    assert "schule.sachsen.de" not in text(manager.get(url("dates")))


def test_holidays_are_kept_in_when_that_is_wanted(manager, url):
    values = {
        "mode": "weekly", "first": "2021-03-29", "until": "2021-04-05", "weekdays": ["0", "4"],
        "on_holidays": "on", "in_school_holidays": "on",
    }  # fmt: skip
    manager.post(url("days"), values)
    assert SessionDraft.objects.get().data["days"] == ["2021-03-29", "2021-04-02", "2021-04-05"]


@pytest.mark.parametrize(
    ("values", "name", "words"),
    [
        ({"mode": "single"}, "date", "Tag"),
        ({"mode": "single", "date": "2021-02-30"}, "date", "29.04.2021"),
        ({"mode": "single", "date": "2021-02-15"}, "date", "vorbei"),
        ({"mode": "single", "date": "2020-12-01"}, "date", "vorbei"),
        ({**WEEKLY, "until": "2021-02-01"}, "until", "vor dem ersten"),
        ({**WEEKLY, "weekdays": []}, "weekdays", "Wochentag"),
        ({**WEEKLY, "until": "2022-12-31", "weekdays": list("0123456")}, "until", "100"),
        ({"mode": "x"}, "mode", ""),
    ],
)
def test_days_that_cannot_be_are_said_at_their_field(manager, url, values, name, words):
    found = errors(manager, url("days"), values)
    assert list(found) == [name]
    assert words in found[name]


def test_no_day_after_the_centers_last(manager, url, center):
    center.last_day = date(2021, 3, 1)
    center.save()
    assert "1. März 2021" in errors(manager, url("days"), WEEKLY)["until"]


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"ends": "7:00"}, "ends", "07:00"),
        ({"minutes": "7"}, "minutes", "6 oder 10"),
        ({"minutes": "0"}, "minutes", "1"),
        ({"minutes": "zehn"}, "minutes", "Zahl"),
        ({"lines": "0"}, "lines", "mindestens 1"),
        ({"lines": "500"}, "lines", "500"),
        ({"lines": "-3"}, "lines", "mindestens 1"),
        ({"first_line": "59"}, "first_line", "60"),
        ({"starts": "25:00"}, "starts", "8:00"),
        ({"starts": ""}, "starts", "Uhrzeit"),
        ({"break_ends": ""}, "break_ends", "Pause"),
        ({"break_starts": "14", "break_ends": "15"}, "break_starts", "08:00"),
    ],
)
def test_times_that_cannot_be_are_said_at_their_field_and_stay_typed(manager, fill, url, changes, name, words):
    fill(manager, times=None)
    found = errors(manager, url("times"), {**TIMES, **changes})
    assert words in found[name]
    page = text(manager.post(url("times"), {**TIMES, **changes}))
    assert all(f'value="{value}"' in page for value in changes.values() if value)


def test_the_night_of_the_clocks_is_refused(manager, fill, url):
    fill(manager, days={"mode": "single", "date": "2021-03-28"}, times=None)
    found = errors(manager, url("times"), {**TIMES, "starts": "1:00", "break_starts": "", "break_ends": ""})
    assert "28.03.2021" in found["starts"]


def test_a_start_that_has_passed_today_is_refused(manager, fill, url):
    fill(manager, days={"mode": "single", "date": "2021-02-16"}, times=None)
    assert "09:00" in errors(manager, url("times"), {**TIMES, "starts": "9:00"})["starts"]


def test_a_paused_vaccine_is_refused_with_the_day(manager, fill, url):
    VaccinePause.objects.create(vaccine_id="comirnaty", starts_on=FRIDAY)
    fill(manager, vaccine=None)
    assert "19. Februar" in errors(manager, url("vaccine"), {"vaccine": "comirnaty"})["vaccine"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"share-online": "64"}, "1 Platz von 108"),
        ({"share-online": "70"}, "5 Plätze zu viel"),
        ({"unit": "percent"}, "108 Prozent"),
        ({"share-online": "130", "share-telefon": "-33"}, "weniger als 0"),
    ],
)
def test_shares_that_do_not_add_up_are_refused(manager, fill, url, changes, words):
    fill(manager, shares=None)
    assert words in errors(manager, url("shares"), {**SHARES, **changes})["__all__"]


def test_shares_in_percent_add_up_to_all_places(manager, fill, url):
    percent = {"unit": "percent", "share-online": "60", "share-telefon": "30", "share-vor-ort": "10"}
    assert fill(manager, shares=percent).url == url("check")
    assert SessionDraft.objects.get().data["shares"] == {"online": 65, "telefon": 32, "vor-ort": 11}


def test_a_first_proposal_adds_up(manager, fill, url):
    fill(manager, shares=None)
    page = manager.get(url("shares"))
    assert (page.context["given"], page.context["rest"]) == (108, 0)
    assert [row.percent for row in page.context["rows"]] == ["60 %", "30 %", "10 %"]


def test_other_hours_keep_the_proportion_of_the_shares_and_ask_again(manager, fill, url):
    fill(manager)
    assert manager.post(url("times"), {**TIMES, "lines": "8"}).url == url("shares")
    page = manager.get(url("shares"))
    assert (page.context["given"], page.context["total"]) == (216, 216)


def test_a_change_from_the_check_leads_back_to_it(manager, fill, url):
    fill(manager)
    assert manager.post(url("times"), TIMES).url == url("check")
    assert manager.post(url("days"), {**DAYS, "date": "2021-02-22"}).url == url("shares")


def test_counting_again_shows_figures_and_keeps_nothing(manager, fill, url):
    fill(manager, shares=None)
    page = manager.post(url("times"), {**TIMES, "lines": "8", "do": "count"})
    assert page.context["sums"].per_day == 216
    assert "36 Flaschen" in text(page)
    assert SessionDraft.objects.get().data["times"]["lines"] == 4


def test_counting_what_does_not_fit_says_so(manager, fill, url):
    fill(manager, times=None)
    page = manager.post(url("times"), {**TIMES, "minutes": "7", "do": "count"})
    assert page.status_code == 200
    assert "6 oder 10" in text(page)


def test_lines_in_use_want_a_yes_that_is_kept_with_the_name(manager, fill, send, url, center):
    SessionFactory(center=center, date=FRIDAY, starts=time(9), ends=time(10), lines=2, first_line=3)
    fill(manager, shares=None)
    assert "overlap" in errors(manager, url("shares"), SHARES)
    assert "Linien 3 bis 4" in text(manager.get(url("shares")))

    fill(manager, shares={**SHARES, "overlap": "on"})
    send(manager)

    made = Session.objects.filter(created_by__isnull=False)
    assert {row.overlap_confirmed_by_id for row in made} == {int(manager.session["_auth_user_id"])}


def test_an_overlap_that_comes_between_is_asked_about_again(manager, fill, send, url, center):
    fill(manager)
    shown = manager.get(url("publish")).context["shown"]
    SessionFactory(center=center, date=FRIDAY, starts=time(9), ends=time(10), lines=2)
    assert manager.post(url("publish"), {"shown": shown, "when": "now"}).url == url("shares")
    assert Session.objects.count() == 1


@pytest.fixture
def short(center):
    """Doses for one day and a half."""
    Delivery.objects.update(doses=160)


@pytest.mark.usefixtures("short")
def test_without_vaccine_the_page_asks_what_shall_happen(manager, fill, url):
    fill(manager, days=WEEKLY, shares=None)
    page = manager.get(url("shares"))
    assert [value for value, _words in page.context["form"].fields["scope"].choices] == ["covered", "none"]
    assert page.context["sums"].covered.days == 1
    assert "scope" in errors(manager, url("shares"), SHARES)
    assert "scope" in errors(manager, url("shares"), {**SHARES, "scope": "all", "reason": "x"})


@pytest.mark.usefixtures("short")
def test_covered_days_are_published_and_the_rest_waits(manager, fill, send, url):
    fill(manager, days=WEEKLY, shares={**SHARES, "scope": "covered"})
    send(manager)
    assert list(Session.objects.order_by("date").values_list("date__day", "state").distinct("date")) == [
        (22, "published"), (26, "draft"), (1, "draft"), (5, "draft"),
    ]  # fmt: skip
    assert manager.get(url("done")).context["drafts"] == 3


@pytest.mark.usefixtures("short")
def test_a_planner_publishes_all_with_a_reason(login, fill, send, url):
    planner = login(Role.CENTER_MANAGER, Role.PLANNER)
    fill(planner, days=WEEKLY, shares=None)
    assert "reason" in errors(planner, url("shares"), {**SHARES, "scope": "all"})
    fill(planner, days=WEEKLY, shares={**SHARES, "scope": "all", "reason": "zugesagt"})
    send(planner)
    assert set(Session.objects.values_list("state", "uncovered_reason")) == {("published", "zugesagt")}


@pytest.mark.parametrize(("later", "said"), [(550, True), (10, False)])
def test_sessions_that_would_lack_the_vaccine_later_are_named(manager, fill, url, center, later, said):
    at = datetime(2021, 3, 10, 9, tzinfo=UTC)
    SlotFactory(session__center=center, session__state=Session.State.PUBLISHED, starts_at=at, capacity=later)
    fill(manager, shares=None)
    page = text(manager.get(url("shares")))
    assert ("Ab Mi 10.03. fehlen" in page) == said
    assert ("Diese Tage sind gedeckt" in page) == said


def test_vaccine_that_went_elsewhere_meanwhile_is_said_and_nothing_is_made(manager, fill, send, url):
    fill(manager)
    Delivery.objects.update(state=Delivery.State.CANCELLED)
    answer = send(manager)
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert not Session.objects.exists()


def test_a_set_time_is_kept_and_checked(manager, fill, send):
    fill(manager)
    assert send(manager, when="at").context["form"].errors.keys() == {"on", "clock"}
    assert "on" in send(manager, when="at", on="2021-02-16", clock="9:00").context["form"].errors
    send(manager, when="at", on="2021-02-17", clock="8")
    assert {row.publish_at for row in Session.objects.all()} == {NOW + timedelta(hours=22)}
    assert {row.state for row in Session.objects.all()} == {"draft"}


def test_not_yet_makes_drafts(manager, fill, send):
    fill(manager)
    send(manager, when="draft")
    assert {row.state for row in Session.objects.all()} == {"draft"}


def test_the_last_button_twice_makes_the_sessions_once(manager, fill, url):
    fill(manager)
    shown = manager.get(url("publish")).context["shown"]
    first = manager.post(url("publish"), {"shown": shown, "when": "now"})
    second = manager.post(url("publish"), {"shown": shown, "when": "now"})
    assert (first.url, second.url) == (url("done"), url("done"))
    assert Session.objects.count() == 3


def test_who_presses_the_last_button_after_another_window_opened_an_earlier_page_hears_why(manager, fill, url):
    fill(manager)
    shown = manager.get(url("publish")).context["shown"]
    manager.post(url("discard"))
    manager.post(url("days"), DAYS)

    answer = manager.post(url("publish"), {"shown": shown, "when": "now"}, follow=True)

    assert answer.redirect_chain[-1][0] == url("times")
    assert "Ihre Angaben wurden in einem anderen Fenster geändert." in text(answer)
    assert "anderen Fenster" not in text(manager.get(url("times")))
    assert not Session.objects.exists()


def test_what_another_window_changed_is_shown_before_anything_is_made(manager, fill, url):
    fill(manager)
    shown = manager.get(url("publish")).context["shown"]
    manager.post(url("shares"), {**SHARES, "share-online": "64", "share-telefon": "33"})
    answer = manager.post(url("publish"), {"shown": shown, "when": "now"})
    assert answer.context["form"].non_field_errors()
    assert not Session.objects.exists()


def test_counting_on_the_last_page_makes_nothing(manager, fill, send):
    fill(manager)
    assert send(manager, do="count").status_code == 200
    assert not Session.objects.exists()


def test_discarding_is_asked_first(manager, fill, url):
    fill(manager)
    assert manager.get(url("discard")).status_code == 200
    assert SessionDraft.objects.exists()
    assert manager.post(url("discard")).url == url("days")
    assert not SessionDraft.objects.exists()
    assert manager.get(url("discard")).url == url("days")


@pytest.mark.parametrize("name", ["days", "times", "vaccine", "shares", "publish"])
@pytest.mark.parametrize("value", ["", "\x00", "9" * 400, "<script>", "☃", "-1", "1e9"])
def test_nobody_sees_an_error_page(manager, fill, url, name, value):
    fill(manager)
    fields = list(manager.get(url(name)).context["form"].fields)
    assert manager.post(url(name), dict.fromkeys(fields, value)).status_code in (200, 302)
    assert manager.get(url(name), dict.fromkeys(["tag", *fields], value)).status_code in (200, 302)
