import pytest

from web import spreadsheet


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('=HYPERLINK("http://example.org";"here")', '\'=HYPERLINK("http://example.org";"here")'),
        ("=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"),
        ("+49 351 123", "'+49 351 123"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("Richter-Schmidt", "Richter-Schmidt"),
        ("18.02.2021", "18.02.2021"),
        ("", ""),
    ],
)
def test_no_cell_becomes_a_formula(cell, shown):
    assert spreadsheet.safe(cell) == shown


def test_the_file_is_what_a_german_excel_opens():
    answer = spreadsheet.download([["Name", "Zeit"], ["Müller; Anna", '"=1"']], name="liste.csv")

    assert answer.streaming
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="liste.csv"'
    assert answer.getvalue() == '\ufeffName;Zeit\r\n"Müller; Anna";"""=1"""\r\n'.encode()
