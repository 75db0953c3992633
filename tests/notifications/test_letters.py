"""A letter on paper: where its address stands, what it says, and that it can be read aloud."""

import io

import pytest
from pypdf import PdfReader

from notifications import letters
from tests.factories import NOW
from tests.notifications.paper import case_number, letter, text_of, words

pytestmark = pytest.mark.django_db
MM = 72 / 25.4
HEIGHT = 297 * MM


@pytest.fixture
def printed(post, contexts):
    """printed(context, language="en") is the PDF of one letter."""

    def make(*wanted, language="de") -> PdfReader:
        sheets = []
        for number, values in enumerate(wanted, start=1):
            contexts[case_number(number)] = words(**values)
            sheets.append(letters.sheet(letter(post, number, language=language), now=NOW))
        return PdfReader(io.BytesIO(letters.pdf(sheets, title="Briefe", now=NOW)))

    return make


def placed(page) -> list[tuple[str, float, float, float]]:
    """(text, mm from the left, mm from the top, size in pt) of everything on the page."""
    found = []

    def look(text, matrix, _text_matrix, _font, size):
        if text.strip():
            found.append((text.strip().replace("\u200b", ""), matrix[4] / MM, (HEIGHT - matrix[5]) / MM, size))

    page.extract_text(visitor_text=look)
    return found


def test_a_long_name_with_hyphens_breaks_at_them_alone(printed):
    street = "Bürgermeister-Doktor-Haußner-Straße 3"

    page = printed({"address": ["Ottilie Richter", street, "01796 Pirna"]}).pages[0]

    assert street in " ".join(page.extract_text().split())


def test_a_letter_says_who_writes_to_whom_about_what(printed):
    text = text_of(printed({}))

    for expected in (
        "Ingeborg Richter Schandauer Straße 14 01796 Pirna",
        "Datum 16. Februar 2021",
        "Vorgangsnummer K7P 4XM 92P",
        "Ihre Anmeldung ist beendet",
        "Guten Tag Ingeborg Richter,",
        "0800 0899 089",
        "Täglich 8 bis 20 Uhr",
        "Dieser Brief kommt von Impftermin Sachsen.",
        "Seite 1 von 1",
    ):
        assert expected in text
    assert "E-Mail" not in text


def test_an_english_letter(printed):
    pdf = printed({}, language="en")

    text = text_of(pdf)
    assert "Your registration has ended" in text
    assert "Date 16 February 2021" in text
    assert "Page 1 of 1" in text


def test_the_pdf_is_tagged_and_can_be_read_aloud(printed):
    pdf = printed({}, {})

    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "de"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf.xmp_metadata.stream.get_data()


@pytest.mark.parametrize(
    "address",
    [
        ["Ingeborg Richter", "Schandauer Straße 14", "01796 Pirna"],
        [
            "Wilhelmine-Charlotte " * 4 + "von der Hohen-Lippe und Freifrau zu Langenhausen-Schwarzenbergstein",
            "Straße der Deutsch-Sowjetischen Freundschaft und der Jugend 127a, Hinterhaus, 3. Aufgang links",
            "01796 Pirna-Copitz an der Elbe unterhalb der Bastei",
        ],
        ["W" * 160, "S" * 120, "01796 " + "P" * 80],
    ],
)
@pytest.mark.parametrize("large", [False, True])
def test_the_address_stands_in_the_window_however_long_it_is(printed, address, large):
    page = printed({"address": address, "large_print": large}).pages[0]

    found = [one for one in placed(page) if one[1] < 100 and one[2] < 97][2:]  # below letterhead and sender
    assert "".join("".join(one[0] for one in found).split()) == "".join("".join(address).split())
    assert all(left >= 20 and 45 + 17.7 <= top <= 45 + 45 for _text, left, top, _size in found)
    assert all(left + len(text) * size * 0.4 / MM < 20 + 85 for text, left, _top, size in found)


def test_large_print_is_18_points(printed):
    sizes = {text: round(size) for text, _left, _top, size in placed(printed({"large_print": True}).pages[0])}

    assert sizes["Guten Tag Ingeborg Richter,"] == 18
    normal = {text: round(size) for text, _left, _top, size in placed(printed({}).pages[0])}
    assert normal["Guten Tag Ingeborg Richter,"] == 11


def test_each_letter_counts_its_own_pages(printed):
    pdf = printed({}, {"name": "lang " * 900}, {})

    feet = [page.extract_text().replace("\u200b", "").split("Seite ")[-1].strip() for page in pdf.pages]
    pages = len(pdf.pages) - 2
    assert pages > 1
    assert feet == ["1 von 1", *(f"{number} von {pages}" for number in range(1, pages + 1)), "1 von 1"]


@pytest.mark.parametrize(
    "name",
    ['#panic("typst")', "$x$ *b* _i_ `c` @ref <label> \\u{41}", '"]) #sys.inputs', "O'Brien \\", "王 🙂", "\x1e{"],
)
def test_what_a_person_typed_is_shown_and_never_read_as_source(printed, name):
    pdf = printed({"name": name, "address": [name, "Straße 1", "01796 Pirna"]})

    assert len(pdf.pages) == 1
    if name.isascii() and name.isprintable():
        assert "".join(name.split()) in "".join(text_of(pdf).split())


def test_no_longer_true_is_no_letter(post, contexts):
    contexts[case_number(1)] = None

    assert letters.sheet(letter(post, 1), now=NOW) is None
