"""Booking, moving and cancelling a series, one behaviour each."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import AuditEvent
from accounts.refusals import Refused
from booking import availability, entitlement, facts, telling
from booking.models import Appointment
from booking.services import appointments
from centers.models import Channel
from notifications.models import Message
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import RegistrationFactory
from tests.factories.supply import (
    CenterFactory,
    DistrictFactory,
    SessionFactory,
    SlotFactory,
    VaccineFactory,
    series_slots,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def open_group():
    RegulationFactory()
    OpeningFactory()


def book(person, slot, **changes):
    return appointments.book(
        **{"registration": person, "slot_id": slot.pk, "channel": Channel.WEB, "by": None, "now": NOW, **changes}
    )


def refused(deed, *args, **kwargs):
    with pytest.raises(Refused) as refusal:
        deed(*args, **kwargs)
    return refusal.value


def taken(*slots):
    return [type(slot).objects.get(pk=slot.pk).booked for slot in slots]


def test_book_takes_both_places_and_queues_one_message():
    person, (first, second) = RegistrationFactory(invited=True), series_slots()

    series = book(person, first)

    assert [one.slot_id for one in series.appointments] == [first.pk, second.pk]
    assert taken(first, second) == [1, 1]
    assert [(one.template, one.recipient) for one in Message.objects.all()] == [("booked", person.email)]
    assert AuditEvent.objects.get().action == "series.booked"
    assert person.invitations.get().accepted_at == NOW


def test_book_of_a_single_dose_takes_one_place():
    janssen = VaccineFactory(single=True)
    slot = SlotFactory(session__vaccine=janssen)
    assert len(book(RegistrationFactory(invited=True), slot).appointments) == 1


def test_book_again_with_the_same_click_answers_with_the_series_that_stands():
    person, (first, second) = RegistrationFactory(invited=True), series_slots()
    book(person, first)

    assert book(person, first).fresh is False
    assert taken(first, second) == [1, 1]
    assert Message.objects.count() == 1


def test_book_a_second_series_is_refused():
    person, (first, _) = RegistrationFactory(invited=True), series_slots()
    book(person, first)
    other = SlotFactory(starts_at=first.starts_at + timedelta(hours=1), session__center=first.center)
    assert refused(book, person, other).code == "already_booked"


def test_book_refuses_a_full_slot_with_three_alternatives_and_queues_nothing():
    center = CenterFactory()
    first, _second = series_slots(center, days=22)
    full = SlotFactory(full=True, starts_at=first.starts_at + timedelta(minutes=10), session=first.session)
    series_slots(CenterFactory())
    later = SlotFactory(starts_at=first.starts_at + timedelta(days=1), session__center=center)

    refusal = refused(book, RegistrationFactory(invited=True), full)

    assert refusal.code == "slot_taken"
    assert [(one.starts_at, one.same_center, one.same_day) for one in refusal.alternatives] == [
        (first.starts_at, True, True),
        (later.starts_at, True, False),
        (first.starts_at, False, True),
    ]
    assert not Message.objects.exists()
    assert not Appointment.objects.exists()


def test_book_refuses_a_first_dose_without_a_second_and_keeps_nothing():
    slot = SlotFactory()
    assert refused(book, RegistrationFactory(invited=True), slot).code == "no_second_dose"
    assert taken(slot) == [0]


@pytest.mark.parametrize(("days", "found"), [(20, False), (21, True), (42, True), (43, False)])
def test_book_finds_the_second_dose_only_inside_the_interval(days, found):
    first, second = series_slots(days=days)
    person = RegistrationFactory(invited=True)
    if found:
        assert book(person, first).appointments[1].slot_id == second.pk
    else:
        assert refused(book, person, first).code == "no_second_dose"


def test_book_takes_the_recommended_day_before_the_nearer_time():
    first, second = series_slots()
    SlotFactory(starts_at=second.starts_at + timedelta(days=1), session__center=first.center)
    second.starts_at += timedelta(hours=3)
    second.save()
    assert book(RegistrationFactory(invited=True), first).appointments[1].slot_id == second.pk


def test_book_takes_the_nearest_time_of_the_day_and_of_two_the_earlier():
    first, second = series_slots()
    second.starts_at += timedelta(minutes=10)
    second.save()
    earlier = SlotFactory(starts_at=second.starts_at - timedelta(minutes=20), session=second.session)
    assert book(RegistrationFactory(invited=True), first).appointments[1].slot_id == earlier.pk


def test_book_gives_no_second_dose_after_the_centers_last_day():
    first, _second = series_slots()
    first.center.last_day = date(2021, 3, 1)
    first.center.save()
    assert refused(book, RegistrationFactory(invited=True), first).code == "no_second_dose"


def test_book_without_an_open_invitation_is_refused():
    first, _second = series_slots()
    assert refused(book, RegistrationFactory(), first).code == "not_invited"
    late = RegistrationFactory(invited=True)
    late.invitations.update(valid_until=NOW)
    assert refused(book, late, first).code == "not_invited"


@pytest.mark.parametrize(
    "change", [{"listed": False}, {"last_day": date(2021, 2, 17)}, {"first_day": date(2021, 2, 19)}]
)
def test_book_by_hand_at_a_center_that_is_not_open_is_refused(change):
    first, _second = series_slots()
    type(first.center).objects.filter(pk=first.center_id).update(**change)
    assert refused(book, RegistrationFactory(invited=True), first).code == "slot_taken"


@pytest.mark.parametrize("state", ["draft", "suspended", "closed"])
def test_book_by_hand_into_a_session_that_is_not_published_is_refused(state):
    first, _second = series_slots()
    type(first.session).objects.filter(pk=first.session_id).update(state=state)
    assert refused(book, RegistrationFactory(invited=True), first).code == "slot_taken"


def test_book_an_unknown_slot_is_refused():
    with pytest.raises(Refused):
        appointments.book(registration=RegistrationFactory(invited=True), slot_id=0, channel="web", by=None, now=NOW)


def test_book_after_withdrawal_is_refused():
    first, _second = series_slots()
    person = RegistrationFactory(invited=True, withdrawn=True)
    assert refused(book, person, first).code == "withdrawn"


@pytest.mark.parametrize("medium", ["email", "sms", "letter"])
def test_book_and_move_write_by_her_medium(medium):
    first, second = series_slots()
    later = SlotFactory(session=second.session, starts_at=second.starts_at + timedelta(days=1))
    district = DistrictFactory(ags="14628")
    person = RegistrationFactory(invited=True, phone="+4915123456789", medium=medium, district=district)

    book(person, first)
    appointments.move(registration=person, dose_number=2, slot_id=later.pk, channel=Channel.WEB, by=None, now=NOW)

    expected = telling.way(person)
    assert [(one.template, one.medium, one.recipient, one.lane) for one in Message.objects.order_by("pk")] == [
        (template, expected.medium, expected.recipient, expected.lane) for template in ("booked", "moved")
    ]


def test_book_finds_the_lane_of_an_address_that_has_just_come():
    first, _second = series_slots()
    person = RegistrationFactory(invited=True, email="", phone="+493511234567")
    type(person).objects.update(email="i@Gmx.de", medium="email")

    book(person, first)

    assert Message.objects.get().lane == "gmx.de"


def test_book_is_one_statement_besides_reading_the_slot(django_assert_num_queries):
    person, (first, _second) = RegistrationFactory(invited=True), series_slots()
    facts.load()
    with django_assert_num_queries(2):
        book(person, first)


def test_move_dose_2_keeps_dose_1_and_raises_its_sequence():
    person, (first, second) = RegistrationFactory(invited=True), series_slots()
    book(person, first)
    later = SlotFactory(starts_at=second.starts_at + timedelta(days=3), session__center=first.center)

    series = appointments.move(registration=person, dose_number=2, slot_id=later.pk, channel="web", by=None, now=NOW)

    assert [(one.slot_id, one.sequence) for one in series.appointments] == [(first.pk, 0), (later.pk, 1)]
    assert taken(first, second, later) == [1, 0, 1]
    assert set(Message.objects.values_list("template", flat=True)) == {"booked", "moved"}


@pytest.mark.parametrize("days", [20, 43])
def test_move_dose_2_outside_the_interval_is_refused_with_the_dates(days):
    person, (first, second) = RegistrationFactory(invited=True), series_slots()
    book(person, first)
    wrong = SlotFactory(starts_at=first.starts_at + timedelta(days=days), session__center=first.center)

    refusal = refused(
        appointments.move, registration=person, dose_number=2, slot_id=wrong.pk, channel="web", by=None, now=NOW
    )

    assert refusal.code == "outside_window"
    assert "2021" in str(refusal)
    assert taken(second, wrong) == [1, 0]


def test_move_to_a_full_slot_leaves_the_old_one():
    person, (first, second) = RegistrationFactory(invited=True), series_slots()
    book(person, first)
    full = SlotFactory(full=True, starts_at=second.starts_at + timedelta(days=1), session__center=first.center)

    assert (
        refused(
            appointments.move, registration=person, dose_number=2, slot_id=full.pk, channel="web", by=None, now=NOW
        ).code
        == "slot_taken"
    )
    assert taken(second, full) == [1, 2]


def test_move_dose_1_alone_stays_inside_the_interval_of_its_new_day():
    person, (first, _second) = RegistrationFactory(invited=True), series_slots(days=23)
    book(person, first)
    near = SlotFactory(starts_at=first.starts_at + timedelta(days=2), session__center=first.center)
    far = SlotFactory(starts_at=first.starts_at + timedelta(days=3), session__center=first.center)

    deed = {"registration": person, "dose_number": 1, "channel": "web", "by": None, "now": NOW}
    assert refused(appointments.move, slot_id=far.pk, **deed).code == "outside_window"
    assert appointments.move(slot_id=near.pk, **deed).appointments[0].slot_id == near.pk


def test_move_both_goes_to_another_center_in_one_step():
    person, (first, second) = RegistrationFactory(invited=True), series_slots()
    book(person, first)
    there, there_too = series_slots(CenterFactory())

    series = appointments.move_both(registration=person, slot_id=there.pk, channel="web", by=None, now=NOW)

    assert [one.slot_id for one in series.appointments] == [there.pk, there_too.pk]
    assert taken(first, second, there, there_too) == [0, 0, 1, 1]


def test_move_both_where_no_second_dose_is_free_changes_nothing():
    person, (first, second) = RegistrationFactory(invited=True), series_slots()
    book(person, first)
    lonely = SlotFactory(session__center=CenterFactory())
    assert (
        refused(appointments.move_both, registration=person, slot_id=lonely.pk, channel="web", by=None, now=NOW).code
        == "no_second_dose"
    )
    assert taken(first, second, lonely) == [1, 1, 0]


def test_cancel_gives_both_places_back_and_opens_the_invitation_again():
    person, (first, second) = RegistrationFactory(invited=True), series_slots()
    book(person, first)

    appointments.cancel(registration=person, reason="own_wish", by=None, now=NOW)
    appointments.cancel(registration=person, reason="own_wish", by=None, now=NOW)

    assert taken(first, second) == [0, 0]
    assert person.invitations.open(NOW).count() == 1
    assert Message.objects.filter(template="cancelled").count() == 1
    assert book(person, first).fresh


def test_cancel_of_a_series_that_has_begun_is_refused():
    person, (first, second) = RegistrationFactory(invited=True), series_slots()
    book(person, first)
    person.appointments.filter(dose_number=1).update(status="vaccinated")
    assert refused(appointments.cancel, registration=person, reason="own_wish", by=None, now=NOW).code == "series_begun"
    assert taken(first, second) == [1, 1]


def test_what_is_over_is_neither_moved_nor_cancelled():
    person, (first, second) = RegistrationFactory(invited=True), series_slots()
    book(person, first)
    later = SlotFactory(starts_at=first.starts_at + timedelta(days=1), session__center=first.center)
    deed = {"registration": person, "by": None, "now": first.starts_at}
    moved = refused(appointments.move, dose_number=1, slot_id=later.pk, channel="web", **deed)
    cancelled = refused(appointments.cancel, reason="own_wish", **deed)
    assert (moved.code, cancelled.code) == ("not_booked", "series_begun")
    assert taken(first, second, later) == [1, 1, 0]


@transaction.atomic
def commit_half_a_series():
    slot, person = SlotFactory(), RegistrationFactory()
    Appointment.objects.create(registration=person, slot=slot, dose_number=1, channel="web", booked_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_half_a_series_is_refused_by_the_database():
    with pytest.raises(IntegrityError, match="needs its second"):
        commit_half_a_series()


def test_the_list_of_times_names_the_second_place_that_booking_takes():
    first, second = series_slots()
    other = SlotFactory(starts_at=first.starts_at + timedelta(minutes=30), session=first.session)
    SlotFactory(starts_at=second.starts_at + timedelta(minutes=25), session=second.session)
    person = RegistrationFactory(invited=True)
    scope = entitlement.scope(entitlement.person(person), channel="web", now=NOW, facts=facts.load())

    offered = {one.slot_id: one.second_at for one in availability.times(scope, first.center_id, date(2021, 2, 18))}

    assert set(offered) == {first.pk, other.pk}
    assert book(person, other).appointments[1].slot.starts_at == offered[other.pk]


def test_the_lists_leave_out_a_center_without_second_doses():
    lonely = SlotFactory()
    first, _second = series_slots()
    scope = entitlement.scope(entitlement.person(RegistrationFactory()), channel="web", now=NOW, facts=facts.load())

    earliest = {one.center_id: one.starts_at for one in availability.earliest_by_center(scope)}
    days = availability.days(scope, first.center_id)

    assert earliest == {first.center_id: first.starts_at, lonely.center_id: None}
    assert [(one.day, one.second_day) for one in days] == [(date(2021, 2, 18), date(2021, 3, 11))]
    assert availability.days(scope, lonely.center_id) == []


def test_the_earliest_place_jumps_over_days_whose_second_dose_is_missing():
    center = CenterFactory()
    for day in range(5):
        SlotFactory(starts_at=NOW + timedelta(days=1 + day), session__center=center)
    SlotFactory(starts_at=NOW + timedelta(days=4 + 42), session__center=center, session__lines=1)
    scope = entitlement.scope(entitlement.person(RegistrationFactory()), channel="web", now=NOW, facts=facts.load())
    offer = next(one for one in availability.earliest_by_center(scope) if one.center_id == center.pk)
    assert offer.starts_at == NOW + timedelta(days=4)


def test_slot_cannot_differ_from_its_session():
    with pytest.raises(IntegrityError, match="slot_true_to_its_session"), transaction.atomic():
        SlotFactory(session=SessionFactory(), center=CenterFactory())


@pytest.mark.parametrize("state", ["draft", "suspended", "closed"])
def test_a_session_that_is_not_published_is_in_no_list_and_gives_no_second_dose(state):
    first, second = series_slots()
    type(second.session).objects.filter(pk=second.session_id).update(state=state)
    scope = entitlement.scope(entitlement.person(RegistrationFactory()), channel="web", now=NOW, facts=facts.load())

    assert availability.days(scope, first.center_id) == []
    assert refused(book, RegistrationFactory(invited=True), first).code == "no_second_dose"

    type(second.session).objects.filter(pk=second.session_id).update(state="published")
    assert book(RegistrationFactory(invited=True), first).fresh


def test_a_slot_of_a_draft_session_is_born_closed():
    slot = SlotFactory(session=SessionFactory(state="draft"))
    slot.refresh_from_db()
    assert slot.is_open is False


def test_cancel_too_late_for_the_places_to_be_booked_puts_her_back_into_the_line():
    person, (first, _second) = RegistrationFactory(invited=True), series_slots()
    book(person, first)

    appointments.cancel(registration=person, reason="own_wish", by=None, now=first.starts_at - timedelta(hours=1))

    assert not person.invitations.unanswered().exists()
    assert type(person).objects.waiting().filter(pk=person.pk).exists()
