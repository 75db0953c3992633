"""The week of a center: every number adds up, and what needs somebody's hand is said."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booking import clock
from centers.models import Delivery, Slot
from tests.booking.openings import DAY, book, keep, opening
from tests.factories import NOW
from tests.factories.supply import CenterFactory, ContingentFactory
from tests.web.centeradmin.overview.tables import rows, text

pytestmark = pytest.mark.django_db
QUERIES = 2 + 1 + 10 + 1  # the sums, what falls back, supply, and drafts
WEEK = reverse("centeradmin:week")


def week_of(day: date) -> str:
    return reverse("centeradmin:week_of", args=[day])


def slots_of(*sessions) -> list[Slot]:
    return list(Slot.objects.filter(session__in=sessions).order_by("starts_at", "pk"))


def test_the_week_of_a_day_is_the_whole_iso_week(manager):
    page = manager.get(week_of(date(2021, 1, 2))).content.decode()

    assert "Woche 53: 28. Dezember 2020 bis 3. Januar 2021" in page
    assert reverse("centeradmin:week_of", args=[date(2020, 12, 21)]) in page
    assert reverse("centeradmin:week_of", args=[date(2021, 1, 4)]) in page


def test_the_week_without_a_day_is_this_one(manager):
    page = manager.get(WEEK).content.decode()

    assert "Woche 7: 15. bis 21. Februar 2021" in page
    assert page.count("day--today") == 1


def test_the_week_in_which_the_clocks_change_has_seven_days(manager, center):
    opening(center, date=date(2021, 3, 28))

    page = manager.get(week_of(date(2021, 3, 28))).content.decode()

    assert "Woche 12: 22. bis 28. März 2021" in page
    assert rows(page, "So 28.03.")[-1] == ["Summe", "8", "0", "8"]


def test_a_card_shows_vaccine_contingents_kept_and_a_sum_that_adds_up(manager, center):
    online, phone = opening(center, (2, 1))
    for slot in slots_of(online):
        book(slot, 2)
    book(slots_of(phone)[0])
    keep(slots_of(phone)[0], 3)

    page = manager.get(WEEK).content.decode()

    assert rows(page, "Di 16.02.") == [
        ["Comirnaty", "12", "9", "3"],
        ["Online", "8", "8", "voll"],
        ["Telefon", "4", "1", "3"],
        ["behalten", "+3", "3", "0"],
        ["Summe", "15", "12", "3"],
    ]
    assert rows(page, "Woche 7 gesamt") == [
        ["Comirnaty, Online", "8", "8", "0", "100 %"],
        ["Comirnaty, Telefon", "4", "1", "3", "25 %"],
        ["Behalten ohne Platz", "+3", "3", "0", ""],
        ["Summe", "15", "12", "3", "80 %"],
    ]
    assert "3 behaltene Termine am Di 16.02." in text(page)


def test_thousands_are_grouped_in_every_table_and_never_in_an_address(manager, center):
    (session,) = opening(center)
    Slot.objects.filter(session=session).update(capacity=600, booked=300)

    page = manager.get(WEEK).content.decode()
    day = manager.get(reverse("centeradmin:day_of", args=[DAY])).content.decode()

    assert rows(page, "Di 16.02.")[-1] == ["Summe", "2.400", "1.200", "1.200"]
    assert rows(page, "Woche 7 gesamt")[-1] == ["Summe", "2.400", "1.200", "1.200", "50 %"]
    assert "Plätze 2.400" in text(page)
    assert rows(day, "Sitzungen")[-1][4:] == ["2.400", "1.200", "1.200", "0", "1.200"]
    assert rows(day, "Je Stunde")[-1] == ["Summe", "2.400", "1.200", "1.200", "0", "1.200"]
    assert "1.200 Personen erwartet" in text(day)
    assert f'href="{reverse("centeradmin:day_of", args=[DAY])}"' in page


def test_suspended_places_and_drafts_stand_beside_the_sums(manager, center):
    opening(center, state="suspended")
    opening(center, state="draft", slots=0, starts=time(12), ends=time(14))

    page = manager.get(WEEK).content.decode()

    assert rows(page, "Di 16.02.")[-1] == ["Summe", "0", "0", "0"]
    assert "8 Plätze ausgesetzt" in text(page)
    assert "Entwurf: Comirnaty, 12:00–14:00" in text(page)
    assert "1 Sitzung ist noch ein Entwurf, am Dienstag, 16." in text(page)


def test_an_empty_week_says_so(manager):
    page = text(manager.get(WEEK).content.decode())

    assert "In dieser Woche gibt es keine Sitzung." in page
    assert page.count("Keine Sitzung.") == 7
    assert "Im Moment nichts." in page


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({"first_day": date(2021, 3, 1)}, "Das Zentrum öffnet am Montag, 1."),
        ({"last_day": date(2021, 2, 10)}, "Der letzte Tag des Zentrums ist der Mittwoch, 10."),
    ],
)
def test_a_week_outside_the_days_of_the_center_says_so(manager, center, days, words):
    type(center).objects.filter(pk=center.pk).update(**days)

    assert words in text(manager.get(WEEK).content.decode())


def test_places_that_fall_back_today_are_announced(manager, center):
    rule = {"falls_back_to": ContingentFactory(), "falls_back_before": timedelta(days=2)}
    phone = ContingentFactory(phone=True, **rule)
    (session,) = opening(center, slots=0, date=DAY + timedelta(days=2))
    type(session).objects.filter(pk=session.pk).update(contingent=phone)
    at = datetime.combine(session.date, time(16), tzinfo=clock.ZONE)
    Slot.objects.create(
        session=session, center=center, vaccine=session.vaccine, contingent=phone, capacity=3, booked=1, starts_at=at
    )

    page = text(manager.get(WEEK).content.decode())

    assert "2 freie Plätze von „Telefon“ am Do 18.02. gehen an „Online“: heute um 16:00" in page


def test_a_supply_that_does_not_last_is_announced(manager, center):
    (session,) = opening(center, date=DAY + timedelta(days=2))
    Delivery.objects.create(
        center=center, vaccine=session.vaccine, doses=5, due_on=DAY, first_due_on=DAY, state="received", entered_at=NOW
    )

    page = text(manager.get(WEEK).content.decode())

    assert "Der Vorrat an Comirnaty reicht bis Mittwoch, 17." in page
    assert "dann fehlen 3 Dosen" in page


def test_nothing_of_another_center_is_seen(manager):
    keep(slots_of(*opening(CenterFactory(name="Kamenz")))[0])

    assert "Im Moment nichts." in text(manager.get(WEEK).content.decode())


def test_the_door_sees_the_week_and_may_change_nothing(staff):
    page = staff.get(WEEK).content.decode()

    assert reverse("centeradmin:day_history") not in page
    assert "Sitzung anlegen" not in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_week_asks_the_same_number_of_questions_for_any_number_of_sessions(manager, center, number):
    for hour in range(number):
        keep(slots_of(*opening(center, (2, 1), starts=time(8 + hour)))[0])
    manager.get(WEEK)

    with CaptureQueriesContext(connection) as asked:
        manager.get(WEEK)

    about = [one["sql"] for one in asked if '"centers_' in one["sql"] or '"booking_' in one["sql"]]
    assert len([sql for sql in about if "workplace" not in sql]) == QUERIES


def test_no_page_for_a_day_that_does_not_exist(manager):
    assert manager.get("/zentrum/woche/2021-02-30/").status_code == 404
