"""The regulations' file: complete, consistent, and refused as a whole when it is not."""

import re
import shutil

import pytest

from priority import loading
from reference.files import Broken

READ = loading.read()
EXTRA = {"P2_ILLNESS", "P3_ILLNESS", "P1_HOME_STAFF", "P2_SHELTER_STAFF", "P3_UNIVERSITY"}


def codes_of(regulation):
    return {fact.row.code for fact in READ.criteria if fact.row.regulation.code == regulation}


def test_there_are_five_regulations_without_a_gap():
    days = [(fact.row.code, str(fact.row.valid_from), str(fact.row.valid_until)) for fact in READ.regulations]

    assert days == [
        ("D", "2020-12-15", "2021-02-07"),
        ("F", "2021-02-08", "2021-03-07"),
        ("M", "2021-03-08", "2021-03-31"),
        ("A", "2021-04-01", "2021-06-06"),
        ("J", "2021-06-07", "None"),
    ]


def test_the_law_has_47_criteria_and_five_more_codes_only_help_to_ask():
    every = set.union(*(codes_of(letter) for letter in "DFMAJ"))

    assert len(every - EXTRA) == 47
    assert every >= EXTRA
    assert {letter: len(codes_of(letter) - EXTRA) for letter in "DFMAJ"} == {"D": 33, "F": 44, "M": 46, "A": 46, "J": 1}


def test_paragraphs_are_written_out_and_fit_the_level():
    form = re.compile(r"§ [1-4]( Absatz [12])?( Nummer \d+[a]?( und \d+)?)?( Buchstabe [a-k]( (und|bis) [a-k])?)?")
    section = {1: "§ 2", 2: "§ 3", 3: "§ 4", 4: "§ 1"}

    for fact in READ.criteria:
        assert form.fullmatch(fact.row.paragraph), fact.row
        assert fact.row.paragraph.startswith(section[fact.row.level])
        assert ("Absatz" not in fact.row.paragraph) == (fact.row.regulation.code == "D" and fact.row.level < 4)


def test_every_text_is_there_in_both_languages():
    for fact in READ.criteria:
        row = fact.row
        assert bool(row.hint_de) == bool(row.hint_en)
        assert bool(row.text_de) == bool(row.text_en)
        assert not row.askable or row.text_de, row


def test_every_single_illness_stands_on_a_list_of_its_level_and_version():
    for letter in "DFMA":
        ours = [fact.row for fact in READ.criteria if fact.row.regulation.code == letter and fact.row.kind == "illness"]
        listed = sorted(code for row in ours for code in row.covers)

        assert listed == sorted(row.code for row in ours if not row.askable)


BREAKS = [
    ("  - code: D\n", "  - code: F\n", 22, "F is there twice"),
    ("valid_until: 2021-02-07", "valid_until: 2021-02-08", 22, "F begins while D is in force"),
    ("valid_until: 2021-02-07", "valid_until: 2020-02-07", 14, "D ends before it begins"),
    ("    level: 1\n    kind: age", "    level: 0\n    kind: age", None, "level is 0"),
    ("    min_age: 80\n", "", None, "P1_AGE80: min_age and kind do not fit"),
    ("evidence: [INST]", "evidence: [INSTITUTE]", None, "evidence INSTITUTE is unknown"),
    ("max_contacts: 1\n", "max_contact: 1\n", None, "unknown: max_contact"),
    ("part_of: P1_HOME\n", "part_of: P9_HOME\n", None, "P1_HOME_STAFF names P9_HOME, which is not in D"),
    ("covers: [P2_TRISOMY21,", "covers: [P3_BMI30,", None, "P2_ILLNESS and P3_BMI30 have different levels"),
    ("valid_from: 2021-02-24", "valid_from: 2021-03-24", None, "P2_CHILDCARE: 2021-03-24 lies outside F"),
    ("paragraph: § 2 Nummer 1}", "paragraph: Paragraf 2 Nummer 1}", None, "P1_AGE80: paragraph 'Paragraf 2 Nummer 1'"),
    ("grouped: false", "grouped: maybe", None, "grouped is 'maybe'"),
    ("label_de: Trisomie 21\n", "label_de: ''\n", None, "label_de is ''"),
    ("code: P2_TRISOMY21\n    level: 2\n    kind: illness\n    askable: false\n",
     "code: P2_TRISOMY21\n    level: 2\n    kind: illness\n", None, "P2_TRISOMY21 would ask for a diagnosis"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "reason"), BREAKS, ids=[case[3] for case in BREAKS])
def test_a_mistake_is_refused_with_line_reason_and_cure(tmp_path, old, new, line, reason):
    text = (loading.DATA / "regulations.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "regulations.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(Broken) as caught:
        loading.read(tmp_path)

    changed = text.count("\n", 0, text.index(old)) + 1
    assert caught.value.reason == reason
    assert caught.value.file == "regulations.yaml"
    assert caught.value.line == line if line else abs(caught.value.line - changed) <= 60
    assert caught.value.cure


def test_dates_are_moved_by_whole_days_and_nothing_else_is(tmp_path):
    shutil.copy(loading.DATA / "regulations.yaml", tmp_path)

    moved = loading.read(tmp_path, shift_days=1000)

    plain = [(fact.row.valid_from, fact.row.regulation.valid_from) for fact in READ.criteria if fact.row.valid_from]
    shifted = [(fact.row.valid_from, fact.row.regulation.valid_from) for fact in moved.criteria if fact.row.valid_from]
    assert [((a - c).days, (b - d).days) for (a, b), (c, d) in zip(shifted, plain, strict=True)] == [(1000, 1000)] * 2
    assert {fact.row.shift_days for fact in moved.regulations} == {1000}
