"""Reading fact files: what is refused says where, why and what to do."""

from datetime import date

import pytest

from reference.files import Broken, read_csv, read_yaml

COLUMNS = ("ags", "name")


@pytest.fixture
def write(tmp_path):
    def write_file(content, name="facts.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def test_csv_rows_know_their_line(write):
    rows = read_csv(write("ags,name\n06411,Darmstadt\n14612,Dresden\n"), columns=COLUMNS)

    assert [(row.line, row.values) for row in rows] == [
        (2, {"ags": "06411", "name": "Darmstadt"}),
        (3, {"ags": "14612", "name": "Dresden"}),
    ]


def test_csv_from_a_spreadsheet_with_byte_order_mark_and_windows_line_ends_is_the_same(write):
    plain = read_csv(write("ags,name\n06534,Gießen\n"), columns=COLUMNS)
    exported = read_csv(write(b"\xef\xbb\xbf" + "ags,name\r\n06534,Gießen\r\n".encode(), "export.csv"), columns=COLUMNS)

    assert [row.values for row in exported] == [row.values for row in plain]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("ags,name\n06534,Gießen\n".encode("latin-1"), 2, "byte 0xdf is not UTF-8"),
        ("ags,name\n06534,Gie\0ssen\n", 2, "a NUL character"),
        ("name,ags\n", 1, "the first line is 'name,ags'"),
        ("", 1, "the first line is ''"),
        ("ags,name\n06534,Gießen,LK\n", 2, "3 cells instead of 2"),
        ('ags,name\n06534,"Gießen\n', 2, "unexpected end of data"),
    ],
)
def test_a_broken_csv_is_refused_with_its_line(write, content, line, reason):
    with pytest.raises(Broken) as caught:
        read_csv(write(content), columns=COLUMNS)

    assert (caught.value.file, caught.value.line, caught.value.reason) == ("facts.csv", line, reason)
    assert caught.value.cure


def test_yaml_entries_know_their_line_and_type(write):
    top = read_yaml(write("rules:\n  - code: A\n    day: 2021-02-08\n  - code: B\n", "rules.yaml"))

    first, second = top.entries("rules")
    assert (first.line, first.code("code"), first.day("day"), second.line) == (2, "A", date(2021, 2, 8), 4)


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("a: 1\na: 2\n", 2, "a is there twice"),
        ("a: 1\nb: [1, 2\n", 3, "expected ',' or ']', but got '<stream end>'"),
        ("a: 1\nday: 2021-02-30\n", 2, "2021-02-30 is no date"),
        ("- a\n- b\n", 1, "the file holds no keys"),
        ("", 1, "the file holds no keys"),
        ("? [a, b]\n: 1\n", 1, "a key is not a plain word"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, None),
    ],
)
def test_a_broken_yaml_is_refused_with_its_line(write, content, line, reason):
    with pytest.raises(Broken) as caught:
        read_yaml(write(content, "rules.yaml"))

    assert (caught.value.file, caught.value.line) == ("rules.yaml", line)
    assert reason is None or caught.value.reason == reason


def test_a_missing_file_names_the_cure(tmp_path):
    with pytest.raises(Broken, match=r"gone\.yaml, line 1: No such file.*Restore it"):
        read_yaml(tmp_path / "gone.yaml")


@pytest.mark.parametrize(
    ("content", "read", "reason"),
    [
        ("level: high\n", lambda one: one.integer("level", low=1, high=4), "level is 'high'"),
        ("level: 5\n", lambda one: one.integer("level", low=1, high=4), "level is 5"),
        ("level: true\n", lambda one: one.integer("level", low=1, high=4), "level is True"),
        ("x: 1\n", lambda one: one.integer("level", low=1, high=4), "level is missing"),
        ("name: ''\n", lambda one: one.text("name", longest=9), "name is ''"),
        ("name: 0123456789\n", lambda one: one.text("name", longest=9), "name has 10 characters"),
        ("code: P1 AGE\n", lambda one: one.code("code"), "code is 'P1 AGE'"),
        ("kind: aeg\n", lambda one: one.one_of("kind", ("age",)), "kind is 'aeg'"),
        ("day: tomorrow\n", lambda one: one.day("day"), "day is 'tomorrow'"),
        ("free: 'yes'\n", lambda one: one.boolean("free"), "free is 'yes'"),
        ("north: '51,05'\n", lambda one: one.number_or_none("north", low=47, high=55), "north is '51,05'"),
        ("north: 13.7\n", lambda one: one.number_or_none("north", low=47, high=55), "north is 13.7"),
        ("list: A\n", lambda one: one.codes("list"), "list is 'A'"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(write, content, read, reason):
    with pytest.raises(Broken) as caught:
        read(read_yaml(write(content.replace("0123456789", "'0123456789'"), "rules.yaml")))

    assert caught.value.reason == reason


def test_what_nobody_asked_for_is_refused(write):
    top = read_yaml(write("name: A\nlabel_ed: typo\n", "rules.yaml"))
    top.text("name", longest=9)

    with pytest.raises(Broken, match="unknown: label_ed"):
        top.end()
