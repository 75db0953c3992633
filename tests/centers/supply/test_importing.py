"""A list from a spreadsheet: understood as it comes, or refused whole with line and reason."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.refusals import Refused
from centers.supply import importing
from centers.supply.services import Content
from tests.factories.supply import CenterFactory, VaccineFactory

pytestmark = pytest.mark.django_db
TODAY = date(2021, 2, 16)
HEAD = "zentrum;impfstoff;dosen;tag;stand\n"
GOOD = "SN10;comirnaty;1.170;22.02.2021;bestätigt\n"


@pytest.fixture(autouse=True)
def center():
    VaccineFactory()
    return CenterFactory(code="SN10", name="Riesa")


def problems(text):
    found = importing.read(text, on=TODAY)
    assert found.lines == ()
    return [(one.number, one.text) for one in found.problems]


def test_list_is_read(center):
    found = importing.read(HEAD + GOOD + "\nsn10;Comirnaty;60;2021-02-16;eingetroffen\n", on=TODAY)

    assert found.problems == ()
    assert [(line.number, line.center, line.vaccine.pk, line.content) for line in found.lines] == [
        (2, center, "comirnaty", Content(1170, date(2021, 2, 22), "confirmed")),
        (4, center, "comirnaty", Content(60, date(2021, 2, 16), "received")),
    ]


def test_columns_in_english_and_in_another_order(center):
    text = 'State,Date,Doses,"Vaccine",Center\r\nexpected,1.3.21,"60",comirnaty,SN10\r\n'

    (line,) = importing.read(text, on=TODAY).lines

    assert line.content == Content(60, date(2021, 3, 1), "expected")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_umlauts_of_every_spreadsheet(encoding):
    text = importing.decode((HEAD + GOOD).encode(encoding))

    assert text == HEAD + GOOD


@pytest.mark.parametrize("data", [b"PK\x03\x04rest", b"abc\x00def", b"a" * 100_001])
def test_what_is_no_list_is_refused(data):
    with pytest.raises(Refused) as refusal:
        importing.decode(data)

    assert refusal.value.code == "file"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("SN99;comirnaty;60;22.02.2021;erwartet", "Es gibt kein Zentrum mit dem Kürzel „SN99“."),
        ("SN10;globuli;60;22.02.2021;erwartet", "Es gibt keinen Impfstoff „globuli“."),
        ("SN10;comirnaty;viele;22.02.2021;erwartet", "„viele“ ist keine ganze Zahl von Dosen."),
        ("SN10;comirnaty;60,5;22.02.2021;erwartet", "„60,5“ ist keine ganze Zahl von Dosen."),
        ("SN10;comirnaty;0;22.02.2021;erwartet", "Geben Sie eine Zahl von 1 bis 100000 Dosen an."),
        ("SN10;comirnaty;60;30.02.2021;erwartet", "„30.02.2021“ ist kein Tag. Schreiben Sie ihn so: 29.04.2021."),
        ("SN10;comirnaty;60;22.02.2021;vielleicht", "„vielleicht“ ist weder erwartet noch bestätigt noch "
         "eingetroffen."),
        ("SN10;comirnaty;60;15.02.2021;erwartet", "Dieser Tag ist vorbei. Ist die Lieferung gekommen? Dann wählen Sie "
         "„eingetroffen“, sonst einen späteren Tag."),
        ("SN10;comirnaty;60", "Leer: tag, stand."),
        ("SN10;comirnaty;1.170;22.02.2021;bestätigt", "Dasselbe wie Zeile 2. Kommen beide, dann zählen Sie ihre Dosen "
         "in einer Zeile zusammen."),
    ],
)  # fmt: skip
def test_wrong_line_is_named_and_nothing_is_read(line, reason):
    assert problems(f"{HEAD}{GOOD}{line}\n") == [(3, reason)]


def test_every_wrong_line_is_named():
    assert [number for number, _text in problems(f"{HEAD}x\n{GOOD}y\n")] == [2, 4]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Die erste Zeile muss jede Spalte einmal nennen."),
        ("SN10;comirnaty;60;22.02.2021;erwartet\n", "Die erste Zeile muss jede Spalte einmal nennen."),
        ("zentrum;impfstoff;dosen;dosen;tag;stand\n", "Es fehlt oder steht doppelt: dosen."),
        (HEAD, "In der Liste steht keine Lieferung."),
    ],
)
def test_list_without_a_head_or_without_lines(text, reason):
    ((number, words),) = problems(text)

    assert number == 1
    assert reason in words


def test_open_quotation_mark_is_named():
    assert "Anführungszeichen" in problems(HEAD + '"SN10;comirnaty;60\n')[0][1]


def test_list_that_is_too_long_is_refused_whole():
    lines = "".join(f"SN10;comirnaty;{number};22.02.2021;erwartet\n" for number in range(1, 1003))

    assert "höchstens 1000 Zeilen" in problems(HEAD + lines)[0][1]


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text):
    for listed in (text, HEAD + text, f"{HEAD}SN10;comirnaty;60;22.02.2021;{text}"):
        found = importing.read(listed, on=TODAY)

        assert bool(found.lines) != bool(found.problems)
