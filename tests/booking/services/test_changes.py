"""Closing, suspending, putting back: what becomes of the sessions, the places and every single person."""

from datetime import time, timedelta

import pytest
from django.core.management import call_command

from accounts.models import AuditEvent
from accounts.refusals import Refused
from booking.changes.wish import Wish
from booking.models import Appointment, Case
from booking.services import appointments, caring, changes
from booking.services.changes import Order, Outdated
from centers.models import Session
from notifications.models import Message
from tests.factories import NOW
from tests.factories.house import CLOSED_DAY, TODAY
from tests.factories.supply import CenterFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books_agree():
    yield
    call_command("check_places", verbosity=0)


def told(person) -> list[str]:
    """The messages of changes to this person."""
    keyed = Message.objects.filter(dedupe_key__startswith="change:", recipient=person.email)
    return list(keyed.values_list("template", flat=True))


def slots_of(person) -> list[int]:
    return list(person.appointments.live().order_by("dose_number").values_list("slot_id", flat=True))


def test_closing_moves_a_person_and_tells_her_once(house):
    closed, new = house.slot(CLOSED_DAY), house.slot(CLOSED_DAY + 1)
    person = house.booked(closed)

    change = house.run()

    assert change.state == "done"
    assert slots_of(person) == [new.pk]
    assert told(person) == ["moved_by_center"]
    assert not Message.objects.filter(template="moved").exists()
    case = change.cases.get()
    assert (case.outcome, case.call, case.details["to"]) == ("moved", "none", {"1": new.pk})
    closed.refresh_from_db()
    assert (closed.booked, closed.suspended, closed.session.state) == (0, True, Session.State.CLOSED)


def test_working_again_changes_nothing(house):
    person = house.booked(house.slot(CLOSED_DAY))
    house.slot(CLOSED_DAY + 1)
    change = house.run()

    assert caring.work(change, now=NOW, limit=10) == 0
    assert caring.carry_on(now=NOW) == 0
    assert told(person) == ["moved_by_center"]


def test_the_whole_series_goes_to_another_center_when_dose_2_has_no_place_here(house):
    first, second = house.slot(2, vaccine=house.double), house.slot(23, vaccine=house.double)
    person = house.booked(first)
    other = CenterFactory(name="Pirna", latitude=50.96, longitude=13.94)
    there = [house.slot(day, vaccine=house.double, center=other) for day in (3, 25)]

    change = house.run(house.wish(day=23))

    assert slots_of(person) == [slot.pk for slot in there]
    assert change.cases.get().details["from"] == {"1": first.pk, "2": second.pk}


def test_keeping_leaves_the_appointment_without_a_place_and_on_the_phone_list(house):
    closed = house.slot(CLOSED_DAY)
    house.slot(CLOSED_DAY + 1)
    person = house.booked(closed)

    change = house.run(decisions={"same_center": "keep"})

    standing = person.appointments.get()
    assert (standing.status, standing.slot_id, standing.displaced_at) == ("booked", closed.pk, NOW)
    closed.refresh_from_db()
    assert closed.booked == 0
    assert told(person) == ["kept_by_center"]
    case = change.cases.get()
    assert (case.outcome, case.call, case.call_reason) == ("kept", "open", "kept")


def test_cancelling_invites_again_at_once_and_costs_no_rank(house):
    person = house.booked(house.slot(CLOSED_DAY))
    rank = person.rank

    house.run(decisions={"no_place": "cancel"})

    person.refresh_from_db()
    assert person.rank == rank
    assert slots_of(person) == []
    assert person.appointments.get().cancelled_reason == "by_center"
    assert person.invitations.open(NOW).get().valid_until > NOW + timedelta(days=7)
    assert told(person) == ["cancelled_by_center"]
    assert not Message.objects.filter(template__in=["cancelled", "invited"]).exists()
    again = house.slot(CLOSED_DAY + 5)
    appointments.book(registration=person, slot_id=again.pk, channel="web", by=None, now=NOW)


def test_who_was_never_invited_is_invited_all_the_same(house):
    person = house.booked(house.slot(CLOSED_DAY))
    person.invitations.all().delete()

    house.run(decisions={"no_place": "cancel"})

    assert person.invitations.open(NOW).count() == 1


def test_who_has_had_dose_1_is_never_cancelled(house):
    first, second = house.slot(2, vaccine=house.double), house.slot(23, vaccine=house.double)
    person = house.booked(first)
    Appointment.objects.filter(slot=first).update(status="vaccinated")

    change = house.run(house.wish(day=23), {"no_place": "cancel"})

    assert change.cases.get().outcome == "kept"
    assert slots_of(person) == [first.pk, second.pk]
    assert told(person) == ["kept_by_center"]


def test_a_place_that_went_meanwhile_is_looked_for_again_and_else_the_person_is_kept(house):
    closed, new = house.slot(CLOSED_DAY, capacity=2), house.slot(CLOSED_DAY + 1, capacity=2)
    people = [house.booked(closed), house.booked(closed)]
    change = house.start()
    house.booked(new)
    caring.work(change, now=NOW, limit=10)

    assert sorted(change.cases.values_list("outcome", flat=True)) == ["kept", "moved"]
    assert [len(told(person)) for person in people] == [1, 1]


def test_who_moved_or_cancelled_herself_meanwhile_is_left_alone(house):
    closed, new = house.slot(CLOSED_DAY), house.slot(CLOSED_DAY + 1)
    mover, leaver = house.booked(closed), house.booked(closed)
    change = house.start()
    appointments.move(registration=mover, dose_number=1, slot_id=new.pk, channel="web", by=None, now=NOW)
    appointments.cancel(registration=leaver, reason="own_wish", by=None, now=NOW)
    caring.work(change, now=NOW, limit=10)

    assert set(change.cases.values_list("outcome", flat=True)) == {"gone"}
    assert told(mover) + told(leaver) == []


def test_a_letter_that_comes_in_time_is_enough(house):
    house.booked(house.slot(CLOSED_DAY), email="", phone="+4935014711")
    house.slot(CLOSED_DAY + 1)

    case = house.run().cases.get()

    assert (case.outcome, case.call, case.call_reason) == ("moved", "none", "")
    assert Message.objects.get(dedupe_key__startswith="change:").medium == "letter"


@pytest.mark.parametrize(("old", "new"), [(4, 9), (9, 4)])
def test_who_reads_her_letter_too_late_is_called_as_well(house, old, new):
    house.booked(house.slot(old), email="", phone="+4935014711")
    house.slot(new)

    assert sum(group.soon for group in house.preview(house.wish(day=old)).groups) == 1
    case = house.run(house.wish(day=old)).cases.get()

    assert (case.outcome, case.call, case.call_reason) == ("moved", "open", "letter")
    assert Message.objects.get(dedupe_key__startswith="change:").medium == "letter"


def test_an_sms_is_as_quick_as_an_email(house):
    house.booked(house.slot(4), email="", phone="+4915123456789", medium="sms")
    house.slot(9)

    case = house.run(house.wish(day=4)).cases.get()

    assert (case.call, Message.objects.get(dedupe_key__startswith="change:").medium) == ("none", "sms")


def test_a_booking_after_the_preview_brings_a_new_preview_and_changes_nothing(house):
    closed = house.slot(CLOSED_DAY)
    old = house.preview()
    house.booked(closed)

    with pytest.raises(Outdated) as refusal:
        changes.start(center=house.center, order=Order(old.wish, "x", old.fingerprint), by=house.manager, now=NOW)

    assert refusal.value.fresh.people == 1
    closed.refresh_from_db()
    assert (closed.suspended, closed.booked) == (False, 1)


def test_a_change_of_nothing_is_refused(house):
    wish = house.wish()
    with pytest.raises(Refused) as refusal:
        changes.start(
            center=house.center, order=Order(wish, "x", house.preview(wish).fingerprint), by=house.manager, now=NOW
        )
    assert refusal.value.code == "nothing"


def test_suspending_leaves_every_appointment_and_reinstating_brings_the_same_places(house):
    slot = house.slot(CLOSED_DAY)
    person = house.booked(slot)

    change = house.run(house.wish("suspend"))

    assert change.state == "done"
    assert not change.cases.exists()
    slot.refresh_from_db()
    assert (slot.suspended, slot.booked) == (True, 1)
    assert not person.appointments.filter(displaced_at__isnull=False).exists()

    house.run(house.wish("reinstate"))
    slot.refresh_from_db()
    assert (slot.suspended, slot.booked, slot.session.state) == (False, 1, Session.State.PUBLISHED)


def test_the_stop_of_one_vaccine_touches_no_other(house):
    stopped, other = house.slot(CLOSED_DAY, vaccine=house.double), house.slot(CLOSED_DAY)

    house.run(house.wish("suspend", day=0, until=40, vaccine=house.double.code))

    states = dict(Session.objects.values_list("pk", "state"))
    assert (states[stopped.session_id], states[other.session_id]) == ("suspended", "published")


def test_places_come_back_within_48_hours_and_the_kept_are_adopted(house):
    closed = house.slot(CLOSED_DAY, capacity=2)
    person = house.booked(closed)
    change = house.run(decisions={"no_place": "keep"})

    house.run(Wish("reinstate", of=change.public_id))

    closed.refresh_from_db()
    assert (closed.booked, closed.suspended) == (1, False)
    assert not person.appointments.filter(displaced_at__isnull=False).exists()
    assert told(person) == ["kept_by_center"]


def test_after_48_hours_a_closed_session_stays_closed(house):
    house.slot(CLOSED_DAY)
    house.run()

    late = NOW + timedelta(hours=49)
    wish = house.wish("reinstate")
    with pytest.raises(Refused) as refusal:
        changes.start(center=house.center, order=Order(wish, "x", ""), by=house.manager, now=late)
    assert refusal.value.code == "nothing"


def test_reinstating_into_an_occupied_time_is_refused_in_words(house):
    closed = house.slot(CLOSED_DAY)
    change = house.run()
    house.slot(CLOSED_DAY)

    with pytest.raises(Refused) as refusal:
        house.start(Wish("reinstate", of=change.public_id))

    assert refusal.value.code == "occupied"
    closed.refresh_from_db()
    assert closed.suspended


def test_reinstating_while_people_wait_makes_their_cases_needless(house):
    person = house.booked(house.slot(CLOSED_DAY))
    change = house.start()
    changes.stop(change=change, by=house.manager, now=NOW)
    house.run(Wish("reinstate", of=change.public_id))
    changes.resume(change=change, by=house.manager, now=NOW)
    caring.carry_on(now=NOW)

    change.refresh_from_db()
    assert (change.state, change.cases.get().outcome) == ("done", "gone")
    assert told(person) == []


def test_after_the_last_day_nothing_can_be_booked_and_no_dose_2_given(house):
    first, second = house.slot(2, vaccine=house.double), house.slot(23, vaccine=house.double)
    person = house.booked(first)

    change = house.run(Wish("last_day", last_day=TODAY + timedelta(days=20)))

    house.center.refresh_from_db()
    assert house.center.last_day == TODAY + timedelta(days=20)
    assert change.cases.get().outcome == "kept"
    newcomer = house.booked(house.slot(3))
    assert slots_of(newcomer)
    with pytest.raises(Refused) as refusal:
        appointments.move(registration=person, dose_number=2, slot_id=second.pk, channel="web", by=None, now=NOW)
    assert refusal.value.code in {"slot_taken", "outside_window"}
    later = house.slot(25, vaccine=house.double)  # somebody forgets the last day
    waiting = house.slot(4, vaccine=house.double)
    with pytest.raises(Refused) as refusal:
        house.booked(waiting)
    assert refusal.value.code == "no_second_dose"
    later.refresh_from_db()
    assert later.booked == 0


def test_stopping_leaves_the_others_waiting_and_resuming_cares_for_them(house):
    closed = house.slot(CLOSED_DAY, capacity=3)
    house.slot(CLOSED_DAY + 1, capacity=3)
    for _number in range(3):
        house.booked(closed)
    change = house.start()
    caring.work(change, now=NOW, limit=1)
    changes.stop(change=change, by=house.manager, now=NOW)

    assert caring.work(change, now=NOW, limit=9) == 0
    assert caring.carry_on(now=NOW) == 0
    assert change.cases.filter(outcome="waiting").count() == 2

    changes.resume(change=change, by=house.manager, now=NOW)
    assert caring.carry_on(now=NOW) == 2
    change.refresh_from_db()
    assert change.state == "done"


def test_a_place_that_becomes_free_goes_to_who_was_displaced_first(house):
    slot = house.slot(CLOSED_DAY, capacity=2)
    early = house.booked(slot)
    late = house.booked(slot)
    Appointment.objects.filter(registration=late).update(booked_at=NOW + timedelta(minutes=1))
    house.run(Wish("reshape", block=slot.session.block, lines=1), {"no_place": "keep"})
    assert late.appointments.get().displaced_at is not None

    appointments.cancel(registration=early, reason="own_wish", by=None, now=NOW)
    caring.carry_on(now=NOW)

    assert late.appointments.get().displaced_at is None
    slot.refresh_from_db()
    assert slot.booked == 1


def test_every_change_leaves_a_trail_at_the_center(house):
    house.booked(house.slot(CLOSED_DAY))
    house.run()

    trail = AuditEvent.objects.filter(subject=house.center.public_id).order_by("pk")
    assert [(event.action, event.actor, event.reason) for event in trail] == [
        ("session.closed", house.manager, "Impfstoff fehlt"),
        ("change.started", house.manager, "Impfstoff fehlt"),
        ("change.finished", None, "Impfstoff fehlt"),
    ]


def test_a_call_is_noted_with_name_and_time_and_reached_stays_reached(house):
    house.booked(house.slot(CLOSED_DAY))
    case = house.run(decisions={"no_place": "keep"}).cases.get()

    changes.note_call(case=case, reached=False, by=house.manager, now=NOW)
    changes.note_call(case=case, reached=True, by=house.manager, now=NOW + timedelta(minutes=5))
    changes.note_call(case=case, reached=False, by=house.manager, now=NOW + timedelta(minutes=9))

    case.refresh_from_db()
    assert (case.call, case.call_tries, case.called_by) == (Case.Call.REACHED, 2, house.manager)
    assert case.called_at == NOW + timedelta(minutes=5)


@pytest.mark.parametrize("kind", ["close", "suspend"])
def test_a_draft_that_would_open_by_itself_stays_shut_where_is_closed(house, kind):
    house.slot(CLOSED_DAY)
    soon = {"state": Session.State.DRAFT, "publish_at": NOW + timedelta(hours=1), "at": time(14)}
    inside, outside = house.slot(CLOSED_DAY, **soon).session, house.slot(CLOSED_DAY + 1, **soon).session

    house.run(house.wish(kind))

    inside.refresh_from_db()
    outside.refresh_from_db()
    assert (inside.state, inside.publish_at) == ("draft", None)
    assert outside.publish_at == NOW + timedelta(hours=1)
    event = AuditEvent.objects.get(action="session.time_set")
    assert event.subject == house.center.public_id
    assert event.details["days"] == [inside.date.isoformat()]
