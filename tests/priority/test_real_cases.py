"""Real people under each regulation: who stood where, by which number, with which papers.

Each line was read off the text of the regulation (BAnz), not off our data.
"""

from datetime import date

import pytest

from priority.rules import assess
from tests.priority.law import regulations

LAW = regulations()
YOUNG = date(1990, 6, 15)  # 30 years old in spring 2021
S2, S3, S4 = "§ 2 Absatz 1 Nummer", "§ 3 Absatz 1 Nummer", "§ 4 Absatz 1 Nummer"

IN_D = date(2021, 1, 20)
D = [
    ("80 on the day", [], date(1941, 1, 20), 1, "§ 2 Nummer 1", ["ID"]),
    ("79, 80 tomorrow", [], date(1941, 1, 21), 2, "§ 3 Nummer 1", ["ID"]),
    ("lives in a nursing home", ["P1_HOME"], YOUNG, 1, "§ 2 Nummer 2", ["INST"]),
    ("cook in a nursing home", ["P1_HOME_STAFF"], YOUNG, 1, "§ 2 Nummer 2", ["ID", "INST"]),
    ("home care nurse", ["P1_HOMECARE"], YOUNG, 1, "§ 2 Nummer 3", ["ID", "INST"]),
    ("works in a vaccination center", ["P1_VACCINATOR"], YOUNG, 1, "§ 2 Nummer 4", ["ID", "INST"]),
    ("illness on list A", ["P2_ILLNESS"], YOUNG, 2, "§ 3 Nummer 2", ["ID", "MED"]),
    ("contact of a pregnant woman", ["P2_CONTACT_PREG"], YOUNG, 2, "§ 3 Nummer 3 Buchstabe b", ["ID", "CONT"]),
    ("lives in a shelter", ["P2_SHELTER"], YOUNG, 2, "§ 3 Nummer 8", ["INST"]),
    ("kidney disease: still group 3", ["P3_KIDNEY_LIVER"], YOUNG, 3, "§ 4 Nummer 2 Buchstabe b und c", ["ID", "MED"]),
    ("illness on list B", ["P3_ILLNESS"], YOUNG, 3, "§ 4 Nummer 2", ["ID", "MED"]),
    ("teacher", ["P3_EDUCATION"], YOUNG, 3, "§ 4 Nummer 7", ["ID", "INST"]),
    ("supermarket cashier", ["P3_FOODRETAIL"], YOUNG, 3, "§ 4 Nummer 6", ["ID", "INST"]),
    ("individual decision: not before F", ["P2_INDIVIDUAL"], YOUNG, 4, "§ 1 Absatz 2 Nummer 4", ["ID"]),
    ("day care helper: not before F", ["P2_EVERYDAY_HELP"], YOUNG, 4, "§ 1 Absatz 2 Nummer 4", ["ID"]),
    ("office worker of 30", [], YOUNG, 4, "§ 1 Absatz 2 Nummer 4", ["ID"]),
]
IN_F = date(2021, 2, 16)
F = [
    ("82 years old", [], date(1938, 3, 14), 1, f"{S2} 1", ["ID"]),
    ("lives in a home, attends day care", ["P1_HOME"], YOUNG, 1, f"{S2} 2", ["INST"]),
    ("care assessor", ["P1_HOMECARE"], YOUNG, 1, f"{S2} 3", ["ID", "INST"]),
    ("paramedic", ["P1_MED_VERYHIGH"], YOUNG, 1, f"{S2} 4", ["ID", "INST"]),
    ("nurse in oncology", ["P1_MED_VULNERABLE"], YOUNG, 1, f"{S2} 5", ["ID", "INST"]),
    ("75 years old", [], date(1945, 8, 1), 2, f"{S3} 1", ["ID"]),
    ("illness on list A", ["P2_ILLNESS"], YOUNG, 2, f"{S3} 2 Buchstabe a bis i", ["ID", "MED"]),
    ("kidney disease, now group 2", ["P2_KIDNEY"], YOUNG, 2, f"{S3} 2 Buchstabe h", ["ID", "MED"]),
    ("the code of D for kidneys counts no more", ["P3_KIDNEY_LIVER"], YOUNG, 4, "§ 1 Absatz 2 Nummer 4", ["ID"]),
    ("individual decision", ["P2_INDIVIDUAL"], YOUNG, 2, f"{S3} 2 Buchstabe j", ["ID", "MEDX"]),
    ("son of a person cared for at home", ["P2_CONTACT_CARE"], YOUNG, 2, f"{S3} 3 Buchstabe a", ["ID", "CONT"]),
    ("general practitioner", ["P2_MED_HIGH"], YOUNG, 2, f"{S3} 5", ["ID", "INST"]),
    ("riot police", ["P2_POLICE"], YOUNG, 2, f"{S3} 6", ["ID", "INST"]),
    ("public health office", ["P2_PUBHEALTH"], YOUNG, 2, f"{S3} 7", ["ID", "INST"]),
    ("shelter staff", ["P2_SHELTER_STAFF"], YOUNG, 2, f"{S3} 8", ["ID", "INST"]),
    ("everyday helper", ["P2_EVERYDAY_HELP"], YOUNG, 2, f"{S3} 9", ["ID", "INST"]),
    ("nursery teacher before 24 February", ["P2_CHILDCARE"], YOUNG, 4, "§ 1 Absatz 2 Nummer 4", ["ID"]),
    ("illness on list B", ["P3_ILLNESS"], YOUNG, 3, f"{S4} 2 Buchstabe a bis h", ["ID", "MED"]),
    ("contact of a person of group 3", ["P3_CONTACT_CARE"], YOUNG, 3, f"{S4} 3", ["ID", "CONT"]),
    ("undertaker", ["P3_KRITIS"], YOUNG, 3, f"{S4} 5", ["ID", "INST"]),
]
IN_M = date(2021, 3, 20)
M = [
    ("lives in an assisted flat", ["P1_HOME"], YOUNG, 1, f"{S2} 2", ["INST"]),
    ("vaccinates in a practice", ["P1_VACCINATOR"], YOUNG, 1, f"{S2} 3", ["ID", "INST"]),
    ("emergency department", ["P1_MED_VERYHIGH"], YOUNG, 1, f"{S2} 4", ["ID", "INST"]),
    ("treats immunosuppressed patients", ["P1_MED_VULNERABLE"], YOUNG, 1, f"{S2} 5", ["ID", "INST"]),
    ("muscular dystrophy", ["P2_NEUROMUSC"], YOUNG, 2, f"{S3} 2 Buchstabe f", ["ID", "MED"]),
    ("diabetes with complications", ["P2_DIABETES"], YOUNG, 2, f"{S3} 2 Buchstabe g", ["ID", "MED"]),
    ("individual decision", ["P2_INDIVIDUAL"], YOUNG, 2, f"{S3} 2 Buchstabe k", ["ID", "MEDX"]),
    ("physiotherapist", ["P2_MED_HIGH"], YOUNG, 2, f"{S3} 5", ["ID", "INST"]),
    ("embassy in a place with poor care", ["P2_ABROAD"], YOUNG, 2, f"{S3} 7 und 8", ["ID", "INST"]),
    ("primary school teacher", ["P2_CHILDCARE"], YOUNG, 2, f"{S3} 9", ["ID", "INST"]),
    ("hospital technician", ["P2_PUBHEALTH"], YOUNG, 2, f"{S3} 10", ["ID", "INST"]),
    ("lives in a women's shelter", ["P2_SHELTER"], YOUNG, 2, f"{S3} 11", ["INST"]),
    ("everyday helper", ["P2_EVERYDAY_HELP"], YOUNG, 2, f"{S3} 12", ["ID", "INST"]),
    ("election helper", ["P3_STATE"], YOUNG, 3, f"{S4} 4 Buchstabe a bis d", ["ID", "INST"]),
    ("grammar school teacher", ["P3_EDUCATION"], YOUNG, 3, f"{S4} 8", ["ID", "INST"]),
    ("crowded quarters", ["P3_PRECARIOUS"], YOUNG, 3, f"{S4} 9", ["ID"]),
]
IN_A = date(2021, 5, 10)
A = [
    ("81 years old", [], date(1940, 2, 29), 1, f"{S2} 1", ["ID"]),
    ("works in a vaccination center", ["P1_VACCINATOR"], YOUNG, 1, f"{S2} 4", ["ID", "INST"]),
    ("73 years old", [], date(1947, 12, 24), 2, f"{S3} 1", ["ID"]),
    ("thalidomide damage", ["P2_TRISOMY21"], YOUNG, 2, f"{S3} 2 Buchstabe a", ["ID", "MED"]),
    ("chamber of commerce abroad", ["P2_ABROAD"], YOUNG, 2, f"{S3} 7 und 8", ["ID", "INST"]),
    ("father of a child to come", ["P2_CONTACT_PREG"], YOUNG, 2, f"{S3} 3 Buchstabe b", ["ID", "CONT"]),
    ("60 years old", [], date(1961, 5, 10), 3, f"{S4} 1", ["ID"]),
    ("59, 60 tomorrow", [], date(1961, 5, 11), 4, "§ 1 Absatz 2 Nummer 4", ["ID"]),
    ("university lecturer", ["P3_UNIVERSITY"], YOUNG, 3, f"{S4} 8", ["ID", "INST"]),
    ("laboratory", ["P3_MED_LOW"], YOUNG, 3, f"{S4} 6", ["ID", "INST"]),
    ("supermarket cashier", ["P3_FOODRETAIL"], YOUNG, 3, f"{S4} 7", ["ID", "INST"]),
    ("asthma", ["P3_ASTHMA"], YOUNG, 3, f"{S4} 2 Buchstabe e", ["ID", "MED"]),
]
IN_J = date(2021, 6, 7)
J = [
    (words, answers, birth, 4, "§ 1 Absatz 1", ["ID"])
    for words, answers, birth in [
        ("80 years old", [], date(1941, 1, 1)),
        ("70 years old", [], date(1951, 1, 1)),
        ("60 years old", [], date(1961, 1, 1)),
        ("30 years old", [], YOUNG),
        ("16 years old", [], date(2005, 6, 7)),
        ("lives in a home", ["P1_HOME"], YOUNG),
        ("nurse", ["P1_MED_VERYHIGH"], YOUNG),
        ("illness on list A", ["P2_ILLNESS"], YOUNG),
        ("contact person", ["P2_CONTACT_CARE"], YOUNG),
        ("teacher", ["P3_EDUCATION"], YOUNG),
    ]
]
CASES = [
    pytest.param(code, on, *case[1:], id=f"{code}: {case[0]}")
    for code, on, cases in [("D", IN_D, D), ("F", IN_F, F), ("M", IN_M, M), ("A", IN_A, A), ("J", IN_J, J)]
    for case in cases
]


@pytest.mark.parametrize(("code", "on", "answers", "birth", "level", "paragraph", "evidence"), CASES)
def test_a_person_stands_where_the_regulation_puts_them(code, on, answers, birth, level, paragraph, evidence):
    result = assess(answers, birth, on, LAW[code])

    assert (result.level, result.reasons[0].paragraph, list(result.evidence)) == (level, paragraph, evidence)


def test_several_criteria_at_once_the_best_counts_and_all_are_named():
    result = assess({"P3_FOODRETAIL", "P2_CONTACT_PREG", "P1_HOME_STAFF"}, date(1945, 8, 1), IN_F, LAW["F"])

    assert result.level == 1
    assert [reason.code for reason in result.reasons] == [
        "P1_HOME_STAFF",
        "P2_AGE70",
        "P2_CONTACT_PREG",
        "P3_FOODRETAIL",
    ]
    assert result.evidence == ("ID", "INST")


def test_nursery_teachers_are_in_group_2_from_24_february_on():
    days = [date(2021, 2, 23), date(2021, 2, 24), date(2021, 3, 7)]

    assert [assess({"P2_CHILDCARE"}, YOUNG, day, LAW["F"]).level for day in days] == [4, 2, 2]


def test_universities_are_in_group_3_from_30_april_on():
    days = [date(2021, 4, 29), date(2021, 4, 30)]

    assert [assess({"P3_UNIVERSITY"}, YOUNG, day, LAW["A"]).level for day in days] == [4, 3]


def test_one_contact_person_in_december_two_from_february_on():
    limits = {
        code: {rule.max_contacts for rule in LAW[code].criteria if rule.kind == "contact"}
        for code in ("D", "F", "M", "A")
    }

    assert limits == {"D": {1}, "F": {2}, "M": {2}, "A": {2}}


def test_the_lists_of_illnesses_count_in_every_regulation_with_groups():
    levels = {
        code: [assess({name}, YOUNG, law.valid_from, law).level for name in ("P2_ILLNESS", "P3_ILLNESS")]
        for code, law in LAW.items()
    }

    assert levels == {"D": [2, 3], "F": [2, 3], "M": [2, 3], "A": [2, 3], "J": [4, 4]}


def test_the_lists_spell_out_what_stands_on_them_in_the_words_of_their_version():
    hints = {code: {rule.code: rule.hint_de for rule in LAW[code].criteria} for code in ("D", "M")}

    assert hints["D"]["P2_ILLNESS"] == "Trisomie 21; Demenz oder geistige Behinderung; nach einer Organtransplantation"
    assert hints["M"]["P2_ILLNESS"].startswith(
        "Trisomie 21 oder Conterganschädigung; nach einer Organtransplantation; "
    )
    assert "Muskeldystrophie" in hints["M"]["P2_ILLNESS"]
