"""Drafts become places that can be booked, as far as there is vaccine."""

from datetime import date, timedelta

import pytest

from accounts.models import AuditEvent
from accounts.refusals import Refused
from centers.models import Session, Slot, VaccinePause
from centers.sessions import publishing, services
from centers.sessions.publishing import Opening, Scope
from centers.tasks import publish_due
from tests.centers.sessions.conftest import FRIDAY, MONDAY
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=3)


@pytest.fixture
def made(plan, boss):
    return services.create([plan()], confirmed=False, opening=Opening(), by=boss, now=NOW).blocks


def states() -> list[str]:
    """One state per day."""
    return list(Session.objects.order_by("date").values_list("state", flat=True).distinct("date"))


def code_of(deed) -> str:
    with pytest.raises(Refused) as refusal:
        deed()
    return refusal.value.code


def test_published_sessions_can_be_booked_and_the_trail_says_who(made, center, boss, deliver):
    deliver(216)
    publishing.publish(center, made, by=boss, now=NOW)

    assert states() == ["published", "published"]
    assert Slot.objects.filter(is_open=True).count() == Slot.objects.count() > 0
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.actor, event.subject) == ("session.published", boss, center.public_id)
    assert event.details["days"] == ["2021-02-19", "2021-02-22"]


def test_without_vaccine_nothing_opens_and_the_numbers_are_said(made, center, boss, deliver):
    deliver(200)
    with pytest.raises(Refused) as refusal:
        publishing.publish(center, made, by=boss, now=NOW)
    assert refusal.value.code == "not_covered"
    assert "16 Dosen" in str(refusal.value)
    assert states() == ["draft", "draft"]
    assert not Slot.objects.filter(is_open=True).exists()


def test_only_a_planner_may_publish_beyond_supply_and_her_reason_is_kept(made, center, boss, planner, deliver):
    deliver(200)
    assert code_of(lambda: publishing.publish(center, made, by=boss, now=NOW, reason="x")) == "not_yours"

    publishing.publish(center, made, by=planner, now=NOW, reason="Lieferung ist zugesagt")

    assert set(Session.objects.values_list("state", "uncovered_by", "uncovered_reason")) == {
        ("published", planner.pk, "Lieferung ist zugesagt")
    }
    assert AuditEvent.objects.latest("pk").reason == "Lieferung ist zugesagt"


def test_the_second_of_two_who_publish_is_told(made, center, boss, deliver):
    deliver(216)
    publishing.publish(center, made, by=boss, now=NOW)
    assert code_of(lambda: publishing.publish(center, made, by=boss, now=NOW)) == "published"


def test_what_is_published_counts_against_the_next(made, center, boss, deliver):
    deliver(108)
    publishing.publish(center, made[:1], by=boss, now=NOW)
    assert code_of(lambda: publishing.publish(center, made[1:], by=boss, now=NOW)) == "not_covered"


def test_an_old_draft_whose_day_has_come_or_whose_vaccine_is_paused_stays_closed(made, center, boss, plan, deliver):
    deliver(216)
    over = NOW + timedelta(days=4)
    assert code_of(lambda: publishing.publish(center, made, by=boss, now=over)) == "past"
    VaccinePause.objects.create(vaccine=plan().vaccine, starts_on=MONDAY)
    assert code_of(lambda: publishing.publish(center, made, by=boss, now=NOW)) == "vaccine"


def test_covered_days_are_opened_and_the_rest_stays_draft(plan, boss, deliver):
    deliver(150)
    made = services.create([plan()], confirmed=False, opening=Opening(Scope.COVERED), by=boss, now=NOW)
    assert made.opened == made.blocks[:1]
    assert states() == ["published", "draft"]


def test_when_not_even_the_first_day_is_covered_nothing_is_made(plan, boss, deliver):
    deliver(50)
    opening = Opening(Scope.COVERED)
    assert (
        code_of(lambda: services.create([plan()], confirmed=False, opening=opening, by=boss, now=NOW)) == "not_covered"
    )
    assert not Session.objects.exists()


def test_at_the_set_time_they_open_by_themselves_once(made, center, boss, deliver):
    deliver(216)
    publishing.publish_at(center, made, at=LATER, by=boss, now=NOW)
    assert publishing.publish_due(now=LATER - timedelta(seconds=1)) == 0
    assert states() == ["draft", "draft"]

    assert publishing.publish_due(now=LATER) == 2
    assert publishing.publish_due(now=LATER) == 0
    assert states() == ["published", "published"]
    events = AuditEvent.objects.filter(action="session.published")
    assert [event.actor for event in events] == [None]


def test_without_vaccine_at_the_set_time_they_stay_drafts_and_the_trail_says_why(made, center, boss):
    publishing.publish_at(center, made, at=LATER, by=boss, now=NOW)

    assert publishing.publish_due(now=LATER) == 0
    assert publishing.publish_due(now=LATER) == 0
    assert set(Session.objects.values_list("state", "publish_at")) == {("draft", None)}
    event = AuditEvent.objects.get(action="session.stayed_draft")
    assert "Comirnaty" in event.reason


def test_a_planners_reason_holds_at_the_set_time(made, center, planner):
    publishing.publish_at(center, made, at=LATER, by=planner, now=NOW, reason="zugesagt")
    assert publishing.publish_due(now=LATER) == 2
    assert set(Session.objects.values_list("uncovered_by", "uncovered_reason")) == {(planner.pk, "zugesagt")}


def test_a_reason_opens_the_sessions_it_was_given_for_and_no_others(made, center, boss, planner):
    publishing.publish_at(center, made[:1], at=LATER, by=planner, now=NOW, reason="zugesagt")
    publishing.publish_at(center, made[1:], at=LATER, by=boss, now=NOW)
    assert publishing.publish_due(now=LATER) == 1
    assert states() == ["published", "draft"]


def test_a_draft_that_was_changed_since_needs_supply_again(made, center, boss, planner, plan):
    publishing.publish_at(center, made[:1], at=LATER, by=planner, now=NOW, reason="zugesagt")
    services.change_draft(made[0], plan(days=(FRIDAY,)), version=2, confirmed=False, by=boss, now=NOW)
    assert publishing.publish_due(now=LATER) == 0
    assert states() == ["draft", "draft"]


def test_a_reason_that_was_not_needed_in_the_end_is_not_kept(made, center, boss, planner, deliver):
    publishing.publish_at(center, made, at=LATER, by=planner, now=NOW, reason="zugesagt")
    deliver(216)
    publishing.publish(center, made, by=boss, now=NOW)
    assert set(Session.objects.values_list("state", "uncovered_by", "uncovered_reason")) == {("published", None, "")}


def test_a_late_beat_opens_no_day_that_is_over(made, center, boss, deliver):
    deliver(216)
    publishing.publish_at(center, made, at=LATER, by=boss, now=NOW)
    assert publishing.publish_due(now=NOW + timedelta(days=5)) == 0
    assert states() == ["draft", "draft"]


@pytest.mark.parametrize("at", [NOW, NOW - timedelta(days=1), NOW + timedelta(days=30)])
def test_a_set_time_lies_ahead_and_before_the_first_place(made, center, boss, at):
    assert code_of(lambda: publishing.publish_at(center, made, at=at, by=boss, now=NOW)) == "publish_at"


def test_the_set_time_can_be_taken_back(made, center, boss, deliver):
    deliver(216)
    publishing.publish_at(center, made, at=LATER, by=boss, now=NOW)
    publishing.publish_at(center, made, at=None, by=boss, now=NOW)
    assert publishing.publish_due(now=LATER) == 0
    assert states() == ["draft", "draft"]


def test_the_task_opens_what_is_due(made, center, boss, deliver, time_machine):
    deliver(216)
    publishing.publish_at(center, made, at=LATER, by=boss, now=NOW)
    time_machine.move_to(LATER, tick=False)
    publish_due()
    assert states() == ["published", "published"]
    assert Session.objects.earliest("date").date == FRIDAY > date(2021, 2, 16)
