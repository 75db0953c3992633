"""What an opening asks for, field by field."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from priority.openings import OpeningRule, matches

NOW = datetime(2021, 2, 16, 9, tzinfo=UTC)
ALL = {
    "level": None,
    "criterion": "",
    "birth_year_from": None,
    "birth_year_to": None,
    "district_ags": "",
    "vaccine_code": "",
    "channel": "",
    "opens_at": NOW,
    "closes_at": None,
    "name_de": "Alle",
    "name_en": "Everyone",
}
PERSON = {
    "level": 2,
    "answers": {"P2_ILLNESS"},
    "birth_date": date(1958, 12, 31),
    "district_ags": "14612",
    "vaccine_code": "comirnaty",
    "channel": "web",
    "now": NOW,
}


def let_through(**asked):
    return matches(OpeningRule(**{**ALL, **asked}), **PERSON)


@pytest.mark.parametrize(
    ("asked", "through"),
    [
        ({}, True),
        ({"level": 1}, False),
        ({"level": 2}, True),
        ({"level": 3}, True),  # a later group never shuts out an earlier one
        ({"criterion": "P2_ILLNESS"}, True),
        ({"criterion": "P2_CONTACT_CARE"}, False),
        ({"birth_year_from": 1958}, True),
        ({"birth_year_from": 1959}, False),
        ({"birth_year_to": 1958}, True),
        ({"birth_year_to": 1957}, False),
        ({"birth_year_from": 1951, "birth_year_to": 1961}, True),
        ({"district_ags": "14612"}, True),
        ({"district_ags": "14523"}, False),
        ({"vaccine_code": "comirnaty"}, True),
        ({"vaccine_code": "vaxzevria"}, False),
        ({"channel": "web"}, True),
        ({"channel": "phone"}, False),
        ({"opens_at": NOW + timedelta(microseconds=1)}, False),
        ({"opens_at": NOW - timedelta(days=1), "closes_at": NOW}, False),
        ({"opens_at": NOW - timedelta(days=1), "closes_at": NOW + timedelta(microseconds=1)}, True),
    ],
)
def test_an_opening_asks_for_what_is_set_and_for_nothing_else(asked, through):
    assert let_through(**asked) is through


def test_an_opening_for_a_district_needs_to_know_the_district():
    assert not matches(OpeningRule(**{**ALL, "district_ags": "14612"}), **{**PERSON, "district_ags": ""})


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "level": st.integers(1, 4),
            "criterion": st.sampled_from(["P2_ILLNESS", "P1_HOME"]),
            "birth_year_to": st.integers(1930, 1990),
            "district_ags": st.sampled_from(["14612", "14523"]),
            "vaccine_code": st.sampled_from(["comirnaty", "vaxzevria"]),
            "channel": st.sampled_from(["web", "phone"]),
        },
    )
)
def test_all_that_is_asked_must_fit_at_once(asked):
    assert let_through(**asked) is all(let_through(**{name: value}) for name, value in asked.items())
