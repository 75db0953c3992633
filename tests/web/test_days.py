"""Days that were typed into addresses and date fields."""

from datetime import date

import pytest

from web.days import typed_day


@pytest.mark.parametrize("typed", ["", "x", "2021-02-30", "0001-01-01", "9999-12-31", "19.04.2021", "2021-04-19T10:00"])
def test_what_is_no_day_is_none(typed):
    assert typed_day(typed) is None


@pytest.mark.parametrize("typed", ["2000-01-01", "2021-04-19", "2099-12-31"])
def test_a_day_of_this_century_is_read(typed):
    assert typed_day(typed) == date.fromisoformat(typed)
