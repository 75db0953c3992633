"""Days stand under the week people think in."""

from datetime import date

from django.utils import translation

from web.public.my import weeks

TODAY = date(2021, 2, 16)  # a Tuesday


def grouped(*days):
    with translation.override("en"):
        return weeks.grouped(days, day=lambda day: day, today=TODAY)


def test_weeks_are_named_from_today():
    found = grouped(date(2021, 2, 17), date(2021, 2, 21), date(2021, 2, 22), date(2021, 3, 9))

    assert [(group.title, len(group.rows)) for group in found] == [
        ("This week", 2),
        ("Next week", 1),
        ("Week of 8\u00a0March", 1),
    ]


def test_weeks_cross_the_turn_of_the_year():
    with translation.override("en"):
        found = weeks.grouped([date(2021, 1, 2)], day=lambda day: day, today=date(2020, 12, 31))

    assert [group.title for group in found] == ["This week"]


def test_weeks_are_paged_by_their_own_name():
    groups = grouped(*(date(2021, 2, 17 + away) for away in (0, 7)), date(2021, 3, 3))

    first = weeks.paged(groups, "", size=2)
    second = weeks.paged(groups, first["later_url"].removeprefix("?ab="), size=2)

    assert [group.title for group in first["groups"]] == ["This week", "Next week"]
    assert first["earlier_url"] == ""
    assert [group.title for group in second["groups"]] == ["Week of 1\u00a0March"]
    assert second["later_url"] == ""
    assert second["earlier_url"] == f"?ab={groups[0].id}"


def test_weeks_begin_at_the_first_when_the_page_is_unknown():
    groups = grouped(date(2021, 2, 17))

    assert weeks.paged(groups, "<script>", size=2)["groups"] == groups
