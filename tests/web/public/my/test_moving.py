"""Moving one dose or both: the old place stays until the new one is sure."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.people import RegistrationFactory
from tests.factories.supply import CenterFactory, SlotFactory, VaccineFactory
from tests.web.public.my.conftest import FIRST, book, browser
from tests.web.public.my.test_booking import text

DOSE_2 = "/mein-termin/verschieben/2/"


def slots(person):
    return list(person.appointments.order_by("dose_number").values_list("slot_id", flat=True))


def test_dose_two_is_moved_inside_its_window(visitor, booked, pirna, person):
    later = pirna.slots[5]
    days = text(visitor.get(DOSE_2))
    times = text(visitor.get(f"{DOSE_2}2021-03-18/"))
    response = visitor.post(f"{DOSE_2}2021-03-18/", {"slot": later.pk})

    assert "Möglich vom 11. März bis 1. April 2021" in days
    assert "Donnerstag, 18. März" in days
    assert "Ihre 1. Impfung am Donnerstag, 18. Februar, 10:20 Uhr bleibt, wie sie ist." in days
    assert "2. Impfung auf diese Uhrzeit verschieben" in times
    assert response.url == "/mein-termin/verschoben/"
    assert slots(person) == [pirna.first.pk, later.pk]
    assert "Ihre Termine sind verschoben" in text(visitor.get(response.url))


def test_dose_two_outside_its_window_is_refused_with_the_dates(visitor, booked, pirna, person):
    late = SlotFactory(starts_at=FIRST + timedelta(days=43), session__center=pirna.center)
    before = slots(person)

    response = visitor.post(f"{DOSE_2}2021-04-02/", {"slot": late.pk})
    page = text(response)

    assert response.status_code == 409
    assert "Ihr Termin ist unverändert" in page
    assert "11. März 2021" in page
    assert "1. April 2021" in page
    assert slots(person) == before


def test_a_day_outside_the_window_names_the_dates(visitor, booked):
    page = text(visitor.get(f"{DOSE_2}2021-04-20/"))

    assert "Dieser Tag ist nicht möglich" in page
    assert "1. April 2021" in page


def test_dose_two_moved_to_a_full_place_leaves_the_old_one(visitor, booked, pirna, person):
    full = SlotFactory(starts_at=FIRST + timedelta(days=29), session__center=pirna.center, full=True)
    before = slots(person)

    response = visitor.post(f"{DOSE_2}2021-03-19/", {"slot": full.pk})

    assert response.status_code == 409
    assert slots(person) == before


def test_dose_one_is_moved_alone(visitor, booked, pirna, person):
    other = pirna.slots[1]
    page = text(visitor.get("/mein-termin/verschieben/1/2021-02-18/"))
    response = visitor.post("/mein-termin/verschieben/1/2021-02-18/", {"slot": other.pk})

    assert "14:30 Uhr" in page
    assert response.url == "/mein-termin/verschoben/"
    assert slots(person)[0] == other.pk


@pytest.mark.parametrize("dose", [0, 3, 99])
def test_a_dose_that_does_not_exist_leads_back(visitor, booked, dose):
    assert visitor.get(f"/mein-termin/verschieben/{dose}/").url == "/mein-termin/"
    assert visitor.get(f"/mein-termin/verschieben/{dose}/2021-03-18/").url == "/mein-termin/"
    assert visitor.post(f"/mein-termin/verschieben/{dose}/2021-03-18/", {"slot": 1}).status_code == 409


def test_both_are_moved_to_another_center(visitor, booked, person):
    leipzig = CenterFactory(name="Leipzig", slug="leipzig")
    first, second = (SlotFactory(starts_at=FIRST + timedelta(days=away), session__center=leipzig) for away in (1, 22))

    centers = text(visitor.get("/mein-termin/verschieben/"))
    times = text(visitor.get("/mein-termin/verschieben/zentren/leipzig/2021-02-19/"))
    response = visitor.post("/mein-termin/verschieben/zentren/leipzig/2021-02-19/", {"slot": first.pk})

    assert 'href="/mein-termin/verschieben/zentren/leipzig/"' in centers
    assert "Ihre jetzigen Termine bleiben, bis die neuen sicher sind." in centers
    assert "Beide Termine hierher verschieben" in times
    assert response.url == "/mein-termin/verschoben/"
    assert slots(person) == [first.pk, second.pk]


def test_both_moved_to_a_full_place_stay(visitor, booked, pirna, person):
    full = SlotFactory(starts_at=FIRST + timedelta(days=1, hours=1), session__center=pirna.center, full=True)
    before = slots(person)

    response = visitor.post("/mein-termin/verschieben/zentren/pirna/2021-02-19/", {"slot": full.pk})

    assert response.status_code == 409
    assert "Ihre Termine sind unverändert" in text(response)
    assert slots(person) == before


def test_without_appointments_there_is_nothing_to_move(visitor, pirna):
    for url in ("/mein-termin/verschieben/", "/mein-termin/verschieben/zentren/pirna/", DOSE_2):
        assert visitor.get(url).url == "/mein-termin/"


@pytest.mark.parametrize(
    ("day", "first", "second"),
    [
        ("2021-03-07", datetime(2021, 3, 7, 9, 20, tzinfo=UTC), datetime(2021, 3, 28, 8, 20, tzinfo=UTC)),
        ("2021-02-28", datetime(2021, 2, 28, 9, 20, tzinfo=UTC), datetime(2021, 3, 28, 8, 20, tzinfo=UTC)),
    ],
)
def test_the_sunday_when_the_clock_changes_is_shown_right(pirna, day, first, second):
    person = RegistrationFactory(invited=True)
    slot = SlotFactory(starts_at=first, session__center=pirna.center)
    SlotFactory(starts_at=second, session__center=pirna.center)
    client = browser(person)
    # The earlier second places are taken away, so that the one on the Sunday is the best.
    for other in pirna.slots[3:]:
        other.booked = other.capacity
        other.save(update_fields=["booked"])

    page = text(client.get(f"/mein-termin/zentren/pirna/{day}/"))
    book(person, slot.pk)
    mine = text(client.get("/mein-termin/"))

    assert "10:20 Uhr" in page
    assert "28. März, 10:20 Uhr" in page
    assert "Sonntag,<br>28. März 2021<br>10:20 Uhr" in mine


def test_moving_both_offers_vaccines_with_as_many_doses_alone(visitor, booked, pirna):
    single = VaccineFactory(single=True)
    SlotFactory(starts_at=FIRST + timedelta(days=5), session__center=pirna.center, session__vaccine=single)

    page = text(visitor.get("/mein-termin/verschieben/zentren/pirna/"))

    assert "Freitag, 19. Februar" in page
    assert "Dienstag, 23. Februar" not in page


def test_moving_a_single_dose_offers_vaccines_of_one_dose_alone(visitor, pirna, person):
    single = VaccineFactory(single=True)
    slots = [
        SlotFactory(starts_at=FIRST + timedelta(days=away), session__center=pirna.center, session__vaccine=single)
        for away in (5, 6)
    ]
    book(person, slots[0].pk)

    page = text(visitor.get("/mein-termin/verschieben/zentren/pirna/"))

    assert "Mittwoch, 24. Februar" in page
    assert "Freitag, 19. Februar" not in page
