"""The files about supply: complete, consistent, and refused as a whole when they are not."""

import shutil

import pytest

from centers import loading
from reference.files import Broken

READ = loading.read()


@pytest.fixture
def folder(tmp_path):
    for path in loading.DATA.iterdir():
        shutil.copy(path, tmp_path)
    return tmp_path


def change(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_39_districts_13_centers_5_vaccines():
    rows = [READ.districts, READ.centers, READ.vaccines]

    assert [len(facts) for facts in rows] == [39, 13, 5]


def test_populations_add_up_to_the_states():
    sums = {
        state: sum(fact.row.population for fact in READ.districts if fact.row.ags.startswith(state))
        for state in ("06", "14")
    }

    assert sums == {"06": 6_288_080, "14": 4_071_971}  # Hessen and Saxony on 31.12.2019


def test_every_saxon_district_has_its_center():
    assert sorted(fact.row.district_id for fact in READ.centers) == [
        fact.row.ags for fact in READ.districts if fact.row.ags.startswith("14")
    ]


@pytest.mark.parametrize(
    ("postcode", "ags"),
    [
        ("01067", "14612"), ("01465", "14612"), ("01445", "14627"), ("01454", "14625"), ("01589", "14627"),
        ("01796", "14628"), ("01877", "14625"), ("01917", "14625"), ("02625", "14625"), ("02708", "14626"),
        ("02733", "14625"), ("02826", "14626"), ("02977", "14625"), ("04109", "14713"), ("04416", "14729"),
        ("04435", "14730"), ("04509", "14730"), ("04552", "14729"), ("04720", "14522"), ("04758", "14730"),
        ("04808", "14729"), ("04874", "14730"), ("08056", "14524"), ("08233", "14523"), ("08280", "14521"),
        ("08371", "14524"), ("08468", "14523"), ("08523", "14523"), ("09111", "14511"), ("09212", "14524"),
        ("09247", "14511"), ("09456", "14521"), ("09557", "14522"), ("09599", "14522"), ("09648", "14522"),
    ],
)  # fmt: skip
def test_the_longest_beginning_of_a_postcode_gives_the_district(postcode, ags):
    areas = {fact.row.prefix: fact.row.district_id for fact in READ.postcodes}
    prefix = max((one for one in areas if postcode.startswith(one)), key=len)

    assert areas[prefix] == ags


def test_every_center_lies_in_the_district_of_its_postcode():
    areas = {fact.row.prefix: fact.row.district_id for fact in READ.postcodes}

    for fact in READ.centers:
        prefix = max((one for one in areas if fact.row.postcode.startswith(one)), key=len)
        assert areas[prefix] == fact.row.district_id, fact.row.code


BREAKS = [
    ("districts.csv", "06411,", "6411,", 2, "ags is '6411'"),
    ("districts.csv", "06412,", "06411,", 3, "06411 is there twice"),
    ("districts.csv", "49.87,8.65", "8.65,49.87", 2, "latitude is 8.65"),
    ("districts.csv", "49.87,8.65", ",8.65", 2, "only one of latitude and longitude"),
    ("districts.csv", "159878", "159.878", 2, "population is '159.878'"),
    ("districts.csv", ",kfS,", ",Stadt,", 2, "kind is 'Stadt'"),
    ("postcodes_saxony.csv", "010,14612", "010,14999", 2, "district 14999 is unknown"),
    ("postcodes_saxony.csv", "010,14612", "O10,14612", 2, "prefix is 'O10'"),
    ("centers_saxony.yaml", 'district: "14612"', "district: 14612", 7, "district is 14612"),
    ("centers_saxony.yaml", 'postcode: "01067"', 'postcode: "1067"', 7, "postcode is '1067'"),
    ("centers_saxony.yaml", "last_day: 2021-09-30", "last_day: 2020-09-30", 7, "SN01 closes before it opens"),
    ("centers_saxony.yaml", "step_free: true", "stepfree: true", 7, "step_free is missing"),
    ("centers_saxony.yaml", "slug: leipzig", "slug: dresden", 11, "dresden is there twice"),
    ("vaccines.yaml", "technology: mrna", "technology: rna", 6, "technology is 'rna'"),
    ("vaccines.yaml", "basis: licence, min_age: 16", "basis: licence, min_age: 160", 14, "min_age is 160"),
    ("vaccines.yaml", "min_days: 21, max_days: 42", "min_days: 42, max_days: 21", 18, "min_days lies above max_days"),
    ("vaccines.yaml", "    doses: 2\n", "    doses: 1\n", 6, "comirnaty: doses and intervals do not fit"),
    ("vaccines.yaml", "percent: 50", "percent: 150", None, "percent is 150"),
    ("vaccines.yaml", "ends_on: 2021-03-18", "ends_on: 2021-03-14", None, "the pause ends before it begins"),
]


@pytest.mark.parametrize(("name", "old", "new", "line", "reason"), BREAKS, ids=[case[4] for case in BREAKS])
def test_a_mistake_is_refused_with_line_reason_and_cure(folder, name, old, new, line, reason):
    change(folder, name, old, new)

    with pytest.raises(Broken) as caught:
        loading.read(folder)

    assert (caught.value.file, caught.value.reason) == (name, reason)
    assert line is None or caught.value.line == line
    assert caught.value.cure


def test_a_reserve_for_a_single_dose_is_refused(folder):
    reserve = "    reserve: [{valid_from: 2021-03-11, percent: 50}]\n"
    change(folder, "vaccines.yaml", "    doses: 1\n", f"    doses: 1\n{reserve}")

    with pytest.raises(Broken, match="janssen has one dose and a reserve for second ones"):
        loading.read(folder)


def test_a_dropped_leading_zero_names_the_spreadsheet(folder):
    change(folder, "districts.csv", "06411,", "6411,")

    with pytest.raises(Broken, match="drops the leading zero"):
        loading.read(folder)


def test_latin_1_is_refused_with_the_line_of_the_first_umlaut(folder):
    path = folder / "districts.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))

    with pytest.raises(Broken, match=r"districts\.csv, line 6: byte 0xdf is not UTF-8"):
        loading.read(folder)


def test_all_dates_move_together():
    moved = loading.read(shift_days=-30)

    pairs = [
        *((a.row.licensed_on, b.row.licensed_on) for a, b in zip(READ.vaccines, moved.vaccines, strict=True)),
        *((a.row.valid_from, b.row.valid_from) for a, b in zip(READ.ages, moved.ages, strict=True)),
        *((a.row.valid_from, b.row.valid_from) for a, b in zip(READ.intervals, moved.intervals, strict=True)),
        *((a.row.starts_on, b.row.starts_on) for a, b in zip(READ.pauses, moved.pauses, strict=True)),
        *((a.row.valid_from, b.row.valid_from) for a, b in zip(READ.reserves, moved.reserves, strict=True)),
        *((a.row.first_day, b.row.first_day) for a, b in zip(READ.centers, moved.centers, strict=True)),
        *((a.row.last_day, b.row.last_day) for a, b in zip(READ.centers, moved.centers, strict=True)),
    ]
    assert {(a - b).days for a, b in pairs} == {30}
