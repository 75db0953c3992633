"""Dates, times and codes as people read them."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from web.templatetags import impftermin as tags

MORNING = datetime(2021, 2, 18, 9, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "de",
            [
                "Donnerstag, 18.\u00a0Februar 2021",
                "Donnerstag, 18.\u00a0Februar",
                "18.\u00a0Februar 2021",
                "10:20\u00a0Uhr",
            ],
        ),
        (
            "en",
            ["Thursday, 18\u00a0February 2021", "Thursday, 18\u00a0February", "18\u00a0February 2021", "10:20\u00a0am"],
        ),
    ],
)
def test_dates_and_times_in_both_languages(language, texts):
    with translation.override(language):
        shown = [
            tags.local_date(MORNING),
            tags.weekday_date(MORNING),
            tags.plain_date(MORNING),
            tags.local_time(MORNING),
        ]

    assert shown == texts


@pytest.mark.parametrize(
    ("instant", "clock"),
    [
        (datetime(2021, 3, 28, 0, 30, tzinfo=UTC), "1:30\u00a0Uhr"),
        (datetime(2021, 3, 28, 1, 30, tzinfo=UTC), "3:30\u00a0Uhr"),  # the hour from two to three is left out
        (datetime(2021, 10, 31, 0, 30, tzinfo=UTC), "2:30\u00a0Uhr"),
        (datetime(2021, 10, 31, 1, 30, tzinfo=UTC), "2:30\u00a0Uhr"),  # and comes twice in October
    ],
)
def test_time_is_that_of_the_center_on_both_sundays(instant, clock):
    with translation.override("de"):
        assert tags.local_time(instant) == clock


def test_midnight_belongs_to_the_local_day():
    with translation.override("de"):
        assert tags.plain_date(datetime(2021, 6, 30, 22, 30, tzinfo=UTC)) == "1.\u00a0Juli 2021"


def test_a_plain_day_stays_what_it_is():
    with translation.override("de"):
        assert tags.plain_date(date(1938, 3, 14)) == "14.\u00a0März 1938"


@pytest.mark.parametrize(("code", "spoken"), [("7H4K2M", "7H4\u00a0K2M2"), ("K7P4XM92", "K7P\u00a04XM\u00a092P")])
def test_codes_are_grouped_and_checked(code, spoken):
    assert tags.spaced_code(code) == spoken


@pytest.mark.parametrize(("distance", "text"), [(0.4, "weniger als 1\u00a0km"), (53.4, "etwa 53\u00a0km")])
def test_distances_are_round(distance, text):
    with translation.override("de"):
        assert tags.km(distance) == text


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [("de", 1234567, "1.234.567"), ("de", -1234, "−1.234"), ("en", 1234, "1,234"), ("de", 999, "999"), ("de", 0, "0")],
)
def test_numbers_are_grouped(language, number, text):
    with translation.override(language):
        assert tags.grouped(number) == text
