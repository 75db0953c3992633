"""The order of the line: the group by the database is the group by the rules, then rank."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking import clock, entitlement, facts, line, reference_facts
from booking.models import Registration
from priority import rules
from priority.models import Regulation
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.supply import ContingentFactory, DistrictFactory, VaccineFactory

pytestmark = pytest.mark.django_db


def in_line(now=NOW):
    return list(line.in_line(now=now, facts=facts.read()))


def candidates(*, vaccine="comirnaty", now=NOW):
    kinds = {(vaccine, ContingentFactory().pk)}
    return list(line.candidates(kinds, now=now, facts=facts.read()))


def test_in_line_by_group_then_rank():
    RegulationFactory()
    late, sixty, early = (
        RegistrationFactory(birth_date=date(2000, 1, 1)),
        RegistrationFactory(birth_date=date(1955, 1, 1)),
        RegistrationFactory(),
    )
    nurse = RegistrationFactory(nurse=True)

    assert in_line() == [early, nurse, sixty, late]


def test_in_line_are_only_those_who_wait():
    RegulationFactory()
    RegistrationFactory(unconfirmed=True)
    RegistrationFactory(withdrawn=True)
    RegistrationFactory(invited=True)
    waits = RegistrationFactory()

    assert in_line() == [waits]


def test_in_line_is_not_who_let_an_invitation_run_out_until_she_asks():
    RegulationFactory()
    lapsed, renewed = (
        InvitationFactory(expired=True, closed_at=NOW, closed_reason=reason).registration
        for reason in ("expired", "renewed")
    )

    assert in_line() == [renewed]
    assert lapsed.rank < renewed.rank


def test_in_line_the_birthday_changes_the_group_on_its_day():
    RegulationFactory()
    RegistrationFactory(birth_date=date(1941, 2, 17))

    levels = [in_line(NOW + timedelta(days=days))[0].level for days in (0, 1)]

    assert levels == [3, 1]


@pytest.mark.parametrize(("on", "age", "born"), [
    (date(2021, 2, 16), 80, date(1941, 2, 16)),
    (date(2021, 2, 28), 80, date(1941, 2, 28)),
    (date(2024, 2, 29), 80, date(1944, 2, 29)),
    (date(2024, 2, 29), 70, date(1954, 2, 28)),
])  # fmt: skip
def test_born_by_is_the_youngest_of_that_age(on, age, born):
    assert line.born_by(age, on) == born
    assert rules.age_on(born, on) == age
    assert rules.age_on(born + timedelta(days=1), on) < age


@given(
    st.dates(date(1900, 1, 1), date(2020, 12, 31)), st.integers(0, 110), st.dates(date(2020, 12, 27), date(2024, 3, 1))
)
def test_born_by_agrees_with_the_age(born, age, on):
    assert (born <= line.born_by(age, on)) == (rules.age_on(born, on) >= age)


BIRTH_DATES = st.dates(date(1910, 1, 1), date(2015, 12, 31)) | st.sampled_from(
    [date(1940, 2, 29), date(1941, 2, 28), date(1941, 3, 1), date(1960, 2, 29), date(1961, 2, 16), date(1961, 2, 17)]
)
ANSWERS = st.sets(st.sampled_from(["P1_HOMECARE", "P4_ALL", "P9_UNKNOWN"]))
DAYS = st.dates(date(2021, 1, 1), date(2024, 6, 30)) | st.sampled_from([date(2021, 2, 28), date(2024, 2, 29)])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(st.tuples(BIRTH_DATES, ANSWERS), min_size=1, max_size=8),
    day=DAYS,
)  # fmt: skip
def test_level_on_is_what_the_rules_say(people, day):
    RegulationFactory()
    known = facts.read()
    regulation = rules.regulation_on(known.regulations, day)
    Registration.objects.all().delete()
    for birth_date, answers in people:
        RegistrationFactory(birth_date=birth_date, criteria=sorted(answers))

    found = Registration.objects.annotate(level=line.level_on(day, known))

    for person in found:
        assert person.level == rules.assess(person.criteria, person.birth_date, day, regulation).level


def test_level_on_without_groups_is_everyone():
    RegulationFactory(grouped=False)
    RegistrationFactory()

    assert in_line()[0].level == rules.EVERYONE


def test_candidates_are_those_whom_an_opening_lets_through():
    RegulationFactory()
    VaccineFactory()
    OpeningFactory(level=1)
    OpeningFactory(level=3, district_ags="14612")
    OpeningFactory(level=None, birth_year_from=1950, birth_year_to=1950)
    OpeningFactory(level=None, criterion="P4_ALL", channel="phone")
    OpeningFactory(level=4, closes_at=NOW)
    OpeningFactory(level=4, approved_by=None)
    eighty = RegistrationFactory()
    dresden = RegistrationFactory(birth_date=date(1955, 1, 1), district=DistrictFactory())
    cohort = RegistrationFactory(birth_date=date(1950, 12, 31))
    RegistrationFactory(birth_date=date(1955, 1, 1))
    RegistrationFactory(birth_date=date(1990, 1, 1), criteria=["P4_ALL"])

    assert candidates() == [eighty, dresden, cohort]


def test_candidates_are_nobody_while_nothing_is_open():
    RegulationFactory()
    VaccineFactory()
    OpeningFactory(opens_at=NOW + timedelta(seconds=1))
    RegistrationFactory()

    assert candidates() == []
    assert len(candidates(now=NOW + timedelta(seconds=1))) == 1


def test_candidates_include_who_grows_into_the_group_before_the_last_place():
    RegulationFactory()
    VaccineFactory()
    OpeningFactory()
    soon, later = RegistrationFactory(birth_date=date(1941, 3, 1)), RegistrationFactory(birth_date=date(1942, 3, 1))

    assert candidates() == [soon]
    assert later.birth_date.year == 1942


def test_candidates_fit_the_vaccine():
    RegulationFactory()
    OpeningFactory(level=4)
    vaccine = VaccineFactory(code="vaxzevria")
    vaccine.age_rules.create(valid_from=date(2021, 1, 29), min_age=18, max_age=64, basis="stiko")
    RegistrationFactory(birth_date=date(1938, 1, 1))
    RegistrationFactory(birth_date=date(2010, 1, 1))
    forty = RegistrationFactory(birth_date=date(1981, 1, 1))

    assert candidates(vaccine="vaxzevria") == [forty]


def test_candidates_fit_the_contingent():
    RegulationFactory()
    VaccineFactory()
    OpeningFactory(level=4)
    ContingentFactory(min_birth_year=1940, max_birth_year=1950, max_level=3)
    RegistrationFactory(birth_date=date(1939, 12, 31))
    RegistrationFactory(birth_date=date(1981, 1, 1))
    fits = RegistrationFactory(birth_date=date(1950, 12, 31))

    assert candidates() == [fits]


def test_candidates_stand_a_regulation_that_ends_before_the_horizon():
    RegulationFactory(valid_until=clock.local_day(NOW) + timedelta(days=3))
    VaccineFactory()
    OpeningFactory(opens_at=datetime(2020, 12, 27, tzinfo=UTC))
    person = RegistrationFactory()

    assert Regulation.objects.count() == 1
    assert candidates() == [person]


# --- with the real rules -----------------------------------------------------------------------


@pytest.fixture
def _real_facts():
    """Regulations, criteria and vaccines as they stood in 2021, from the project's own files."""
    reference_facts.load(shift_days=0)


def codes_of(level):
    return sorted({rule.code for one in facts.read().regulations for rule in one.criteria if rule.level == level})


@pytest.mark.usefixtures("_real_facts")
@pytest.mark.parametrize(
    "day",
    [date(2021, 1, 11), date(2021, 2, 23), date(2021, 2, 24), date(2021, 3, 8), date(2021, 4, 1), date(2021, 6, 7)],
)
def test_level_on_is_what_the_real_rules_say(day):
    known = facts.read()
    regulation = rules.regulation_on(known.regulations, day)
    births = [date(day.year - age, day.month, day.day) for age in (30, 60, 70, 80)]
    births += [birth + timedelta(days=1) for birth in births]
    for number, code in enumerate(code for level in (1, 2, 3, 4) for code in codes_of(level)):
        RegistrationFactory(birth_date=births[number % 2 * 4], criteria=[code])
    for birth in births:
        RegistrationFactory(birth_date=birth)

    for person in Registration.objects.annotate(level=line.level_on(day, known)):
        assert person.level == rules.assess(person.criteria, person.birth_date, day, regulation).level


@pytest.mark.usefixtures("_real_facts")
@pytest.mark.parametrize("level", [1, 2, 3])
def test_candidates_leave_out_nobody_whom_the_rules_let_through(level):
    OpeningFactory(level=level)
    share = ContingentFactory()
    for code in {*codes_of(1), *codes_of(2), *codes_of(3)}:
        RegistrationFactory(birth_date=date(1990, 1, 1), criteria=[code])
    for age in (59, 60, 69, 70, 79, 80):
        RegistrationFactory(birth_date=date(2021 - age, 4, 1))
    known = facts.read()
    entitled = {
        one
        for one in Registration.objects.all()
        if entitlement.scope(entitlement.person(one), channel="web", now=NOW, facts=known).windows
    }

    found = set(line.candidates({("comirnaty", share.pk)}, now=NOW, facts=known))

    assert entitled <= found
    assert len(found) < Registration.objects.count()


def test_candidates_for_places_of_callers_are_not_written_to_by_e_mail():
    RegulationFactory()
    OpeningFactory()
    kinds = {("comirnaty", ContingentFactory(phone=True).pk)}
    VaccineFactory()
    RegistrationFactory()
    letter, texted = RegistrationFactory(email=""), RegistrationFactory(phone="+4915123456789", medium="sms")

    assert list(line.candidates((), kinds, now=NOW, facts=facts.read())) == [letter, texted]


@given(st.dates(date(1900, 1, 1), date(2020, 12, 31)), st.integers(0, 110))
def test_turns_is_the_first_day_of_that_age(born, age):
    day = line.turns(born, age)

    assert rules.age_on(born, day) == age
    assert rules.age_on(born, day - timedelta(days=1)) == age - 1
