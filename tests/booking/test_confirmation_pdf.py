import hashlib
import io
import tomllib

import pytest
import segno
from django.utils import translation
from pypdf import PdfReader

import press
from booking import confirmation_pdf
from booking.services import appointments
from centers.models import Channel
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import SlotFactory, VaccineFactory, series_slots

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _open_group():
    RegulationFactory()
    OpeningFactory()


def booked(slot=None, **values):
    person = RegistrationFactory(invited=True, **values)
    slot = slot or series_slots()[0]
    appointments.book(registration=person, slot_id=slot.pk, channel=Channel.WEB, by=None, now=NOW)
    return person


def pdf_of(person) -> PdfReader:
    content = confirmation_pdf.confirmation(person, appointments.series_of(person), now=NOW)
    return PdfReader(io.BytesIO(content))


def text_of(pdf: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def spaced(code: str) -> str:
    return " ".join(code[start : start + 3] for start in range(0, len(code), 3))


@pytest.mark.parametrize(
    ("language", "title"),
    [("de", "Bestätigung Ihrer Impftermine"), ("en", "Confirmation of your vaccination appointments")],
)
def test_confirmation_is_tagged_and_knows_its_language_and_title(language, title):
    person = booked()

    with translation.override(language):
        pdf = pdf_of(person)

    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata.title == title
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf.xmp_metadata.stream.get_data()
    assert len(pdf.pages) == 1


def test_confirmation_says_all_it_must():
    person = booked(first_name="Thị", last_name="Nguyễn-Šołta O'Brien")

    text = text_of(pdf_of(person))

    for expected in (
        "Thị Nguyễn-Šołta O'Brien",
        "14. März 1938",
        spaced(person.case_number),
        spaced(person.door_code),
        "1. Impfung Donnerstag, 18. Februar 2021 10:20 Uhr",
        "2. Impfung Donnerstag, 11. März 2021 10:20 Uhr",
        "Messering 6 01067 Dresden",
        "Stufenfrei.",
        "Geplanter Impfstoff: Comirnaty. Die Ärztin oder der Arzt vor Ort entscheidet.",
        "Ausweis mit Foto",
        "mRNA-Impfstoffe",
        "Verschieben oder absagen können Sie, bis der Termin beginnt",
        "0800 0899 089",
        "Stand: Dienstag, 16. Februar 2021, 10:00 Uhr",
    ):
        assert expected in text


def test_confirmation_links_to_the_map_of_the_place_only():
    pdf = pdf_of(booked())

    addresses = [note.get_object()["/A"]["/URI"] for note in pdf.pages[0]["/Annots"] if "/A" in note.get_object()]

    assert len(addresses) == 1
    assert addresses[0].startswith("https://www.openstreetmap.org/?mlat=51.07")


def test_the_qr_code_holds_the_door_code_and_nothing_else():
    person = booked()

    context = confirmation_pdf.context(person, appointments.series_of(person), now=NOW)

    expected = segno.make_qr(person.door_code, error="h")
    assert context["door"]["qr"] == expected.svg_inline(border=4, omitsize=True)
    assert expected.mode == "alphanumeric"
    assert expected.designator == "1-H"


def test_a_single_dose_has_one_appointment():
    person = booked(SlotFactory(session__vaccine=VaccineFactory(single=True)))

    text = text_of(pdf_of(person))

    assert "2. Impfung" not in text
    assert "Vektor-Impfstoffe" in text


@pytest.mark.parametrize(
    "name",
    [
        '#panic("typst")',
        "$x$ *b* _i_ `c` @ref <label> \\u{41}",
        '"]) #sys.inputs',
        "O'Brien \\",
        "王小明 🙂",
        "محمد",
        "\u202eEva",
    ],
)
def test_what_a_person_typed_is_shown_and_never_read_as_source(name):
    person = booked(last_name=name)

    pdf = pdf_of(person)

    assert len(pdf.pages) == 1
    if name.isascii():
        assert "".join(name.split()) in "".join(text_of(pdf).split())


def test_the_fonts_are_the_packages_own():
    for folder in press.FONTS.iterdir():
        vendor = tomllib.loads((folder / "VENDOR.toml").read_text())
        named = {file["name"]: file["sha256"] for file in vendor["file"]}
        found = {path.name for path in folder.iterdir()} - {"VENDOR.toml"}
        assert found == set(named)
        for name, digest in named.items():
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
