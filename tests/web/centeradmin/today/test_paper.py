import io
from datetime import date, timedelta

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import AuditEvent
from accounts.roles import Role
from booking import codes
from booking.door import words
from booking.models import PaperPack
from booking.services import paper as packs
from tests.factories import NOW
from tests.factories.demand import RegulationFactory
from tests.factories.door import AppointmentFactory, given, single_slot
from tests.factories.supply import CenterFactory, SessionFactory, VaccineFactory

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
PACK, DAYS = reverse("centeradmin:today_paper"), reverse("centeradmin:today_paper_days")
PRINT, FILE = reverse("centeradmin:today_print"), reverse("centeradmin:today_csv")


def of_day(day: date) -> str:
    return reverse("centeradmin:today_paper_of", kwargs={"day": day})


@pytest.fixture(autouse=True)
def _rules(db):
    RegulationFactory()


@pytest.fixture
def slot(center):
    session = SessionFactory(center=center, vaccine=VaccineFactory(single=True), date=TODAY)
    return single_slot(session=session, starts_at=NOW, capacity=50)


def test_the_newest_pack_is_downloaded_with_its_time_in_the_name_and_on_record(staff, center, slot):
    AppointmentFactory(slot=slot, registration__last_name="Kunze")
    packs.make_due(now=NOW)

    answer = staff.get(PACK)

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="papiermappe-riesa-2021-02-16-1000.pdf"'
    assert "no-store" in answer["Cache-Control"]
    assert "Kunze, Ingeborg" in " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    event = AuditEvent.objects.get(action="paper_pack.read")
    assert event.subject == center.public_id
    assert event.actor.roles == [Role.CENTER_STAFF]


def test_without_a_pack_the_page_offers_to_make_one_now(staff, center, slot):
    assert staff.get(PACK)["Location"] == DAYS
    assert "Jetzt erstellen" in staff.get(DAYS).content.decode()

    answer = staff.post(of_day(TODAY), follow=True)

    assert answer.redirect_chain == [(DAYS, 302)]
    page = answer.content.decode()
    assert "PDF herunterladen (10:00\xa0Uhr)" in page
    assert "Jetzt neu erstellen" in page
    assert PaperPack.objects.get().center == center
    assert AuditEvent.objects.filter(action="paper_pack.made").count() == 1


def test_tomorrow_has_its_own_pack_and_other_days_have_none(staff, center, slot):
    tomorrow = TODAY + timedelta(days=1)

    assert staff.post(of_day(tomorrow)).status_code == 302
    assert staff.get(of_day(tomorrow)).status_code == 200
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=2)):
        assert staff.get(of_day(day)).status_code == 404
        assert staff.post(of_day(day)).status_code == 404
    assert [pack.day for pack in PaperPack.objects.all()] == [tomorrow]


def test_the_pack_of_another_center_is_out_of_reach(login, center, slot):
    packs.make_due(now=NOW)
    stranger = login(Role.CENTER_STAFF, at=[CenterFactory()])

    assert stranger.get(PACK)["Location"] == DAYS
    assert stranger.get(of_day(TODAY))["Location"] == DAYS
    assert not AuditEvent.objects.filter(action="paper_pack.read").exists()


@pytest.mark.parametrize("role", [Role.CALL_AGENT, Role.PLANNER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_others_get_no_paper(login, center, slot, role):
    packs.make_due(now=NOW)
    for address in (PACK, DAYS, of_day(TODAY), PRINT, FILE):
        assert login(role).get(address).status_code == 403


def test_the_print_view_leaves_out_what_must_not_lie_on_a_desk(staff, center, slot):
    one = AppointmentFactory(
        slot=slot, registration__last_name="Kießling", registration__needs_wheelchair=True,
        registration__criteria=["P1_HOMECARE"], registration__birth_date=date(1990, 1, 2),
        registration__phone="+493501123456",
    )  # fmt: skip
    person = one.registration

    page = staff.get(PRINT).content.decode()

    said = (words.need("wheelchair"), words.state("booked"))
    for shown in ("Ingeborg Kießling", "geb. 02.01.1990", "10:00", "Janssen", "☐", *said):
        assert shown in page
    hidden = ("P1_HOMECARE", person.email, "123456", person.street, person.case_number, person.door_code)
    assert [text for text in (*hidden, codes.spoken(person.door_code), "Nachweise gesehen") if text in page] == []
    event = AuditEvent.objects.get(action="day_list.printed")
    assert (event.subject, event.details) == (center.public_id, {"day": "2021-02-16", "rows": 1})


def test_the_print_view_asks_as_much_for_three_as_for_one(staff, center, slot, django_assert_max_num_queries):
    AppointmentFactory(slot=slot)
    staff.get(PRINT)
    with django_assert_max_num_queries(12) as first:
        staff.get(PRINT)
    AppointmentFactory.create_batch(2, slot=slot)
    with django_assert_max_num_queries(len(first)):
        staff.get(PRINT)


def test_the_file_holds_the_list_and_its_reason_is_on_record(manager, center, slot):
    one = AppointmentFactory(slot=slot, registration__last_name="=1+1", registration__first_name="Eva")
    given(one, at=NOW - timedelta(minutes=5))

    answer = manager.post(FILE, {"day": "2021-02-16", "reason": "Liste für den Schichtplan"})

    assert answer["Content-Disposition"] == 'attachment; filename="tagesliste-riesa-2021-02-16.csv"'
    text = answer.getvalue().decode()
    code = codes.spoken(one.registration.door_code)
    assert text.splitlines() == [
        "\ufeffTag;Uhrzeit;Nachname;Vorname;Geburtsdatum;Dosis;Impfstoff;Stand;"
        "Angekommen um;Geimpft um;Hinweise;Braucht;Code",
        f"16.02.2021;10:00;'=1+1;Eva;14.03.1938;1;Janssen;{words.state('vaccinated')};09:45;09:55;;;{code}",
    ]
    event = AuditEvent.objects.get(action="day_list.exported")
    assert (event.reason, event.details) == ("Liste für den Schichtplan", {"day": "2021-02-16", "rows": 1})


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ({"day": "2021-02-16", "reason": ""}, "Ohne Grund wird sie nicht herausgegeben."),
        ({"day": "2021-02-16", "reason": "x"}, "in ein paar Worten"),
        ({"day": "30.02.2021", "reason": "Schichtplan"}, "Bitte geben Sie den Tag so an"),
        ({"day": "2011-02-16", "reason": "Schichtplan"}, "höchstens 120 Tage"),
    ],
)
def test_without_a_day_and_a_reason_nothing_leaves(manager, center, slot, typed, answer):
    page = manager.post(FILE, typed).content.decode()

    assert answer in page
    assert f'value="{typed["reason"]}"' in page or not typed["reason"]
    assert not AuditEvent.objects.filter(action="day_list.exported").exists()


def test_the_file_is_for_managers_and_never_by_a_link(manager, staff, center, slot):
    assert staff.post(FILE, {"day": "2021-02-16", "reason": "Schichtplan"}).status_code == 403
    assert manager.get(FILE, {"day": "2021-02-16", "reason": "Schichtplan"})["Content-Type"].startswith("text/html")
    assert not AuditEvent.objects.filter(action="day_list.exported").exists()
