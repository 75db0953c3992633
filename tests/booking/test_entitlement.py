"""The one decision: who may have which place, judged at the slot's date."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking import clock, entitlement
from booking.entitlement import Person, Place
from booking.facts import ContingentRule, Facts
from centers.vaccines import AgeRule, Interval, IntervalRule, Pause, VaccineRules
from priority.openings import OpeningRule
from priority.rules import CriterionRule, RegulationRules
from tests.factories import NOW

LONG_AGO = datetime(2020, 12, 1, tzinfo=UTC)
NURSE = "P1_NURSE"


def regulation(code, valid_from, valid_until, *, grouped=True, **levels):
    criteria = [
        CriterionRule("P1_AGE80", 1, "age", levels.get("oldest", 80), "§ 2", "80+", "80+", ("ID",)),
        CriterionRule(NURSE, levels.get("nurse", 1), "occupation", None, "§ 2", "Pflege", "Care", ("INST",)),
        CriterionRule("P3_AGE60", 3, "age", 60, "§ 4", "60+", "60+", ("ID",)),
        CriterionRule("P4_ALL", 4, "other", None, "§ 1", "alle", "everyone", ("ID",)),
    ]
    return RegulationRules(code, code, valid_from, valid_until, grouped, tuple(criteria))


def opening(level=1, **fields):
    values = {
        "criterion": "", "birth_year_from": None, "birth_year_to": None, "district_ags": "", "vaccine_code": "",
        "channel": "", "opens_at": LONG_AGO, "closes_at": None, "name_de": "", "name_en": "",
    }  # fmt: skip
    return OpeningRule(**{"level": level, **values, **fields})


def contingent(pk, channels=("web",), **fields):
    values = {
        "min_birth_year": None, "max_birth_year": None, "max_level": None, "opens_at": None, "closes_at": None,
        "falls_back_to": None, "falls_back_before": None,
    }  # fmt: skip
    return ContingentRule(pk=pk, code=str(pk), channels=frozenset(channels), **{**values, **fields})


COMIRNATY = VaccineRules(
    "comirnaty", "Comirnaty", 2,
    (AgeRule(date(2020, 12, 21), 16, None, "licence"),),
    (IntervalRule(date(2021, 2, 8), 21, 42), IntervalRule(date(2021, 3, 8), 42, 42)),
    (),
)  # fmt: skip
VAXZEVRIA = VaccineRules(
    "vaxzevria", "Vaxzevria", 2,
    (AgeRule(date(2021, 1, 29), 18, None, "licence"), AgeRule(date(2021, 1, 29), 18, 64, "stiko"),
     AgeRule(date(2021, 3, 30), 60, None, "stiko")),
    (IntervalRule(date(2021, 2, 8), 63, 84),),
    (Pause(date(2021, 3, 15), date(2021, 3, 18)),),
)  # fmt: skip
FACTS = Facts(
    regulations=(
        regulation("F", date(2021, 2, 8), date(2021, 3, 7)),
        regulation("M", date(2021, 3, 8), date(2021, 6, 6), nurse=2),
        regulation("J", date(2021, 6, 7), None, grouped=False),
    ),
    openings=(opening(1), opening(3, vaccine_code="vaxzevria", opens_at=NOW + timedelta(days=5))),
    vaccines={"comirnaty": COMIRNATY, "vaxzevria": VAXZEVRIA},
    contingents={
        1: contingent(1),
        2: contingent(2, ("phone",), falls_back_to=1, falls_back_before=timedelta(days=2)),
        3: contingent(3, max_birth_year=1950),
        4: contingent(4, opens_at=NOW + timedelta(days=1)),
    },
)
GRANNY = Person(date(1940, 5, 2), frozenset(), "14612")


def at(day, hour=10):
    return datetime.combine(day, datetime.min.time().replace(hour=hour), tzinfo=clock.ZONE)


def decide(person, vaccine="comirnaty", contingent_id=1, starts_at=None, **kwargs):
    starts_at = starts_at or at(date(2021, 2, 20))
    terms = {"channel": "web", "now": NOW, "facts": FACTS, **kwargs}
    return entitlement.decide(person, Place(vaccine, contingent_id, starts_at), **terms)


def test_decide_allows_the_open_group_and_names_the_interval_of_that_day():
    assert decide(GRANNY).interval == Interval(21, 42)
    assert decide(GRANNY, starts_at=at(date(2021, 3, 9))).interval == Interval(42, 42)


def test_decide_judges_age_on_the_day_of_the_slot_not_today():
    turns_80_on_march_1 = Person(date(1941, 3, 1), frozenset(), "")
    assert decide(turns_80_on_march_1, starts_at=at(date(2021, 2, 28))).code == "not_open"
    assert decide(turns_80_on_march_1, starts_at=at(date(2021, 3, 1))).allowed


def test_decide_judges_the_group_by_the_regulation_of_the_slots_day():
    nurse = Person(date(1990, 1, 1), frozenset({NURSE}), "")
    assert decide(nurse, starts_at=at(date(2021, 3, 7))).allowed
    assert decide(nurse, starts_at=at(date(2021, 3, 8))).code == "not_open"  # group 2 from that day on


def test_decide_compares_with_the_group_of_today_where_the_slots_day_knows_no_groups():
    young = Person(date(1990, 1, 1), frozenset(), "")
    assert decide(GRANNY, starts_at=at(date(2021, 6, 8))).allowed
    assert decide(young, starts_at=at(date(2021, 6, 8))).code == "not_open"


def test_decide_holds_the_vaccines_age_on_the_day_of_the_slot():
    nurse64 = Person(date(1956, 3, 20), frozenset({NURSE}), "")
    assert decide(nurse64, "vaxzevria", starts_at=at(date(2021, 3, 1))).allowed
    assert decide(GRANNY, "vaxzevria", starts_at=at(date(2021, 3, 1))).code == "not_eligible"
    assert decide(Person(date(2006, 1, 1), frozenset({NURSE}), "")).code == "not_eligible"


def test_decide_refuses_a_paused_vaccine_on_each_of_its_days():
    nurse62 = Person(date(1959, 1, 1), frozenset({NURSE}), "")
    facts = Facts(FACTS.regulations, (opening(3),), FACTS.vaccines, FACTS.contingents)
    days = {
        day: decide(nurse62, "vaxzevria", starts_at=at(date(2021, 3, day)), facts=facts).allowed
        for day in (14, 15, 18, 19)
    }
    assert days == {14: True, 15: False, 18: False, 19: True}


def test_decide_lets_an_opening_count_at_the_moment_of_booking():
    sixty = Person(date(1959, 1, 1), frozenset(), "")
    slot = at(date(2021, 3, 1))
    assert decide(sixty, "vaxzevria", starts_at=slot).code == "not_open"
    assert decide(sixty, "vaxzevria", starts_at=slot, now=NOW + timedelta(days=5)).allowed
    assert decide(sixty, "comirnaty", starts_at=slot, now=NOW + timedelta(days=5)).code == "not_open"


@pytest.mark.parametrize(("contingent_id", "born", "allowed"), [(3, 1940, True), (3, 1951, False), (99, 1940, False)])
def test_decide_keeps_a_contingent_for_its_people(contingent_id, born, allowed):
    person = Person(date(born, 1, 1), frozenset({NURSE}), "")
    assert decide(person, contingent_id=contingent_id).allowed is allowed


def test_decide_opens_the_phone_contingent_to_the_web_only_when_it_falls_back():
    assert decide(GRANNY, contingent_id=2, starts_at=NOW + timedelta(days=2)).allowed
    assert decide(GRANNY, contingent_id=2, starts_at=NOW + timedelta(days=2, minutes=1)).code == "other_contingent"
    assert decide(GRANNY, contingent_id=2, starts_at=NOW + timedelta(days=6), channel="phone").allowed


def test_decide_leaves_to_callers_what_has_fallen_to_the_web_and_no_other_place_of_the_web():
    due = NOW + timedelta(days=2)

    assert decide(GRANNY, starts_at=due, channel="phone").allowed
    assert decide(GRANNY, starts_at=due + timedelta(minutes=1), channel="phone").code == "other_contingent"
    assert decide(GRANNY, contingent_id=3, starts_at=due, channel="phone").code == "other_contingent"  # nothing falls
    assert decide(GRANNY, starts_at=due, channel="on_site").code == "other_contingent"  # nothing of theirs fell


def test_decide_never_gives_the_web_a_place_of_callers_because_its_own_fall_to_them():
    shares = {1: contingent(1, falls_back_to=2, falls_back_before=timedelta(days=2)), 2: contingent(2, ("phone",))}
    facts = Facts(FACTS.regulations, FACTS.openings, FACTS.vaccines, shares)

    assert decide(GRANNY, contingent_id=2, starts_at=NOW + timedelta(days=1), facts=facts).code == "other_contingent"


def test_decide_goes_along_a_chain_by_its_shortest_time_and_by_the_rules_at_its_end():
    """3 falls to 2 four days before, 2 to 1 two days before: callers may have places of 1 from then on."""
    shares = {
        1: contingent(1, min_birth_year=1930),
        2: contingent(2, falls_back_to=1, falls_back_before=timedelta(days=2)),
        3: contingent(3, ("phone",), falls_back_to=2, falls_back_before=timedelta(days=4)),
    }
    facts = Facts(FACTS.regulations, FACTS.openings, FACTS.vaccines, shares)
    terms = {"channel": "phone", "facts": facts}

    assert decide(GRANNY, starts_at=NOW + timedelta(days=2), **terms).allowed
    assert decide(GRANNY, starts_at=NOW + timedelta(days=3), **terms).code == "other_contingent"
    assert decide(GRANNY, contingent_id=2, starts_at=NOW + timedelta(days=4), **terms).allowed
    older = Person(date(1929, 1, 1), frozenset(), "")
    assert decide(older, starts_at=NOW + timedelta(days=2), **terms).code == "other_contingent"


def test_decide_refuses_a_contingent_that_has_not_opened():
    assert decide(GRANNY, contingent_id=4).code == "other_contingent"
    assert decide(GRANNY, contingent_id=4, now=NOW + timedelta(days=1)).allowed


def test_decide_holds_the_lead_time_of_the_channel():
    assert decide(GRANNY, starts_at=NOW + timedelta(minutes=119)).code == "too_late"
    assert decide(GRANNY, starts_at=NOW + timedelta(hours=2)).allowed
    assert decide(GRANNY, contingent_id=2, starts_at=NOW + timedelta(hours=23), channel="phone").code == "too_late"
    assert decide(GRANNY, contingent_id=2, starts_at=NOW + timedelta(hours=24), channel="phone").allowed


def test_whose_papers_are_on_their_way_can_come_from_the_day_they_are_there():
    there = NOW + timedelta(days=5)
    early = {"contingent_id": 2, "starts_at": there - timedelta(minutes=1), "channel": "phone"}
    assert decide(GRANNY, **early).allowed
    assert decide(GRANNY, **early, not_before=there).code == "too_late"
    assert decide(GRANNY, **{**early, "starts_at": there}, not_before=there).allowed
    scope = entitlement.scope(GRANNY, channel="phone", now=NOW, facts=FACTS, not_before=there)
    assert min(window.from_at for window in scope.windows) == there


def test_decide_refuses_a_day_before_the_first_regulation():
    facts = Facts((), FACTS.openings, FACTS.vaccines, FACTS.contingents)
    assert decide(GRANNY, facts=facts).code == "not_eligible"


def test_scope_of_somebody_whose_group_is_closed_says_so():
    scope = entitlement.scope(Person(date(1990, 1, 1), frozenset(), ""), channel="web", now=NOW, facts=FACTS)
    assert (scope.windows, scope.why_not.code) == ((), "not_open")


birth_dates = st.dates(date(1930, 1, 1), date(2008, 12, 31)) | st.sampled_from(
    [date(1940, 2, 29), date(1956, 2, 29), date(1941, 3, 8), date(1941, 6, 7), date(1961, 3, 30)]
)
moments = st.datetimes(datetime(2021, 2, 10), datetime(2021, 6, 20), timezones=st.just(UTC))  # noqa: DTZ001  (hypothesis wants naive bounds)


@settings(max_examples=300, deadline=None)
@given(
    birth_date=birth_dates,
    answers=st.frozensets(st.just(NURSE)),
    channel=st.sampled_from(["web", "phone"]),
    now=moments,
    vaccine=st.sampled_from(["comirnaty", "vaxzevria"]),
    contingent_id=st.sampled_from([1, 2, 3, 4]),
    ahead=st.timedeltas(timedelta(0), timedelta(days=119)),
)
def test_scope_says_of_every_place_what_decide_says(birth_date, answers, channel, now, vaccine, contingent_id, ahead):
    person = Person(birth_date, answers, "")
    starts_at = now + ahead
    scope = entitlement.scope(person, channel=channel, now=now, facts=FACTS)
    inside = {
        window.interval
        for window in scope.windows
        if (window.vaccine_code, window.contingent_id) == (vaccine, contingent_id)
        and window.from_at <= starts_at < window.until_at
    }
    decision = entitlement.decide(
        person, Place(vaccine, contingent_id, starts_at), channel=channel, now=now, facts=FACTS
    )
    assert inside == ({decision.interval} if decision.allowed else set())
