"""The days of a series, and what speaks against them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.refusals import Refused
from centers.sessions import days
from reference.files import Broken

SAXONY = {"land": "SN", "language": "de"}


@given(
    st.dates(date(2021, 1, 1), date(2022, 12, 31)),
    st.integers(7, 90),
    st.sets(st.integers(0, 6), min_size=1),
)
def test_weekly_gives_every_chosen_weekday_between_and_no_other(first, length, weekdays):
    until = first + timedelta(days=length)
    if length * len(weekdays) / 7 > days.MOST_DAYS - 7:
        return
    found = days.weekly(first, until, weekdays)
    assert list(found) == [
        day for day in (first + timedelta(days=n) for n in range(length + 1)) if day.weekday() in weekdays
    ]


@pytest.mark.parametrize(
    ("first", "until", "weekdays", "code"),
    [
        (date(2021, 5, 14), date(2021, 4, 26), {0}, "until"),
        (date(2021, 4, 26), date(2021, 5, 14), set(), "weekdays"),
        (date(2021, 4, 27), date(2021, 4, 28), {0}, "weekdays"),
        (date(2021, 4, 26), date(2201, 4, 26), {0}, "until"),
        (date(2021, 4, 26), date(2021, 12, 31), set(range(7)), "until"),
    ],
)
def test_a_pattern_that_makes_no_sense_is_refused(first, until, weekdays, code):
    with pytest.raises(Refused) as refusal:
        days.weekly(first, until, weekdays)
    assert refusal.value.code == code


def test_holidays_and_school_holidays_are_proposed_for_leaving_out():
    found = days.candidates(days.weekly(date(2021, 3, 22), date(2021, 4, 12), {0, 4}), **SAXONY)
    assert [(one.day.day, one.holiday, one.school) for one in found] == [
        (22, "", ""), (26, "", ""), (29, "", "Osterferien"), (2, "Karfreitag", "Osterferien"),
        (5, "Ostermontag", "Osterferien"), (9, "", "Osterferien"), (12, "", ""),
    ]  # fmt: skip
    assert [one.proposed for one in found] == [True, True, False, False, False, False, True]


def test_the_land_decides():
    penance = date(2021, 11, 17)  # Buß- und Bettag is a holiday in Saxony only
    assert days.public_holiday(penance, "SN", "de") == "Buß- und Bettag"
    assert days.public_holiday(penance, "HE", "de") == ""
    assert days.school_calendar("HE").at(date(2021, 7, 30)) is None
    assert days.school_calendar("SN").at(date(2021, 7, 30)).name == "Sommerferien"
    assert (days.land_of("14612"), days.land_of("06411")) == ("SN", "HE")


def test_holidays_that_the_file_doubts_say_so():
    found = days.candidates([date(2021, 3, 26), date(2021, 3, 29), date(2021, 7, 26)], **SAXONY)
    assert [(one.school, one.school_verified) for one in found] == [
        ("", True), ("Osterferien", False), ("Sommerferien", True),
    ]  # fmt: skip
    assert days.school_calendar("SN").source == "schule.sachsen.de"


def test_holidays_have_english_names():
    assert days.public_holiday(date(2021, 4, 2), "SN", "en") == "Good Friday"


def test_school_holidays_do_not_overlap():
    known = days.school_calendar("SN").holidays
    assert all(one.last_day < other.first_day for one, other in pairwise(known))


def test_school_holidays_that_end_before_they_begin_are_refused_with_the_line(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(
        "source: x\nholidays:\n  - {name: A, first_day: 2021-02-02, last_day: 2021-02-01}\n", encoding="utf-8"
    )
    with pytest.raises(Broken, match="line 3"):
        days.read(path)
