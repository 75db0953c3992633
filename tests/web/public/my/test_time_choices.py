"""The tiles of the choose-a-time page: right clock, right structure, nothing unescaped."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.utils import translation

from web.public.my import time_choices

EIGHT = datetime(2021, 2, 18, 7, 0, tzinfo=UTC)  # 8:00 in Berlin


def draw(choices, *, language="de", chosen=None):
    with translation.override(language):
        return str(time_choices.draw(choices, chosen=chosen, words=time_choices.words()))


def clocks(html):
    return re.findall(r'choice__time">([^<]+)<', html)


def test_times_are_shown_on_the_clock_of_the_center():
    html = draw([(1, EIGHT, EIGHT + timedelta(days=21), "")])

    assert clocks(html) == ["8:00\u00a0Uhr"]
    assert "11.\u00a0März, 8:00\u00a0Uhr" in html


def test_times_in_english_are_those_of_the_filter():
    html = draw([(1, EIGHT, None, ""), (2, EIGHT + timedelta(hours=5), None, "")], language="en")

    assert clocks(html) == ["8:00\u00a0am", "1:00\u00a0pm"]


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        # On 28.03.2021 the clock jumps from 2 to 3, on 31.10.2021 back from 3 to 2.
        (
            datetime(2021, 3, 7, 9, 20, tzinfo=UTC),
            datetime(2021, 3, 28, 8, 20, tzinfo=UTC),
            "28.\u00a0März, 10:20\u00a0Uhr",
        ),
        (
            datetime(2021, 10, 10, 8, 20, tzinfo=UTC),
            datetime(2021, 10, 31, 9, 20, tzinfo=UTC),
            "31.\u00a0Oktober, 10:20\u00a0Uhr",
        ),
    ],
)
def test_times_are_right_on_the_sundays_when_the_clock_changes(first, second, shown):
    html = draw([(1, first, second, "")])

    assert clocks(html) == ["10:20\u00a0Uhr"]
    assert shown in html


def test_times_are_split_at_noon():
    html = draw([(1, EIGHT, None, ""), (2, EIGHT + timedelta(hours=4), None, "")])

    assert html.count("<fieldset") == 2
    assert html.count("<details") == 0


def test_times_are_folded_by_the_hour_when_there_are_many():
    html = draw([(pk, EIGHT + timedelta(minutes=5 * pk), None, "") for pk in range(1, 121)])

    assert len(clocks(html)) == 120
    assert html.count("<details") == 11  # 8 to 18 o'clock
    assert html.count('<details class="kern-accordion" open>') == 1


def test_times_have_one_id_each_and_the_first_one_is_known_to_the_error_summary():
    html = draw([(pk, EIGHT + timedelta(minutes=5 * pk), None, "") for pk in range(1, 121)])
    ids = re.findall(r' id="([^"]+)"', html)

    assert ids[0] == time_choices.FIRST_ID
    assert len(ids) == len(set(ids)) == 120


def test_times_keep_the_chosen_one_and_open_its_hour():
    html = draw([(pk, EIGHT + timedelta(minutes=5 * pk), None, "") for pk in range(1, 121)], chosen=60)

    assert html.count(" checked") == 1
    assert html.count(" open>") == 2


def test_times_escape_the_name_of_the_vaccine():
    html = draw([(1, EIGHT, None, '<b>"x"</b>')])

    assert "<b>" not in html
    assert "&lt;b&gt;" in html


def test_times_are_well_formed():
    class Balance(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open = []

        def handle_starttag(self, tag, attrs):
            if tag not in {"input", "br"}:
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    balance = Balance()
    balance.feed(draw([(pk, EIGHT + timedelta(minutes=5 * pk), None, "A") for pk in range(1, 121)]))

    assert balance.open == []
