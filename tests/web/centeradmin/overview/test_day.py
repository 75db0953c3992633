"""One day: the picture and the tables say the same, and nothing is lost that somebody was promised."""

import html
import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import audit
from booking import clock, day_overview
from centers.models import Session, Slot
from tests.booking.openings import DAY, book, keep, opening
from tests.factories import NOW
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory, VaccineFactory
from tests.web.centeradmin.overview.tables import rows, text
from web.centeradmin.overview import timeline

pytestmark = pytest.mark.django_db
TODAY = reverse("centeradmin:day")


def day_of(day: date) -> str:
    return reverse("centeradmin:day_of", args=[day])


def slots_of(*sessions) -> list[Slot]:
    return list(Slot.objects.filter(session__in=sessions).order_by("starts_at", "pk"))


def boxes(center, day: date = DAY) -> dict[str, int]:
    drawn = timeline.chart(day_overview.of_day(center, day), now=NOW)
    kinds = [box.kind for box in drawn.boxes]
    return {kind: kinds.count(kind) for kind in kinds}


def test_the_day_shows_its_sessions_with_letters_and_totals(manager, center):
    online, phone = opening(center, (3, 1), starts=time(8), ends=time(13))
    book(slots_of(online)[0], 3)
    (other,) = opening(center, (2,), slots=2, starts=time(10), ends=time(16), first_line=5,
                       vaccine=VaccineFactory(code="vaxzevria", name="Vaxzevria", doses_per_vial=10))  # fmt: skip
    for slot in slots_of(other):
        book(slot, 2)
    keep(slots_of(other)[0], 1)

    page = manager.get(TODAY).content.decode()

    assert rows(page, "Sitzungen") == [
        ["A", "08:00–13:00", "Comirnaty Online 12 Telefon 4", "1–4", "16", "3", "13", "0", "3"],
        ["B", "10:00–16:00", "Vaxzevria Online 4", "5–6", "4", "4", "voll", "1", "5"],
        ["Summe", "", "", "", "20", "7", "13", "1", "8"],
    ]
    assert rows(page, "Je Stunde") == [
        ["08–09", "16", "3", "13", "0", "3"],
        ["10–11", "4", "4", "0", "1", "5"],
        ["Summe", "20", "7", "13", "1", "8"],
    ]
    words = text(page)
    assert "2 Sitzungen · 8 Personen erwartet" in words
    assert "1 Person hat einen Termin, aber keinen Platz. 10–11 Uhr: 1." in words
    assert "Comirnaty: 16 Plätze = 3 Flaschen zu je 6 Dosen, Rest 2 Dosen." in words
    assert "Vaxzevria: 4 Plätze und 1 behaltener Termin = 1 Flasche zu 10 Dosen, Rest 5 Dosen." in words
    assert phone.public_id != online.public_id


def test_the_picture_has_a_box_for_each_place_and_each_who_is_kept(center):
    (session,) = opening(center, (3,))
    book(slots_of(session)[0], 2)
    keep(slots_of(session)[1], 2)
    opening(center, (2,), starts=time(9), first_line=4, suspended=True)

    assert boxes(center) == {"full": 2, "open": 10, "kept": 2, "gap": 8}


def test_sessions_on_the_same_lines_at_the_same_time_do_not_cover_each_other(center):
    opening(center, (2,), starts=time(8))
    opening(center, (2,), starts=time(8), vaccine=VaccineFactory(code="vaxzevria", name="Vaxzevria"))

    drawn = timeline.chart(day_overview.of_day(center, DAY), now=NOW)

    assert len({(box.x, box.y) for box in drawn.boxes}) == len(drawn.boxes) == 16
    assert [label.text for label in drawn.labels] == [
        "Linie 1", "Comirnaty A", "Linie 1", "Vaxzevria B", "Linie 2", "Comirnaty A", "Linie 2", "Vaxzevria B",
    ]  # fmt: skip


def test_who_is_kept_at_a_time_that_is_closed_now_is_drawn_where_she_stands(center):
    (session,) = opening(center, (1,), starts=time(8), slots=1)
    keep(slots_of(session)[0], 1)
    Slot.objects.filter(session=session).update(capacity=0)
    Session.objects.filter(pk=session.pk).update(starts=time(10))

    drawn = timeline.chart(day_overview.of_day(center, DAY), now=NOW)

    assert [box.kind for box in drawn.boxes] == ["kept"]
    assert drawn.hours[0].text == "08"


def test_places_beyond_the_lines_have_a_row_of_their_own(center):
    (session,) = opening(center, (2,), slots=1, lines=2)
    Slot.objects.filter(session=session).update(capacity=3)

    drawn = timeline.chart(day_overview.of_day(center, DAY), now=NOW)

    assert [label.text for label in drawn.labels][::2] == ["Linie 1", "Linie 2", "ohne Linie"]
    assert boxes(center) == {"open": 3}


def test_the_line_of_now_is_drawn_today_only(center):
    opening(center, starts=time(8), date=DAY)
    opening(center, starts=time(8), date=DAY + timedelta(days=1))

    tomorrow = timeline.chart(day_overview.of_day(center, DAY + timedelta(days=1)), now=NOW)
    today = timeline.chart(day_overview.of_day(center, DAY), now=NOW)

    assert (bool(today.now_x), bool(tomorrow.now_x)) == (True, False)


def test_the_numbers_of_the_picture_have_points_in_every_language(manager, center):
    opening(center, slot_minutes=7)

    (picture,) = re.findall(r"<svg.*?</svg>", manager.get(TODAY).content.decode(), flags=re.DOTALL)

    places = re.findall(r' (?:x|y|x1|x2|y1|y2|width|height)="([^"]*)"', picture)
    assert places
    assert [place for place in places if not re.fullmatch(r"\d+(\.\d)?", place)] == []
    assert "style=" not in picture


def test_the_longer_hour_of_october_is_named_twice(manager, center):
    night = date(2021, 10, 31)
    (session,) = opening(center, slots=0, date=night, starts=time(1), ends=time(5))
    for number in range(3):
        Slot.objects.create(
            session=session, center=center, vaccine=session.vaccine, contingent=session.contingent, capacity=2,
            starts_at=datetime(2021, 10, 31, number - 1, tzinfo=UTC) if number else clock.start_of(night),
        )  # fmt: skip

    page = manager.get(day_of(night)).content.decode()

    assert [row[0] for row in rows(page, "Je Stunde")] == ["00–01", "02–03 CEST", "02–03 CET", "Summe"]


def test_an_empty_day_a_draft_and_a_closed_session_say_what_they_are(manager, center):
    opening(center, state="draft", slots=0, starts=time(12), ends=time(14), publish_at=NOW + timedelta(hours=2))
    opening(center, state="closed", starts=time(9), ends=time(11))

    page = text(manager.get(TODAY).content.decode())

    assert "An diesem Tag gibt es keine Sitzung." in page
    assert "Entwurf: Comirnaty, 12:00–14:00 . Die Sitzung öffnet von selbst am Dienstag, 16." in page
    assert "Geschlossen: Comirnaty, 09:00–11:00" in page


def test_the_last_change_names_who_did_it_and_no_change_of_other_days(manager, center):
    (session,) = opening(center)
    by = UserFactory(first_name="Kerstin", last_name="Vogel")
    audit.record(
        "session.changed", subject=center.public_id, by=by, now=NOW - timedelta(minutes=48),
        details={"blocks": [str(session.block)], "days": ["2021-02-16"],
                 "before": {"hours": ["09:00", "18:00"]}, "after": {"hours": ["10:00", "18:00"]}},
    )  # fmt: skip
    audit.record(
        "session.published", subject=center.public_id, by=by, now=NOW - timedelta(minutes=5),
        details={"blocks": ["another"], "days": ["2021-02-17"]},
    )  # fmt: skip

    page = text(manager.get(TODAY).content.decode())

    assert (
        "letzte Änderung am 16.02. um 09:12 durch Kerstin Vogel: Sitzung geändert (Zeit: 10:00–18:00 statt 09:00–18:00)"
        in page
    )


def test_a_day_after_the_last_one_says_so(manager, center):
    type(center).objects.filter(pk=center.pk).update(last_day=date(2021, 2, 10))

    assert "Der letzte Tag des Zentrums ist der Mittwoch, 10." in text(manager.get(TODAY).content.decode())


def test_nothing_of_another_center_is_seen(manager):
    opening(CenterFactory())

    assert "An diesem Tag gibt es keine Sitzung." in text(manager.get(TODAY).content.decode())


@pytest.mark.parametrize("number", [1, 3])
def test_the_day_asks_the_same_number_of_questions_for_any_number_of_sessions(manager, center, number):
    for hour in range(number):
        keep(slots_of(*opening(center, (2, 1), starts=time(8 + hour)))[0])
    manager.get(TODAY)

    with CaptureQueriesContext(connection) as asked:
        manager.get(TODAY)

    about = [one["sql"] for one in asked if '"centers_' in one["sql"] or '"booking_' in one["sql"]]
    assert len([sql for sql in about if "workplace" not in sql]) == 3


def test_the_day_leads_to_where_something_can_be_done_about_it(manager, center):
    (session,) = opening(center)
    (draft,) = opening(center, state="draft", slots=0, starts=time(12), ends=time(14))
    opening(center, date=DAY - timedelta(days=1))

    today, yesterday = (manager.get(day_of(DAY - timedelta(days=days))).content.decode() for days in (0, 1))

    for address in (
        reverse("centeradmin:new_session") + "?tag=2021-02-16",
        reverse("centeradmin:new_session_change", args=[draft.block]),
        reverse("centeradmin:today"),
        reverse("centeradmin:day_history") + "?von=2021-02-16&amp;bis=2021-02-16",
        day_of(DAY + timedelta(days=1)),
    ):
        assert f'href="{address}"' in today
    assert reverse("centeradmin:new_session") + "?tag" not in yesterday
    assert session.block != draft.block


def test_every_address_on_these_pages_is_a_page(manager, center):
    (session,) = opening(center)
    keep(slots_of(session)[0])
    opening(center, state="draft", slots=0, starts=time(12), ends=time(14))
    pages = [reverse(f"centeradmin:{name}") for name in ("week", "week_month", "day", "day_history")]

    addresses = {
        html.unescape(found)
        for page in pages
        for found in re.findall(r'href="(/zentrum/[^"]*)"', manager.get(page).content.decode())
    }

    assert len(addresses) > 20
    assert {address: manager.get(address, follow=True).status_code for address in addresses} == dict.fromkeys(
        addresses, 200
    )
