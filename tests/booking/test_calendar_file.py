from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from icalendar import Calendar

from booking import calendar_file
from booking.services import appointments
from centers.models import Channel
from tests.factories import NOW
from tests.factories.people import RegistrationFactory
from tests.factories.supply import CenterFactory, SlotFactory, VaccineFactory, series_slots

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("group_one_open")]


def booked(slot, **values):
    person = RegistrationFactory(invited=True, **values)
    appointments.book(registration=person, slot_id=slot.pk, channel=Channel.WEB, by=None, now=NOW)
    return person


def file_of(person) -> bytes:
    return calendar_file.calendar(appointments.series_of(person), now=NOW)


def events(content: bytes) -> list:
    return list(Calendar.from_ical(content).walk("VEVENT"))


def test_calendar_holds_both_doses():
    person = booked(series_slots()[0])

    content = file_of(person)

    assert Calendar.from_ical(content)["METHOD"] == "PUBLISH"
    assert [(str(event["SUMMARY"]), event.start.isoformat()) for event in events(content)] == [
        ("Termin: 1. Impfung", "2021-02-18T10:20:00+01:00"),
        ("Termin: 2. Impfung", "2021-03-11T10:20:00+01:00"),
    ]
    assert {str(event["STATUS"]) for event in events(content)} == {"CONFIRMED"}


def test_calendar_speaks_english():
    person = booked(series_slots()[0])

    with translation.override("en"):
        assert str(events(file_of(person))[0]["SUMMARY"]) == "Appointment: 1st vaccination"


def test_calendar_of_a_single_dose_has_one_event_without_a_number():
    person = booked(SlotFactory(session__vaccine=VaccineFactory(single=True)))

    assert [str(event["SUMMARY"]) for event in events(file_of(person))] == ["Termin: Impfung"]


def test_moving_keeps_the_uid_and_raises_the_sequence():
    slot, _second = series_slots()
    person = booked(slot)
    before = [(event["UID"], event["SEQUENCE"]) for event in events(file_of(person))]
    later = SlotFactory(starts_at=slot.starts_at + timedelta(minutes=30), session=slot.session)

    appointments.move(registration=person, dose_number=1, slot_id=later.pk, channel=Channel.WEB, by=None, now=NOW)

    after = [(event["UID"], event["SEQUENCE"]) for event in events(file_of(person))]
    assert after == [(before[0][0], before[0][1] + 1), before[1]]


def test_a_cancelled_series_leaves_the_calendar():
    person = booked(series_slots()[0])
    before = [(event["UID"], event["SEQUENCE"]) for event in events(file_of(person))]
    appointments.cancel(registration=person, reason="own_wish", by=None, now=NOW)

    gone = person.appointments.select_related("slot__center", "slot__vaccine").order_by("dose_number")
    content = calendar_file.calendar(gone, now=NOW)

    assert Calendar.from_ical(content)["METHOD"] == "CANCEL"
    assert {str(event["STATUS"]) for event in events(content)} == {"CANCELLED"}
    assert [event["UID"] for event in events(content)] == [uid for uid, _sequence in before]
    assert all(event["SEQUENCE"] > sequence for event, (_uid, sequence) in zip(events(content), before, strict=True))


@pytest.mark.parametrize(
    ("instant", "local"),
    [
        (datetime(2021, 3, 27, 9, 20, tzinfo=UTC), "20210327T102000"),
        (datetime(2021, 3, 28, 8, 20, tzinfo=UTC), "20210328T102000"),
        (datetime(2021, 10, 31, 9, 20, tzinfo=UTC), "20211031T102000"),
    ],
)
def test_calendar_says_the_centers_time_on_both_sides_of_a_change_of_clocks(instant, local):
    slot = SlotFactory(starts_at=instant, session__vaccine=VaccineFactory(single=True))
    person = RegistrationFactory()
    appointment = person.appointments.create(
        slot=slot, dose_number=1, channel=Channel.WEB, booked_at=NOW, status="booked"
    )

    assert f"DTSTART;TZID=Europe/Berlin:{local}".encode() in calendar_file.calendar([appointment], now=NOW)


def test_the_zone_in_the_file_is_the_real_one():
    """Read by the file's own VTIMEZONE, each instant is what zoneinfo says, around every change in ten years."""
    zone = calendar_file._berlin().to_tz(lookup_tzid=False)
    for year in range(2021, 2031):
        for month in (3, 10):
            for hours in range(24 * 20, 24 * 31):
                instant = datetime(year, month, 1, tzinfo=UTC) + timedelta(hours=hours)
                assert instant.astimezone(zone).utcoffset() == instant.astimezone(calendar_file.clock.ZONE).utcoffset()


def test_calendar_tells_nothing_of_the_person():
    person = booked(series_slots()[0], first_name="Xaverine", last_name="Quittenbaum")

    content = b"".join(file_of(person).split(b"\r\n ")).decode()

    for secret in ("Xaverine", "Quittenbaum", person.case_number, person.door_code, person.email, "1938", "Comirnaty"):
        assert secret not in content


def test_lines_are_folded_at_75_bytes_and_words_survive():
    center = CenterFactory(place="Festhalle; Saal 1, Eingang „Süd“ mit einem langen Namen", town="Annaberg-Buchholz")
    person = booked(series_slots(center)[0])

    content = file_of(person)

    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert "Festhalle; Saal 1, Eingang „Süd“" in str(events(content)[0]["LOCATION"])
