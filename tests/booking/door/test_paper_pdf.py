import io
from datetime import timedelta

import pytest
from django.utils import translation
from pypdf import PdfReader

from booking import codes, typesetting
from booking.door import day_list, paper_pdf, words
from booking.models import Appointment
from centers.models import Session
from tests.factories import NOW
from tests.factories.demand import RegulationFactory
from tests.factories.door import AppointmentFactory, arrived, booked_series, given, single_slot
from tests.factories.people import RegistrationFactory
from tests.factories.supply import CenterFactory, SessionFactory, SlotFactory, VaccineFactory

pytestmark = pytest.mark.django_db

THURSDAY = (NOW + timedelta(days=2)).date()


@pytest.fixture
def center():
    RegulationFactory()
    return CenterFactory(name="Riesa", place="SACHSENarena")


def content_of(center, day=THURSDAY):
    return paper_pdf.context(center, day, day_list.rows(center.pk, day))


def pdf_of(content) -> PdfReader:
    return PdfReader(io.BytesIO(typesetting.pdf(paper_pdf.NAME, paper_pdf.with_moment(content, now=NOW), now=NOW)))


def text_of(pdf: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def lines_of(part) -> dict[str, str]:
    return {line[0]: line[-1] for line in part["rows"]}


def crowd(center, number: int) -> None:
    """So many people with Janssen at ten o'clock; only their rows, without the way through booking."""
    slot = single_slot(session=SessionFactory(center=center, vaccine=VaccineFactory(single=True)), capacity=number)
    people = [RegistrationFactory.build(rank=rank + 1_000_000, last_name=f"Nr{rank:03}") for rank in range(number)]
    type(people[0]).objects.bulk_create(people)
    Appointment.objects.bulk_create(
        AppointmentFactory.build(registration=person, slot=slot, public_id=person.public_id) for person in people
    )


@pytest.mark.parametrize(("language", "title"), [("de", "Papiermappe"), ("en", "Paper pack")])
def test_the_pack_is_tagged_and_knows_its_language_and_title(center, language, title):
    booked_series(center)

    with translation.override(language):
        pdf = pdf_of(content_of(center))

    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata.title.startswith(title)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf.xmp_metadata.stream.get_data()


def test_every_page_is_a4_across_and_says_day_moment_and_its_number(center):
    booked_series(center)

    pdf = pdf_of(content_of(center))

    assert len(pdf.pages) == 6  # cover, list, index, three pages of forms
    for number, page in enumerate(pdf.pages, start=1):
        text = " ".join(page.extract_text().split())
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (842, 595)
        assert "Impfzentrum Riesa, Donnerstag, 18. Februar 2021" in text
        assert "Stand: Dienstag, 16. Februar 2021, 10:00 Uhr" in text
        assert f"Seite {number} von 6" in text


def test_the_list_says_what_the_door_needs_and_nothing_more(center):
    first, _second = booked_series(
        center, first_name="Thị", last_name="Nguyễn-Šołta", needs_wheelchair=True, language="en",
        birth_date=NOW.date().replace(year=1990), criteria=["P1_HOMECARE"], phone="+493501123456",
    )  # fmt: skip
    person = first.registration

    text = text_of(pdf_of(content_of(center)))

    for expected in (
        "Nguyễn-Šołta, Thị", "geb. 16.02.1990", "1. Comirnaty", "10:20",
        words.evidence("ID"), words.need("wheelchair"), words.need("en"),
        codes.spoken(person.door_code),
    ):  # fmt: skip
        assert expected in text
    for kept_back in (person.email, "123456", person.street, person.case_number, "P1_HOMECARE", person.town):
        assert kept_back not in text


def test_a_second_dose_says_its_day_and_the_index_leads_to_the_time(center):
    _first, second = booked_series(center, last_name="Äußerst")

    content = content_of(center, second.slot.starts_at.date())

    assert content["list"]["rows"][0]["dose"] == "2. Comirnaty"
    assert content["list"]["rows"][0]["interval"] == "Tag 21 nach der 1. Impfung"
    assert content["index"]["rows"] == [{"name": "Äußerst, Ingeborg", "birth": "14.03.1938", "time": "10:20"}]


def test_what_has_happened_already_stands_in_the_boxes(center):
    slot = single_slot(session=SessionFactory(center=center, vaccine=VaccineFactory(single=True)), capacity=4)
    here, done = (AppointmentFactory(slot=slot, registration__last_name=name) for name in ("Abel", "Bach"))
    AppointmentFactory(slot=slot, registration__last_name="Dorn", status="deferred")
    AppointmentFactory(slot=slot, registration__last_name="Ernst", displaced_at=NOW)
    arrived(here, at=slot.starts_at)
    given(done, at=slot.starts_at + timedelta(minutes=20))

    content = content_of(center)

    boxes = [(line["arrived"], line["given"], line["batch"], line["needs"]) for line in content["list"]["rows"]]
    assert boxes == [
        ("10:20", "", "", []),
        ("10:30", "10:40", "eingetragen", []),
        ("", "", "", [words.state("deferred")]),
        ("", "", "", ["behalten, ohne Platz"]),
    ]
    assert lines_of(content["cover"]["sums"]) == {
        "Termine": "4", "davon erste Impfungen": "4", words.state("booked"): "1", words.state("arrived"): "1",
        words.state("vaccinated"): "1", words.state("deferred"): "1", "behalten, ohne Platz": "1",
    }  # fmt: skip


def test_the_cover_counts_sessions_doses_and_vials(center):
    booked_series(center)
    slot = single_slot(session=SessionFactory(center=center, vaccine=VaccineFactory(single=True)), capacity=7)
    AppointmentFactory.create_batch(6, slot=slot)
    AppointmentFactory(slot=slot, status="no_show")
    SessionFactory(center=center, date=THURSDAY, state=Session.State.DRAFT)
    SlotFactory(session__center=CenterFactory())

    cover = content_of(center)["cover"]

    assert cover["sessions"]["rows"] == [
        ["08:00–18:00", "Janssen", "2", "7", "6"],
        ["09:20–23:59", "Comirnaty", "2", "2", "1"],
    ]
    assert cover["vials"]["rows"] == [["Comirnaty", "1", "0", "1", "1", "5"], ["Janssen", "6", "0", "6", "2", "4"]]
    assert cover["place"] == ["Impfzentrum Riesa", "SACHSENarena", "Messering 6", "01067 Dresden"]


def test_a_day_without_anybody_is_a_pack_all_the_same(center):
    text = text_of(pdf_of(content_of(center)))

    assert "An diesem Tag hat niemand einen Termin." in text
    assert "Ohne Termin" in text


def test_a_day_of_600_is_all_there(center):
    crowd(center, 600)

    pdf = pdf_of(content_of(center))

    text = text_of(pdf)
    assert len(pdf.pages) < 60
    assert all(text.count(f"Nr{number:03}, Ingeborg") == 2 for number in (0, 299, 599))  # list and index
    assert f"Seite {len(pdf.pages)} von {len(pdf.pages)}" in text


@pytest.mark.parametrize(
    "name", ['#panic("typst")', "$x$ *b* `c` @ref <label>", '"]) #sys.inputs', "王小明 🙂", "\u202eEva"]
)
def test_what_a_person_typed_is_shown_and_never_read_as_source(center, name):
    booked_series(center, last_name=name)

    text = text_of(pdf_of(content_of(center)))

    if name.isascii():
        assert "".join(name.split()) in "".join(text.split())


def test_the_fingerprint_changes_with_the_list_and_not_with_the_moment(center):
    first, _second = booked_series(center)
    before = paper_pdf.fingerprint(content_of(center))

    again = paper_pdf.fingerprint(content_of(center))
    arrived(first, at=first.slot.starts_at)
    after = paper_pdf.fingerprint(content_of(center))

    assert before == again
    assert before != after
    assert "as_of" not in content_of(center)
