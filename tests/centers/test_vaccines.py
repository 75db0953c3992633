"""The dated rules of the vaccines, as they stand in the project's data file."""

from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centers import loading
from centers.vaccines import (
    AgeRule,
    Interval,
    IntervalRule,
    Pause,
    VaccineRules,
    age_allowed,
    interval,
    paused,
)


@cache
def vaccines() -> dict[str, VaccineRules]:
    read = loading.read()
    return {
        fact.row.code: VaccineRules(
            fact.row.code,
            fact.row.name,
            fact.row.doses,
            tuple(
                AgeRule(f.row.valid_from, f.row.min_age, f.row.max_age, f.row.basis)
                for f in read.ages
                if f.row.vaccine is fact.row
            ),
            tuple(
                IntervalRule(f.row.valid_from, f.row.min_days, f.row.max_days)
                for f in read.intervals
                if f.row.vaccine is fact.row
            ),
            tuple(Pause(f.row.starts_on, f.row.ends_on) for f in read.pauses if f.row.vaccine is fact.row),
        )
        for fact in read.vaccines
    }


@pytest.mark.parametrize(
    ("code", "on", "ages"),
    [
        ("comirnaty", date(2020, 12, 20), []),  # not licensed
        ("comirnaty", date(2020, 12, 21), [16, 18, 59, 60, 64, 65, 99]),
        ("comirnaty", date(2021, 5, 31), [12, 16, 18, 59, 60, 64, 65, 99]),
        ("spikevax", date(2021, 2, 16), [18, 59, 60, 64, 65, 99]),
        ("spikevax", date(2021, 11, 10), [59, 60, 64, 65, 99]),
        ("vaxzevria", date(2021, 1, 28), []),
        ("vaxzevria", date(2021, 2, 16), [18, 59, 60, 64]),
        ("vaxzevria", date(2021, 3, 4), [18, 59, 60, 64, 65, 99]),
        ("vaxzevria", date(2021, 3, 30), [60, 64, 65, 99]),
        ("janssen", date(2021, 5, 9), [18, 59, 60, 64, 65, 99]),
        ("janssen", date(2021, 5, 10), [60, 64, 65, 99]),
        ("nuvaxovid", date(2022, 2, 3), [18, 59, 60, 64, 65, 99]),
    ],
)
def test_who_may_have_it_by_age_on_the_day(code, on, ages):
    asked = [11, 12, 16, 18, 59, 60, 64, 65, 99]

    assert [age for age in asked if age_allowed(vaccines()[code], on.replace(year=on.year - age), on)] == ages


def test_age_is_judged_on_the_day_and_not_before():
    rules = vaccines()["vaxzevria"]
    birth = date(1956, 2, 20)

    assert [age_allowed(rules, birth, day) for day in (date(2021, 2, 19), date(2021, 2, 20))] == [True, False]


@pytest.mark.parametrize(
    ("code", "on", "expected"),
    [
        ("comirnaty", date(2021, 2, 7), Interval(21, 42)),
        ("comirnaty", date(2021, 2, 16), Interval(21, 42)),
        ("comirnaty", date(2021, 3, 8), Interval(42, 42)),
        ("comirnaty", date(2021, 7, 1), Interval(21, 42)),
        ("spikevax", date(2021, 2, 16), Interval(28, 42)),
        ("vaxzevria", date(2021, 2, 16), Interval(63, 84)),
        ("vaxzevria", date(2021, 3, 8), Interval(84, 84)),
        ("nuvaxovid", date(2022, 2, 3), Interval(21, None)),
        ("janssen", date(2021, 5, 10), None),  # one dose
        ("comirnaty", date(2020, 12, 20), None),  # before the first rule
    ],
)
def test_interval_is_that_of_the_newest_rule_on_the_day_of_dose_1(code, on, expected):
    assert interval(vaccines()[code], on) == expected


def test_vaxzevria_rested_from_15_to_18_march_and_is_out_of_use_since_december():
    rules = vaccines()["vaxzevria"]
    days = [
        date(2021, 3, 14),
        date(2021, 3, 15),
        date(2021, 3, 18),
        date(2021, 3, 19),
        date(2021, 12, 1),
        date(2030, 1, 1),
    ]

    assert [paused(rules, day) for day in days] == [False, True, True, False, True, True]


def test_without_a_licence_nobody_gets_it():
    rules = VaccineRules("x", "X", 1, (AgeRule(date(2021, 1, 1), None, None, "stiko"),), (), ())

    assert not age_allowed(rules, date(1960, 1, 1), date(2021, 2, 1))


def test_order_of_rules_does_not_matter():
    newest_first = (AgeRule(date(2021, 3, 1), 60, None, "licence"), AgeRule(date(2021, 1, 1), 18, None, "licence"))
    rules = VaccineRules("x", "X", 1, newest_first, (), ())

    assert not age_allowed(rules, date(1980, 1, 1), date(2021, 3, 1))
    assert age_allowed(rules, date(1980, 1, 1), date(2021, 2, 28))


@given(st.sampled_from(sorted(["comirnaty", "spikevax", "vaxzevria", "janssen", "nuvaxovid"])), st.integers(0, 600))
def test_a_rule_that_starts_tomorrow_changes_nothing_today(code, offset):
    rules = vaccines()[code]
    on = date(2020, 12, 15) + timedelta(days=offset)
    known = VaccineRules(
        rules.code,
        rules.name,
        rules.doses,
        tuple(rule for rule in rules.age_rules if rule.valid_from <= on),
        tuple(rule for rule in rules.interval_rules if rule.valid_from <= on),
        tuple(rule for rule in rules.pauses if rule.starts_on <= on),
    )

    for birth in (date(1938, 3, 14), date(1960, 1, 1), date(1990, 1, 1), date(2004, 1, 1)):
        assert age_allowed(known, birth, on) is age_allowed(rules, birth, on)
    assert (interval(known, on), paused(known, on)) == (interval(rules, on), paused(rules, on))
