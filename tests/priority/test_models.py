"""Each constraint of the rules' tables, and the trigger that keeps rules from being edited."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from priority.models import Criterion, Opening, Regulation

pytestmark = pytest.mark.django_db
FEBRUARY = date(2021, 2, 8)


def regulation(code="F", start=FEBRUARY, end=date(2021, 3, 7), **more):
    return Regulation.objects.create(code=code, name=code, valid_from=start, valid_until=end, **more)


def criterion(**more):
    values = {
        "regulation": Regulation.objects.first() or regulation(),
        "code": "P1_HOME",
        "position": 1,
        "level": 1,
        "kind": "care",
        "paragraph": "§ 2 Absatz 1 Nummer 2",
        "label_de": "Im Pflegeheim",
        "label_en": "In a care home",
        "evidence": ["INST"],
    }
    return Criterion.objects.create(**{**values, **more})


def opening(**more):
    author, approver = (User.objects.get_or_create(username=name)[0] for name in ("author", "approver"))
    values = {
        "opens_at": datetime.fromisoformat("2021-02-16T09:00+01:00"),
        "name_de": "Gruppe 1",
        "name_en": "Group 1",
        "created_by": author,
        "approved_by": approver,
    }
    return Opening.objects.create(**{**values, **more})


def refuses(constraint, make):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()


def test_a_regulation_does_not_end_before_it_begins():
    refuses("regulation_dates_in_order|range lower bound", lambda: regulation(end=date(2021, 2, 7)))


def test_two_regulations_are_never_in_force_on_one_day():
    regulation()

    refuses("regulation_one_at_a_time", lambda: regulation("M", date(2021, 3, 7), None))
    regulation("M", date(2021, 3, 8), None)
    refuses("regulation_one_at_a_time", lambda: regulation("A", date(2021, 4, 1), None))


def test_a_criterion_stands_once_in_a_regulation():
    criterion()

    refuses("criterion_once_per_regulation", criterion)


@pytest.mark.parametrize("level", [0, 5])
def test_a_level_is_one_of_four(level):
    refuses("criterion_level_exists", lambda: criterion(level=level))


@pytest.mark.parametrize(("kind", "min_age"), [("age", None), ("care", 80)])
def test_an_age_has_a_limit_and_nothing_else_has(kind, min_age):
    refuses("criterion_age_has_a_limit", lambda: criterion(kind=kind, min_age=min_age))


@pytest.mark.parametrize(("kind", "max_contacts"), [("contact", None), ("contact", 0), ("care", 2)])
def test_contact_persons_are_limited_and_nobody_else_is(kind, max_contacts):
    refuses("criterion_contact_has_a_limit", lambda: criterion(kind=kind, max_contacts=max_contacts))


def test_a_criterion_does_not_end_before_it_begins():
    refuses(
        "criterion_dates_in_order",
        lambda: criterion(valid_from=date(2021, 2, 24), valid_until=date(2021, 2, 23)),
    )


@pytest.mark.parametrize(
    "change",
    [
        {"level": 2}, {"paragraph": "§ 3"}, {"evidence": ["ID"]}, {"valid_from": FEBRUARY}, {"code": "P1_HOMES"},
        {"askable": False}, {"covers": ["P1_HOMECARE"]},
    ],
    ids=str,
)  # fmt: skip
def test_the_database_refuses_to_edit_a_criterion(change):
    criterion()

    refuses(f"rules are never edited: {next(iter(change))}", lambda: Criterion.objects.update(**change))


def test_the_database_refuses_to_edit_a_regulation():
    regulation()

    for change in ({"valid_from": date(2021, 2, 9)}, {"valid_until": None}, {"grouped": False}, {"shift_days": 3}):
        refuses("rules are never edited", lambda change=change: Regulation.objects.update(**change))


def test_the_database_refuses_to_delete_rules():
    criterion()

    refuses("rules are never deleted", Criterion.objects.all().delete)
    with connection.cursor() as cursor:
        refuses("rules are never deleted", lambda: cursor.execute("DELETE FROM priority_regulation"))


def test_words_may_be_corrected_and_an_open_end_may_be_closed_once():
    criterion(regulation=regulation(end=None))

    Criterion.objects.update(label_en="In a nursing home", hint_de="Auch Tagespflege", note="checked")
    Regulation.objects.update(name="Coronavirus-Impfverordnung", valid_until=date(2021, 3, 7))
    refuses("rules are never edited: valid_until", lambda: Regulation.objects.update(valid_until=date(2021, 3, 8)))


def test_an_opening_closes_after_it_opens():
    start = datetime.fromisoformat("2021-02-16T09:00+01:00")

    refuses("opening_opens_before_it_closes", lambda: opening(opens_at=start, closes_at=start))
    opening(opens_at=start, closes_at=start + timedelta(seconds=1))


def test_an_opening_is_approved_by_somebody_else():
    author = User.objects.create(username="alone")

    refuses("opening_approved_by_a_second_person", lambda: opening(created_by=author, approved_by=author))
    opening(created_by=author, approved_by=None)


@pytest.mark.parametrize("level", [0, 5])
def test_an_opening_is_for_one_of_four_groups(level):
    refuses("opening_level_exists", lambda: opening(level=level))


def test_an_openings_birth_years_are_in_order():
    refuses("opening_birth_years_in_order", lambda: opening(birth_year_from=1951, birth_year_to=1950))


@pytest.mark.parametrize("ags", ["6411", "Dresden", "146120"])
def test_an_openings_district_has_five_digits(ags):
    with pytest.raises(Exception, match=r"opening_district_has_five_digits|too long"), transaction.atomic():
        opening(district_ags=ags)
