"""The rules against the law: properties that hold for everybody, and small made-up regulations for the corners."""

import random
import time
import timeit
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priority.rules import (
    EVERYONE,
    CriterionRule,
    NoRegulation,
    RegulationRules,
    age_on,
    assess,
    regulation_on,
)
from tests.priority.law import regulations

LAW = regulations()
GROUPED = [LAW[code] for code in "DFMA"]
EVERY_CODE = sorted({rule.code for one in LAW.values() for rule in one.criteria})

codes = st.sets(st.sampled_from([*EVERY_CODE, "P9_UNKNOWN", ""]))
births = st.dates(date(1900, 1, 1), date(2021, 12, 31))


@st.composite
def moments(draw: st.DrawFn) -> tuple[RegulationRules, date]:
    """A regulation and a day on which it is in force."""
    regulation = draw(st.sampled_from(list(LAW.values())))
    return regulation, draw(st.dates(regulation.valid_from, regulation.valid_until or date(2022, 2, 28)))


@given(codes, codes, births, moments())
def test_more_answers_never_worsen_the_group(answers, more, birth, moment):
    regulation, on = moment

    assert assess(answers | more, birth, on, regulation).level <= assess(answers, birth, on, regulation).level


@given(codes, births, moments())
def test_group_is_that_of_the_best_reason_and_reasons_stand_best_first(answers, birth, moment):
    regulation, on = moment
    result = assess(answers, birth, on, regulation)
    levels = [reason.level for reason in result.reasons]

    assert levels == sorted(levels)
    assert result.level == min(levels)


@given(codes, births, st.integers(0, 40 * 366), moments())
def test_an_older_person_is_never_in_a_later_group(answers, birth, days, moment):
    regulation, on = moment
    older = max(birth - timedelta(days=days), date(1880, 1, 1))

    assert assess(answers, older, on, regulation).level <= assess(answers, birth, on, regulation).level


@given(codes, births, moments())
def test_every_reason_stands_in_the_regulation_and_was_claimed_or_is_an_age(answers, birth, moment):
    regulation, on = moment
    known = {rule.code: rule for rule in regulation.criteria}

    for reason in assess(answers, birth, on, regulation).reasons:
        rule = known[reason.code]
        assert (reason.level, reason.paragraph, reason.evidence) == (rule.level, rule.paragraph, rule.evidence)
        assert rule.in_force(on)
        assert rule.code in answers or rule.kind == "age" or rule.level == EVERYONE


@given(codes, births, moments(), st.randoms(use_true_random=False))
def test_order_and_repetition_of_answers_do_not_matter(answers, birth, moment, shuffler: random.Random):
    regulation, on = moment
    shuffled = [*answers, *answers]
    shuffler.shuffle(shuffled)

    assert assess(shuffled, birth, on, regulation) == assess(answers, birth, on, regulation)


@given(codes, births, moments())
def test_evidence_is_what_the_best_reasons_ask_for_once_each(answers, birth, moment):
    regulation, on = moment
    result = assess(answers, birth, on, regulation)
    best = [code for reason in result.reasons if reason.level == result.level for code in reason.evidence]

    assert list(result.evidence) == sorted(set(best), key=best.index)


@given(births, moments())
def test_who_claims_nothing_and_is_under_60_is_in_group_4_by_the_everyone_reason(birth, moment):
    regulation, on = moment
    result = assess((), birth, on, regulation)

    if not regulation.grouped or age_on(birth, on) < 60:
        assert (result.level, [reason.code for reason in result.reasons]) == (4, ["P4_ALL"])
    else:
        assert result.level < 4


@given(births, st.dates(date(1900, 1, 1), date(2030, 1, 1)))
def test_age_grows_by_one_a_year_and_never_shrinks(birth, on):
    tomorrow = on + timedelta(days=1)

    assert 0 <= age_on(birth, tomorrow) - age_on(birth, on) <= 1


@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [
        (date(1941, 2, 16), date(2021, 2, 15), 79),
        (date(1941, 2, 16), date(2021, 2, 16), 80),
        (date(1940, 2, 29), date(2021, 2, 28), 80),
        (date(1940, 2, 29), date(2021, 3, 1), 81),
        (date(1940, 2, 29), date(2020, 2, 28), 79),
        (date(1940, 2, 29), date(2020, 2, 29), 80),
        (date(2021, 3, 1), date(2021, 2, 28), -1),
    ],
)
def test_age_counts_completed_years_of_life(birth, on, age):
    assert age_on(birth, on) == age


def test_regulation_on_finds_the_one_in_force_at_both_ends():
    ends = {code: (one.valid_from, one.valid_until) for code, one in LAW.items() if one.valid_until}

    for code, days in ends.items():
        assert [regulation_on(LAW.values(), day).code for day in days] == [code, code]
    assert regulation_on(LAW.values(), date(2030, 1, 1)).code == "J"


def test_regulation_on_names_the_cure_when_there_is_none():
    with pytest.raises(NoRegulation, match=r"2020-12-14.*load_reference"):
        regulation_on(LAW.values(), date(2020, 12, 14))


def test_an_age_cannot_be_claimed():
    result = assess({"P1_AGE80", "P2_AGE70"}, date(1990, 1, 1), date(2021, 2, 16), LAW["F"])

    assert result.level == 4


def test_reasons_of_one_level_stand_in_the_order_of_the_regulation():
    rules = tuple(
        CriterionRule(code, level, "occupation", None, "§ 1", code, code, ("ID",))
        for code, level in [("B", 2), ("A", 2), ("C", 1), ("Z", 4)]
    )
    regulation = RegulationRules("X", "X", date(2021, 1, 1), None, True, rules)

    result = assess({"A", "B", "C"}, date(1990, 1, 1), date(2021, 2, 1), regulation)

    assert [reason.code for reason in result.reasons] == ["C", "B", "A"]


def test_a_criterion_counts_on_its_first_and_last_day_and_not_around_them():
    rule = CriterionRule(
        "A", 2, "occupation", None, "§ 1", "A", "A", ("ID",), valid_from=date(2021, 2, 24), valid_until=date(2021, 3, 1)
    )
    everyone = CriterionRule("Z", 4, "other", None, "§ 1", "Z", "Z", ("ID",))
    regulation = RegulationRules("X", "X", date(2021, 2, 8), None, True, (rule, everyone))
    days = [date(2021, 2, 23), date(2021, 2, 24), date(2021, 3, 1), date(2021, 3, 2)]

    assert [assess({"A"}, date(1990, 1, 1), day, regulation).level for day in days] == [4, 2, 2, 4]


def test_a_form_asks_for_no_single_illness_and_no_age():
    asked = {rule.code for one in GROUPED for rule in one.asked(one.valid_until or one.valid_from)}
    illness = {rule.code for one in GROUPED for rule in one.criteria if rule.kind == "illness"} & asked

    assert illness == {"P2_ILLNESS", "P2_INDIVIDUAL", "P3_ILLNESS", "P3_INDIVIDUAL"}
    assert not {code for code in asked if "_AGE" in code}


def test_nothing_is_asked_when_there_are_no_groups():
    assert LAW["J"].asked(date(2021, 7, 1)) == ()


def test_assess_is_quick_enough_to_be_called_for_every_day_of_a_list():
    answers = ["P1_HOME_STAFF", "P2_ILLNESS", "P2_CONTACT_PREG", "P3_FOODRETAIL"]
    birth, on = date(1940, 5, 2), date(2021, 2, 16)
    runs = timeit.repeat(lambda: assess(answers, birth, on, LAW["F"]), timer=time.process_time, number=500, repeat=20)

    assert min(runs) / 500 < 20e-6
