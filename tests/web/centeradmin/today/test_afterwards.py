"""A paper day typed in: mixed lines, wrong ones that keep what was typed, and colleagues who were quicker."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.models import AuditEvent
from accounts.roles import Role
from booking.models import Appointment, Arrival, Deferral, Vaccination
from booking.services import door
from centers.models import Slot
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.door import AppointmentFactory, arrived, given, single_slot
from tests.factories.supply import CenterFactory, series_slots

pytestmark = pytest.mark.django_db

PAGE = reverse("centeradmin:today_afterwards")
PRESET = {"responsible": "Dr. F. Seidel", "batch_janssen": "xd955", "batch_comirnaty": "EJ6789", "papers": "on"}


@pytest.fixture(autouse=True)
def _rules(db):
    RegulationFactory()
    OpeningFactory()


@pytest.fixture
def person(session):
    """person("Abel", minutes=-30) has an appointment so many minutes from ten."""

    def make(last_name: str, *, minutes: int = -60, **values) -> Appointment:
        at = NOW + timedelta(minutes=minutes)
        slot = session.slots.filter(starts_at=at).first() or single_slot(session=session, starts_at=at, capacity=9)
        return AppointmentFactory(slot=slot, registration__last_name=last_name, **values)

    return make


def line(one: Appointment, outcome: str, *, seen_as: str = "booked", **fields: str) -> dict[str, str]:
    key = one.public_id.hex
    return {f"{key}-seen_as": seen_as, f"{key}-outcome": outcome} | {f"{key}-{n}": v for n, v in fields.items()}


def send(client, *lines: dict[str, str], page: str = PAGE, **preset: str):
    typed = {name: value for name, value in (PRESET | preset).items() if value}
    for one in lines:
        typed |= one
    return client.post(page, typed)


def test_a_paper_day_is_entered_in_one_go(staff, center, person):
    abel, bach, dorn, ernst, fink = (person(name) for name in ("Abel", "Bach", "Dorn", "Ernst", "Fink"))
    arrived(bach, at=NOW - timedelta(minutes=50))

    answer = send(
        staff,
        line(abel, "given", arrived="9:05", given="915"),
        line(bach, "given", seen_as="arrived", given="9.20", batch="ab-12"),
        line(dorn, "came", arrived="9"),
        line(ernst, "medical"),
        line(fink, ""),
    )

    assert answer["Location"] == "/zentrum/heute/nachtragen/2021-02-16/?seite=1"
    doses = Vaccination.objects.order_by("appointment__registration__last_name")
    assert [(one.appointment, one.batch_number, f"{one.given_at:%H:%M}", one.responsible) for one in doses] == [
        (abel, "XD955", "08:15", "Dr. F. Seidel"),
        (bach, "AB-12", "08:20", "Dr. F. Seidel"),
    ]
    assert {one.entered_at for one in doses} == {NOW}
    assert Arrival.objects.get(appointment=abel).at == NOW - timedelta(minutes=55)
    assert Arrival.objects.get(appointment=abel).evidence_seen == ["ID"]
    assert Deferral.objects.get().appointment == ernst
    states = {one.registration.last_name: one.status for one in Appointment.objects.select_related("registration")}
    assert states == {
        "Abel": "vaccinated",
        "Bach": "vaccinated",
        "Dorn": "arrived",
        "Ernst": "deferred",
        "Fink": "booked",
    }
    event = AuditEvent.objects.get(action="day.entered_afterwards")
    assert (event.subject, event.details) == (center.public_id, {"day": "2021-02-16", "rows": 4})
    page = staff.get(answer["Location"]).content.decode()
    assert "4 Personen sind eingetragen." in page
    assert 'value="XD955"' in page  # batches and the physician are there for the next page of the paper
    assert 'value="Dr. F. Seidel"' in page
    assert "4 Personen sind eingetragen." not in staff.get(answer["Location"]).content.decode()


def test_wrong_lines_keep_what_was_typed_and_the_others_are_entered(staff, person):
    abel, bach, dorn, ernst = (person(name) for name in ("Abel", "Bach", "Dorn", "Ernst"))

    answer = send(
        staff,
        line(abel, "given", given="9:15"),
        line(bach, "given", given="25:99"),
        line(dorn, "", given="9:20", batch="EJ-7"),
        line(ernst, "given", arrived="9:40", given="9:30"),
    )

    page = answer.content.decode()
    assert [one.appointment for one in Vaccination.objects.all()] == [abel]
    assert "1 Person ist eingetragen." in page
    assert "3 Zeilen wurden nicht eingetragen." in page
    assert 'value="25:99"' in page
    assert "Bitte wählen Sie aus, was war" in page
    assert 'value="EJ-7"' in page
    assert "Die Impfung kann nicht vor der Ankunft liegen." in page
    assert page.count("seen_as") == 3
    assert f'href="#z-{bach.public_id.hex}"' in page
    assert "<title>Fehler:" in page


@pytest.mark.parametrize(
    ("preset", "said"),
    [
        ({"responsible": ""}, "ärztlich für die Impfungen verantwortlich"),
        ({"batch_janssen": ""}, "Bitte tragen Sie die Charge ein, hier oder oben für alle."),
        ({"batch_janssen": "EJ 67"}, "Bitte vergleichen Sie die Charge mit dem Fläschchen"),
    ],
)
def test_what_is_missing_above_is_asked_for_and_nothing_is_entered(staff, person, preset, said):
    abel = person("Abel")

    page = send(staff, line(abel, "given", given="9:15"), **preset).content.decode()

    assert said in page
    assert 'value="9:15"' in page
    assert not Vaccination.objects.exists()
    assert not AuditEvent.objects.filter(action="day.entered_afterwards").exists()


def test_papers_that_nobody_saw_and_times_to_come_are_refused_line_by_line(staff, person):
    abel, bach, dorn = (person(name) for name in ("Abel", "Bach", "Dorn"))

    page = send(
        staff,
        line(abel, "given", given="9:15"),
        line(bach, "given", given="9:15", papers="on"),
        line(dorn, "given", given="10:15", papers="on"),
        papers="",
    ).content.decode()

    assert [one.appointment for one in Vaccination.objects.all()] == [bach]
    assert "2 Zeilen wurden nicht eingetragen." in page
    dorn.refresh_from_db()
    assert dorn.status == "booked"  # letting in and vaccinating are one: neither or both
    assert not Arrival.objects.filter(appointment=dorn).exists()


def test_what_a_colleague_entered_meanwhile_is_never_overwritten(staff, person):
    abel, bach = person("Abel"), person("Bach")
    given(abel, at=NOW - timedelta(minutes=20), batch_number="FIRST1")
    arrived(bach, at=NOW - timedelta(minutes=20))

    page = send(staff, line(abel, "given", given="9:15", batch="SECOND2"), line(bach, "came")).content.decode()

    assert Vaccination.objects.get().batch_number == "FIRST1"
    assert page.count("Ihre Eingabe wurde nicht übernommen") == 2
    assert 'value="SECOND2"' in page
    again = send(staff, line(abel, "given", seen_as="vaccinated", given="9:15", batch="SECOND2"))
    assert again.status_code == 200
    assert Vaccination.objects.get().batch_number == "FIRST1"


def test_rows_that_are_done_show_by_whom_and_ask_nothing(staff, person):
    done = given(person("Abel"), at=NOW - timedelta(minutes=20))

    page = staff.get(PAGE).content.decode()

    assert f"M. {done.entered_by.last_name}" in page
    assert "09:40" in page
    assert "seen_as" not in page


def test_who_counted_as_missing_is_entered_the_next_day(login, center, person, time_machine):
    abel, bach, dorn = (person(name) for name in ("Abel", "Bach", "Dorn"))
    door.close_day(center_id=center.pk, day=NOW.date(), now=NOW)
    time_machine.move_to(NOW + timedelta(days=1), tick=False)
    page = reverse("centeradmin:today_afterwards_of", kwargs={"day": NOW.date()})

    # bach's line was shown before the clock had closed the day
    answer = send(
        login(Role.CENTER_STAFF),
        line(abel, "given", seen_as="no_show", given="9:15"),
        line(bach, "given", seen_as="booked", given="9:20"),
        line(dorn, "own_wish", seen_as="no_show"),
        page=page,
    )

    assert answer.status_code == 302
    assert [f"{one.given_at:%d %H:%M}" for one in Vaccination.objects.order_by("given_at")] == ["16 08:15", "16 08:20"]
    assert {one.status for one in Appointment.objects.filter(pk__in=[abel.pk, bach.pk])} == {"vaccinated"}
    dorn.refresh_from_db()
    assert dorn.status == "deferred"


def test_a_physician_decides_where_something_speaks_against_it(staff, center):
    first, second = series_slots(center)
    for slot, days in ((first, 10), (second, 0)):
        slot.starts_at = NOW - timedelta(days=days, hours=1)
        slot.save(update_fields=["starts_at"])
        slot.session.date = slot.starts_at.date()
        slot.session.save(update_fields=["date"])
    one = AppointmentFactory(slot=first, status="booked")
    two = AppointmentFactory(slot=second, registration=one.registration, dose_number=2)
    given(one, at=first.starts_at)

    refused = send(staff, line(two, "given", given="9:15")).content.decode()
    assert not Vaccination.objects.filter(appointment=two).exists()
    assert "1 Zeile wurde nicht eingetragen." in refused
    assert "Warum ärztlich so entschieden wurde" in refused

    assert send(staff, line(two, "given", given="9:15", decided="Vor der Operation")).status_code == 302
    arrival = Arrival.objects.get(appointment=two)
    assert (arrival.overruled, arrival.overruled_by) == (["interval"], "Dr. F. Seidel")
    assert arrival.overruled_reason == "Vor der Operation"


def test_another_center_and_days_out_of_reach_stay_closed(login, center, person):
    abel = person("Abel")
    stranger = login(Role.CENTER_STAFF, at=[CenterFactory()])

    assert "Abel" not in stranger.get(PAGE).content.decode()
    send(stranger, line(abel, "given", given="9:15"))
    assert not Vaccination.objects.exists()
    for days, status in ((-14, 200), (-15, 404), (1, 404)):
        page = reverse("centeradmin:today_afterwards_of", kwargs={"day": (NOW + timedelta(days=days)).date()})
        assert stranger.get(page).status_code == status
    assert login(Role.CALL_AGENT).get(PAGE).status_code == 403


def test_who_has_no_second_appointment_is_named_until_she_has_one(staff, center, session):
    first, second = series_slots(center)
    first.session.date = NOW.date()
    first.session.save(update_fields=["date"])
    first.starts_at = NOW - timedelta(hours=1)
    first.save(update_fields=["starts_at"])
    one = AppointmentFactory(slot=first, status="no_show", registration__last_name="O'Neill")
    Slot.objects.filter(pk=second.pk).update(suspended=True)

    answer = send(staff, line(one, "given", seen_as="no_show", given="9:15"))

    page = staff.get(answer["Location"]).content.decode()
    assert "1 Person war zur 1. Impfung da und hat keinen 2. Termin." in page
    assert reverse("centeradmin:today_person", args=[one.registration.public_id]) in page
    AppointmentFactory(slot=second, registration=one.registration, dose_number=2)
    assert "hat keinen 2. Termin" not in staff.get(PAGE).content.decode()


def test_a_dose_after_midnight_is_entered_for_who_came_before_it(login, session, person, time_machine):
    late = person("Abel", minutes=13 * 60 + 45)  # 23:45
    time_machine.move_to(NOW + timedelta(days=1), tick=False)
    page = reverse("centeradmin:today_afterwards_of", kwargs={"day": NOW.date()})

    answer = send(login(Role.CENTER_STAFF), line(late, "given", arrived="23:55", given="0:05"), page=page)

    assert answer.status_code == 302
    assert f"{Vaccination.objects.get().given_at:%d %H:%M}" == "16 23:05"
    assert f"{Arrival.objects.get().at:%d %H:%M}" == "16 22:55"


def test_opening_a_past_day_is_written_down_with_the_day(staff, center):
    day = NOW.date() - timedelta(days=2)

    staff.get(reverse("centeradmin:today_afterwards_of", kwargs={"day": day}))

    event = AuditEvent.objects.get(action="day_list.read")
    assert (event.subject, event.details) == (center.public_id, {"day": day.isoformat()})


def test_a_long_day_is_asked_for_in_pages(staff, person):
    for number in range(25):
        person(f"Nr{number:02}", minutes=number - 60)

    first, second = (staff.get(PAGE, {"seite": page}).content.decode() for page in ("1", "2"))

    assert (first.count("-seen_as"), second.count("-seen_as")) == (24, 1)
    assert "Nr24" in second
    assert staff.get(PAGE, {"seite": "99"}).content.decode().count("-seen_as") == 1
    assert staff.get(PAGE, {"seite": "x"}).content.decode().count("-seen_as") == 24


def test_a_whole_page_with_every_field_filled_in_is_entered(staff, person):
    people = [person(f"Nr{number:02}", minutes=number - 60) for number in range(24)]
    typed = {"arrived": "9:00", "given": "9:30", "batch": "EJ6789", "papers": "on", "decided": ""}
    vaccines = {f"batch_vaccine{number}": "EJ6789" for number in range(6)}

    answer = send(
        staff, *(line(one, "given", **typed) for one in people), seite="1", csrfmiddlewaretoken="x", **vaccines
    )

    assert answer.status_code == 302
    assert Vaccination.objects.count() == 24


def test_the_page_asks_as_much_for_three_as_for_one(staff, person, django_assert_max_num_queries):
    person("Abel")
    staff.get(PAGE)
    with django_assert_max_num_queries(15) as first:
        staff.get(PAGE)
    person("Bach")
    person("Dorn")
    with django_assert_max_num_queries(len(first)):
        staff.get(PAGE)


def test_what_was_typed_is_shown_and_never_run(staff, person):
    bad = '"><script>alert(1)</script>'

    page = send(staff, line(person("Abel"), "given", given=bad, batch=bad)).content.decode()

    assert bad not in page
    assert escape(bad) in page
