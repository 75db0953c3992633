"""Drafts for many days at once: complete or not at all, and nothing that cannot be."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from django.db.models import Count, Sum

from accounts.models import AuditEvent
from accounts.refusals import Refused
from centers.models import Session, Slot, VaccinePause
from centers.sessions import drafts, plans, services
from centers.sessions.grid import ZONE, Hours
from centers.sessions.publishing import Opening
from tests.centers.sessions.conftest import FRIDAY, MONDAY, TUESDAY
from tests.factories import NOW
from tests.factories.supply import SessionFactory, SlotFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def create(boss):
    """create(plan) makes drafts."""

    def make(*wanted, confirmed=False, draft=None, by=boss, now=NOW):
        return services.create(wanted, confirmed=confirmed, opening=Opening(), draft=draft, by=by, now=now)

    return make


def refused(create, plan, **more) -> Refused:
    """The refusal; nothing may have been written."""
    before = (Session.objects.count(), Slot.objects.count(), AuditEvent.objects.count())
    with pytest.raises(Refused) as refusal:
        create(plan, **more)
    assert (Session.objects.count(), Slot.objects.count(), AuditEvent.objects.count()) == before
    return refusal.value


def test_each_day_is_a_block_of_one_session_per_share_with_all_its_places(create, plan, boss):
    made = create(plan())

    assert len(made.blocks) == 2
    assert made.opened == ()
    found = Session.objects.annotate(given=Sum("slots__capacity")).order_by("date", "contingent__code")
    assert [(row.date, row.contingent.code, row.places, row.given, row.state) for row in found] == [
        (day, code, places, places, "draft")
        for day in (FRIDAY, MONDAY)
        for code, places in (("online", 65), ("telefon", 32), ("vor-ort", 11))
    ]
    assert {row.created_by for row in found} == {boss}


def test_at_every_start_time_the_shares_of_a_block_add_up_to_the_lines_and_nobody_can_book_yet(create, plan):
    create(plan())

    starts = Slot.objects.values("session__date", "starts_at").annotate(sum=Sum("capacity"))
    assert len(starts) == 2 * 27
    assert {row["sum"] for row in starts} == {4}
    assert not Slot.objects.filter(is_open=True).exists()


def test_one_share_alone_has_all_places(create, plan):
    one = plan().shares[0]
    create(plan(shares=(replace(one, places=108), replace(plan().shares[1], places=0))))

    assert set(Session.objects.values_list("contingent__code", "places")) == {("online", None)}
    assert Slot.objects.aggregate(Sum("capacity")) == {"capacity__sum": 216}


def test_what_was_made_is_in_the_trail_of_the_center(create, plan, boss, center):
    made = create(plan())

    event = AuditEvent.objects.get()
    assert (event.action, event.subject, event.actor) == ("session.created", center.public_id, boss)
    assert event.details["blocks"] == [str(block) for block in made.blocks]
    assert event.details["after"]["shares"] == {"online": 65, "telefon": 32, "vor-ort": 11}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lines": 0}, "lines"),
        ({"lines": 500}, "lines"),
        ({"first_line": 58}, "first_line"),
        ({"first_line": 0}, "first_line"),
        ({"days": (date(2021, 2, 15),)}, "past"),
        ({"days": (date(2020, 12, 26),)}, "past"),
        ({"days": (date(2021, 2, 16),)}, "starts"),
        ({"hours": Hours(time(13), time(8), 10)}, "ends"),
        ({"hours": Hours(time(8), time(13), 7)}, "minutes"),
        ({"hours": Hours(time(8), time(12), 10)}, "shares"),
        ({"days": (date(2021, 3, 28),), "hours": Hours(time(1), time(5, 30), 10)}, "clocks"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_as_a_whole(create, plan, changes, code):
    assert refused(create, plan(**changes)).code == code


def test_more_start_times_than_anybody_waits_for_are_refused(create, plan):
    days = tuple(FRIDAY + timedelta(days=number) for number in range(100))
    every_minute = plan(days=days, hours=Hours(time(8), time(9, 48), 1), lines=1)
    assert refused(create, every_minute).code == "size"


def test_no_session_after_the_last_day_or_before_the_first(create, plan, center):
    center.last_day = FRIDAY
    center.save()
    assert refused(create, plan(center=center)).code == "center_days"
    center.first_day, center.last_day = MONDAY, None
    center.save()
    assert refused(create, plan(center=center)).code == "center_days"


def test_no_session_while_the_vaccine_is_paused_or_before_its_licence(create, plan):
    VaccinePause.objects.create(vaccine=plan().vaccine, starts_on=MONDAY, ends_on=MONDAY)
    assert "22. Februar" in str(refused(create, plan()))

    create(plan(days=(FRIDAY,)))
    plan().vaccine.licensed_on = date(2021, 3, 1)
    late = plan(days=(TUESDAY,))
    late.vaccine.licensed_on = date(2021, 3, 1)
    assert refused(create, late).code == "vaccine"


def test_lines_in_use_are_refused_until_somebody_says_that_it_is_meant(create, plan, boss, center):
    SessionFactory(center=center, date=MONDAY, starts=time(12), ends=time(14), lines=2, first_line=3)
    assert refused(create, plan()).code == "overlap"

    create(plan(), confirmed=True)

    kept = Session.objects.filter(created_by=boss).values_list("date", "overlap_confirmed_by")
    assert set(kept) == {(FRIDAY, None), (MONDAY, boss.pk)}


@pytest.mark.parametrize(
    "other",
    [
        {"starts": time(13), "ends": time(14)},
        {"starts": time(7), "ends": time(8)},
        {"first_line": 5},
        {"date": TUESDAY},
        {"state": "closed"},
    ],
)
def test_a_session_beside_it_is_no_overlap(create, plan, center, other):
    SessionFactory(**{"center": center, "date": MONDAY, "starts": time(9), "ends": time(10), "lines": 2, **other})
    assert len(create(plan()).blocks) == 2


def test_the_same_session_twice_is_refused_in_words_even_when_confirmed(create, plan):
    create(plan())
    assert refused(create, plan(), confirmed=True).code == "twice"
    assert len(create(plan(first_line=5)).blocks) == 2


def test_a_draft_of_the_wizard_makes_sessions_once(create, plan, boss, center):
    draft = drafts.keep(center=center, answers={"days": []}, by=boss, now=NOW)
    create(plan(), draft=draft)

    assert drafts.find(boss, center) is None
    assert refused(create, plan(first_line=5), draft=draft).code == "sent"


def test_a_block_read_back_is_the_plan_that_made_it(create, plan):
    made = create(plan(days=(FRIDAY,)))
    rows = list(Session.objects.filter(block=made.blocks[0]).order_by("pk"))
    assert plans.plan_of(rows) == plan(days=(FRIDAY,))


def test_changing_a_draft_makes_its_slots_anew(create, plan, boss):
    block = create(plan(days=(FRIDAY,))).blocks[0]
    public = dict(Session.objects.values_list("contingent__code", "public_id"))
    online, phone, _site = plan().shares
    shares = (replace(online, places=100), replace(phone, places=20))
    wanted = plan(days=(MONDAY,), hours=Hours(time(9), time(13), 10), lines=5, shares=shares)

    services.change_draft(block, wanted, version=1, confirmed=False, by=boss, now=NOW)

    rows = Session.objects.annotate(given=Sum("slots__capacity"), times=Count("slots"))
    assert {(row.contingent.code, row.given, row.date, row.version) for row in rows} == {
        ("online", 100, MONDAY, 2),
        ("telefon", 20, MONDAY, 2),
    }
    assert {row.public_id for row in rows} == {public["online"], public["telefon"]}
    assert Slot.objects.earliest("starts_at").starts_at == datetime.combine(MONDAY, time(9), tzinfo=ZONE)
    event = AuditEvent.objects.get(action="session.changed")
    assert (event.details["before"]["lines"], event.details["after"]["lines"]) == ([1, 4], [1, 5])


def test_the_second_of_two_managers_is_told_and_loses_nothing(create, plan, boss):
    block = create(plan(days=(FRIDAY,))).blocks[0]
    services.change_draft(block, plan(days=(MONDAY,)), version=1, confirmed=False, by=boss, now=NOW)
    with pytest.raises(Refused) as refusal:
        services.change_draft(block, plan(days=(TUESDAY,)), version=1, confirmed=False, by=boss, now=NOW)
    assert refusal.value.code == "changed"
    assert set(Session.objects.values_list("date", flat=True)) == {MONDAY}


def test_a_change_never_touches_a_booked_place(create, plan, boss, center):
    block = create(plan(days=(FRIDAY,))).blocks[0]
    Slot.objects.filter(pk=Slot.objects.earliest("starts_at").pk).update(booked=1)
    for deed in (
        lambda: services.change_draft(block, plan(days=(MONDAY,)), version=1, confirmed=False, by=boss, now=NOW),
        lambda: services.discard(center, [block], by=boss, now=NOW),
    ):
        with pytest.raises(Refused) as refusal:
            deed()
        assert refusal.value.code == "booked"
    assert Slot.objects.aggregate(Sum("booked"), Sum("capacity")) == {"booked__sum": 1, "capacity__sum": 108}


def test_a_refused_change_leaves_the_draft_as_it_was(create, plan, boss):
    block = create(plan(days=(FRIDAY,))).blocks[0]
    with pytest.raises(Refused):
        services.change_draft(block, plan(days=(FRIDAY,), lines=0), version=1, confirmed=False, by=boss, now=NOW)
    assert Slot.objects.aggregate(Sum("capacity")) == {"capacity__sum": 108}


def test_discarding_takes_the_slots_along_and_is_in_the_trail(create, plan, boss, center):
    made = create(plan())
    assert services.discard(center, made.blocks[:1], by=boss, now=NOW) == 1

    assert set(Session.objects.values_list("block", flat=True)) == {made.blocks[1]}
    assert Slot.objects.count() == Slot.objects.filter(session__block=made.blocks[1]).count()
    event = AuditEvent.objects.get(action="session.discarded")
    assert event.details["blocks"] == [str(made.blocks[0])]
    assert event.details["before"]["days"] == ["2021-02-19"]


def test_drafts_of_several_kinds_are_discarded_with_what_they_have_in_common(create, plan, boss, center):
    blocks = [*create(plan()).blocks, *create(plan(first_line=5, days=(TUESDAY,))).blocks]
    services.discard(center, blocks, by=boss, now=NOW)
    before = AuditEvent.objects.get(action="session.discarded").details["before"]
    assert before["days"] == ["2021-02-19", "2021-02-22", "2021-02-23"]
    assert before["hours"] == "08:00-13:00"
    assert "lines" not in before


def test_what_is_published_can_neither_be_discarded_nor_changed_here(create, plan, boss, center):
    made = create(plan())
    Session.objects.filter(block=made.blocks[0]).update(state="published")
    with pytest.raises(Refused) as refusal:
        services.discard(center, made.blocks, by=boss, now=NOW)
    assert refusal.value.code == "published"
    assert Session.objects.count() == 6


def test_another_centers_draft_does_not_exist_here(create, plan, boss):
    made = create(plan())
    elsewhere = SlotFactory(session__date=date(2021, 3, 1)).center
    with pytest.raises(Refused) as refusal:
        services.discard(elsewhere, made.blocks, by=boss, now=NOW)
    assert refusal.value.code == "gone"


def test_opening_many_days_takes_as_many_queries_as_opening_two(create, plan, django_assert_max_num_queries):
    many = tuple(FRIDAY + timedelta(days=number) for number in range(30))
    with django_assert_max_num_queries(30):
        create(plan(days=many))
    assert Slot.objects.aggregate(Sum("capacity")) == {"capacity__sum": 30 * 108}
